"""What must not be possible: writing through the read-only port, or reaching files, hosts and programs through any."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ammeter.store.client import Client

pytestmark = pytest.mark.slow

REACHING = [
    "SELECT * FROM file('/etc/hostname', 'LineAsString')",
    "SELECT * FROM FiLe('/etc/hostname', 'LineAsString')",
    "SELECT * FROM `file`('/etc/hostname', 'LineAsString')",
    "SELECT * FROM file /* x */ ('/etc/hostname', 'LineAsString')",
    "SELECT $$'$$, file('/etc/hostname'), $$'$$",
    "SELECT file('/etc/hostname')",
    "SELECT * FROM `/etc/hostname`",
    "SELECT * FROM default.`/etc/hostname`",
    "SELECT * FROM '/etc/hostname'",
    "SELECT * FROM url('file:///etc/hostname', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM executable('id', 'TSV', 'x String')",
    "SELECT * FROM Python(os)",
    "SELECT * FROM remote('127.0.0.1', 'system', 'one')",
    "SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV')",
    "SELECT * FROM sqlite('/tmp/x', 't')",
    "SELECT * FROM filesystem('/etc')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM view(SELECT * FROM file('/etc/hostname', 'LineAsString'))",
    "SELECT * FROM numbers(1) WHERE toString(number) IN (SELECT * FROM file('/etc/hostname', 'LineAsString'))",
    "DESCRIBE TABLE file('/etc/hostname', 'LineAsString')",
    "EXPLAIN QUERY TREE SELECT * FROM file('/etc/hostname', 'CSV')",
    "EXPLAIN AST SELECT * FROM file('/etc/hostname', 'CSV')",
    "SELECT 1 INTO OUTFILE '{out}'",
    "SELECT 1 INTO /* */ OUTFILE '{out}' TRUNCATE",
    "INSERT INTO FUNCTION file('{out}', 'CSV') SELECT 1",
    "INSERT INTO TABLE FUNCTION file('{out}', 'CSV', 'x Int8') VALUES (1)",
    "INSERT INTO FUNCTION file('{out}', 'CSV', 'x Int8') FORMAT CSV\n1",
    "INSERT INTO ammeter.open FROM INFILE '/etc/hostname' FORMAT LineAsString",
    "INSERT INTO ammeter.open SELECT 1 FROM file('/etc/hostname', 'LineAsString')",
    "CREATE TABLE ammeter.evil (x String) ENGINE = File(LineAsString, '/etc/hostname')",
    "CREATE TABLE ammeter.evil ENGINE File(LineAsString)",
    "CREATE TABLE ammeter.evil AS file('/etc/hostname', 'LineAsString')",
    "CREATE TABLE ammeter.evil (x String) ENGINE = URL('http://127.0.0.1:1/', CSV)",
    "CREATE TABLE ammeter.evil (x Int8) ENGINE = MergeTree ORDER BY x "
    "SETTINGS disk = disk(type = local, path = '{out}')",
    "CREATE VIEW ammeter.evil AS SELECT * FROM file('/etc/hostname', 'LineAsString')",
    "CREATE DATABASE evil ENGINE = Filesystem('/etc')",
    "CREATE DATABASE evil ENGINE = Overlay('default')",
    "CREATE DICTIONARY ammeter.evil (a UInt64, b String) PRIMARY KEY a SOURCE(FILE(path '/etc/hostname' format 'CSV')) "
    "LAYOUT(FLAT()) LIFETIME(1)",
    "ALTER TABLE ammeter.open DELETE WHERE toString(id) IN (SELECT * FROM file('/etc/hostname', 'LineAsString'))",
    "BACKUP TABLE ammeter.open TO File('{out}')",
    "RESTORE TABLE ammeter.open FROM File('{out}')",
    "SYSTEM SHUTDOWN",
    "SYSTEM KILL",
    "SELECT 1; SELECT * FROM file('/etc/hostname', 'LineAsString')",
]

WRITING = [
    "INSERT INTO ammeter.open VALUES (9)",
    "INSERT INTO ammeter.open FORMAT CSV\n9",
    "INSERT INTO ammeter.open SELECT 9",
    "EXPLAIN PLAN INSERT INTO ammeter.open SELECT 9",
    "CREATE TABLE ammeter.made (x Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE made (x Int8)",
    "CREATE DATABASE made",
    "CREATE FUNCTION made AS x -> x",
    "CREATE VIEW ammeter.made AS SELECT 1",
    "DROP TABLE ammeter.open",
    "DROP DATABASE ammeter",
    "TRUNCATE TABLE ammeter.open",
    "ALTER TABLE ammeter.open DELETE WHERE 1",
    "ALTER TABLE ammeter.open ADD COLUMN y Int8",
    "DELETE FROM ammeter.open WHERE 1",
    "UPDATE ammeter.open SET id = 2 WHERE 1",
    "OPTIMIZE TABLE ammeter.open FINAL",
    "RENAME TABLE ammeter.open TO ammeter.made",
    "EXCHANGE TABLES ammeter.open AND ammeter.open",
    "DETACH TABLE ammeter.open",
    "ATTACH TABLE ammeter.made",
    "SYSTEM FLUSH LOGS",
    "SYSTEM STOP MERGES",
    "KILL QUERY WHERE 1",
    "SET readonly = 0",
    "SET max_threads = 1",
    "USE ammeter",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_result_bytes = 0",
    "GRANT SELECT ON *.* TO default",
    "SELECT 1; DROP TABLE ammeter.open",
    "SELECT 1;\n-- x\nINSERT INTO ammeter.open VALUES (9)",
    "/* SELECT */ DROP TABLE ammeter.open",
]

PEEKING = [
    "SELECT * FROM ammeter_private.secret",
    "SELECT * FROM `ammeter_private`.`secret`",
    'SELECT * FROM "ammeter_privat\\x65".secret',
    "SELECT * FROM {d:Identifier}.secret",
    "SELECT ammeter_private.secret.id FROM ammeter_private.secret",
    "SELECT 1 WHERE 1 IN ammeter_private.secret",
    "SELECT * FROM merge('ammeter_.*', '.*')",
    "SELECT * FROM merge(concat('ammeter', '_private'), 'secret')",
    "SELECT * FROM loop(concat('ammeter', '_private'), 'secret')",
    "SELECT * FROM dictionary(concat('ammeter', '_private.d'))",
    "SELECT dictGet(concat('ammeter', '_private.d'), 'v', 1)",
    "SELECT joinGet(concat('ammeter', '_private.j'), 'v', 1)",
    "SELECT * FROM mergeTreeIndex(concat('ammeter', '_private'), 'secret')",
    "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT * FROM ammeter_private.secret))",
    "DESCRIBE TABLE ammeter_private.secret",
    "SHOW TABLES FROM ammeter_private",
    "SHOW CREATE TABLE ammeter_private.secret",
    "EXISTS TABLE ammeter_private.secret",
    "EXPLAIN SELECT * FROM ammeter_private.secret",
    "WITH x AS (SELECT * FROM ammeter_private.secret) SELECT * FROM x",
    "SELECT * FROM ammeter.open UNION ALL SELECT id FROM ammeter_private.secret",
    "SELECT query FROM system.processes",
    "SELECT 1 WHERE 'x' IN system.processes",
    "SHOW PROCESSLIST",
]


@pytest.fixture(scope="module", autouse=True)
def tables(request: pytest.FixtureRequest) -> Iterator[None]:
    """A table that may be read, a private one, and a view on it, as the schema has."""
    client = Client(request.getfixturevalue("server").port)
    for text in (
        "CREATE DATABASE IF NOT EXISTS ammeter",
        "CREATE DATABASE IF NOT EXISTS ammeter_private",
        "CREATE TABLE ammeter.open (id UInt64) ENGINE = MergeTree ORDER BY id",
        "INSERT INTO ammeter.open VALUES (1)",
        "CREATE TABLE ammeter_private.secret (id UInt64) ENGINE = MergeTree ORDER BY id",
        "INSERT INTO ammeter_private.secret VALUES (4711)",
        "CREATE VIEW ammeter.secrets AS SELECT count() AS n FROM ammeter_private.secret",
    ):
        client.sql(text)
    yield
    for text in ("DROP VIEW ammeter.secrets", "DROP TABLE ammeter.open SYNC", "DROP DATABASE ammeter_private SYNC"):
        client.sql(text)


def state(client: Client) -> list[str]:
    """All that a write could have changed."""
    return [
        client.sql("SELECT database, name, engine FROM system.tables WHERE database != 'system' ORDER BY ALL"),
        client.sql("SELECT name, engine FROM system.databases ORDER BY ALL"),
        client.sql("SELECT name FROM system.functions WHERE origin != 'System'"),
        client.sql("SELECT groupArray(id) FROM ammeter.open"),
        client.sql("SELECT groupArray(name) FROM system.columns WHERE database = 'ammeter'"),
    ]


@pytest.mark.parametrize("text", REACHING)
@pytest.mark.parametrize("port", ["ordinary", "read-only"])
def test_nothing_reaches_out(client: Client, reader: Client, tmp_path: Path, text: str, port: str) -> None:
    """No statement reads or writes a file of the machine, or calls a host or a program, on either port."""
    out = tmp_path / "out"
    before = state(client)
    reply = (client if port == "ordinary" else reader).send(text.replace("{out}", str(out)).encode())
    assert reply.status in (400, 403, 404), reply.body
    assert reply.code in (60, 62, 81, 164, 497), reply.body
    assert not out.exists()
    assert state(client) == before


@pytest.mark.parametrize("text", WRITING)
@pytest.mark.parametrize("how", ["body", "url"])
def test_the_read_only_port_changes_nothing(client: Client, reader: Client, text: str, how: str) -> None:
    """Whatever the statement and however it comes, it is refused and nothing is different afterwards."""
    before = state(client)
    reply = reader.send(text.encode()) if how == "body" else reader.send(b" ", query=text)
    assert reply.code in (62, 164, 497), reply.body
    assert state(client) == before
    if text.startswith("INSERT"):
        assert reply.code == 164


def test_settings_cannot_open_the_read_only_port(client: Client, reader: Client) -> None:
    """readonly=0 in the URL, in a session, or before an INSERT, is refused."""
    assert reader.send(b"SELECT 1", readonly=0).code == 164
    assert reader.send(b"SET readonly = 0", session_id="s").code == 164
    assert reader.send(b"9", query="INSERT INTO ammeter.open FORMAT CSV", readonly=0).code == 164
    assert reader.send(b"SELECT 1", max_execution_time=0).status == 200
    assert client.sql("SELECT count() FROM ammeter.open") == "1"


@pytest.mark.parametrize("text", PEEKING)
def test_the_private_database_is_out_of_reach(reader: Client, text: str) -> None:
    """It cannot be read on the read-only port, by name or by a computed name, nor can what others run."""
    reply = reader.send(text.encode(), param_d="ammeter_private")
    assert reply.code in (497, 164), reply.body
    assert b"4711" not in reply.body


@pytest.mark.parametrize("database", ["ammeter_private", "AMMETER_PRIVATE", "system"])
def test_nor_as_the_current_database(reader: Client, database: str) -> None:
    """Neither as an argument nor as a header."""
    assert reader.send(b"SELECT * FROM secret", database=database).status in (403, 404)
    assert reader.send(b"SELECT * FROM secret", headers={"X-ClickHouse-Database": database}).status in (403, 404)


@pytest.mark.parametrize("text", ["INSERT INTO ammeter.open VALUES (9)", "DROP TABLE ammeter.open"])
def test_a_page_in_a_browser_changes_nothing(client: Client, text: str) -> None:
    """Neither by a link, which is a GET, nor by a script or form, which carries its Origin."""
    before = state(client)
    assert client.send(method="GET", query=text).code == 164
    assert client.send(text.encode(), headers={"Origin": "http://elsewhere"}).code == 497
    assert state(client) == before


def test_what_readers_need_works(reader: Client) -> None:
    """Views over private tables, catalogue tables, macros of Grafana's plugin, reading statements."""
    for text in (
        "SELECT n FROM ammeter.secrets",
        "SELECT count() FROM system.tables",
        "SELECT name FROM system.databases",
        "SELECT name, value FROM system.settings LIMIT 1",
        "SELECT displayName(), version(), revision(), timezone()",
        "SELECT toStartOfInterval(toDateTime(now()), INTERVAL 5 second) AS t, count() FROM ammeter.open GROUP BY t",
        "WITH 1 AS x SELECT x",
        "(SELECT 1)",
        "SHOW TABLES FROM ammeter",
        "DESCRIBE TABLE ammeter.open",
        "EXPLAIN SELECT * FROM ammeter.open",
        "EXISTS TABLE ammeter.open",
        "SELECT * FROM numbers(3) FORMAT JSON",
        "SELECT 'file(x)', 'it''s' FROM values('a Int8', 1)",
    ):
        reader.sql(text)


