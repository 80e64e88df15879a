"""Recorded input through the folds into a store, without a broker. Rule: what the store has is not counted again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ammeter.oneshot import PARTITION, OneShot
from schemas.codec import read_events, write_events
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse
from sinks.migrate import Databases, migrate
from sinks.stored import highest_indexes, next_offset
from sources import bodies
from sources.messages import Message
from sources.otlp.envelope import DEFAULT_TEAM_KEYS
from sources.otlp.reader import Reader


@dataclass
class Report:
    """What an analysis read and found."""

    files: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    events: int = 0
    """Distinct ones that the store did not have."""
    already_stored: int = 0
    """Read, but stored before or read before: the same files again, a client's resends."""
    invalid: int = 0
    sessions: int = 0
    teams: list[Mapping[str, Any]] = field(default_factory=list)


def analyse(
    paths: Iterable[Path],
    store: ClickHouse,
    databases: Databases,
    pseudonyms: Pseudonyms,
    now: int,
    *,
    team_keys: tuple[str, ...] = DEFAULT_TEAM_KEYS,
    say: Callable[[str], None] | None = None,
) -> Report:
    """Reads the files, folds what the store does not have, and reports. `now`: epoch milliseconds."""
    migrate(store, databases)
    found, skipped = bodies.find(paths)
    report = Report(files=len(found))
    first = next_offset(store, databases, PARTITION)
    fold = OneShot(store, databases, now, say)
    reader = Reader(pseudonyms, team_keys)
    for recorded in found:
        messages = list(bodies.messages(recorded, reader, skipped))
        for message in _new(store, databases, messages, report):
            fold.feed(message.value, message.received_at)
    fold.finish(now)
    report.events, report.invalid = _stored_from(store, databases, first), fold.counts.invalid
    report.already_stored += fold.counts.events - report.events
    report.skipped = [(str(skip.path), skip.reason) for skip in skipped]
    report.teams = _teams(store, databases)
    report.sessions = sum(int(team["sessions"]) for team in report.teams)
    return report


def _new(store: ClickHouse, databases: Databases, messages: list[Message], report: Report) -> Iterable[Message]:
    """The messages without what the store holds of their runs, however it came there."""
    events = {message: read_events(message.value) for message in messages}
    runs = {event.run for found in events.values() for event in found}
    known = highest_indexes(store, databases, runs) if runs else {}
    for message, found in events.items():
        new = [event for event in found if event.index > known.get((event.session_id, event.run), -1)]
        report.already_stored += len(found) - len(new)
        if len(new) == len(found):
            yield message
        elif new:
            yield message._replace(value=write_events(new), events=len(new))


def _stored_from(store: ClickHouse, databases: Databases, offset: int) -> int:
    """Distinct events that a one-shot fold stored, from an offset on."""
    answer = store.query(
        f"SELECT count() FROM {databases.private}.session_events FINAL "  # noqa: S608 - our own names only
        f"WHERE partition = {PARTITION} AND offset >= {offset}"
    )
    return int(answer.rows[0][0])


def _teams(store: ClickHouse, databases: Databases) -> list[Mapping[str, Any]]:
    columns = (
        "prompts",
        "tool_calls",
        "tool_failures",
        "tool_rejections",
        "api_failures",
        "input_tokens",
        "output_tokens",
        "lines_added",
        "lines_removed",
        "commits",
        "pull_requests",
    )
    sums = ", ".join(f"sum(s.{name}) AS {name}" for name in columns)
    answer = store.query(
        f"SELECT team_id, count() AS sessions, {sums}, sum(s.cost_usd) AS cost_usd "  # noqa: S608 - our own names only
        f"FROM {databases.public}.sessions AS s GROUP BY team_id ORDER BY team_id"
    )
    return [dict(zip(answer.names, row, strict=True)) for row in answer.rows]
