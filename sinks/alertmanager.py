"""The Alertmanager notifier: tells its v2 API of alerts. Rule: it only says what is; Alertmanager tells people.

What fires is told again and again, for Alertmanager forgets what it does not hear of; what ended is told with its end
for an hour more, so that one that was away hears of it. What is muted in Ammeter becomes a silence there.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog
from yarl import URL

from schemas.wire import AlertNote, Anomaly
from sinks.alert_log import AlertLog
from sinks.due import DIGEST, Known, is_acked
from sinks.message import Writing, board_url, described, headline, runbook_url
from sinks.notifying import FAILING, FAILURES, MESSAGES
from sinks.routes import ORGANISATION, team_name

log = structlog.get_logger()

EVERY_S = 30.0
"""How often it is told what fires."""

HOLD_MS = 6 * 3_600_000
"""So long Alertmanager believes that an alert fires though it hears nothing: longer than this notifier may be away."""

ENDED_MS = 3_600_000
"""So long an end is told again."""

WITHIN_S = 10.0
FIRST_WAIT_S = 1.0
READ_MS = 500

CREATOR = "ammeter"
"""Who made a silence."""


@dataclass(frozen=True)
class AlertmanagerConfig:
    """`addresses` of one or of a cluster's members may hold a password: they are never printed."""

    broker: str
    topic_prefix: str
    writing: Writing
    addresses: Sequence[str] = field(repr=False)


def labels(alert: Anomaly) -> dict[str, str]:
    """What an alert is known by; an alert that comes back is the same one to Alertmanager."""
    return {
        "alertname": "Ammeter" + "".join(word.capitalize() for word in alert.detector.split("_")),
        "team": team_name(alert),
        "severity": alert.severity,
        "metric": alert.detector,
        "scope": alert.scope,
    }


def posted(known: Known, writing: Writing, now: int) -> list[dict[str, Any]]:
    """The body of a POST to /api/v2/alerts: of alerts with the same labels the newest."""
    newest: dict[tuple[str, ...], str] = {}
    for ident, alert in sorted(known.alerts.items(), key=lambda item: (item[1].opened_at, item[0])):
        ended_long_ago = alert.status != "firing" and alert.resolved_at < now - ENDED_MS
        if alert.severity != DIGEST:
            name = tuple(labels(alert).values())
            newest.pop(name, None)
            if not ended_long_ago:
                newest[name] = ident
    return [_posted(ident, known.alerts[ident], known.notes.get(ident), writing, now) for ident in newest.values()]


def silences(notes: Mapping[str, AlertNote], alerts: Mapping[str, Anomaly], now: int) -> dict[str, dict[str, Any]]:
    """A silence for each mute that holds, by the key of its note."""
    found = {}
    for key, note in notes.items():
        if note.muted_until <= now:
            continue
        if key.startswith("mute:"):
            wanted = {} if note.detector == "*" else {"metric": note.detector}
            if note.team_id != "*":
                wanted["team"] = note.team_id or ORGANISATION
        elif (alert := alerts.get(key)) is not None:
            wanted = labels(alert)
        else:
            continue
        # Every silence needs a matcher, and must not catch what others send.
        matchers = wanted | ({} if "alertname" in wanted else {"alertname": "Ammeter.+"})
        found[key] = {
            "matchers": [
                {"name": name, "value": value, "isRegex": value == "Ammeter.+", "isEqual": True}
                for name, value in matchers.items()
            ],
            "startsAt": _iso(now),
            "endsAt": _iso(note.muted_until),
            "createdBy": CREATOR,
            "comment": f"Muted in Ammeter: {key}",
        }
    return found


