"""Stories of one session: who it was, when it ended, and what came twice."""

import msgspec

from schemas import counters as c
from schemas import wire
from schemas.evidence import Mark
from tests.streams.metrics.chain import Chain
from tests.streams.metrics.events import HOUR, MINUTE, SECOND, T, by, event, message, prompt


def test_an_identity_that_arrives_in_time_takes_what_waited() -> None:
    """A hook names nobody; the telemetry that names Ann comes within two minutes; both count for Ann.

        10:00 prompt, nobody   10:01:59 prompt, Ann
    ──────┬───────────────────────┬──┬──────▶
          └── waits ──────────────┘  10:02
    """
    chain = Chain()
    chain.send(message(prompt(T)), T)
    chain.flush()
    assert chain.stored_minutes() == {}
    chain.send(message(prompt(T + 2 * MINUTE - 1, run=2, **by("ann"))), T + 2 * MINUTE - 1)
    chain.flush()
    assert {key: sums[c.PROMPTS] for key, sums in chain.stored_minutes().items()} == {
        ("ann", "red", T // MINUTE): 1,
        ("ann", "red", T // MINUTE + 1): 1,
    }


def test_waiting_is_given_up_after_two_minutes_for_good() -> None:
    """Who is named two minutes after the first message comes too late: the session stays with `unknown`."""
    chain = Chain()
    chain.send(message(prompt(T)), T)
    chain.send(message(prompt(T + 2 * MINUTE, run=2, **by("ann"))), T + 2 * MINUTE)
    chain.flush()
    assert {user for user, _, _ in chain.stored_minutes()} == {"unknown"}
    assert chain.stored_sessions()["s"]["people"] == [("unknown", "unassigned")]


def test_a_session_that_ends_unnamed_waits_for_its_telemetry() -> None:
    """In print mode the hook that tells the end comes before the batch that says who it was.

    hooks: prompt, end   telemetry, Ann
    ─────────────■──■────────■────────────▶
    """
    chain = Chain()
    chain.send(message(prompt(T, via="hook")), T)
    chain.send(message(event(wire.SessionEnded, T + SECOND, run=2, via="hook")), T + SECOND)
    chain.flush()
    assert chain.stored_minutes() == {}
    batch = message(prompt(T, run=3, received_at=T + 2 * SECOND, **by("ann")))
    chain.send(batch, T + 2 * SECOND)
    chain.flush()
    assert {user for user, _, _ in chain.stored_minutes()} == {"ann"}
    assert not chain.stored_sessions()["s"]["is_open"]


def test_a_session_that_ends_and_is_never_named_is_unknown_after_two_minutes() -> None:
    """It waits no longer than one that is open, and is told with its end."""
    chain = Chain()
    chain.send(message(prompt(T), event(wire.SessionEnded, T + SECOND)), T + SECOND)
    chain.flush(T + 2 * MINUTE + SECOND - 1)
    assert chain.stored_minutes() == {}
    chain.flush(T + 2 * MINUTE + SECOND)
    assert {user for user, _, _ in chain.stored_minutes()} == {"unknown"}
    (row,) = [row for (topic, _), row in chain.users.store.items() if topic == "user-sessions"]
    assert row[2][2] == "closed"


def test_unknown_is_nobody_among_the_people_of_a_team() -> None:
    """What nobody owns is counted, but it is no person."""
    chain = Chain()
    chain.send(message(prompt(T)), T)
    chain.send(message(prompt(T, session_id="other", **by("ann", "unassigned"))), T)
    chain.flush(T + 3 * MINUTE)
    people, windows = chain.team_windows()["unassigned"]
    assert people == [1, 1, 1]
    assert windows[0][c.PROMPTS] == 2


def test_the_first_who_is_named_keeps_the_session() -> None:
    """A login as somebody else in the middle moves nothing: what comes later counts for the first."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann", "red")), prompt(T, **by("bob", "blue"))), T)
    chain.flush()
    assert set(chain.stored_minutes()) == {("ann", "red", T // MINUTE)}


def test_half_a_resend_and_then_all_of_it_costs_nothing() -> None:
    """A connection that breaks in mid-body and the whole body again: each event counts once."""
    events = [prompt(T, **by("ann")) for _ in range(4)]
    whole = message(*events)
    chain = Chain()
    for sent in (message(*events[:2]), whole, whole, message(*events[:3])):
        chain.send(sent, T)
        chain.flush()
    assert chain.stored_sessions()["s"]["sums"] == {c.EVENTS: 4, c.PROMPTS: 4}


def test_an_end_event_closes_a_session_and_what_happened_before_leaves_it_closed() -> None:
    """The end overtakes the last batch: the batch counts, the session stays closed, with its evidence told again."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.send(message(event(wire.SessionEnded, T + 9 * SECOND, run=2, reason="clear")), T + 9 * SECOND)
    chain.flush()
    chain.send(message(prompt(T + 8 * SECOND, run=3)), T + 12 * SECOND)
    chain.flush()
    session = chain.stored_sessions()["s"]
    assert (session["is_open"], session["end_reason"]) == (False, "clear")
    assert session["sums"][c.PROMPTS] == 2
    (row,) = [row for (topic, _), row in chain.users.store.items() if topic == "user-sessions"]
    assert row[2][2] == "closed"
    assert row[2][7][c.PROMPTS] == 2


def test_what_happened_after_the_end_reopens_a_session() -> None:
    """Resumed under its own id, it is open again, says no reason, and closes again."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann")), event(wire.SessionEnded, T + SECOND, reason="other")), T + SECOND)
    chain.flush()
    chain.send(message(prompt(T + MINUTE, run=2)), T + MINUTE)
    chain.flush()
    session = chain.stored_sessions()["s"]
    assert (session["is_open"], session["end_reason"], session["ended_at"]) == (True, "", T + MINUTE)
    chain.flush(T + 31 * MINUTE)
    assert chain.stored_sessions()["s"]["end_reason"] == "idle"


def test_a_session_is_idle_thirty_minutes_after_its_last_sign_of_life() -> None:
    """Receipt is a sign of life too: a laptop that was away an hour sends events of an hour ago.

        10:00 prompt         11:00 received          11:30
    ──────┬────────────────────┬───────────────────────┬───▶
                               └── 30 minutes: open ───┘ idle
    """
    chain = Chain()
    late = prompt(T, received_at=T + HOUR, **by("ann"))
    chain.send(message(late), T + HOUR)
    chain.flush(T + HOUR + 30 * MINUTE - 1)
    assert chain.stored_sessions()["s"]["is_open"]
    chain.flush(T + HOUR + 30 * MINUTE)
    assert not chain.stored_sessions()["s"]["is_open"]


def test_a_phantom_session_counts_no_prompt_and_no_tool() -> None:
    """`--continue` opens a session that at once becomes another one: it has an event, and nothing that anyone did."""
    chain = Chain()
    chain.send(message(event(wire.SequenceSeen, T, first=0, last=3, count=4, **by("ann"))), T)
    chain.flush()
    assert chain.stored_sessions()["s"]["sums"] == {c.EVENTS: 1}


def test_a_worker_that_was_away_closes_no_live_session() -> None:
    """Time is the log's: after ten minutes without a worker, the next message is as old as it is.

    10:00 nobody   [ worker away, ten minutes ]   reads 10:01, Ann
    """
    chain = Chain()
    chain.send(message(prompt(T)), T)
    chain.flush(T)
    chain.flush(T)
    chain.send(message(prompt(T + MINUTE, run=2, **by("ann"))), T + MINUTE)
    chain.flush(T + 10 * MINUTE)
    assert {user for user, _, _ in chain.stored_minutes()} == {"ann"}


def test_what_comes_after_a_session_was_forgotten_is_a_segment_of_it() -> None:
    """A day after it closed it is forgotten; a late event counts in a row of its own, and rows add up.

    10:00 ── 10:30 idle ─────── a day ────────▶ forgotten ── a late event: new segment
    """
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.flush(T)
    later = T + 25 * HOUR
    chain.flush(later)
    assert chain.sessions.tables == {}
    chain.send(message(prompt(T + MINUTE, run=2, received_at=later, **by("ann"))), later)
    chain.flush()
    session = chain.stored_sessions()["s"]
    assert len(session["people"]) == 2
    assert session["sums"] == {c.EVENTS: 2, c.PROMPTS: 2}


def test_a_clock_that_is_wrong_is_replaced_by_the_receipt_and_counted() -> None:
    """Six minutes ahead, or in 1970, is no time; five minutes ahead, or three days ago, is."""
    chain = Chain()
    ahead, never = (prompt(at, received_at=T, **by("ann")) for at in (T + 6 * MINUTE, 0))
    fine, past = (prompt(at, received_at=T, **by("ann")) for at in (T + 5 * MINUTE, T - 72 * HOUR))
    chain.send(message(ahead, never, fine, past), T)
    chain.flush(T)
    minutes = {minute: sums for (_, _, minute), sums in chain.stored_minutes().items()}
    assert minutes == {
        T // MINUTE: {c.EVENTS: 2, c.PROMPTS: 2, c.CLOCK_CLAMPED: 2},
        T // MINUTE + 5: {c.EVENTS: 1, c.PROMPTS: 1},
        T // MINUTE - 72 * 60: {c.EVENTS: 1, c.PROMPTS: 1},
    }


def test_a_counter_that_is_exported_after_the_end_reopens_nothing() -> None:
    """Metrics carry the time of their export, at exit after the end: they count, and the session stays ended.

    prompt    end     lines added, exported
    ────■──────■────────■───────────────▶
    """
    chain = Chain()
    end = event(wire.SessionEnded, T + SECOND, reason="clear", via="hook")
    chain.send(message(prompt(T, **by("ann")), end), T + SECOND)
    lines = {"name": "claude_code.lines_of_code.count", "kind": "added", "value": 3}
    later = T + 10 * SECOND
    chain.send(message(event(wire.UsageReported, later, run=2, **lines)), later)
    chain.flush()
    session = chain.stored_sessions()["s"]
    assert (session["is_open"], session["end_reason"], session["ended_at"]) == (False, "clear", T + SECOND)
    assert session["sums"][c.LINES_ADDED] == 3


def test_a_hook_that_lands_just_after_the_end_reopens_nothing() -> None:
    """A hook's time is its receipt, and some run beside the client: what comes within five seconds is of before."""
    chain = Chain()
    end = event(wire.SessionEnded, T, reason="other", via="hook", **by("ann"))
    for run, (at, is_open) in enumerate([(T + 5 * SECOND, False), (T + 5 * SECOND + 1, True)]):
        chain.send(message(end), T)
        chain.send(message(event(wire.TurnEnded, at, run=run + 2, via="hook")), at)
        chain.flush()
        assert chain.stored_sessions()["s"]["is_open"] == is_open


def test_hooks_before_telemetry_count_where_telemetry_says() -> None:
    """In print mode the hook of the prompt comes first and says no entrypoint: the prompt is not interactive use."""
    chain = Chain()
    chain.send(message(prompt(T, via="hook", prompt_id="p")), T)
    chain.send(message(event(wire.SequenceSeen, T, first=0, last=1, count=1, run=2, **by("ann"))), T)
    chain.flush()
    assert c.interactive(chain.stored_sessions()["s"]["sums"], c.PROMPTS) == 1
    told = prompt(T, run=3, prompt_id="p", entrypoint="sdk-cli", **by("ann"))
    chain.send(message(told), T + 5 * SECOND)
    chain.flush()
    sums = chain.stored_sessions()["s"]["sums"]
    assert (c.interactive(sums, c.PROMPTS), c.total(sums, c.PROMPTS)) == (0, 1)
    (minute,) = chain.stored_minutes().values()
    assert (c.interactive(minute, c.PROMPTS), c.total(minute, c.PROMPTS)) == (0, 1)


def test_the_evidence_goes_with_what_is_closed() -> None:
    """An open session tells none; a closed one its sums and moments, its end, and what the client said of it."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.flush()
    answered = event(wire.ModelResponded, T + SECOND, run=2)
    told = event(wire.OutcomeReported, T + SECOND, run=2, index=1, outcome="verified_success")
    ended = event(wire.SessionEnded, T + SECOND, run=2, index=2)
    chain.send(message(answered, told, ended), T + SECOND)
    chain.flush()
    first, *_, last = [
        notice
        for output in chain.sessions.outputs
        for record in output.changes
        for notice in msgspec.msgpack.decode(record.value or b"", type=wire.UserChange).notices
    ]
    assert (first.state, first.sums, first.marks, first.ended_at, first.end_seen) == ("opened", {}, {}, 0, False)
    assert (last.state, last.ended_at, last.end_seen, last.outcome) == ("closed", T + SECOND, True, "verified_success")
    assert last.marks == {Mark.PROMPT: T, Mark.ANSWER: T + SECOND}
    assert (last.sums[c.PROMPTS], last.sums[c.RESPONSES]) == (1, 1)
