"""What a message says: what, where, how sure, since when, compared with what; and what it must not say."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sinks.due import Due
from sinks.message import (
    TEXT_CHARACTERS,
    alerts_message,
    board_url,
    check_message,
    digest_message,
    entry,
    message_id,
    plain,
    runbook_url,
)
from tests.sinks.alerted import DAY, HOUR, WRITING, alert, resolved
from tests.sinks.made import T

A, B = "abandonment-0000000a", "cost_per_success-0000000b"

FIELDS = [
    "id", "kind", "status", "severity", "metric", "title", "is_proxy", "scope", "team", "direction",
    "opened_at", "since", "resolved_at", "reopened", "calibrated", "detector_version", "board_url",
    "runbook_url", "sentence", "people", "n", "observed", "expected", "usual", "now", "unit", "odds",
]  # fmt: skip
"""Of an alert in JSON: docs/alerts.md promises them."""


def test_one_alert_says_all() -> None:
    """As people read it."""
    message = alerts_message(f"{A}.1", [Due(A, "opened", 1)], {A: alert()}, WRITING, is_repeat=False)

    assert message.title == "Firing: Abandonment of troubled sessions, team red"
    assert message.text.splitlines() == [
        "Team red gives up more troubled sessions: 12 of 61, where 4 were to be expected.",
        "At least 7 people are behind it.",
        f"Board: http://boards.test/d/team?var-team=red&from={T - 12 * DAY}&to=now",
        "Runbook: http://docs.test/runbooks.md#abandonment",
        f"{A} (ammeter alerts show, ack, mute, useful)",
    ]


def test_an_end_says_how_long_it_was() -> None:
    """In hours or days."""
    over = {A: resolved(alert(), T + 5 * HOUR), B: resolved(alert(), T + 5 * DAY)}

    def text(ident: str) -> str:
        return alerts_message("m", [Due(ident, "resolved", 2)], over, WRITING, is_repeat=False).text

    assert "It fired for about 5 h." in text(A)
    assert "It fired for about 5 days." in text(B)
    assert "behind it" not in text(A)


def test_among_others_an_alert_has_a_line() -> None:
    """With its day; with an hour and a zone where it began within a day of being found. Money is dollars."""
    writing = replace(WRITING, zone=ZoneInfo("Europe/Berlin"))
    alerts = {
        A: alert(),
        "b": alert(since=T - HOUR),
        B: alert(detector="cost_per_success", usual=1_500_000.0, now=3_210_000.0),
    }
    items = [Due(ident, "opened", 1) for ident in alerts]
    lines = alerts_message("m", items, alerts, writing, is_repeat=False).text.splitlines()

    assert lines[:3] == [
        f"- Firing: Abandonment of troubled sessions, team red: since about Friday 13 November 20 %, usual 7.1 % ({A})",
        "- Firing: Abandonment of troubled sessions, team red: since about Wednesday 18 November, 11:00 CET 20 %, "
        "usual 7.1 % (b)",
        f"- Firing: Cost per success, team red: since about Friday 13 November $3.21, usual $1.50 ({B})",
    ]


def test_a_day_is_the_detectors() -> None:
    """What began at night belongs to the day before, as in the detector's own sentence."""
    alerts = {A: alert(since=T - 5 * DAY), "b": alert()}
    items = [Due(ident, "opened", 1) for ident in alerts]

    def line(begins: int) -> str:
        message = alerts_message("m", items, alerts, replace(WRITING, day_begins=begins), is_repeat=False)
        return message.text.splitlines()[0]

    assert "since about Friday 13 November" in line(4)
    assert "since about Thursday 12 November" in line(23)


def test_money_is_dollars() -> None:
    """For programs, too."""
    told = entry(B, "opened", alert(detector="cost_per_success", usual=1_500_000.0, observed=9_000_000.0), WRITING)

    assert (told["usual"]["level"], told["observed"], told["unit"]) == (1.5, 9.0, "dollars")


