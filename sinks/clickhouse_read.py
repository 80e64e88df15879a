"""
Reading from ClickHouse, or from the store server that speaks its HTTP protocol, without blocking the event loop.

Rule: this file only reads; it is meant for a read-only port or user.
"""

import asyncio
import math
from typing import Any

import aiohttp
import clickhouse_connect
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError

from sinks.clickhouse import Target
from sinks.frame import Frame, Kind, QueryFailed, Value

# What the driver raises for a refused query, a refused connection, a timeout.
FAILURES = (ClickHouseError, aiohttp.ClientError, OSError, TimeoutError)


class ClickHouseReader:
    """
    Answers queries as frames over one pool of HTTP connections.

    The first query connects, and so does the first one after a failure to connect: a store that starts later
    than its readers, or is away for a while, needs no restart of theirs.
    """

    def __init__(self, url: str, *, timeout_s: int = 30, read_only: bool = False) -> None:
        """Take the store's URL (`http://user:password@host:port`) and the longest time that a query may take.

        `read_only`: a user who could write is to write nothing.
        """
        self._target = Target.of(url)
        self._timeout_s = timeout_s
        self._settings: dict[str, Any] = {"readonly": 2} if read_only else {}
        self._client: AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def query(self, sql: str) -> Frame:
        """The answer of one SELECT; raises QueryFailed with the store's own words."""
        try:
            client = await self._connected()
            # As integers, times need no detour over datetime objects and time zones.
            result = await client.query(sql, query_formats={"DateTime*": "int"})
        except FAILURES as error:
            raise QueryFailed(message_of(error)) from error
        kinds = tuple(kind_of(column.name) for column in result.column_types)
        columns = tuple(result.result_columns) or tuple([] for _ in kinds)
        return Frame(
            names=tuple(result.column_names),
            types=kinds,
            columns=tuple(
                values_of(column, kind, type_.name)
                for column, kind, type_ in zip(columns, kinds, result.column_types, strict=True)
            ),
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _connected(self) -> AsyncClient:
        async with self._connecting:
            if self._client is None:
                self._client = await clickhouse_connect.get_async_client(
                    dsn=self._target.where,
                    username=self._target.username,
                    password=self._target.password,
                    # A session would make ClickHouse refuse queries that overlap.
                    autogenerate_session_id=False,
                    settings=self._settings,
                    connect_timeout=5,
                    send_receive_timeout=self._timeout_s,
                    query_retries=0,
                )
            return self._client


def kind_of(type_name: str) -> Kind:
    """What a ClickHouse type is to a board."""
    bare = type_name.removeprefix("LowCardinality(").removeprefix("Nullable(")
    if bare.startswith("DateTime"):
        return "time"
    return "number" if bare.startswith(("Int", "UInt", "Float", "Decimal", "Bool")) else "string"


def values_of(column: Any, kind: Kind, type_name: str) -> list[Value]:
    """A column of the driver as values of a frame."""
    if kind == "time":
        factor = tick_ms(type_name)
        return [None if value is None else round(value * factor) for value in column]
    if kind == "number":
        return [None if value is None or not math.isfinite(value) else float(value) for value in column]
    return [None if value is None else str(value) for value in column]


def tick_ms(type_name: str) -> float:
    """
    Milliseconds in one tick of a time type.

    >>> tick_ms("DateTime('UTC')"), tick_ms("Nullable(DateTime64(3, 'UTC'))")
    (1000.0, 1.0)
    """
    _, found, arguments = type_name.partition("DateTime64(")
    return float(1000 / 10 ** int(arguments[0])) if found else 1000.0


def message_of(error: BaseException) -> str:
    """The store's own words, without what the driver wraps around them."""
    text = " ".join(str(error).split()) or type(error).__name__
    _, marker, rest = text.partition("Code: ")
    return (marker + rest)[:500] if marker else f"The store could not be reached: {text[:300]}"
