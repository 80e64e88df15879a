"""How far each followed file was sent, in one small file. Rule: offsets and known ids change together or not at all."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from sources.transcripts.seen import MOST, Seen
from sources.transcripts.tail import Offset

KEPT_IDS = 2 * MOST
"""As many as a reader remembers."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, offset BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY AUTOINCREMENT, hash INTEGER NOT NULL);
"""


class StateError(Exception):
    """The file is in use or cannot be used; says what to do."""


class FollowState:
    """Offsets by path, and the ids that were told. One process at a time."""

    def __init__(self, path: Path) -> None:
        """Raises StateError."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error) as exc:
            raise StateError(f"{path} cannot be used ({exc}): name another file with --state.") from None
        self._path = path
        try:
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._file.execute("BEGIN EXCLUSIVE")
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._file.execute(statement)
            self._file.execute("COMMIT")
        except sqlite3.Error as exc:
            self._file.close()
            if "locked" in str(exc):
                raise StateError(f"{path} is in use: another ammeter follow sends the same; stop it first.") from None
            raise StateError(f"{path} cannot be used ({exc}): name another file with --state.") from None
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Offset).decode

    def close(self) -> None:
        """Lets another process take it."""
        self._file.close()

    def seen(self) -> Seen:
        """The ids that were told, those told from now on in its `fresh`."""
        found = Seen(number for (number,) in self._file.execute("SELECT hash FROM seen ORDER BY number"))
        found.fresh = []
        return found

    def offset(self, path: Path) -> Offset:
        """How far a file was sent; at its beginning for a new one."""
        row = self._file.execute("SELECT offset FROM files WHERE path = ?", (str(path),)).fetchone()
        return self._decode(row[0]) if row else Offset()

    def keep(self, path: Path, offset: Offset, fresh: Iterable[int]) -> None:
        """Both at once, on disk when it returns. Raises StateError."""
        try:
            self._file.execute("BEGIN")
            self._file.execute("REPLACE INTO files VALUES (?, ?)", (str(path), self._encode(offset)))
            self._file.executemany("INSERT INTO seen (hash) VALUES (?)", ((number,) for number in fresh))
            self._file.execute("DELETE FROM seen WHERE number <= (SELECT max(number) FROM seen) - ?", (KEPT_IDS,))
            self._file.execute("COMMIT")
        except sqlite3.Error as exc:
            raise StateError(f"{self._path} cannot be written ({exc}): make room and start again.") from None

    def forget(self, gone: Iterable[Path]) -> None:
        """Files that are no more; the client deletes what is older than a month."""
        self._file.executemany("DELETE FROM files WHERE path = ?", ((str(path),) for path in gone))