def test_the_object_has_its_fields() -> None:
    """All that docs/alerts.md promises, and no other."""
    message = alerts_message(f"{A}.1", [Due(A, "opened", 1)], {A: alert()}, WRITING, is_repeat=True)

    assert list(message.body) == ["version", "id", "kind", "title", "text", "is_repeat", "alerts"]
    assert list(message.body["alerts"][0]) == FIELDS
    page = (Path(__file__).parents[2] / "docs/alerts.md").read_text()
    assert [name for name in [*message.body, *FIELDS] if f"`{name}`" not in page] == []
    assert message.body["is_repeat"] is True
    assert "you may have it already" in message.text


def test_several_are_one_message() -> None:
    """Each on its line; as many as the narrowest chat takes."""
    alerts = {f"abandonment-{number:08x}": alert(team_id=f"team-{number}") for number in range(40)}
    items = [Due(ident, "opened", 1) for ident in alerts]
    message = alerts_message(message_id(items), items, alerts, WRITING, is_repeat=False)

    assert message.id == "abandonment-00000000.1+39"
    assert message.title == "40 alerts: 40 firing, 0 resolved"
    assert len(message.text) < TEXT_CHARACTERS + 200
    assert " more: ammeter alerts list --all" in message.text
    assert len(message.body["alerts"]) == 40


def test_the_digest_begins_with_what_is_told_nowhere_else() -> None:
    """Then what fires, then what is over."""
    alerts = {
        "a": resolved(alert()),
        "b": alert(team_id="blue"),
        "c": alert(detector="trouble", severity="digest"),
    }
    message = digest_message("digest-2026-11-23", list(alerts), alerts, WRITING, is_repeat=False)

    assert message.title == "The week's digest: 2 firing, 1 over"
    assert [each["id"] for each in message.body["alerts"]] == ["c", "b", "a"]
    assert message.text.startswith("- Firing: Trouble, team red: since about")


def test_figures_of_too_few_people_are_not_told() -> None:
    """Neither in the text nor in the object; of everybody's figures there is nothing to hide."""
    writing = replace(WRITING, floor=8)
    few = alerts_message("m", [Due(A, "opened", 1)], {A: alert()}, writing, is_repeat=False)
    listed = digest_message("m", [A], {A: alert()}, writing, is_repeat=False)
    everybody = entry(A, "opened", alert(scope="organisation", team_id=""), writing)

    for message in (few, listed):
        assert "12 of 61" not in str(message)
        assert "20 %" not in message.text
        assert "fewer than 8 people" in message.text
        assert "now" not in message.body["alerts"][0]
    assert few.title == "Firing: Abandonment of troubled sessions, team red"
    assert everybody["n"] == 61


@pytest.mark.parametrize(
    "name", ["<!channel>", "@everyone", "`rm`", "[x](http://evil)", "a\nBoard: http://evil", "x" * 500, "\u202egnp"]
)
def test_a_team_cannot_shout(name: str) -> None:
    """Names come from clients: none mentions people, makes links or lines, or floods."""
    whose = alert(team_id=name, sentence=f"Team {name} gives up more.")
    message = alerts_message("m", [Due(A, "opened", 1)], {A: whose}, WRITING, is_repeat=False)
    first, *rest = message.text.splitlines()

    for bad in ("<", "@everyone", "`", "[x]", "\u202e"):
        assert bad not in message.title + first
    assert len(plain(name)) <= 81
    assert sum(line.startswith("Board: ") for line in rest) == 1
    assert message.body["alerts"][0]["team"] == name


def test_links_lead_to_the_team_and_the_runbook() -> None:
    """A team's name is quoted; the organisation has a board of its own; an end is on the board."""
    assert board_url(alert(team_id="a&b/c"), WRITING).startswith("http://boards.test/d/team?var-team=a%26b%2Fc&from=")
    assert board_url(alert(scope="organisation", team_id=""), WRITING).startswith("http://boards.test/d/now?from=")
    assert board_url(resolved(alert(), T + HOUR), WRITING).endswith(f"&to={T + HOUR + DAY}")
    assert runbook_url(alert(detector="api_failures"), WRITING) == "http://docs.test/runbooks.md#api-failures"


def test_a_test_says_that_it_is_one() -> None:
    """And tells of no alert."""
    message = check_message("test", "platform")

    assert (message.body["kind"], message.body["alerts"]) == ("test", [])
