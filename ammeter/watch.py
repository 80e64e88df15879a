"""What the demo sees of itself: counts, delay, boards. Rule: it looks as anybody could, by SQL and HTTP."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp

from ammeter import compose, reading
from ammeter.delay import DelayMeter
from ammeter.oneshot import PARTITION
from ammeter.settings import Settings
from sinks.clickhouse_read import ClickHouseReader
from sinks.frame import Frame

DAY_S = 86_400


@dataclass(frozen=True)
class Seen:
    """What the store holds at a moment."""

    stored: int
    """Raw events of the pipeline, history not among them."""
    dead_letters: int
    windows: int
    sessions_open: int
    people: int
    """Active within the last hour, by the windows."""


class Watch:
    """Asks the store and the boards."""

    def __init__(self, settings: Settings) -> None:
        self._reader = ClickHouseReader(reading.target(settings, settings.store_url))
        self._public, self._private = settings.database, f"{settings.database}_private"
        self._dashboards = compose.dashboards()
        self._delay: DelayMeter | None = None
        self._leaving: dict[str, list[tuple[int, int]]] = {}
        self._before = (time.monotonic(), 0)
        self._alerts: dict[str, str] = {}

    async def close(self) -> None:
        """Closes the connections."""
        await self._reader.close()

    async def seen(self) -> Seen:
        """Counts."""
        frame = await self._reader.query(
            f"SELECT (SELECT count() FROM {self._private}.session_events FINAL WHERE partition != {PARTITION}),"  # noqa: S608 - our own names only
            f" (SELECT count() FROM {self._public}.dead_letters), count(),"
            f" (SELECT count() FROM {self._public}.sessions WHERE is_open),"
            f" sumIf(people, span = '1h') FROM {self._private}.team_window_rows FINAL"
        )
        return Seen(*(int(column[0] or 0) for column in frame.columns))

    async def line(self, acknowledged: int) -> str:
        """One line of rates and counts, for a person."""
        seen, now = await self.seen(), time.monotonic()
        rate = (acknowledged - self._before[1]) / max(now - self._before[0], 0.001)
        self._before = (now, acknowledged)
        delay = self._delay.quantile(0.5) if self._delay else None
        shown = f", to the board in {delay / 1000:.1f} s" if delay is not None else ""
        return (
            f"{rate:,.0f} events/s, {acknowledged:,} sent, {seen.stored:,} stored{shown}, "
            f"{seen.people} people active, {seen.sessions_open} sessions open, {seen.dead_letters} dead letters"
        )

    async def new_alerts(self) -> list[str]:
        """Alerts, in their words, that have not been told here; what is for the weekly digest is none."""
        frame = await self._reader.query(
            f"SELECT id, sentence FROM {self._public}.anomalies"  # noqa: S608 - our own names only
            " WHERE severity != 'digest' AND status = 'firing' ORDER BY opened_at"
        )
        found = [(str(name), str(text)) for name, text in _rows(frame) if str(name) not in self._alerts]
        self._alerts |= dict(found)
        return [text for _, text in found]

    async def begin_delay(self, acknowledged: int) -> None:
        """From now on, delays are measured; what was acknowledged before counts for nothing."""
        await self._read_leaving()
        self._delay = DelayMeter(acknowledged)

    async def look(self, acknowledged: int, at: int) -> None:
        """One look at the board's own figures: `acknowledged` events at the moment `at`, epoch milliseconds."""
        if self._delay is None:
            return
        self._delay.acknowledged(acknowledged, at)
        if self._delay.pending:
            began = time.time_ns() // 1_000_000
            self._delay.shown(await self._shown(), max(began, at))

    async def _shown(self) -> int:
        """Events that the 24 h windows hold, and those that have left them since: together they only rise.

        Of the table itself: the view hides what too few people did, and its delay is the same.
        """
        frame = await self._reader.query(
            f"SELECT team_id, as_of, events FROM {self._private}.team_window_rows FINAL WHERE span = '24h'"  # noqa: S608 - our own names only
        )
        shown = 0
        for team, as_of, events in _rows(frame):
            minute = as_of // 1000 - DAY_S
            shown += int(events) + sum(count for left, count in self._leaving.get(team, ()) if left <= minute)
        return shown

    async def _read_leaving(self) -> None:
        """What leaves the 24 h windows, minute by minute: minutes so old change no more."""
        frame = await self._reader.query(
            "SELECT team_id, toUnixTimestamp(minute), sum(events)"  # noqa: S608 - our own names only
            f" FROM {self._private}.user_minute_rows FINAL WHERE segment = 0 GROUP BY team_id, minute"
        )
        leaving: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for team, minute, events in _rows(frame):
            leaving[team].append((int(minute), int(events)))
        self._leaving = dict(leaving)

    async def drain(self, produced: int, within_s: float) -> bool:
        """Waits until everything acknowledged is stored and shown; whether it was, in time."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            await self.look(produced, _now())
            if (await self.seen()).stored >= produced and not (self._delay and self._delay.pending):
                return True
            await asyncio.sleep(0.2)
        return False

    async def report(self, produced: int, boards_url: str) -> dict[str, Any]:
        """The result of a demo."""
        seen = await self.seen()
        delay = self._delay or DelayMeter()
        return {
            "produced": produced,
            "stored": seen.stored,
            "dead_letters": seen.dead_letters,
            "windows": seen.windows,
            "delay_ms": {"p50": delay.quantile(0.5), "p99": delay.quantile(0.99)},
            "alerts": list(self._alerts.values()),
            "boards_url": boards_url,
            "boards_ok": await self._boards_ok(boards_url),
        }

    async def _boards_ok(self, url: str) -> bool:
        """Whether the boards answer and every panel's SQL runs."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            for file in sorted(self._dashboards.glob("*.json")):
                board = json.loads(await asyncio.to_thread(file.read_text))
                pages = [f"{url}/d/{board['uid']}"]
                pages += [
                    f"{url}/api/boards/{board['uid']}/panels/{panel['id']}.csv"
                    for panel in board["panels"]
                    if panel.get("targets")
                ]
                for page in pages:
                    async with session.get(page) as answer:
                        if answer.status != 200:
                            return False
        return True


def _rows(frame: Frame) -> Iterator[tuple[Any, ...]]:
    return zip(*frame.columns, strict=True)


def _now() -> int:
    return time.time_ns() // 1_000_000
