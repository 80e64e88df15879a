"""What an alert says to a person. Rule: days and round odds, never false precision; nobody is named."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from streams.detect.calendar import Calendar
from streams.detect.catalogue import BY_NAME
from streams.detect.finding import Finding

SESSIONS_TO_SEE = 80
"""Troubled sessions that a rise from 7 to 19 % takes to be seen, in the median (docs/detection.md)."""

PROXIES = frozenset({"abandonment", "success", "trouble", "restarts"})
"""Told from telemetry alone: every alert says so."""

_HAPPENED: Mapping[str, str] = {
    "abandonment": "{x} of {n} troubled sessions were abandoned",
    "tool_failures": "{x} of {n} tool calls failed",
    "api_failures": "{x} of {n} model requests failed (of one person at most 3 a minute are counted)",
    "success": "{x} of {n} sessions had a verified success",
    "cost_per_success": "a verified success typically cost {now} (there were {n})",
    "silence": "of people who usually send, nothing came on {x} of {n} days that were expected of them",
    "trouble": "{x} of {n} sessions hit trouble",
    "rejections": "people refused {x} of {n} tool calls that were decided on",
    "restarts": "{x} of {n} sessions were given up and begun anew",
}


def firing(found: Finding, place: tuple[str, str, str], calendar: Calendar, is_calibrated: bool, weekly: float) -> str:
    """The sentence of an alert that opens; `place`: detector, scope, team; `weekly`: of a bucket, see `too_small`."""
    name, scope, _ = place
    detector = BY_NAME[name]
    happened = _HAPPENED[name].format(x=round(found.observed), n=found.n, now=level(name, found.now))
    proxy = " (a proxy)" if name in PROXIES else ""
    parts = [f"{detector.title}{proxy}, {where(place)}: since about {_since(name, found, calendar)} {happened}"]
    if name == "cost_per_success":
        parts[0] += f"; usual is {level(name, found.usual)}."
    else:
        parts[0] += (
            f", {_few(found.expected)} were to be expected: now probably "
            f"{span(name, found.now_low, found.now_high)}, where {level(name, found.usual)} "
            f"({span(name, found.usual_low, found.usual_high)}) is usual."
        )
    fits = "fall" if detector.direction == "down" else "rise"
    parts.append(f"A lasting {fits} explains this {likelier(found.odds)} times better than the usual level does.")
    if name == "silence":
        parts.append("Look at how the data come in first: this says nothing about people.")
    if scope == "bucket":
        parts.append(f"Only what these teams have in common shows here. {too_small(weekly)}")
    parts.append("Calibrated on this organisation's record." if is_calibrated else "Calibrated on assumptions.")
    return " ".join(parts)


def resolved(found: Finding, place: tuple[str, str, str]) -> str:
    """The sentence of an alert that ends."""
    title = f"{BY_NAME[place[0]].title}, {where(place)}"
    if found.why == "adopted" and place[0] == "silence":
        return f"{title}: four weeks of silence. Nothing came back; from now on nothing is expected of those people."
    if found.why == "adopted":
        return (
            f"{title}: four weeks at the new level. It has not gone back; from now on "
            f"{level(place[0], found.now)} is taken for usual."
        )
    if found.why == "restarted":
        return f"{title}: so many people have changed that it is another team, watched as a new one from now on."
    return f"{title}: back to what is usual, {level(place[0], found.usual)}."


def too_small(weekly: float) -> str:
    """What is said of a team with so few troubled sessions a week.

    >>> too_small(12)
    'Too few sessions to alert on one team; a rise from 7 to 19 % would take about 7 weeks to see.'
    """
    if weekly < 1:
        return "Too few sessions to alert on one team; a rise from 7 to 19 % would take more than a year to see."
    weeks = ceil(SESSIONS_TO_SEE / weekly)
    about = f"about {weeks} week{'s' if weeks > 1 else ''}" if weeks <= 52 else "more than a year"
    return f"Too few sessions to alert on one team; a rise from 7 to 19 % would take {about} to see."


def where(place: tuple[str, str, str]) -> str:
    """Whom it is about."""
    _, scope, team_id = place
    if scope == "organisation":
        return "the whole organisation"
    if scope == "bucket":
        return f"small teams together ({team_id})"
    return f"team {team_id}" if team_id else "people without a team"


def level(name: str, value: float) -> str:
    """A level as people say it.

    >>> level("abandonment", 0.0652), level("api_failures", 0.0031), level("cost_per_success", 1_234_000.0)
    ('7 %', '0.3 %', '$1.23')
    """
    if BY_NAME[name].unit == "micro-dollars":
        return f"${value / 1e6:.2f}"
    return f"{100 * value:.0f} %" if value >= 0.02 else f"{100 * value:.1f} %"


def span(name: str, low: float, high: float) -> str:
    """An interval as people say it.

    >>> span("abandonment", 0.05, 0.091)
    '5 to 9 %'
    """
    first, last = level(name, low), level(name, high)
    return f"{first.removesuffix(' %')} to {last}"


def likelier(odds: float) -> str:
    """Odds as people say them.

    >>> likelier(1234.0), likelier(3e9), likelier(7.2)
    ('over 1,000', 'over 1,000,000', 'about 7')
    """
    for bound in (1_000_000, 100_000, 10_000, 1_000, 100):
        if odds >= bound:
            return f"over {bound:,}"
    return f"about {odds:.0f}"


def _few(expected: float) -> str:
    return f"about {expected:.0f}" if expected >= 1 else "less than one"


def _since(name: str, found: Finding, calendar: Calendar) -> str:
    """A day; of failed requests also the quarter of an hour."""
    moment = datetime.fromtimestamp(found.since / 1000, ZoneInfo(calendar.zone))
    if name == "api_failures":
        return f"{moment.hour:02}:{moment.minute // 15 * 15:02} ({calendar.zone}) on {moment.day} {moment:%B}"
    day = calendar.date(calendar.day(found.since))
    worked = calendar.working(calendar.day(found.since), calendar.day(found.at) + 1)
    begun = datetime.fromisoformat(day)
    return f"{begun.day} {begun:%B} ({worked} working day{'s' if worked != 1 else ''})"
