"""Opens the store for a command: the one that runs, else the directory. Rule: one engine at a time has a directory."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from ammeter.secrets import store_password
from ammeter.settings import Settings, SettingsError
from sinks.clickhouse import ClickHouse, StoreAway, StoreError, connect
from sinks.migrate import Databases


def target(settings: Settings, url: str) -> str:
    """The store's address with its password, for `connect` alone: never print it."""
    password = store_password(settings)
    if not password:
        return url
    scheme, _, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}://{user if at else 'default'}:{quote(password, safe='')}@{host}"


@contextmanager
def open_store(settings: Settings, *, given: bool, write: bool = False) -> Iterator[ClickHouse]:
    """The running store; where none runs, or a directory was given that no process holds, the directory itself.

    It is asked where everything may be seen, and without `write` nothing can be changed. `given`: the data directory
    was named on the command line, and comes first.
    """
    directory = settings.data_dir / "store"
    databases = Databases(settings.database)
    url = settings.store_url
    ways = [str(directory), target(settings, url)] if given else [target(settings, url), str(directory)]
    problems = []
    for way in ways:
        if "://" not in way and not directory.exists():
            problems.append(f"{directory} holds no store")
            continue
        try:
            store = connect(way)
            database = databases.public if _has(store, databases.public) else None
            if database and not write:
                store.close()
                store = connect(way, database=database, readonly=True)
        except StoreAway as exc:
            refused = "Connection refused" in str(exc)
            problems.append(f"no store answers at {url}" if refused else str(exc).rstrip("."))
            continue
        try:
            yield store
        finally:
            store.close()
        return
    raise SettingsError("; ".join(problems) + ". Start `ammeter up`, or name a data directory with --data.")


def _has(store: ClickHouse, database: str) -> bool:
    return bool(store.query("SELECT 1 FROM system.databases WHERE name = {name:String}", {"name": database}).rows)


_ADVICE = {
    47: " `DESCRIBE TABLE name` lists the columns.",
    60: " `SHOW TABLES` lists the views.",
    159: " A statement has 60 seconds: ask for a shorter time.",
    241: " A statement has 2 GiB of memory: ask for a shorter time, fewer columns or fewer groups.",
    396: " An answer has at most a million rows: add a LIMIT, or group.",
}
"""What to do about a refusal, by ClickHouse's code."""


def render(store: ClickHouse, statement: str, output: str) -> str:
    """The answer as a table for a person, as JSON (a list of objects), or as CSV with a header."""
    statement = statement.strip().rstrip(";")
    try:
        if output == "csv":
            return store.raw(statement, "CSVWithNames").decode()
        if output == "json":
            return "[" + store.raw(statement, "JSONEachRow").decode().strip().replace("\n", ",\n ") + "]\n"
        names, types, rows = store.query(statement)
    except StoreError as exc:
        raise SettingsError(f"the store refused the statement: {exc}{_ADVICE.get(exc.code, '')}") from None
    table = Table()
    for name, kind in zip(names, types, strict=True):
        table.add_column(name, justify="right" if kind.startswith(("Int", "UInt", "Float", "Decimal")) else "left")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console = Console(file=io.StringIO(), width=10_000)
    console.print(table)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue() + f"{len(rows)} row{'' if len(rows) == 1 else 's'}\n"
