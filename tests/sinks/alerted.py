"""What notifiers' tests share: alerts and notes as detectors and people write them, and a webhook that listens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

from schemas import wire
from schemas.derived import DEFINITIONS
from sinks.message import Shown, Writing
from tests.sinks.made import T, pack

HOUR, DAY = 3_600_000, 86_400_000

WRITING = Writing(
    {
        "abandonment": Shown("Abandonment of troubled sessions", "share", "abandonment", is_proxy=True),
        "api_failures": Shown("Failed model requests", "share", "api-failures"),
        "cost_per_success": Shown("Cost per success", "micro-dollars", "cost-per-success"),
        "silence": Shown("Silence", "people", "silence"),
        "trouble": Shown("Trouble", "share", "trouble"),
    },
    boards_url="http://boards.test",
    runbooks_url="http://docs.test/runbooks.md",
)


def alert(**more: Any) -> wire.Anomaly:
    """An alert of team red that fires since T."""
    fields: dict[str, Any] = {
        "version": 1,
        "definitions": DEFINITIONS,
        "detector": "abandonment",
        "scope": "team",
        "team_id": "red",
        "status": "firing",
        "severity": "alert",
        "direction": "up",
        "opened_at": T,
        "changed_at": T,
        "since": T - 5 * DAY,
        "n": 61,
        "observed": 12.0,
        "expected": 4.3,
        "usual": 0.071,
        "usual_low": 0.055,
        "usual_high": 0.09,
        "usual_n": 820.0,
        "now": 0.197,
        "now_low": 0.112,
        "now_high": 0.31,
        "score": 9.4,
        "threshold": 9.1,
        "odds": 12345.0,
        "people": 7,
        "detector_version": 1,
        "calibrated": False,
        "sentence": "Team red gives up more troubled sessions: 12 of 61, where 4 were to be expected.",
    }
    return wire.Anomaly(**(fields | more))


def resolved(of: wire.Anomaly, at: int = T + DAY) -> wire.Anomaly:
    """The same alert when it is over."""
    return msgspec.structs.replace(of, status="resolved", resolved_at=at, changed_at=at)


def note(ident: str, **more: Any) -> wire.AlertNote:
    """A note on an alert, or a mute."""
    return wire.AlertNote(version=1, definitions=DEFINITIONS, id=ident, detector="abandonment", **more)


def mute(detector: str, team: str, until: int) -> dict[str, wire.AlertNote]:
    """A mute by its key."""
    key = f"mute:{detector}:{team}"
    return {
        key: wire.AlertNote(
            version=1, definitions=DEFINITIONS, id=key, detector=detector, team_id=team, muted_until=until
        )
    }


class Site:
    """A broker's topics and the clock of one test."""

    def __init__(self, address: str, prefix: str, producer: Any) -> None:
        self.address, self.prefix, self._producer = address, prefix, producer
        self.clock = T

    async def alerts(self, alerts: Mapping[str, wire.Anomaly]) -> None:
        """Writes alerts as the stage does."""
        for ident, each in alerts.items():
            key = pack(wire.AnomalyKey(ident))
            await self._producer.send_and_wait(self.prefix + "anomalies", pack(each), key, partition=0)

    async def notes(self, notes: Mapping[str, wire.AlertNote | None]) -> None:
        """Writes notes as the command does; nothing takes one back."""
        for key, each in notes.items():
            value = None if each is None else pack(each)
            await self._producer.send_and_wait(self.prefix + "alert-notes", value, key.encode(), partition=0)


Run = Callable[[Callable[[Site], Any]], None]


class Hook:
    """A webhook: remembers what it took, and answers as it is told."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.hangs = False
        self.took: list[dict[str, Any]] = []
        self.heads: list[dict[str, str]] = []
        self.refused = 0

    def kinds(self) -> list[tuple[str, str]]:
        """Alert and kind, in the order of the messages."""
        return [(each["id"], each["kind"]) for body in self.took for each in body["alerts"]]

    async def answer(self, request: web.Request) -> web.Response:
        """Takes one message, or refuses it."""
        body = await request.json()
        if self.status >= 300:
            self.refused += 1
            return web.Response(status=self.status, headers={"Location": "http://127.0.0.1:9/"})
        self.took.append(body)
        self.heads.append(dict(request.headers))
        if self.hangs:
            await asyncio.sleep(3600)
        return web.Response(text="ok")


@asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    """A webhook that runs within the block."""
    made = Hook()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?secret=hush"
        yield made
    finally:
        await runner.cleanup()