def test_what_the_schema_needs_works(client: Client) -> None:
    """Tables, views, materialized views, dictionaries on own tables, functions, exchange, mutations."""
    client.sql("CREATE DATABASE made")
    for text in (
        "CREATE TABLE made.a (id UInt64, v String) ENGINE = ReplacingMergeTree ORDER BY id "
        "TTL toDate(id) + INTERVAL 1 YEAR",
        "CREATE TABLE made.b AS made.a",
        "CREATE MATERIALIZED VIEW made.m TO made.b AS SELECT * FROM made.a",
        "CREATE VIEW made.v AS SELECT * FROM made.a FINAL WHERE id = {id:UInt64}",
        "CREATE DICTIONARY made.d (id UInt64, v String) PRIMARY KEY id SOURCE(CLICKHOUSE(TABLE 'a' DB 'made')) "
        "LAYOUT(HASHED()) LIFETIME(60)",
        "INSERT INTO made.a SELECT number, 'x' FROM numbers(10)",
        "ALTER TABLE made.a UPDATE v = 'y' WHERE id = 1 SETTINGS mutations_sync = 1",
        "EXCHANGE TABLES made.a AND made.b",
        "OPTIMIZE TABLE made.a FINAL",
        "SELECT * FROM made.v(id = 1)",
        "SELECT dictGet('made.d', 'v', toUInt64(1))",
        "SELECT * FROM merge('made', '^[ab]$')",
        "CREATE FUNCTION made_double AS x -> x * 2",
        "SELECT made_double(2)",
        "DROP FUNCTION made_double",
        "DROP DATABASE made SYNC",
    ):
        client.sql(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT groupArray(number) FROM numbers(60000000)", 241),
        ("SELECT number FROM numbers(1000001)", 396),
        ("SELECT 1 SETTINGS max_memory_usage = 0", 164),
        ("SELECT 1 SETTINGS max_result_rows = 0", 164),
        ("SELECT 1 SETTINGS max_execution_time = 0", 164),
    ],
)
def test_a_reader_has_limits(reader: Client, text: str, code: int) -> None:
    """Memory and rows of an answer end a statement, and no statement can lift them."""
    assert reader.send(text.encode()).code == code


@pytest.mark.parametrize("name", ["max_memory_usage", "max_result_rows", "result_overflow_mode"])
def test_a_request_cannot_lift_a_readers_limits(client: Client, reader: Client, name: str) -> None:
    """Not in the URL either; the ordinary port takes it."""
    lifted: dict[str, Any] = {name: "throw" if name.endswith("mode") else "0"}
    assert reader.send(b"SELECT 1", **lifted).code == 452
    assert client.send(b"SELECT 1", **lifted).status == 200
