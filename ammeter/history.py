"""The demo's two weeks of history. Rule: made once, kept relative to the hour, and the same wherever it is loaded.

A simulated organisation is folded in one go; the tables it gives, and what detectors hear of it, are kept as files with
times relative to a fixed Wednesday afternoon. Loading adds whole hours, so that the demo always opens on a working day.
"""

import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from ammeter import oneshot
from ammeter.oneshot import OneShot
from ammeter.retold import Told
from ammeter.secrets import make_key
from schemas import wire
from schemas.people import Pseudonyms
from schemas.signals import read_signal
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import Databases, all_migrations, migrate
from sources.simulator.canonical import messages
from sources.simulator.simulation import Simulation, demo_simulation
from streams.detect.calendar import Calendar

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

REFERENCE_MS = 1_768_402_800_000
"""2026-01-14 15:00 UTC, a Wednesday."""

HISTORY_MS = 14 * DAY_MS
PLAYED_MS = 25 * HOUR_MS
"""What goes through the whole pipeline, so that the 24 h windows are whole."""

SEED = 7

SCRATCH = "making-"
HEARD = "signals.msgpack"

TIMES = {
    "session_events": ("occurred_at", "received_at", "started_at"),
    "session_state_rows": ("started_at", "ended_at", "seen_at", "closed_at", "closing_at", "told_at"),
    "session_outcome_rows": ("started_at", "ended_at", "judged_at"),
    "user_minute_rows": ("minute",),
}
"""The kept tables and which of their columns are times; 0 means none."""


def key_file(cache: Path) -> Path:
    """The demo's own key for pseudonyms, kept with its history: people must be the same in both."""
    return make_key(cache / "demo" / "key")


def shift(now: int) -> int:
    """Whole hours from the reference to now; adding it to a kept time gives a present one."""
    return (now - REFERENCE_MS) // HOUR_MS * HOUR_MS


def simulation(now: int) -> Simulation:
    """The organisation of the demo, as it lives from `played_from` on: no session of history goes on in it."""
    return replace(demo_simulation(SEED, REFERENCE_MS).moved(shift(now)), begins_ms=played_from(now))


def calendar(now: int) -> Calendar:
    """By which the people of the demo live: its days and weekends are those of the reference, so many hours later."""
    usual = Calendar()
    days, begins = divmod(usual.begins + shift(now) // HOUR_MS, 24)
    return Calendar(begins=begins, weekend=tuple((day + days) % 7 for day in usual.weekend))


def viewer() -> str:
    """As whom one looks at the boards of the demo: of those who show their e-mail, who works with assistants most."""
    people = [
        person for person in demo_simulation(SEED, REFERENCE_MS).organisation.people if person.named_by == "email"
    ]
    return max(people, key=lambda person: person.sessions_per_day).email


def played_from(now: int) -> int:
    """Where history ends and the pipeline begins."""
    return REFERENCE_MS - PLAYED_MS + shift(now)


def load(
    cache: Path, store: Path, databases: Databases, pseudonyms: Pseudonyms, now: int, say: Callable[[str], None]
) -> None:
    """Brings history into an empty store; makes it first where the cache does not have it."""
    kept = cache / "history" / _fingerprint(pseudonyms)
    if not kept.exists():
        _make(kept, databases, pseudonyms, say)
    engine = connect(str(store))
    try:
        migrate(engine, databases)
        for table, times in TIMES.items():
            _load(engine, f"{databases.private}.{table}", kept / f"{table}.native.zst", times, shift(now))
    finally:
        engine.close()


def heard(cache: Path, pseudonyms: Pseudonyms, now: int) -> list[Told]:
    """What detectors hear of history, after `load`: verdicts, and corrections, as they were given."""
    file = cache / "history" / _fingerprint(pseudonyms) / HEARD
    found = msgspec.msgpack.decode(file.read_bytes(), type=list[Told])
    for _, verdict in found:
        verdict.started_at += shift(now)
        verdict.ended_at += shift(now)
        verdict.judged_at += shift(now)
    return found


def _fingerprint(pseudonyms: Pseudonyms) -> str:
    """Of all that history depends on: the schema, the seed, whose key it was, and the code that makes it."""
    digest = hashlib.sha256(f"{SEED} {pseudonyms.of('history')}".encode())
    for migration in all_migrations():
        digest.update(migration.digest.encode())
    for module in (__file__, oneshot.__file__):
        digest.update(Path(module).read_bytes())
    root = Path(__file__).resolve().parents[1]
    for folder in ("sources/simulator", "streams/metrics", "schemas"):
        for file in sorted((root / folder).glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _make(kept: Path, databases: Databases, pseudonyms: Pseudonyms, say: Callable[[str], None]) -> None:
    """Written beside and renamed: a stopped demo leaves no half of it, and of two that make it one is kept."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    _forget_old(kept.parent)
    begins, ends = REFERENCE_MS - HISTORY_MS, REFERENCE_MS - PLAYED_MS
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=kept.parent, ignore_cleanup_errors=True) as scratch:
        engine = connect(str(Path(scratch) / "store"))
        told: list[Told] = []

        def hear(key: bytes, value: bytes) -> None:
            match read_signal(key, value):
                case (wire.SessionKey() as session, wire.SessionVerdict() as verdict):
                    told.append((session, verdict))

        try:
            migrate(engine, databases)
            fold = OneShot(engine, databases, ends, hear=hear)
            organisation = demo_simulation(SEED, REFERENCE_MS)
            for number, message in enumerate(messages(organisation, begins, ends, pseudonyms)):
                fold.feed(message.events, message.at_ms)
                if number % 1000 == 0:
                    share = (message.at_ms - begins) / (ends - begins)
                    say(f"making two weeks of history, once: {share:.0%}, {fold.counts.events:,} events")
            fold.finish(ends + DAY_MS)
            done = Path(scratch) / "done"
            done.mkdir()
            (done / HEARD).write_bytes(msgspec.msgpack.encode(told))
            for table in TIMES:
                target = done / f"{table}.native.zst"
                rows = f"SELECT * FROM {databases.private}.{table} FINAL"  # noqa: S608 - our own names only
                engine.command(f"INSERT INTO FUNCTION file('{target}', Native) {rows}")
        finally:
            engine.close()
        with contextlib.suppress(OSError):
            done.rename(kept)
    if not kept.exists():
        raise FileNotFoundError(f"{kept} could not be written: see that {kept.parent} is writable and has 1 GB free.")


def _forget_old(place: Path) -> None:
    """What an earlier version kept, and what a killed run left; not what another is making now."""
    for old in place.iterdir():
        if not old.name.startswith(SCRATCH) or old.stat().st_mtime < time.time() - DAY_MS / 1000:
            shutil.rmtree(old, ignore_errors=True)


def _load(engine: ClickHouse, table: str, file: Path, times: tuple[str, ...], by_ms: int) -> None:
    moved = ", ".join(f"if({name} = 0, {name}, {name} + {by_ms}) AS {name}" for name in times)
    if table.endswith("user_minute_rows"):
        moved = f"minute + {by_ms // 1000} AS minute"
    if table.endswith("session_state_rows"):
        moved += f", mapApply((mark, at) -> (mark, at + {by_ms}), marks) AS marks"
    if table.endswith("session_events"):
        moved += ", fromUnixTimestamp64Milli(received_at) AS stored_at"  # else the load itself would look like a delay
    rows = f"SELECT * REPLACE ({moved}) FROM file('{file}', Native)"  # noqa: S608 - our own names only
    engine.command(f"INSERT INTO {table} {rows}")
