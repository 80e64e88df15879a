"""What a channel is to be told now. Rule: a function of what is known, so a restart neither forgets nor repeats.

What fires is told once, again after the route's span unless somebody acknowledged it, and its end where the channel's
last word was that it fires. What is muted is not told. An alert that came back soon is the same one, and is told no
sooner than it would have been told again. What goes to the digest alone is told there alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from schemas.wire import AlertDelivery, AlertNote, Anomaly
from sinks.routes import Routes, Rule

DIGEST = "digest"
"""In place of an alert's id."""

DIGEST_LATE_MS = 24 * 3_600_000
"""A digest that could not be sent for so long is left out."""

WEEK = timedelta(days=7)

FIRST_WAIT_MS, MOST_WAIT_MS = 1_000, 300_000
"""Between two attempts: doubling from the first to the longest."""

Kind: TypeAlias = Literal["opened", "again", "resolved", "digest"]
Deliveries: TypeAlias = Mapping[tuple[str, str], AlertDelivery]
"""By channel and alert."""


@dataclass
class Known:
    """What the log holds: alerts by id, notes by key."""

    alerts: dict[str, Anomaly] = field(default_factory=dict)
    notes: dict[str, AlertNote] = field(default_factory=dict)


class Due(NamedTuple):
    """One alert for one channel."""

    alert: str
    kind: Kind
    number: int
    """Of the alert's messages to this channel, from 1."""
    message: str = ""
    """Id of the message that this was in, where nobody knows whether it was taken; else empty."""
    failed: bool = False
    """It was not taken, and goes alone: what one message spoils holds up no other."""


def is_acked(note: AlertNote | None) -> bool:
    """Whether somebody said that they have seen it."""
    return note is not None and note.acked_at > 0


def mute_key(detector: str, team: str) -> str:
    """Key of the note that keeps a detector quiet; `*` is every one, an empty team the organisation."""
    return f"mute:{detector}:{team}"


def is_muted(ident: str, alert: Anomaly, notes: Mapping[str, AlertNote], now: int) -> bool:
    """Whether nobody wants to hear of it now."""
    keys = [ident, *(mute_key(name, team) for name in (alert.detector, "*") for team in (alert.team_id, "*"))]
    return any((note := notes.get(key)) is not None and note.muted_until > now for key in keys)


def wanted(known: Known, heard: Deliveries, routes: Routes, channel: str, now: int) -> list[Due]:
    """What a channel is to be told, the oldest first, be it time or not; alerts of the digest are not among it."""
    found = []
    for ident, alert in known.alerts.items():
        delivery = heard.get((channel, ident))
        if alert.severity == DIGEST or (alert.status != "firing" and delivery is None):
            continue
        rule = routes.of(alert).get(channel)
        if rule is None or is_muted(ident, alert, known.notes, now):
            continue
        kind = _kind(alert, delivery, rule, is_acked(known.notes.get(ident)), now)
        if kind is not None:
            found.append(_item(ident, kind, delivery))
    return sorted(found, key=lambda item: (known.alerts[item.alert].opened_at, item.alert))


def digest_due(heard: Deliveries, routes: Routes, channel: str, now: int) -> tuple[Due, int] | None:
    """The weekly digest and when it was due, where it has yet to be told to a channel, be it time or not."""
    if routes.digest_day is None:
        return None
    delivery = heard.get((channel, DIGEST))
    at = last_digest(routes, now)
    if now - at >= DIGEST_LATE_MS or (delivery and delivery.told_at >= at):
        return None
    if delivery and delivery.message != digest_id(routes, at):
        return Due(DIGEST, "digest", delivery.number + 1), at
    return _item(DIGEST, "digest", delivery), at


def digest_id(routes: Routes, at: int) -> str:
    """Id of the message with the digest that was due at `at`."""
    return f"{DIGEST}-{datetime.fromtimestamp(at / 1000, routes.zone):%Y-%m-%d}"


def last_digest(routes: Routes, now: int) -> int:
    """When a digest was due last, in epoch milliseconds."""
    here = datetime.fromtimestamp(now / 1000, routes.zone)
    back = (here.weekday() - (routes.digest_day or 0)) % 7
    at = (here - timedelta(days=back)).replace(hour=routes.digest_hour, minute=0, second=0, microsecond=0)
    # A wall clock's week: the hour stays where summer time changes.
    return int((at if at <= here else at - WEEK).timestamp() * 1000)


def for_digest(known: Known, routes: Routes, channel: str, at: int) -> list[str]:
    """Alerts that a channel's digest tells of: what fires, and what opened or ended within the week before `at`."""
    since = at - int(WEEK.total_seconds() * 1000)
    found = [
        ident
        for ident, alert in known.alerts.items()
        if alert.opened_at <= at
        and (alert.status == "firing" or max(alert.opened_at, alert.resolved_at) >= since)
        and channel in routes.of(alert)
        and not is_muted(ident, alert, known.notes, at)
    ]
    return sorted(found, key=lambda ident: (known.alerts[ident].opened_at, ident))


def wait_ms(attempts: int) -> int:
    """How long to wait after so many attempts in a row have failed."""
    return min(MOST_WAIT_MS, FIRST_WAIT_MS << min(attempts - 1, 20))


def is_time(delivery: AlertDelivery | None, now: int) -> bool:
    """Whether it is time for another attempt; a clock that was put back does not make it wait."""
    if delivery is None or not delivery.sending or not delivery.failed_at:
        return True
    return not 0 <= now - delivery.failed_at < wait_ms(delivery.attempts)


def _kind(alert: Anomaly, delivery: AlertDelivery | None, rule: Rule, acked: bool, now: int) -> Kind | None:
    word = delivery.word if delivery else ""
    if alert.status == "resolved":
        # An end that was begun stays due until it is taken: it may have been begun for what was only in doubt.
        may_fire = word == "firing" or (delivery is not None and (delivery.in_doubt or delivery.sending == "resolved"))
        return "resolved" if may_fire and rule.resolved else None
    if not word:
        return "opened"
    assert delivery is not None
    if acked or not rule.repeat_ms or now < delivery.told_at + rule.repeat_ms:
        return None
    return "again"


def _item(alert: str, kind: Kind, delivery: AlertDelivery | None) -> Due:
    if delivery is None:
        return Due(alert, kind, 1)
    if delivery.sending != kind:
        return Due(alert, kind, delivery.number + 1)
    if delivery.in_doubt:
        return Due(alert, kind, delivery.number, delivery.message)
    return Due(alert, kind, delivery.number, failed=True)