class Alertmanager:
    """Tells each address, by itself: one that is away holds up no other."""

    def __init__(self, config: AlertmanagerConfig, now: Callable[[], int], every_s: float = EVERY_S) -> None:
        self._config, self._now, self._every_s = config, now, every_s
        self._log = AlertLog(config.broker, config.topic_prefix)
        self._changed = [asyncio.Event() for _ in config.addresses]
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins; waits for nobody."""
        self._running = asyncio.create_task(self._run())

    async def wait_ended(self) -> None:
        """Raises when it ends by itself."""
        assert self._running
        await asyncio.shield(self._running)

    async def stop(self) -> None:
        """Ends; what fires goes on firing at Alertmanager for HOLD_MS."""
        if self._running:
            self._running.cancel()
            await asyncio.wait((self._running,))
        await self._log.close()

    async def _run(self) -> None:
        await self._log.load()
        tasks = [asyncio.create_task(self._follow())]
        for number, address in enumerate(self._config.addresses):
            tasks.append(asyncio.create_task(self._serve(address, f"alertmanager-{number}", self._changed[number])))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            if await self._log.read(READ_MS):
                for event in self._changed:
                    event.set()

    async def _serve(self, address: str, name: str, changed: asyncio.Event) -> None:
        url, wait = URL(address.rstrip("/") + "/api/v2"), FIRST_WAIT_S
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "Ammeter"}) as session:
            while True:
                changed.clear()
                why = await self._tell(session, url)
                if why:
                    FAILURES.labels(name).inc()
                    log.warning("alertmanager did not take what fires, trying again", which=name, why=why, seconds=wait)
                else:
                    MESSAGES.labels(name).inc()
                FAILING.labels(name).set(1 if why else 0)
                try:
                    async with asyncio.timeout(wait if why else self._every_s):
                        await changed.wait()
                except TimeoutError:
                    pass
                wait = min(2 * wait, self._every_s) if why else FIRST_WAIT_S

    async def _tell(self, session: aiohttp.ClientSession, url: URL) -> str:
        """Tells it all; why that failed, or nothing."""
        now, known = self._now(), self._log.known
        told = posted(known, self._config.writing, now)
        try:
            await self._silence(session, url, silences(known.notes, known.alerts, now), now)
            if told:
                await _post(session, url / "alerts", told)
        except aiohttp.ClientResponseError as exc:
            return f"it answered {exc.status}"
        except TimeoutError:
            return f"no answer within {WITHIN_S:.0f} s"
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            return f"the connection failed ({type(exc).__name__})"
        return ""

    async def _silence(
        self, session: aiohttp.ClientSession, url: URL, wanted: Mapping[str, dict[str, Any]], now: int
    ) -> None:
        """Makes the silences that are missing, moves their ends, and ends those that nobody wants any more."""
        async with session.get(url / "silences", raise_for_status=True) as answer:
            there = {
                each["comment"]: each
                for each in await answer.json()
                if each["createdBy"] == CREATOR and each["status"]["state"] != "expired"
            }
        for silence in wanted.values():
            old = there.pop(silence["comment"], None)
            if old is None:
                await _post(session, url / "silences", silence)
            elif abs(_ms(old["endsAt"]) - _ms(silence["endsAt"])) > 1000:
                await _post(session, url / "silences", silence | {"id": old["id"], "startsAt": old["startsAt"]})
        for old in there.values():
            async with session.delete(url / "silence" / old["id"], raise_for_status=True):
                pass


def _posted(ident: str, alert: Anomaly, note: AlertNote | None, writing: Writing, now: int) -> dict[str, Any]:
    ended = alert.status != "firing"
    notes = {
        "summary": headline(alert, writing),
        "description": described(alert, writing),
        "id": ident,
        "runbook_url": runbook_url(alert, writing),
        "acknowledged": "yes" if is_acked(note) else "no",
        "calibrated": "yes" if alert.calibrated else "no, on assumptions",
    }
    return {
        "labels": labels(alert),
        "annotations": notes,
        "startsAt": _iso(alert.opened_at),
        "endsAt": _iso(max(alert.resolved_at, alert.opened_at + 1) if ended else now + HOLD_MS),
        "generatorURL": board_url(alert, writing),
    }


async def _post(session: aiohttp.ClientSession, url: URL, body: Any) -> None:
    async with session.post(url, json=body, raise_for_status=True, allow_redirects=False) as answer:
        if answer.status >= 300:
            raise aiohttp.ClientResponseError(answer.request_info, (), status=answer.status)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
