"""What a channel is told when: pure, and so told in any order of events."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas import wire
from sinks.due import (
    DIGEST,
    Due,
    Known,
    digest_due,
    digest_id,
    for_digest,
    is_time,
    last_digest,
    wait_ms,
    wanted,
)
from sinks.heard import NOTHING, begun, refused, taken
from sinks.routes import Routes, read_routes
from tests.sinks.alerted import DAY, HOUR, WRITING, alert, mute, note, resolved
from tests.sinks.made import T

A, B = "abandonment-0000000a", "abandonment-0000000b"

ONE = "[channels]\na = 'x'"


def routes(text: str = ONE) -> Routes:
    """Routes of a file."""
    return read_routes(text, lambda value: value, list(WRITING.detectors))


def heard(word: Any = "firing", told_at: int = T, number: int = 1, **more: Any) -> wire.AlertDelivery:
    """What a channel has heard."""
    return wire.AlertDelivery(1, 1, word, told_at, number, **more)


def told(
    alerts: Mapping[str, wire.Anomaly],
    delivery: wire.AlertDelivery | None = None,
    notes: Mapping[str, wire.AlertNote] | None = None,
    now: int = T,
    text: str = ONE,
) -> list[tuple[str, str, int]]:
    """Alert, kind and number of what channel a is to be told; `delivery` is A's."""
    held = {("a", A): delivery} if delivery else {}
    known = Known(dict(alerts), dict(notes or {}))
    return [(each.alert, each.kind, each.number) for each in wanted(known, held, routes(text), "a", now)]


def test_an_alert_is_told_once_then_after_the_span() -> None:
    """Seven days without a word, or as the route has it; never where it says never."""
    assert told({A: alert()}) == [(A, "opened", 1)]
    assert told({A: alert()}, heard(), now=T + 7 * DAY - 1) == []
    assert told({A: alert()}, heard(), now=T + 7 * DAY) == [(A, "again", 2)]
    assert told({A: alert()}, heard(), now=T + 4 * HOUR, text=f"repeat = '4h'\n{ONE}") == [(A, "again", 2)]
    assert told({A: alert()}, heard(), now=T + 900 * DAY, text=f"repeat = 'never'\n{ONE}") == []


def test_an_end_is_told_to_whom_it_was_told_that_it_fires() -> None:
    """Once; nothing of what opened and ended unheard; nothing where a route wants no ends."""
    over = {A: resolved(alert())}
    no_ends = f"{ONE}\n[[routes]]\nchannels = ['a']\nresolved = false"

    assert told(over, heard()) == [(A, "resolved", 2)]
    assert told(over, heard("resolved", number=2)) == []
    assert told(over) == []
    assert told(over, heard(), text=no_ends) == []


def test_what_comes_back_soon_is_no_news() -> None:
    """The same alert, re-opened: told when it would have been told again."""
    back = {A: alert(reopened=1)}

    assert told(back, heard("resolved", T, 2), now=T + 5 * DAY) == []
    assert told(back, heard("resolved", T, 2), now=T + 7 * DAY) == [(A, "again", 3)]


def test_who_acknowledged_is_told_the_end_alone() -> None:
    """And others are told of an alert that somebody acknowledged before they heard of it."""
    notes = {A: note(A, acked_at=T)}

    assert told({A: alert()}, heard(), notes, now=T + 30 * DAY) == []
    assert told({A: resolved(alert())}, heard(), notes) == [(A, "resolved", 2)]
    assert told({A: alert()}, None, notes) == [(A, "opened", 1)]


def test_mutes() -> None:
    """Of an alert, a detector, a team, all; the organisation is no team; a mute that is over is none."""
    everybody = alert(scope="organisation", team_id="")

    for muted in (mute("abandonment", "red", T + 1), mute("*", "red", T + 1), mute("abandonment", "*", T + 1)):
        assert told({A: alert()}, None, muted) == []
        assert told({A: alert()}, None, muted, now=T + 1) == [(A, "opened", 1)]
    assert told({A: alert()}, None, {A: note(A, muted_until=T + 1)}) == []
    assert told({A: alert()}, None, mute("abandonment", "", T + 1)) == [(A, "opened", 1)]
    assert told({A: everybody}, None, mute("abandonment", "", T + 1)) == []
    assert told({A: everybody}, None, mute("abandonment", "red", T + 1)) == [(A, "opened", 1)]


def test_what_is_in_doubt_keeps_its_message() -> None:
    """While it is still true; if it ended meanwhile, the end is told, for it may have been heard that it fires."""
    doubt = heard("", 0, 1, sending="opened", message=f"{A}.1", attempts=1, in_doubt=True)
    held = {("a", A): doubt}

    assert wanted(Known({A: alert()}), held, routes(), "a", T) == [Due(A, "opened", 1, f"{A}.1")]
    assert told({A: resolved(alert())}, doubt) == [(A, "resolved", 2)]
    assert told({A: resolved(alert())}, replace(doubt, in_doubt=False)) == []


