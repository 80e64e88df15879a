"""Takes rows in through a file. Rule: the engine starts only when the whole body is there, so none inserts half."""

import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path

from ammeter.store.errors import StoreError
from ammeter.store.request import quoted
from ammeter.store.statement import Insert

_FORMAT = re.compile(r"\w+\Z")
_TMPFS = Path("/dev/shm")  # noqa: S108 - made private with mkdtemp


class Scratch:
    """A directory for bodies on their way in."""

    def __init__(self, directory: Path | None) -> None:
        self._own = directory is None
        base = _TMPFS if os.access(_TMPFS, os.W_OK) else None
        self._directory = directory or Path(tempfile.mkdtemp(prefix="ammeter-store-", dir=base))
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._directory.glob("*.body"):
            left.unlink()

    def write(self, data: memoryview) -> Path:
        """Puts a body in a file of its own; a full disk is the client's error to retry, not the server's end."""
        path = self._directory / f"{secrets.token_hex(8)}.body"
        try:
            path.write_bytes(data)
        except OSError as error:
            self.remove(path)
            raise StoreError(
                243, "NOT_ENOUGH_SPACE", f"Cannot put the rows in {self._directory}: {error.strerror}; make room."
            ) from None
        return path

    def remove(self, path: Path) -> None:
        """Takes a body away; gone already is fine."""
        with contextlib.suppress(OSError):
            path.unlink()

    def close(self) -> None:
        """Removes the directory if it was made here."""
        if self._own:
            for left in self._directory.glob("*.body"):
                self.remove(left)
            with contextlib.suppress(OSError):
                self._directory.rmdir()


def check_sql(insert: Insert) -> str:
    """The INSERT without data, for the engine's parser to judge."""
    settings = f" SETTINGS {insert.settings}" if insert.settings else ""
    return f"{insert.head}{settings} FORMAT {_format(insert)}"


def insert_sql(insert: Insert, path: Path) -> str:
    """The INSERT that reads its data from a file. The engine's own reader: defaults of the table, formats' settings."""
    settings = f" SETTINGS {insert.settings}" if insert.settings else ""
    return f"{insert.head} FROM INFILE {quoted(str(path))} COMPRESSION 'none'{settings} FORMAT {_format(insert)}"


def _format(insert: Insert) -> str:
    if not _FORMAT.match(insert.format):
        raise StoreError(73, "UNKNOWN_FORMAT", f"Unknown format {insert.format!r}.")
    return insert.format
