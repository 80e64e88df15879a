"""Makes the derived tables anew from raw events, beside the old ones. Rule: nothing is seen before all of it is there.

The folds are the stream's own, fed in the order of receipt; what one-shot folds brought is folded apart, as it was.
Time passes up to where the stages had let it pass, so that nothing closes that they still hold open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ammeter.oneshot import OneShot
from sinks.clickhouse import ClickHouse
from sinks.migrate import Databases, migrate
from sinks.rebuilt import SUFFIX, Rebuilt, last_sample, passed

QUIET_MS = 20_000
"""A sink says every 5 seconds that it lives."""


class StillRunning(Exception):
    """A sink writes into the tables that would be exchanged."""


@dataclass
class Report:
    """What was folded."""

    events: int = 0
    messages: int = 0


def rebuild(store: ClickHouse, databases: Databases, now: int, say: Callable[[str], None]) -> Report:
    """Raises StillRunning when a sink wrote lately: what it writes meanwhile would be lost in the exchange.

    `now`: epoch milliseconds. When it fails, or is stopped, the old tables are as they were.
    """
    migrate(store, databases)
    if (ago := now - last_sample(store, databases)) < QUIET_MS:
        raise StillRunning(f"A sink wrote {max(0, ago) // 1000} s ago: stop it, wait {QUIET_MS // 1000} s, try again.")
    until = passed(store, databases)
    tables, report = Rebuilt(store, databases), Report()
    try:
        say("putting raw events into the order of their receipt")
        tables.begin()
        for one_shot in (False, True):
            fold = OneShot(store, databases, until, into=SUFFIX, as_stream=not one_shot)
            for message, received_at in _messages(tables, one_shot, say, report):
                fold.feed(message, received_at)
            fold.finish(until)
            if not one_shot:
                tables.keep_segments(until)
        tables.exchange()
    finally:
        tables.drop()
    return report


def _messages(
    tables: Rebuilt, one_shot: bool, say: Callable[[str], None], report: Report
) -> Iterator[tuple[bytes, int]]:
    """Messages as they were sent, but for one that lies at the end of a batch: it may come in two parts."""
    seen = 0
    for total, found in tables.events(one_shot):
        for _, rows in groupby(found, key=_message):
            lines = list(rows)
            report.messages += 1
            yield b"\n".join(line.encode().rstrip() for _, line, _ in lines), int(lines[0][2])
        seen += len(found)
        report.events += len(found)
        say(f"{'one-shot' if one_shot else 'stream'}: {seen:,} of {total:,} events")


def _message(row: list[Any]) -> tuple[Any, ...]:
    return tuple(row[0][:3])
