"""One way to ClickHouse: a server, the embedded store, or a directory. Rule: no password in what is said or logged.

>>> Target.of("http://writer:secret@store.example:8123")
Target(where='http://store.example:8123')
>>> Target.of("/var/lib/ammeter/store")
Target(where='/var/lib/ammeter/store')
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

SETTINGS = {
    "max_partitions_per_insert_block": 0,  # a client's clock may name any month
    "input_format_skip_unknown_fields": 1,  # a newer writer says more than this version knows
    "input_format_null_as_default": 1,
    "input_format_parallel_parsing": 0,  # two cores are shared with everything else
    "optimize_on_insert": 0,  # copies are folded by FINAL and by merges; doing it at once costs a third of an insert
    "output_format_json_quote_64bit_integers": 0,
}

READER = {
    "readonly": 2,
    "max_memory_usage": 2 << 30,
    "max_execution_time": 60,
    "max_result_rows": 1_000_000,
    "result_overflow_mode": "throw",
}
"""What one statement of a reader may take: bytes, seconds, rows of its answer."""

BAD_DATA = frozenset(
    (6, 25, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 190, 321, 349, 376, 407, 441, 467, 636)
)
"""ClickHouse's codes for rows that it cannot read. Anything else may heal, and is waited for."""


class StoreError(Exception):
    """The store refused a statement; `code` is ClickHouse's."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class StoreAway(StoreError):
    """The store does not answer, or cannot now: try again later."""


class BadRows(StoreError):
    """The store cannot read the rows of an insert."""


class Result(NamedTuple):
    """The answer of a query: names and ClickHouse types of the columns, and the rows as JSON values."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[list[Any]]


class Store(Protocol):
    """What the sink needs of a store."""

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Inserts JSON lines; on return they are there. Raises StoreAway, BadRows."""


@dataclass(frozen=True)
class Target:
    """Where the store is; what is printed names neither user nor password."""

    where: str
    username: str = field(default="default", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, target: str) -> "Target":
        """Reads http://[user:password@]host:port, https, or the path of a directory."""
        if not target.startswith(("http://", "https://")):
            return cls(target)
        url = urlsplit(target)
        where = f"{url.scheme}://{url.hostname}:{url.port or (8443 if url.scheme == 'https' else 8123)}"
        return cls(where, unquote(url.username or "default"), unquote(url.password or ""))

    @property
    def is_directory(self) -> bool:
        """Whether the engine runs in this process, on a directory."""
        return not self.where.startswith(("http://", "https://"))


class ClickHouse:
    """A connection. One statement at a time on a directory, any number over HTTP; safe to use from any thread."""

    def __init__(self, client: Client, target: Target) -> None:
        self._client = client
        self.target = target

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Result:
        """Runs a SELECT without FORMAT. Integers, floats and text are as in JSON, times are text in UTC.

        `parameters` fill {name:Type}. Raises StoreError, StoreAway.
        """
        answer = msgspec.json.decode(self.raw(sql, "JSONCompact", parameters))
        meta = answer["meta"]
        names = tuple(column["name"] for column in meta)
        return Result(names, tuple(column["type"] for column in meta), answer["data"])

    def raw(self, sql: str, output: str, parameters: Mapping[str, Any] | None = None) -> bytes:
        """Runs a SELECT without FORMAT and returns the answer as the store writes it in the format `output`."""
        try:
            return bytes(self._client.raw_query(sql, parameters=dict(parameters or {}), fmt=output))
        except (ClickHouseError, OSError) as exc:
            raise self._said(exc) from None

    def command(self, sql: str) -> None:
        """Runs one statement that answers nothing."""
        try:
            self._client.command(sql)
        except (ClickHouseError, OSError) as exc:
            raise self._said(exc) from None

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Inserts JSON lines; on return they are there. Columns that a line leaves out get their default."""
        try:
            self._client.raw_insert(table, list(columns) or None, insert_block=rows, fmt="JSONEachRow")
        except (ClickHouseError, OSError) as exc:
            raise self._said(exc) from None

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def _said(self, exc: Exception) -> StoreError:
        text = _first_words(str(exc))
        if self.target.password:
            text = text.replace(self.target.password, "***")
        code = getattr(exc, "code", None) or 0
        if code in BAD_DATA:
            return BadRows(text, code)
        if not code:
            return StoreAway(f"The store at {self.target.where} does not answer: {text}")
        kind = StoreAway if code in _AWAY else StoreError
        return kind(text, code)


_AWAY = frozenset((159, 160, 164, 201, 202, 203, 209, 210, 236, 241, 242, 243, 252, 319, 394, 439, 733, 999))


def connect(target: str, *, database: str | None = None, timeout_s: float = 60, readonly: bool = False) -> ClickHouse:
    """Connects to http://[user:password@]host:port, or opens the engine on a directory in this process.

    One process has one directory at a time, and one directory one process. Raises StoreAway.
    """
    where = Target.of(target)
    settings = dict(SETTINGS) | (READER if readonly else {})
    try:
        if where.is_directory:
            Path(where.where).mkdir(parents=True, exist_ok=True)
            client = clickhouse_connect.get_client(
                interface="chdb", path=where.where, database=database, settings=settings
            )
        else:
            client = clickhouse_connect.get_client(
                dsn=where.where,
                username=where.username,
                password=where.password,
                database=database,
                settings=settings,
                autogenerate_session_id=False,  # a session runs one statement at a time
                send_receive_timeout=timeout_s,
                connect_timeout=5,
            )
    except (ClickHouseError, OSError) as exc:
        text = _first_words(str(exc)).replace(where.password or "\0", "***")
        raise StoreAway(f"The store at {where.where} cannot be opened: {text}") from None
    return ClickHouse(client, where)


def _first_words(text: str) -> str:
    return " ".join(text.split())[:500]
