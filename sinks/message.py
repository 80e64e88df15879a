"""What a message says. Rule: figures with their bounds, days where only days are known, and nobody's name.

A message is plain text for people and one JSON object for programs (docs/alerts.md lists its fields). Its id is the
same whenever it is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from schemas.wire import Anomaly
from sinks.due import DIGEST, Due
from sinks.routes import team_name

HOUR_MS, DAY_MS = 3_600_000, 86_400_000

TEXT_CHARACTERS = 1_700
"""Of a message that lists alerts: the narrowest of the chats takes 2,000."""

VERSION = 1
"""Of the JSON object; fields are only added."""

HEADS = {"opened": "Firing", "again": "Still firing", "resolved": "Resolved"}


class Shown(NamedTuple):
    """How a detector's alerts are shown."""

    title: str
    unit: Literal["share", "micro-dollars", "people"]
    runbook: str
    """Heading of the runbooks."""
    is_proxy: bool = False
    """Whether the figure stands for something that telemetry cannot see."""


@dataclass(frozen=True)
class Writing:
    """What all messages of a deployment have in common."""

    detectors: Mapping[str, Shown]
    boards_url: str
    runbooks_url: str
    zone: tzinfo = UTC
    floor: int = 1
    """No figure of fewer people is told."""
    day_begins: int = 0
    """The hour at which a day begins for the detectors, whose sentences name days."""


@dataclass(frozen=True)
class Message:
    """What is sent."""

    id: str
    title: str
    text: str
    body: Mapping[str, Any]
    """The JSON object."""


def message_id(items: Sequence[Due]) -> str:
    """Of a message with these alerts: the first's id and number, and how many more there are.

    >>> message_id([Due("abandonment-5b1f09c2", "opened", 1)])
    'abandonment-5b1f09c2.1'
    """
    more = f"+{len(items) - 1}" if len(items) > 1 else ""
    return f"{items[0].alert}.{items[0].number}{more}"


def alerts_message(
    ident: str, items: Sequence[Due], alerts: Mapping[str, Anomaly], writing: Writing, *, is_repeat: bool
) -> Message:
    """One or more alerts. `is_repeat`: whether it has been taken already is not known."""
    if len(items) == 1:
        (item,) = items
        alert = alerts[item.alert]
        title = f"{HEADS[item.kind]}: {headline(alert, writing)}"
        text = _whole(item.alert, alert, writing)
    else:
        fires = sum(item.kind != "resolved" for item in items)
        title = f"{len(items)} alerts: {fires} firing, {len(items) - fires} resolved"
        lines = [f"{HEADS[item.kind]}: {_line(item.alert, alerts[item.alert], writing)}" for item in items]
        text = _listed(lines) + f"\nBoard: {writing.boards_url}/d/anomalies"
    if is_repeat:
        text += "\nSent again after an interruption: you may have it already."
    told = [entry(item.alert, item.kind, alerts[item.alert], writing) for item in items]
    return Message(ident, title, text, _body(ident, "alerts", title, text, told, is_repeat))


def digest_message(
    ident: str, chosen: Sequence[str], alerts: Mapping[str, Anomaly], writing: Writing, *, is_repeat: bool
) -> Message:
    """The week: what fires, and what opened or ended; first what is told nowhere else."""
    order = sorted(chosen, key=lambda one: (alerts[one].severity != DIGEST, alerts[one].status, alerts[one].opened_at))
    fires = sum(alerts[one].status == "firing" for one in chosen)
    title = f"The week's digest: {fires} firing, {len(chosen) - fires} over"
    lines = [
        f"{'Firing' if alerts[one].status == 'firing' else 'Over'}: {_line(one, alerts[one], writing)}" for one in order
    ]
    text = _listed(lines) + f"\nBoard: {writing.boards_url}/d/anomalies"
    told = [entry(one, DIGEST, alerts[one], writing) for one in order]
    return Message(ident, title, text, _body(ident, "digest", title, text, told, is_repeat))


def check_message(ident: str, channel: str) -> Message:
    """A message that says only that the way is open."""
    title, text = f"Ammeter reaches {channel}", "This is a test. Alerts that are routed here will come here."
    return Message(ident, title, text, _body(ident, "test", title, text, [], False))


def headline(alert: Anomaly, writing: Writing) -> str:
    """What, and where."""
    shown = writing.detectors.get(alert.detector)
    return f"{shown.title if shown else alert.detector}, {where(alert)}"


def where(alert: Anomaly) -> str:
    """Whom an alert is about, in words."""
    if alert.scope == "organisation":
        return "the whole organisation"
    if alert.scope == "bucket":
        return f"small teams together ({plain(alert.team_id)})"
    return f"team {plain(alert.team_id)}" if alert.team_id else "people without a team"


