"""The sessions stage: what its record says, what it remembers, what it refuses."""

import random
from typing import Any

import msgspec
import pytest

from schemas import counters as c
from schemas import wire
from schemas.codec import InvalidEvent
from streams.metrics.runs import ENTRY_BYTES, RUNS, Runs, name_of
from streams.metrics.sessions import Sessions
from streams.metrics.stage import Counted
from tests.streams.metrics.events import HOUR, MINUTE, T, by, event, message, prompt


def state_of(stage: Sessions, now: int = T) -> wire.SessionState:
    """Flushes; the one session that changed."""
    (record,) = stage.changed(now, 1).tables
    return msgspec.msgpack.decode(record.value or b"", type=wire.SessionState)


@pytest.mark.parametrize("seed", range(5))
def test_attributes_do_not_depend_on_the_order(seed: int) -> None:
    """The highest version by numbers, the last entrypoint by name, the client rather than its transcript."""
    said: list[dict[str, Any]] = [
        {"client_version": "2.1.44", "entrypoint": "cli", "source": "transcript", "install_id": "u_1"},
        {"client_version": "2.1.331", "entrypoint": "sdk-cli", "source": "claude-code"},
        {"client_version": "", "entrypoint": "claude-vscode", "source": "claude-code"},
    ]
    random.Random(seed).shuffle(said)
    stage = Sessions()
    for run, fields in enumerate(said):
        stage.apply(message(prompt(T, run=run, **by("ann"), **fields)), T)
    state = state_of(stage)
    assert (state.client_version, state.entrypoint, state.source) == ("2.1.331", "sdk-cli", "claude-code")
    assert (state.install_id, state.user_id, state.user_id_kind, state.team_hint) == ("u_1", "ann", "email", "red")


def test_the_events_of_its_messages_are_counted_for_who_asks() -> None:
    """Resends too: they were read. A message that is refused counts nothing."""
    stage = Sessions()
    for _ in range(2):
        stage.apply(message(prompt(T, run=1, **by("ann")), prompt(T, run=1, index=1, **by("ann"))), T)
    with pytest.raises(InvalidEvent):
        stage.apply(b"{", T)
    assert isinstance(stage, Counted)
    assert stage.events == 4


def test_without_a_hint_the_team_is_unassigned() -> None:
    """Shown, never dropped; the hint of another event of the session does not count."""
    stage = Sessions()
    stage.apply(message(prompt(T, **by("ann", "")), prompt(T, **by("ann", "red"))), T)
    assert state_of(stage).team_hint == "unassigned"


def test_use_without_a_person_at_a_terminal_is_the_other_half() -> None:
    """Print mode counts beside, in one session and minute; what says nothing is as the rest of its session."""
    stage = Sessions()
    stage.apply(message(prompt(T, entrypoint="cli"), prompt(T, entrypoint="sdk-cli"), prompt(T)), T)
    sums = state_of(stage).sums
    assert (c.interactive(sums, c.PROMPTS), c.total(sums, c.PROMPTS)) == (1, 3)


@pytest.mark.parametrize("flushes", [False, True])
@pytest.mark.parametrize(("after", "interactive"), [((1,), 0), ((3,), 1), ((1, 3), 0), ((3, 4), 1)])
def test_what_says_nothing_is_of_the_other_half_if_a_young_session_says_so(
    after: tuple[int, ...], interactive: int, flushes: bool
) -> None:
    """For two minutes; then it has counted as interactive for good, whenever it was flushed."""
    stage = Sessions()
    stage.apply(message(prompt(T, **by("ann"))), T)
    for minutes in after:
        now = T + minutes * MINUTE
        if flushes:
            stage.changed(now, 1)
        stage.apply(message(prompt(T, run=10 + minutes, entrypoint="sdk-cli", received_at=now)), now)
    sums = state_of(stage, now).sums
    assert (c.interactive(sums, c.PROMPTS), c.total(sums, c.PROMPTS)) == (interactive, 1 + len(after))


def test_a_turn_is_a_prompt_that_got_something_back() -> None:
    """Once a prompt, in the minute of the first event that shows it, whatever comes later."""
    stage = Sessions()
    later = T + MINUTE
    stage.apply(message(prompt(T, prompt_id="p"), event(wire.ModelResponded, T, prompt_id="p", **by("ann"))), T)
    stage.apply(
        message(*(event(wire.ToolFinished, later, run=2, prompt_id=p) for p in ("p", "q", "p", "q", ""))), later
    )
    output = stage.changed(later, 1)
    change = msgspec.msgpack.decode(output.changes[0].value or b"", type=wire.UserChange)
    assert {minute: sums[c.TURNS] for minute, sums in change.panes["red"].items()} == {
        T // MINUTE: 1,
        T // MINUTE + 1: 1,
    }


def test_it_remembers_the_last_runs_that_brought_something() -> None:
    """The run before the last 64 is forgotten; one that goes on is kept, as a long transcript must be."""
    stage = Sessions()
    for run in range(RUNS):
        stage.apply(message(prompt(T, run=run, **by("ann"))), T)
    stage.apply(message(prompt(T, run=0, index=1)), T)
    stage.apply(message(prompt(T, run=1000)), T)
    heard = Runs(state_of(stage).heard)
    assert len(heard.packed()) == RUNS * ENTRY_BYTES
    assert [heard.highest(name_of(f"{run:016x}")) for run in (0, 1, 2, 1000)] == [1, -1, 0, 0]


