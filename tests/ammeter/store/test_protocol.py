"""ClickHouse's HTTP protocol as curl, Grafana's plugin and clickhouse-connect use it."""

import asyncio
import gzip
import json
import socket
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import clickhouse_connect
import lz4.frame  # type: ignore[import-untyped]  # no types are shipped
import pytest
import zstandard
from clickhouse_connect.driver.exceptions import DatabaseError

from ammeter.store import StoreConfig, StoreError, StoreServer
from tests.ammeter.store.client import Client

pytestmark = pytest.mark.slow

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/ping", "/replicas_status", "/"])
def test_answers_to_probes(client: Client, path: str) -> None:
    """Health checks get ClickHouse's words."""
    assert client.send(path=path, method="GET").body == b"Ok.\n"


def test_a_query_in_the_url_or_in_the_body(client: Client) -> None:
    """Both ways, and both together, make one text."""
    assert client.send(method="GET", query="SELECT 1 + 1").body == b"2\n"
    assert client.send(b"SELECT 1 + 1").body == b"2\n"
    assert client.send(b"+ 1", query="SELECT 1").body == b"2\n"


def test_headers_tell_what_happened(client: Client, table: str) -> None:
    """Query id, format and the numbers of rows read and written are the engine's."""
    written = client.send(f"INSERT INTO {table} (id) VALUES (1), (2), (3)".encode(), query_id="mine")
    assert written.headers["X-ClickHouse-Query-Id"] == "mine"
    assert json.loads(written.headers["X-ClickHouse-Summary"])["written_rows"] == "3"
    read = client.send(f"SELECT id FROM {table}".encode(), default_format="JSONEachRow")
    assert read.headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert json.loads(read.headers["X-ClickHouse-Summary"])["read_rows"] == "3"
    assert read.headers["X-ClickHouse-Timezone"] == "UTC"


def test_parameters_settings_and_database(client: Client, table: str) -> None:
    """param_ parameters are values, other arguments are settings, database is the current one."""
    client.sql(f"INSERT INTO {table} (id, word) VALUES (7, 'a''b')")
    name = table.split(".")[1]
    assert client.sql(f"SELECT id FROM {name} WHERE word = {{w:String}}", database="ammeter", param_w="a'b") == "7"
    found = client.sql("SELECT value FROM system.settings WHERE name = 'max_threads'", max_threads=3)
    assert found == "3"
    assert client.send(b"SELECT 1", no_such_setting=1).code == 115


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("SELECT * FROM nowhere", 60, 404),
        ("SELECT * FROM nowhere.t", 81, 404),
        ("SELEC 1", 62, 400),
        ("SELECT throwIf(1)", 395, 500),
        ("SELECT 1; SELECT 2", 62, 400),
        (
            "SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1 SETTINGS max_execution_time = 0.2",
            159,
            408,
        ),
    ],
)
def test_errors_have_clickhouses_form(client: Client, text: str, code: int, status: int) -> None:
    """Status, header and text agree on the code."""
    reply = client.send(text.encode())
    assert (reply.status, reply.code) == (status, code)
    assert reply.body.startswith(f"Code: {code}. DB::Exception: ".encode())


def test_nothing_of_a_failed_query_is_left(client: Client) -> None:
    """Rows that a query had made before it failed are in no later answer."""
    for _ in range(8):
        assert client.send(
            b"SELECT number, throwIf(number = 150000) FROM numbers(200000) SETTINGS max_threads = 1"
        ).code
        assert client.sql("SELECT 'clean'") == "clean"


def test_a_result_over_the_limit_is_an_error(client: Client) -> None:
    """Not a cut result, not a server without memory: an error."""
    assert client.send(b"SELECT repeat('x', 1000) FROM numbers(100000)").code == 396


def test_sessions_keep_what_was_set(client: Client, table: str) -> None:
    """SET and USE hold within their session, and nowhere else."""
    client.sql("SET max_threads = 2", session_id="a")
    client.sql("USE ammeter", session_id="a")
    show = "SELECT value FROM system.settings WHERE name = 'max_threads'"
    assert client.sql(show, session_id="a") == "2"
    assert client.sql(f"SELECT count() FROM {table.split('.')[1]}", session_id="a") == "0"
    assert client.sql("SELECT currentDatabase()", session_id="b") == "default"


