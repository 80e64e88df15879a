"""Files of canonical events, a JSON line each. Rule: what others wrote is validated; a bad line costs only itself."""

import gzip
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, cast

from schemas import wire
from schemas.codec import InvalidEvent, check_event, read_events


def open_lines(path: Path) -> AbstractContextManager[IO[bytes]]:
    """The file's lines as bytes, unpacked where its name ends in .gz."""
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def read_file(path: Path) -> Iterator[wire.Event | tuple[int, InvalidEvent]]:
    """Each event, or the number of a line that is none and why. Empty lines are skipped."""
    with open_lines(path) as lines:
        for number, line in enumerate(lines, 1):
            line = line.strip()
            if not line:
                continue
            try:
                check_event(line)
                yield read_events(line)[0]
            except InvalidEvent as exc:
                yield number, exc
