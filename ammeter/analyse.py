"""Recorded input through the folds into a store, without a broker. Rule: what the store has is not counted again.

What clients sent and what they kept is folded in the order of receipt, a transcript a little after the telemetry of
the same session, for telemetry knows more; the folds count once what both tell. Logs of hooks come last, since they
know no time, against what the store has by then, as everything goes against what it had before.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ammeter import known
from ammeter.oneshot import PARTITION, OneShot
from schemas.codec import read_events, write_events
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse
from sinks.migrate import Databases, migrate
from sinks.stored import AFTER_TELEMETRY_MS, highest_indexes, next_offset
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
    added_to: int = 0
    """Sessions of which the store had a part that another source told: `ammeter rebuild` makes one of both."""
    sessions: int = 0
    teams: list[Mapping[str, Any]] = field(default_factory=list)


TOGETHER = ((0, 1), (2,))
"""Ranks of recorded files that are folded in one go."""


EVENTS_AT_ONCE = 5_000
"""The store is asked once for so many, and what is held meanwhile takes some 10 MB."""


def analyse(
    paths: Iterable[Path],
    store: ClickHouse,
    databases: Databases,
    pseudonyms: Pseudonyms,
    now: int,
    *,
    team_keys: tuple[str, ...] = DEFAULT_TEAM_KEYS,
    person: Callable[[Path], bodies.Person] = lambda _: ("", ""),
    say: Callable[[str], None] | None = None,
) -> Report:
    """Reads the files, folds what the store does not have, and reports.

    `now`: epoch milliseconds. `person`: whose a file is that a client kept for itself, and so names nobody.
    """
    migrate(store, databases)
    found, skipped = bodies.find(paths)
    report = Report(files=len(found))
    first = next_offset(store, databases, PARTITION)
    reader = Reader(pseudonyms, team_keys)

    def pseudonym(path: Path) -> bodies.Person:
        identity, kind = person(path)
        return pseudonyms.of(identity), kind

    edge = bodies.Edge(pseudonyms, pseudonym)
    folded = 0
    for ranks in TOGETHER:
        files = [recorded for recorded in found if recorded.rank in ranks]
        if not files:
            continue
        fold = OneShot(store, databases, now + ranks[0], say)
        before = (PARTITION, next_offset(store, databases, PARTITION))
        messages = bodies.in_order(files, lambda recorded: bodies.messages(recorded, reader, skipped, edge), _turn_of)
        for message in _new(store, databases, messages, before, report):
            fold.feed(message.value, message.received_at)
        fold.finish(now + ranks[0])
        folded += fold.counts.events
        report.invalid += fold.counts.invalid
    report.events = _stored_from(store, databases, first)
    report.already_stored += folded - report.events
    report.skipped = [(str(skip.path), skip.reason) for skip in skipped]
    report.teams = _teams(store, databases)
    report.sessions = sum(int(team["sessions"]) for team in report.teams)
    return report


def _new(
    store: ClickHouse,
    databases: Databases,
    messages: Iterator[Message],
    before: tuple[int, int],
    report: Report,
) -> Iterator[Message]:
    """The messages without what the store holds of their runs, however it came there, and without what it had been
    told before that place by other tellers."""
    while batch := _some(messages):
        read = sum(message.events for message in batch)
        batch = list(_above(store, databases, batch))
        told: dict[known.Teller, dict[str, known.Told]] = {}
        for teller, mine in _by_teller(batch).items():
            told[teller] = known.told(store, databases, {message.session_id for message in mine}, teller, before)
        new = [one for message in batch for one in known.without([message], told[known.teller_of(message)])]
        report.already_stored += read - sum(message.events for message in new)
        report.added_to += len({one.session_id for one in new if one.session_id in told[known.teller_of(one)]})
        yield from new


def _some(messages: Iterator[Message]) -> list[Message]:
    """The next messages, of so many events together as the store is asked for at once."""
    batch, events = [], 0
    for message in messages:
        batch.append(message)
        events += message.events
        if events >= EVENTS_AT_ONCE:
            break
    return batch


def _turn_of(message: Message) -> int:
    """When it is folded: sinks.stored.ONE_SHOT_TURN."""
    return message.received_at + (AFTER_TELEMETRY_MS if known.teller_of(message) == "transcript" else 0)


def _by_teller(messages: list[Message]) -> dict[known.Teller, list[Message]]:
    found: dict[known.Teller, list[Message]] = {}
    for message in messages:
        found.setdefault(known.teller_of(message), []).append(message)
    return found


def _above(store: ClickHouse, databases: Databases, messages: list[Message]) -> Iterator[Message]:
    """Within a run indexes rise: what lies above the highest that is stored is new."""
    events = [read_events(message.value) for message in messages]
    runs = {event.run for found in events for event in found}
    highest = highest_indexes(store, databases, runs) if runs else {}
    for message, found in zip(messages, events, strict=True):
        new = [event for event in found if event.index > highest.get((event.session_id, event.run), -1)]
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