@pytest.mark.parametrize("fmt", ["JSONEachRow", "CSV", "TSV", "TabSeparated", "Values", "RowBinary", "Native"])
def test_inserts_of_every_format(client: Client, table: str, fmt: str) -> None:
    """What the engine writes in a format goes in again, in the URL's way and in the body's, with defaults filled in."""
    body = client.send(b"SELECT toUInt64(number) AS id FROM numbers(100)", default_format=fmt).body
    assert client.send(body, query=f"INSERT INTO {table} (id) FORMAT {fmt}").body == b""
    again = f"INSERT INTO {table} (id) FORMAT {fmt}\n".encode() + body
    assert client.send(again, insert_deduplication_token="again").body == b""
    assert client.sql(f"SELECT count(), sum(id), any(word) FROM {table}") == "200\t9900\tnone"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd"])
def test_encoded_bodies(client: Client, table: str, encoding: str) -> None:
    """Each encoding is undone; a body cut off, or larger than allowed once unpacked, inserts nothing."""
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "lz4": lz4.frame.compress, "zstd": zstandard.compress}
    rows = b"".join(b'{"id": %d}\n' % number for number in range(50_000))
    packed, headers = pack[encoding](rows), {"Content-Encoding": encoding}
    query = f"INSERT INTO {table} (id) FORMAT JSONEachRow"
    assert client.send(packed[: len(packed) // 2], query=query, headers=headers).code == 271
    bomb = pack[encoding](b" " * (40 << 20))
    assert client.send(bomb, query=query, headers=headers).status == 413
    assert client.sql(f"SELECT count() FROM {table}") == "0"
    assert client.send(packed, query=query, headers=headers).status == 200
    assert client.sql(f"SELECT count() FROM {table}") == "50000"


def test_answers_are_encoded_on_request(client: Client) -> None:
    """With enable_http_compression and Accept-Encoding, as Grafana's plugin asks."""
    ask = {"Accept-Encoding": "gzip"}
    reply = client.send(b"SELECT number FROM numbers(100000)", headers=ask, enable_http_compression=1)
    assert reply.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(reply.body).count(b"\n") == 100_000
    assert "Content-Encoding" not in client.send(b"SELECT number FROM numbers(100000)", headers=ask).headers


def test_a_bad_row_inserts_nothing(client: Client, table: str) -> None:
    """One unreadable row refuses its body; the settings of formats hold."""
    rows = b'{"id": 1}\n{"id": "x"}\n'
    assert client.send(rows, query=f"INSERT INTO {table} FORMAT JSONEachRow").status >= 400
    assert client.sql(f"SELECT count() FROM {table}") == "0"
    allowed = client.send(rows, query=f"INSERT INTO {table} FORMAT JSONEachRow", input_format_allow_errors_num=1)
    assert allowed.status == 200
    assert client.sql(f"SELECT count() FROM {table}") == "1"


def test_a_token_inserts_once(client: Client, table: str) -> None:
    """insert_deduplication_token makes a resent body harmless, in the URL and in the statement."""
    for _ in range(3):
        client.sql(f"INSERT INTO {table} (id) VALUES (1)", insert_deduplication_token="a", async_insert=1)
        client.sql(f"INSERT INTO {table} (id) SETTINGS insert_deduplication_token = 'b' VALUES (1)")
    assert client.sql(f"SELECT count() FROM {table}") == "2"


def test_a_half_sent_body_inserts_nothing(client: Client, table: str, scratch_listing: Path) -> None:
    """A client that dies in mid-body leaves no row and no file."""
    with socket.create_connection(("127.0.0.1", client.port)) as raw:
        head = (
            f"POST /?query=INSERT%20INTO%20{table}%20FORMAT%20CSV HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        )
        raw.sendall(head.encode() + b"1,a,2026-01-01 00:00:00\n2,b,2026-01-01 00:00:00\n")
    assert client.sql(f"SELECT count() FROM {table}") == "0"
    assert list(scratch_listing.iterdir()) == []


def test_a_slow_query_blocks_nobody_and_ends_with_its_client(client: Client, table: str) -> None:
    """While the readers are all taken an insert goes through; when their clients leave, their queries end."""
    slow = "SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1"
    sockets = []
    for _ in range(4):
        raw = socket.create_connection(("127.0.0.1", client.port))
        raw.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(slow)}\r\n\r\n{slow}".encode())
        sockets.append(raw)
    client.sql(f"INSERT INTO {table} (id) VALUES (1)")
    for raw in sockets:
        raw.close()
    running = f"SELECT count() FROM system.processes WHERE query = '{slow}'"
    deadline = time.monotonic() + 15
    while client.sql(running) != "0":
        assert time.monotonic() < deadline, "the queries of clients that left still run"


def test_changes_are_told(client: Client, table: str) -> None:
    """The number rises with each insert, and does not with a read; who waits hears of it."""
    before = json.loads(client.send(path="/changes", method="GET").body)["version"]
    client.sql("SELECT 1")
    unchanged = client.send(path="/changes", method="GET", after=before, timeout=0)
    assert json.loads(unchanged.body)["version"] == before
    client.sql(f"INSERT INTO {table} (id) VALUES (1)")
    news = json.loads(client.send(path="/changes", method="GET", after=before, timeout=30).body)
    assert news["version"] > before
    assert news["at"] > 1_700_000_000_000
    assert client.send(path="/changes", method="GET", after="x").status == 400


@pytest.mark.parametrize("compress", [True, "lz4", "zstd", "gzip", False])
def test_clickhouse_connect(server: StoreServer, table: str, compress: bool | str) -> None:
    """The vendor's client with its defaults: native inserts in each encoding, queries, parameters, settings."""
    with clickhouse_connect.get_client(host="127.0.0.1", port=server.port, compress=compress) as own:
        rows = [[number, "ä", AT] for number in range(20_000)]
        assert own.insert(table, rows, column_names=["id", "word", "at"]).written_rows == 20_000
        found = own.query(f"SELECT id, at FROM {table} WHERE id = {{id:UInt64}}", parameters={"id": 5})
        assert found.result_rows == [(5, AT.replace(tzinfo=None))] or found.result_rows == [(5, AT)]
        assert found.column_names == ("id", "at")
        assert own.query(f"SELECT * FROM {table} LIMIT 0").column_names == ("id", "word", "at")
        own.raw_insert(table, insert_block=b'{"id": 9}\n', fmt="JSONEachRow")
        assert own.command(f"SELECT count() FROM {table}", settings={"max_threads": 1}) == 20_001
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            own.query("SELECT * FROM nowhere")


def test_clickhouse_connect_async(server: StoreServer, table: str) -> None:
    """Its asynchronous client too, several at a time."""

    async def run() -> list[int]:
        own = await clickhouse_connect.get_async_client(host="127.0.0.1", port=server.port)
        try:
            await own.insert(table, [[1, "a", AT]], column_names=["id", "word", "at"])
            answers = await asyncio.gather(*(own.query(f"SELECT count() + {n} FROM {table}") for n in range(8)))
            return [answer.result_rows[0][0] for answer in answers]
        finally:
            await own.close()

    assert asyncio.run(run()) == list(range(1, 9))


def test_forms_and_what_is_not_offered(client: Client) -> None:
    """A form's fields are arguments; ClickHouse's own compression and external tables are refused in words."""
    boundary, parts = "x", {"query": "SELECT {a:String}", "param_a": "b c"}
    body = "".join(f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in parts.items())
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    assert client.send((body + "--x--\r\n").encode(), headers=kind).body == b"b c\n"
    assert client.send(b"SELECT 1", compress=1).status == 501
    table = '--x\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--x--\r\n'
    assert client.send(table.encode(), headers=kind).code == 48


def test_beyond_loopback_a_password_is_demanded(tmp_path: Path) -> None:
    """A store that others can reach is not made without a password."""
    with pytest.raises(ValueError, match="password"):
        StoreConfig(path=tmp_path, port=0, host="0.0.0.0")
    assert StoreConfig(path=tmp_path, port=0, host="0.0.0.0", password="x").password == "x"


def test_a_second_store_in_the_process_is_refused(server: StoreServer, tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(StoreError, match="another store open"):
        asyncio.run(StoreServer(StoreConfig(path=tmp_path, port=0)).start())


def test_a_password_is_asked_for_where_there_is_one(tmp_path: Path) -> None:
    """By Basic authentication, ClickHouse's headers or the URL; a wrong one is 401 and code 516."""
    config = StoreConfig(path=tmp_path, port=0, password="right")
    server = StoreServer(config)
    for arguments, headers in (
        ({}, {"Authorization": "Basic ZGVmYXVsdDpyaWdodA=="}),
        ({}, {"X-ClickHouse-User": "default", "X-ClickHouse-Key": "right"}),
        ({"user": "default", "password": "right"}, {}),
    ):
        server._authenticate(arguments, headers)
    for arguments, headers in (
        ({}, {}),
        ({}, {"Authorization": "Basic ZGVmYXVsdDp3cm9uZw=="}),
        ({"user": "other", "password": "right"}, {}),
    ):
        with pytest.raises(StoreError, match="AUTHENTICATION_FAILED") as refused:
            server._authenticate(arguments, headers)
        assert refused.value.status == 401