def test_runs_that_take_turns_in_one_message_each_keep_their_place() -> None:
    """Half a resend of one beside news of another."""
    stage = Sessions()
    stage.apply(message(prompt(T, run=1, **by("ann"))), T)
    mixed = [prompt(T, run=1), prompt(T, run=2), prompt(T, run=1, index=5), prompt(T, run=2, index=5)]
    stage.apply(message(*mixed), T)
    stage.apply(message(*mixed), T)
    state = state_of(stage)
    assert state.sums == {c.EVENTS: 4, c.PROMPTS: 4}
    heard = Runs(state.heard)
    assert [heard.highest(name_of(f"{run:016x}")) for run in (1, 2)] == [5, 5]


def test_a_state_of_the_first_definitions_is_read() -> None:
    """What it had counted of runs and cumulative counters stays counted."""
    name = {"name": "claude_code.active_time.total", "kind": "cli", "series": "x", "temporality": "cumulative"}
    old = wire.SessionState(
        1, 1, "claude-code", user_id="ann", team_hint="red", is_open=True, started_at=T, ended_at=T, seen_at=T,
        sums={c.EVENTS: 1}, runs={f"{1:016x}": 3}, series={f"x@{T}": 40}, turns={7: []},
    )  # fmt: skip
    stage = Sessions()
    stage.restore("sessions", msgspec.msgpack.encode(("s", T)), msgspec.msgpack.encode(old))
    stage.apply(
        message(prompt(T, run=1, index=3), event(wire.UsageReported, T, index=4, **name, value=50, started_at=T)), T
    )
    state = state_of(stage)
    assert state.sums == {c.EVENTS: 2, c.ACTIVE_CLI_MS: 10}
    assert (state.runs, list(state.series.values())) == ({}, [50])


@pytest.mark.parametrize(
    "bad",
    [b"", b"{}", b"not json", b"\xff\xfe", b"[]", message(prompt(T)) + b"\n" + message(prompt(T, session_id="t"))],
)
def test_what_cannot_be_read_changes_nothing(bad: bytes) -> None:
    """Whole or not at all: an unreadable message leaves no trace."""
    stage = Sessions()
    with pytest.raises(InvalidEvent):
        stage.apply(bad, T)
    assert stage.changed(T, 1) == ([], [])
    assert stage.sizes() == {"sessions": 0}


def test_a_resend_writes_nothing() -> None:
    """A message that was counted costs no record."""
    stage = Sessions()
    sent = message(prompt(T, **by("ann")))
    stage.apply(sent, T)
    assert len(stage.changed(T, 1).tables) == 1
    stage.apply(sent, T)
    assert stage.changed(T, 2) == ([], [])


def test_a_session_is_written_a_last_time_before_it_is_forgotten() -> None:
    """When a flush was long in coming: the closed state first, then null, in one transaction."""
    stage = Sessions()
    stage.apply(message(prompt(T, **by("ann"))), T)
    records = stage.changed(T + 48 * HOUR, 1).tables
    assert [record.value is None for record in records] == [False, True]
    assert records[0].key == records[1].key
    state = msgspec.msgpack.decode(records[0].value or b"", type=wire.SessionState)
    assert (state.is_open, state.end_reason, state.closed_at) == (False, "idle", T + 30 * MINUTE)


@pytest.mark.parametrize("first", ["clear", "other"])
def test_of_two_ends_at_one_moment_the_reason_is_the_same_in_any_order(first: str) -> None:
    """The later in the alphabet; two clients' hooks may come in any order."""
    stage = Sessions()
    for run, reason in enumerate((first, "other" if first == "clear" else "clear")):
        stage.apply(message(event(wire.SessionEnded, T, run=run, reason=reason, **by("ann"))), T)
    assert state_of(stage).end_reason == "other"


def test_an_end_event_renames_the_reason_of_a_session_that_was_idle() -> None:
    """The person comes back after an hour only to leave: it ended then, as the client says."""
    stage = Sessions()
    stage.apply(message(prompt(T, **by("ann"))), T)
    later = T + HOUR
    stage.apply(message(event(wire.SessionEnded, later, run=2, reason="logout")), later)
    state = state_of(stage, later)
    assert (state.is_open, state.end_reason, state.ended_at, state.closed_at) == (False, "logout", later, later)


def test_a_late_batch_leaves_a_closed_session_closed_when_it_was() -> None:
    """The moment of closing, from which a verdict counts its minutes, is the end's, not the late batch's."""
    stage = Sessions()
    stage.apply(message(event(wire.SessionEnded, T, **by("ann"))), T)
    stage.apply(message(prompt(T - 1, run=2, received_at=T + MINUTE)), T + MINUTE)
    output = stage.changed(T + MINUTE, 1)
    state = msgspec.msgpack.decode(output.tables[0].value or b"", type=wire.SessionState)
    assert (state.is_open, state.closed_at, state.seen_at) == (False, T, T + MINUTE)
    change = msgspec.msgpack.decode(output.changes[0].value or b"", type=wire.UserChange)
    assert [(notice.state, notice.at) for notice in change.notices] == [("opened", T), ("closed", T), ("closed", T)]
