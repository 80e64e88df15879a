"""A store in memory with the rules of the real one: of a key the newest version stays, twice is once.

What is inserted is kept as the rows that ClickHouse would show with FINAL, columns that a line leaves out missing.
"""

import threading
from collections.abc import Sequence
from typing import Any

import msgspec

from sinks.clickhouse import BadRows, StoreAway
from sinks.rows import KEYS


class MemoryStore:
    """The twin of ClickHouse for tests.

    `away`: it refuses everything, as a store that is not there, and counts `refusals`. `poison`: bytes that it cannot
    read, wherever they stand.
    """

    def __init__(self) -> None:
        self.away = False
        self.refusals = 0
        self.poison: bytes | None = None
        self._lock = threading.Lock()
        self._tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}

    def insert(self, table: str, columns: Sequence[str], rows: bytes) -> None:
        """Inserts JSON lines, all or none. Raises StoreAway, BadRows."""
        name = table.rpartition(".")[2]
        key, version, lowest = KEYS[name]
        with self._lock:
            if self.away:
                self.refusals += 1
                raise StoreAway("The store in memory was told to be away.")
            if self.poison is not None and self.poison in rows:
                raise BadRows("the rows hold poison")
            try:
                found = [msgspec.json.decode(line, type=dict[str, Any]) for line in rows.splitlines() if line]
            except msgspec.MsgspecError as exc:
                raise BadRows(str(exc)) from exc
            held = self._tables.setdefault(name, {})
            for row in found:
                place = tuple(row[column] for column in key)
                there = held.get(place)
                if there is None or version is None or (row[version] >= there[version]) != lowest:
                    held[place] = row

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What a table shows; not what was taken back."""
        with self._lock:
            return [row for row in self._tables.get(table, {}).values() if not row.get("is_deleted")]