def plain(name: str) -> str:
    """A name from outside, so that no chat takes it for a mention, a link or a new line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in name)
    shown = printable.translate({ord("@"): "@\u200b", ord("<"): "‹", ord(">"): "›", ord("`"): "'", ord("["): "("})
    return shown if len(shown) <= 80 else shown[:79] + "…"


def entry(ident: str, kind: str, alert: Anomaly, writing: Writing) -> dict[str, Any]:
    """One alert for programs; levels are shares of one, or dollars."""
    shown, scale = writing.detectors.get(alert.detector), _scale(alert, writing)
    told: dict[str, Any] = {
        "id": ident,
        "kind": kind,
        "status": alert.status,
        "severity": alert.severity,
        "metric": alert.detector,
        "title": shown.title if shown else alert.detector,
        "is_proxy": bool(shown and shown.is_proxy),
        "scope": alert.scope,
        "team": team_name(alert),
        "direction": alert.direction,
        "opened_at": _iso(alert.opened_at),
        "since": _iso(alert.since),
        "resolved_at": _iso(alert.resolved_at) if alert.resolved_at else None,
        "reopened": alert.reopened,
        "calibrated": alert.calibrated,
        "detector_version": alert.detector_version,
        "board_url": board_url(alert, writing),
        "runbook_url": runbook_url(alert, writing),
    }
    if not is_told(alert, writing):
        return told | {"sentence": described(alert, writing)}
    return told | {
        "sentence": alert.sentence,
        "people": alert.people,
        "n": alert.n,
        "observed": alert.observed * scale,
        "expected": alert.expected * scale,
        "usual": {
            "level": alert.usual * scale,
            "low": alert.usual_low * scale,
            "high": alert.usual_high * scale,
            "n": alert.usual_n,
        },
        "now": {"level": alert.now * scale, "low": alert.now_low * scale, "high": alert.now_high * scale},
        "unit": "dollars" if scale != 1 else "share",
        "odds": alert.odds,
    }


def described(alert: Anomaly, writing: Writing) -> str:
    """The detector's sentence, or that its figures are not told."""
    return plain_sentence(alert.sentence) if is_told(alert, writing) else _withheld(writing)


def is_told(alert: Anomaly, writing: Writing) -> bool:
    """Whether enough people are behind it that its figures may be told."""
    return alert.scope != "team" or alert.people >= writing.floor


def board_url(alert: Anomaly, writing: Writing) -> str:
    """The board that shows it, from a week before it began to a day after its end: as the view `anomalies` has it."""
    board = f"team?var-team={quote(alert.team_id, safe='')}&" if alert.scope == "team" else "now?"
    until = alert.resolved_at + DAY_MS if alert.resolved_at else "now"
    return f"{writing.boards_url}/d/{board}from={alert.since - 7 * DAY_MS}&to={until}"


def runbook_url(alert: Anomaly, writing: Writing) -> str:
    """What to do about it."""
    shown = writing.detectors.get(alert.detector)
    return f"{writing.runbooks_url}#{shown.runbook if shown else alert.detector}"


def since_about(alert: Anomaly, writing: Writing) -> str:
    """About when it began: the hour where it was found within a day, else the day."""
    at = datetime.fromtimestamp(alert.since / 1000, writing.zone)
    if alert.opened_at - alert.since < DAY_MS:
        return f"{at:%A} {at.day} {at:%B}, {at:%H}:00 {at:%Z}"
    day = at - timedelta(hours=writing.day_begins)
    return f"{day:%A} {day.day} {day:%B}"


def level(value: float, alert: Anomaly, writing: Writing) -> str:
    """A level as people read it: dollars, or a share in percent."""
    if _scale(alert, writing) != 1:
        return f"${value / 1e6:,.2f}"
    return f"{value * 100:.{1 if value < 0.1 else 0}f} %"


def _whole(ident: str, alert: Anomaly, writing: Writing) -> str:
    """All of one alert: the detector's sentence says what, where, since when, how sure, and compared with what."""
    lines = [described(alert, writing)]
    if alert.status == "resolved":
        lasted = max(1, round((alert.resolved_at - alert.opened_at) / HOUR_MS))
        lines.append(f"It fired for about {lasted} h." if lasted < 48 else f"It fired for about {lasted // 24} days.")
    elif alert.people and is_told(alert, writing):
        lines.append(f"At least {alert.people} people are behind it.")
    lines += [f"Board: {board_url(alert, writing)}", f"Runbook: {runbook_url(alert, writing)}"]
    return "\n".join([*lines, f"{ident} (ammeter alerts show, ack, mute, useful)"])


def _line(ident: str, alert: Anomaly, writing: Writing) -> str:
    """One alert among others."""
    if not is_told(alert, writing):
        return f"{headline(alert, writing)}. {_withheld(writing)} ({ident})"
    now, usual = level(alert.now, alert, writing), level(alert.usual, alert, writing)
    return f"{headline(alert, writing)}: since about {since_about(alert, writing)} {now}, usual {usual} ({ident})"


def plain_sentence(sentence: str) -> str:
    """A detector's sentence names the team, so it is treated as a name is, but for its length."""
    return " ".join(plain(word) for word in sentence.split())


def _withheld(writing: Writing) -> str:
    """In place of figures."""
    return f"The figures are of fewer than {writing.floor} people and are not told."


def _listed(lines: Sequence[str]) -> str:
    """As many lines as a chat takes, and how many more there are."""
    taken: list[str] = []
    length = 0
    for line in lines:
        length += len(line) + 3
        if length > TEXT_CHARACTERS and taken:
            break
        taken.append(f"- {line}")
    left = len(lines) - len(taken)
    return "\n".join([*taken, f"and {left} more: ammeter alerts list --all"] if left else taken)


def _scale(alert: Anomaly, writing: Writing) -> float:
    shown = writing.detectors.get(alert.detector)
    return 1e-6 if shown and shown.unit == "micro-dollars" else 1


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def _body(
    ident: str, kind: str, title: str, text: str, alerts: Sequence[Mapping[str, Any]], is_repeat: bool
) -> dict[str, Any]:
    return {
        "version": VERSION,
        "id": ident,
        "kind": kind,
        "title": title,
        "text": text,
        "is_repeat": is_repeat,
        "alerts": list(alerts),
    }
