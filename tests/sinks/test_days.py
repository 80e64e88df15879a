"""Tables that the store fills by day: what is read from them is what the raw events give, row for row."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from schemas import counters as c
from schemas import wire
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, all_migrations, migrate, set_floor
from sinks.rows import splice
from tests.sinks.made import T, tool
from tests.sinks.test_schema import SECOND_RELEASE
from tests.sinks.test_views import put, put_raw, session

DAY = 86_400_000
MIDNIGHT = T // DAY * DAY
EDIT = "claude_code.code_edit_tool.decision"
FROM_RAW = ("session_silence", "silence", "edit_decisions")
"""Views that read raw events in the release before, as its migrations have them."""

Log = list[list[bytes]]
"""Batches of messages, as they are stored."""


def questions(prefix: str = "") -> list[str]:
    """What is asked of these views: all of them, and some days."""
    days = f"toDate('1970-01-01') + {MIDNIGHT // DAY}"
    return [
        f"SELECT * FROM ammeter_private.{prefix}session_silence ORDER BY session_id",
        *(
            f"SELECT * FROM ammeter.{prefix}{name} WHERE {where} ORDER BY ALL"
            for name in ("silence", "edit_decisions")
            for where in ("1", f"day >= {days}", f"day = {days}")
        ),
    ]


def answers(store: ClickHouse, prefix: str = "") -> list[list[list[Any]]]:
    """Rows of each question."""
    return [store.query(sql).rows for sql in questions(prefix)]


@contextmanager
def as_before(store: ClickHouse) -> Iterator[None]:
    """The views of the release before under names of their own."""
    for migration in all_migrations()[:SECOND_RELEASE]:
        name = migration.name.removeprefix("view_").removeprefix("team_grain_")
        if migration.name.startswith("view_") and name in FROM_RAW and migration.number > 60:
            text = migration.text
            for each in FROM_RAW:
                text = text.replace(f"}}.{each}\n", f"}}.before_{each}\n").replace(
                    f"}}.{each} AS", f"}}.before_{each} AS"
                )
            store.command(DEFAULT.fill(text))
    yield
    for each in FROM_RAW:
        store.command(f"DROP VIEW {'ammeter_private' if each == FROM_RAW[0] else 'ammeter'}.before_{each}")


def events_of(rng: random.Random, name: str, run: int) -> Iterator[wire.Event]:
    """A session's: processes that begin anew, gaps, numbers that were condensed, edits; some around midnight."""
    at = MIDNIGHT + rng.choice((-DAY // 3, -400_000, DAY // 2, DAY // 2, 3 * DAY))
    number = rng.choice((0, 0, 40))
    for index in range(rng.randrange(1, 12)):
        at += rng.choice((0, 1, 90_000))
        seen: dict[str, Any] = {"session_id": name, "source": "claude-code", "received_at": at + 9, "user_id": "u_1"}
        seen |= {"run": f"{run:016x}", "index": index, "event_id": f"{run:016x}-{index}", "occurred_at": at}
        match rng.randrange(8):
            case 0:
                yield wire.SequenceSeen(first=number, last=number + 5, count=rng.randrange(2, 6), **seen)
                number += 6
            case 1 | 2:
                given: dict[str, Any] = {"name": EDIT, "value": rng.randrange(1, 9), "tool_name": "Edit"}
                given |= {"kind": rng.choice(("accept", "reject")), "language": rng.choice(("Go", "C"))}
                given |= {"decision_source": "config", "temporality": rng.choice(("delta", "cumulative"))}
                yield wire.UsageReported(series=str(rng.randrange(2)), started_at=at // DAY, **given, **seen)
            case 3:
                yield tool(name, run, index, occurred_at=at, sequence=number, via="hook")
            case _:
                yield tool(name, run, index, occurred_at=at, sequence=number if rng.random() < 0.9 else None)
                number = rng.choice((number + 1, number + 1, number + 4, 0))


def log_of(seed: int) -> Log:
    """Messages of forty sessions: split, out of order, some of them sent again later, or never told by a state."""
    rng = random.Random(seed)
    sent = []
    for run in range(60):
        lines = [msgspec.json.encode(event) for event in events_of(rng, f"s{rng.randrange(40)}", run)]
        cut = rng.randrange(len(lines) + 1)
        sent += [part for part in (lines[:cut], lines[cut:], lines[: rng.randrange(3)]) if part]
    rng.shuffle(sent)
    return [
        [splice(b"\n".join(lines), 0, at + place) for place, lines in enumerate(sent[at : at + 9])]
        for at in range(0, len(sent), 9)
    ]


def store_log(store: ClickHouse, seed: int, log: Log) -> None:
    """Batches out of order, some twice; states of sessions that are corrected, moved to other days, or missing."""
    rng = random.Random(seed)
    batches = rng.sample(log + log[:3], len(log) + 3)
    for batch in batches:
        put_raw(store, b"".join(rng.sample(batch, len(batch))))
    for name in range(38):
        for version in range(1, rng.randrange(2, 4)):
            at = MIDNIGHT + rng.choice((-DAY // 3, -400_000, DAY // 2, DAY // 2, 3 * DAY)) + version
            fields = {"started_at": at, "ended_at": at + 5, "seen_at": at + 5, "user_id": f"u_{name % 7}"}
            sums = {c.PROMPTS: version, c.HOOK_EVENTS: name % 3}
            put(store, "sessions", ((f"s{name}", rng.choice((1, 1, 2))), session(version, sums=sums, **fields)))
    letters = (wire.DeadLetter("session-events", 0, offset, T, "key: none", None, None) for offset in (3, 31))
    put(store, "session-events-dlq", *(((), letter) for letter in letters))


def test_days_give_what_raw_events_give(store: ClickHouse) -> None:
    """However they were resent, reordered, merged and set aside, and wherever sessions cross midnight."""
    store_log(store, 1, log_of(1))
    with as_before(store):
        found = answers(store)
        assert found == answers(store, "before_")
        assert all(found), "a question without an answer compares nothing"
        for table in ("session_events", "number_rows", "edit_rows", "session_day_rows", "session_state_rows"):
            store.command(f"OPTIMIZE TABLE ammeter_private.{table} FINAL")
        assert answers(store) == answers(store, "before_")


def test_what_was_stored_before_is_filled_in(empty_store: ClickHouse) -> None:
    """A store of the release before shows the same when it is brought up to date, and what comes then is in it."""
    for migration in all_migrations()[:SECOND_RELEASE]:
        empty_store.command(DEFAULT.fill(migration.text))
    log = log_of(7)
    set_floor(empty_store, DEFAULT, 1)
    store_log(empty_store, 7, log[:-2])
    before = answers(empty_store)
    migrate(empty_store)
    assert answers(empty_store) == before
    for batch in log[-2:]:
        put_raw(empty_store, b"".join(batch))
    with as_before(empty_store):
        assert before != answers(empty_store) == answers(empty_store, "before_")
