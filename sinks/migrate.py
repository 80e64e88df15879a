"""Brings the schema up to date. Rule: forward only; a migration that ran is never changed, only followed by another.

A migration is one statement in sinks/migrations/NUMBER_name.sql; `${public}` and `${private}` are the databases.
"""

import hashlib
import re
import time
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import NamedTuple

import msgspec

from sinks.clickhouse import ClickHouse, StoreError

UNKNOWN_TABLE, UNKNOWN_DATABASE = 60, 81


@dataclass(frozen=True)
class Databases:
    """The two databases: what everybody may read, and the rest."""

    public: str = "ammeter"

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z][a-z0-9_]*", self.public):
            raise ValueError(f"{self.public!r} cannot name a database: small letters, digits and _ only.")

    @property
    def private(self) -> str:
        """Raw events and person grain."""
        return f"{self.public}_private"

    def fill(self, text: str) -> str:
        """Puts the names into a statement."""
        return Template(text).substitute(public=self.public, private=self.private)


DEFAULT = Databases()


class Migration(NamedTuple):
    """One step, as its file says."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        """Of the text, names of databases not filled in."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class SchemaError(Exception):
    """The store's schema is not one that this version can work with."""


def all_migrations() -> list[Migration]:
    """Every step, in order."""
    found = []
    for file in resources.files("sinks").joinpath("migrations").iterdir():
        number, _, name = file.name.removesuffix(".sql").partition("_")
        if file.name.endswith(".sql"):
            found.append(Migration(int(number), name, file.read_text()))
    return sorted(found)


class Step(NamedTuple):
    """One step that would run."""

    name: str
    statement: str


def plan(store: ClickHouse, databases: Databases = DEFAULT) -> list[Step]:
    """What would run, for an owner who does it by hand. Raises SchemaError as `migrate` does."""
    return [Step(each.name, databases.fill(each.text)) for each in _missing(store, databases)]


def _missing(store: ClickHouse, databases: Databases) -> list[Migration]:
    done = _done(store, databases)
    known = {migration.number: migration for migration in all_migrations()}
    for number, digest in done.items():
        if number not in known:
            raise SchemaError(f"The store's schema is newer (migration {number}): use a newer version of Ammeter.")
        if known[number].digest != digest:
            name = known[number].name
            raise SchemaError(f"Migration {number} ({name}) ran with another text: take a new database or data folder.")
    return [migration for number, migration in known.items() if number not in done]


def migrate(store: ClickHouse, databases: Databases = DEFAULT, floor: int | None = None) -> list[str]:
    """Runs what has not run, and sets the floor where one is given. Returns the names of what ran.

    Several processes may do it at once: each step is idempotent. Raises SchemaError when the store has what this
    version does not know, or knows differently.
    """
    ran = _missing(store, databases)
    unrecorded = []
    for migration in ran:
        store.command(databases.fill(migration.text))
        unrecorded.append(
            msgspec.json.encode({"number": migration.number, "name": migration.name, "digest": migration.digest})
        )
        if migration.number >= 3:  # the table that records them exists
            store.insert(f"{databases.private}.migrations", ("number", "name", "digest"), b"\n".join(unrecorded))
            unrecorded = []
    if floor is not None:
        set_floor(store, databases, floor)
    return [migration.name for migration in ran]


def set_floor(store: ClickHouse, databases: Databases, floor: int) -> None:
    """Groups of fewer people than this are not shown, from now on."""
    if floor < 1:
        raise ValueError("The floor is a number of people: at least 1.")
    sql = databases.fill("SELECT value FROM ${private}.policy FINAL WHERE name = 'floor'")
    if store.query(sql).rows != [[floor]]:
        row = {"name": "floor", "value": floor, "version": time.time_ns() // 1000}
        store.insert(f"{databases.private}.policy", tuple(row), msgspec.json.encode(row))


def _done(store: ClickHouse, databases: Databases) -> dict[int, str]:
    try:
        sql = databases.fill("SELECT number, digest FROM ${private}.migrations FINAL ORDER BY number")
        rows = store.query(sql).rows
    except StoreError as exc:
        if exc.code in (UNKNOWN_TABLE, UNKNOWN_DATABASE):
            return {}
        raise
    return {int(number): str(digest) for number, digest in rows}