def test_an_end_of_what_was_in_doubt_is_told_until_it_is_taken() -> None:
    """Killed or refused while the end is told: it stays due, though nobody knows that the channel heard it fire."""
    doubt = heard("", 0, 1, sending="opened", message=f"{A}.1", attempts=1, in_doubt=True)
    ended = begun(doubt, Due(A, "resolved", 2), "end")
    over = Known({A: resolved(alert())})

    assert wanted(over, {("a", A): ended}, routes(), "a", T) == [Due(A, "resolved", 2, "end")]
    refusal = refused(doubt, ended, "no", False, T)
    assert wanted(over, {("a", A): refusal}, routes(), "a", T) == [Due(A, "resolved", 2, failed=True)]
    assert wanted(over, {("a", A): taken(ended, T)}, routes(), "a", T) == []


def test_what_failed_goes_alone_after_a_wait() -> None:
    """1 s, 2 s, ... 5 minutes; a clock that was put back holds up nothing."""
    failed = heard("", 0, 1, sending="opened", message=f"{A}.1", attempts=3, failure="no", failed_at=T)

    (item,) = wanted(Known({A: alert()}), {("a", A): failed}, routes(), "a", T)

    assert item == Due(A, "opened", 1, failed=True)
    assert [is_time(failed, T + wait) for wait in (0, 3999, 4000)] == [False, False, True]
    assert is_time(failed, T - 1)
    assert [wait_ms(attempts) for attempts in (1, 2, 9, 10, 1000)] == [1000, 2000, 256_000, 300_000, 300_000]


def test_the_digest_alone_tells_of_what_is_for_it() -> None:
    """And of what fires, opened or ended within the week; not of what opened after it was due."""
    week = {
        "quiet": alert(detector="trouble", severity="digest", opened_at=T - 30 * DAY),
        "over": resolved(alert(opened_at=T - 30 * DAY), T - DAY),
        "long over": resolved(alert(opened_at=T - 30 * DAY), T - 8 * DAY),
        "later": alert(opened_at=T + 1),
        "muted": alert(team_id="blue", opened_at=T - DAY),
    }
    known = Known(week, mute("*", "blue", T + DAY))

    assert [name for name, _, _ in told(week, now=T)] == ["muted", "later"]
    assert for_digest(known, routes(), "a", T) == ["over", "quiet"]


def test_the_digest_is_due_by_the_wall_clock() -> None:
    """Mondays at nine where people are, in summer and winter; late within a day, and once."""
    berlin = routes(f"timezone = 'Europe/Berlin'\n{ONE}")
    summer, winter = ms(2026, 7, 6, 7), ms(2026, 11, 23, 8)

    assert last_digest(berlin, ms(2026, 7, 8, 12)) == summer
    assert last_digest(berlin, winter) == winter
    assert last_digest(berlin, winter - 1) == ms(2026, 11, 16, 8)
    assert digest_id(berlin, winter) == "digest-2026-11-23"
    assert digest_due({}, berlin, "a", winter) == (Due(DIGEST, "digest", 1), winter)
    assert digest_due({}, berlin, "a", winter + DAY) is None
    assert digest_due({("a", DIGEST): heard(told_at=winter)}, berlin, "a", winter + HOUR) is None
    assert digest_due({}, routes(f"digest = false\n{ONE}"), "a", winter) is None


def test_a_digest_of_last_week_is_not_sent_again_for_this_weeks() -> None:
    """In doubt, it keeps its id only for its own day."""
    winter = ms(2026, 11, 23, 9)
    doubt = heard("", 0, 4, sending="digest", message="digest-2026-11-23", in_doubt=True)
    held: dict[tuple[str, str], wire.AlertDelivery] = {("a", DIGEST): doubt}

    assert digest_due(held, routes(), "a", winter) == (Due(DIGEST, "digest", 4, "digest-2026-11-23"), winter)
    assert digest_due(held, routes(), "a", winter + 7 * DAY) == (Due(DIGEST, "digest", 5), winter + 7 * DAY)


STEPS = ["fire", "end", "look", "fail", "kill", "killed before", "day"]
"""What may happen; `kill` is after the channel has taken it, before that is written down."""


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_a_channel_hears_it_once_and_hears_the_end(steps: list[str]) -> None:
    """Whatever happens in whatever order: one message that it fires, one that it ended; an id never says two things.

    And when all is well again it has heard that it fires or has ended, whichever is true.
    """
    now, current = T, alert()
    delivery: wire.AlertDelivery | None = None
    took: list[tuple[str, str]] = []
    sure: list[str] = []
    for step in [*steps, "day", "look"]:
        if step == "fire":
            current = alert()
        elif step == "end":
            current = resolved(alert(), now)
        elif step == "day":
            now += DAY
        else:
            held = {("a", A): delivery} if delivery else {}
            for item in wanted(Known({A: current}), held, routes(f"repeat = 'never'\n{ONE}"), "a", now):
                before = delivery or NOTHING
                delivery = begun(before, item, item.message or f"m{item.number}")
                if step == "fail":
                    delivery = refused(before, delivery, "no", False, now)
                    continue
                if step == "killed before":
                    continue
                took.append((item.kind, delivery.message))
                if step == "look":
                    sure.append(item.kind)
                    delivery = taken(delivery, now)

    assert sure in ([], ["opened"], ["resolved"], ["opened", "resolved"])
    assert len({message for _, message in took}) == len(set(took))
    if current.status == "resolved":
        assert not took or took[-1][0] == "resolved"
    else:
        assert took
    if not {"kill", "killed before"} & set(steps):
        assert took == [("opened", "m1"), ("resolved", "m2")][: len(took)]


def ms(year: int, month: int, day: int, hour: int) -> int:
    """A moment in UTC, in epoch milliseconds."""
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)
