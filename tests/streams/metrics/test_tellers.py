"""Properties of the sessions stage alone: who tells, in which messages, and where it is killed make no difference."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import counters as c
from schemas import wire
from schemas.codec import read_events, write_events
from streams.metrics.sessions import Sessions
from tests.examples import share
from tests.streams.metrics.events import MINUTE, SECOND, T, event
from tests.streams.metrics.logs import Writer

Told = dict[str, Any]

bounded = settings(max_examples=share(150), derandomize=True, database=None)
SESSION: dict[str, Any] = {"entrypoint": "cli", "user_id": "ann", "user_id_kind": "email", "team_hint": "red"}


def figures(stage: Sessions, version: int = 1) -> Told:
    """What is stored of each session, and what was told of people by minute."""
    output = stage.changed(T + MINUTE, version)
    minutes: dict[int, c.Sums] = {}
    for record in output.changes:
        for panes in msgspec.msgpack.decode(record.value or b"", type=wire.UserChange).panes.values():
            for minute, sums in panes.items():
                c.add(minutes.setdefault(minute, {}), sums)
    states = {
        record.key: msgspec.msgpack.decode(record.value or b"", type=wire.SessionState) for record in output.tables
    }
    kept = {key: (state.sums, state.marks, state.failing, state.turns, state.ended_at) for key, state in states.items()}
    return {"sessions": kept, "minutes": {minute: sums for minute, sums in minutes.items() if sums}}


def thing(kind: str, number: int, well: bool) -> tuple[type[wire.Envelope], Told]:
    """One thing that happened, by its natural id."""
    prompt = {"prompt_id": f"p{number % 3}"}
    if kind == "prompt":
        return wire.PromptSubmitted, prompt
    if kind == "stop":
        return wire.TurnInterrupted, prompt
    if kind == "decision":
        refused = {"decision": "accept" if well else "reject", "decision_source": "user_reject"}
        return wire.ToolDecided, prompt | refused | {"tool_use_id": f"t{number}"}
    if kind == "call":
        ran = {
            "success": well,
            "command_kind": "test",
            "target": "0a1b2c3d",
            "tool_name": "Bash",
            "duration_ms": number,
        }
        return wire.ToolFinished, prompt | ran | {"tool_use_id": f"t{number}"}
    return wire.ModelResponded, prompt | {"request_id": f"r{number}", "output_tokens": number}


THINGS = st.lists(
    st.tuples(
        st.sampled_from(["prompt", "stop", "decision", "call", "answer"]), st.integers(0, 9), st.integers(0, 3 * MINUTE)
    ),
    max_size=15,
    unique_by=lambda one: (one[0], one[1] % 3 if one[0] in ("prompt", "stop") else one[1]),
)


@bounded
@given(THINGS, st.randoms(use_true_random=False))
def test_two_tellers_in_any_order_count_once(things: list[Any], pick: Any) -> None:
    """Each thing told by telemetry and by a hook counts as if one had told it, in the same minutes."""
    alone, both = Sessions(), Sessions()
    told = []
    for run, (kind, number, offset) in enumerate(things):
        of, fields = thing(kind, number, number % 2 == 0)
        sent = [event(of, T + offset, **SESSION, **fields, run=2 * run + i, via=("", "hook")[i]) for i in (0, 1)]
        alone.apply(write_events(sent[:1]), T)
        told += sent
    pick.shuffle(told)
    for one in told:
        both.apply(write_events([one]), T)
    expected, found = figures(alone), figures(both)
    for sums in (*(one[0] for one in found["sessions"].values()), *found["minutes"].values()):
        repeats, hooks = sums.pop(c.REPEATS), sums.pop(c.HOOK_EVENTS)
        assert repeats == hooks
        c.take(sums, {c.EVENTS: hooks})
    _without_places(expected)
    _without_places(found)
    assert found == expected


def _without_places(told: Told) -> None:
    """The third failure and the first stop count in the minute of whoever told it, not in one of their own."""
    for sums in told["minutes"].values():
        for number in (c.LOOPS, c.INTERRUPTS):
            sums.pop(number, None)


@bounded
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_how_events_are_cut_into_messages_makes_no_difference(seed: int, length: int) -> None:
    """Every event in a message of its own counts what whole messages count, all received at one moment."""
    whole, apart = Sessions(), Sessions()
    for _, message in Writer(seed).log(length):
        whole.apply(message, T)
        for one in read_events(message):
            apart.apply(write_events([one]), T)
    assert figures(apart) == figures(whole)


@bounded
@given(st.integers(0, 2**32), st.integers(2, 40), st.integers(0, 40))
def test_a_log_and_what_follows_it_count_as_one_log(seed: int, length: int, cut: int) -> None:
    """Folded to any message, stored, restored elsewhere and folded on: as folded at once."""
    log = [message for _, message in Writer(seed).log(length)]
    whole, first, second = Sessions(), Sessions(), Sessions()
    for message in log:
        whole.apply(message, T)
    for message in log[:cut]:
        first.apply(message, T)
    output = first.changed(T, 1)
    for record in output.tables:
        second.restore(record.topic, record.key, record.value or b"")
    for message in log[cut:]:
        second.apply(message, T)
    found, expected = figures(second, 2)["sessions"], figures(whole)["sessions"]
    stored = {record.key: record.value for record in output.tables}
    untouched = expected.keys() - found.keys()
    assert untouched <= stored.keys()
    assert {key: expected[key] for key in found} == found


def test_ten_seconds_of_a_real_run_are_one_turn() -> None:
    """A prompt by hook, its calls by telemetry, its end by hook: one turn from first to last."""
    stage = Sessions()
    told = [
        event(wire.PromptSubmitted, T, prompt_id="p", via="hook", run=1),
        event(wire.ToolFinished, T + 4 * SECOND, prompt_id="p", tool_use_id="t", run=2, **SESSION),
        event(wire.ToolFinished, T + 4 * SECOND, prompt_id="p", tool_use_id="t", run=3, via="hook"),
        event(wire.TurnEnded, T + 10 * SECOND, prompt_id="p", run=4, via="hook"),
    ]
    for one in told:
        stage.apply(write_events([one]), T)
    ((sums, *_),) = figures(stage)["sessions"].values()
    assert (sums[c.TURNS], sums[c.TURN_DURATIONS + c.bucket(10 * SECOND)], sums[c.LOG_ACTIONS]) == (1, 1, 1000)
