"""What telemetry, hooks and transcript tell of the same recorded run: the same figures, alone and together."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import pytest

from schemas import wire
from schemas.counters import COUNTERS, total
from sources import bodies
from sources.bodies import Edge
from sources.hooks import Hooks, run_of
from sources.messages import Message, pack
from sources.otlp.reader import Reader
from streams.metrics.sessions import Sessions
from tests.sources.support import CLAUDE_CODE, NOW, PSEUDONYMS

NUMBERS = {counter.name: counter.number for counter in COUNTERS}
TOLD_BY_ALL = ("prompts", "injected_prompts", "tool_calls", "tool_failures", "subagents", "commit_commands")
"""What telemetry with OTEL_LOG_TOOL_DETAILS, hooks and transcript can all tell. No hook tells of tokens, lines, slash
commands that the client itself carries out, calls allowed or refused by a person, or why a turn failed (StopFailure
ends it)."""

TOLD_BY_HOOKS = (*TOLD_BY_ALL, "tests_passed", "tests_failed", "compactions", "loops", "interrupts")

TOLD_BY_TELEMETRY = tuple(
    counter.name
    for counter in COUNTERS
    if counter.name not in ("events", "hook_events", "repeats", "tests_passed", "tests_failed", "commit_commands")
)
"""All that hooks and transcript may not change; the kinds of commands telemetry tells only with tool details on."""

RUNS = sorted(path.stem for path in (CLAUDE_CODE / "hooks").glob("s*.jsonl"))

ENDS = {
    "s20-interactive": {
        "8932de2d-1f18-47db-ba86-29efa4b27a21": "clear",
        "a2c59805-04af-4384-b815-9df0e7a65092": "prompt_input_exit",
    }
}
"""Reason of each session's end; in print mode it is `other`."""

PHANTOMS = {"s10-multi": {"79c712ca-0421-4404-9ec6-baefbe51400f"}}
"""Sessions of telemetry alone: --continue begins one under an id that nobody uses again, and no hook tells of it."""

UNTOLD_CALLS = {"8932de2d-1f18-47db-ba86-29efa4b27a21": 1}
"""Calls that failed before they began (in validation: an unknown tool, an Edit whose text is absent, a command that the
client refuses to run): no event in telemetry and no hook, only the transcript has them, as failures."""

Figures = dict[str, dict[str, int]]


def telemetry(run: str) -> list[Message]:
    """What the client sent."""
    reader = Reader(PSEUDONYMS)
    return [
        message
        for one in bodies.find([CLAUDE_CODE / "otlp_json" / run])[0]
        for message in bodies.messages(one, reader, [])
    ]


def payloads(run: str) -> list[bytes]:
    """The payloads of its hooks."""
    return (CLAUDE_CODE / "hooks" / f"{run}.jsonl").read_bytes().splitlines()


def hooks(lines: Sequence[bytes], at: int) -> list[Message]:
    """What hooks told, received at `at` in this order; each a message, as a receiver writes them."""
    found, name = Hooks(PSEUDONYMS), run_of(lines)
    events = [found.read(line, name, index, at) for index, line in enumerate(lines)]
    return [message for each in events for message in pack({each[0].session_id: each})]


def transcript(run: str, root: Path) -> list[Message]:
    """What it wrote down."""
    edge = Edge(PSEUDONYMS, lambda _: ("", ""))
    return [
        message
        for one in bodies.find([root / "otlp" / "claude_code" / "transcripts" / run])[0]
        for message in bodies.messages(one, Reader(PSEUDONYMS), [], edge)
    ]


def mixed(chance: random.Random, *tellers: Sequence[Message]) -> list[Message]:
    """All messages in any order that the log may have them in: each teller's own is kept."""
    waiting = [list(reversed(each)) for each in tellers]
    found = []
    while any(waiting):
        found.append(chance.choice([each for each in waiting if each]).pop())
    return found


def shuffled(chance: random.Random, lines: list[bytes]) -> list[bytes]:
    """Hooks as they may arrive: those that run beside the client overtake each other."""
    return chance.sample(lines, len(lines))


def fold(messages: Iterable[Message]) -> dict[str, wire.SessionState]:
    """The state of each session."""
    stage, now = Sessions(), 0
    stage.begin(0)
    for message in messages:
        now = max(now, message.received_at)
        stage.apply(message.value, now)
    found = {}
    for record in stage.changed(now, 1).tables:
        if record.topic == "sessions" and record.key and record.value is not None:
            key = msgspec.msgpack.decode(record.key, type=wire.SessionKey)
            assert key.session_id not in found
            found[key.session_id] = msgspec.msgpack.decode(record.value, type=wire.SessionState)
    return found


def figures(states: dict[str, wire.SessionState], names: Sequence[str]) -> Figures:
    """Both halves of each named counter, by session."""
    return {session: {name: total(state.sums, NUMBERS[name]) for name in names} for session, state in states.items()}


def without(found: Figures, sessions: Iterable[str]) -> Figures:
    """The others."""
    left_out = set(sessions)
    return {session: one for session, one in found.items() if session not in left_out}


def details(run: str) -> bool:
    """Whether the run's telemetry shows what tools are used on (OTEL_LOG_TOOL_DETAILS=1)."""
    return b'\\"full_command\\"' in b"".join(
        path.read_bytes() for path in (CLAUDE_CODE / "otlp_json" / run).glob("*logs.json")
    )


@pytest.mark.parametrize("run", RUNS)
def test_hooks_tell_what_telemetry_tells(run: str) -> None:
    """Prompts, calls and failures of every session; kinds of commands where telemetry shows commands."""
    sent = telemetry(run)
    names = [name for name in TOLD_BY_ALL if name != "commit_commands" or details(run)]
    expected = without(figures(fold(sent), names), PHANTOMS.get(run, ()))
    assert figures(fold(hooks(payloads(run), sent[-1].received_at)), names) == expected


@pytest.mark.parametrize("run", RUNS)
def test_hooks_alone_tell_the_end(run: str) -> None:
    """With its reason; of telemetry every session is open still."""
    sent = telemetry(run)
    assert all(state.is_open for state in fold(sent).values())
    for session, state in fold(hooks(payloads(run), sent[-1].received_at)).items():
        assert (state.is_open, state.end_reason) == (False, ENDS.get(run, {}).get(session, "other"))


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("seed", range(3))
def test_together_nothing_counts_twice(run: str, seed: int) -> None:
    """Hooks before, among or after telemetry, in any order: telemetry's figures, what only hooks tell, and the end."""
    sent = telemetry(run)
    last = max(message.received_at for message in sent)
    chance = random.Random(seed)
    told = hooks(shuffled(chance, payloads(run)), last)
    states = fold(mixed(chance, sent, told))
    assert figures(states, TOLD_BY_TELEMETRY) == figures(fold(sent), TOLD_BY_TELEMETRY)
    assert without(figures(states, TOLD_BY_HOOKS), PHANTOMS.get(run, ())) == figures(fold(told), TOLD_BY_HOOKS)
    for session in fold(told):
        assert states[session].end_reason == ENDS.get(run, {}).get(session, "other")
        assert total(states[session].sums, NUMBERS["hook_events"]) > 0


@pytest.mark.parametrize("run", ["s02-edit", "s03-commit", "s10-multi", "s20-interactive"])
def test_the_transcript_tells_what_hooks_tell(run: str, shared: Path) -> None:
    """But for the calls that fail before they begin, of which only the transcript knows."""
    told = transcript(run, shared / "data")
    expected = figures(fold(hooks(payloads(run), told[-1].received_at)), TOLD_BY_ALL)
    for session, calls in UNTOLD_CALLS.items():
        if session in expected:
            expected[session]["tool_calls"] += calls
            expected[session]["tool_failures"] += calls
    assert figures(fold(told), TOLD_BY_ALL) == expected


@pytest.mark.parametrize("run", ["s02-edit", "s03-commit", "s10-multi"])
@pytest.mark.parametrize("seed", range(3))
def test_all_three_together_count_once(run: str, seed: int, shared: Path) -> None:
    """In any order, the figures of each alone."""
    sent = telemetry(run)
    last = max(message.received_at for message in sent)
    chance = random.Random(seed)
    told = hooks(shuffled(chance, payloads(run)), last)
    states = fold(mixed(chance, sent, told, transcript(run, shared / "data")))
    expected = figures(fold(told), TOLD_BY_ALL)
    assert without(figures(states, TOLD_BY_ALL), PHANTOMS.get(run, ())) == expected


def test_a_failed_call_of_managed_hooks_counts_once() -> None:
    """It comes as PostToolUseFailure and as PostToolUse, in either order, beside telemetry or not."""
    lines = (CLAUDE_CODE / "hooks" / "each-kind-2.1.331.jsonl").read_bytes().splitlines()
    failed = [line for line in lines if b"Exit code 1" in line]
    assert len(failed) == 2
    for order in (failed, failed[::-1]):
        (one,) = figures(fold(hooks(order, NOW)), ("tool_calls", "tool_failures", "repeats")).values()
        assert one == {"tool_calls": 1, "tool_failures": 1, "repeats": 1}


def test_a_compaction_counts_once() -> None:
    """PreCompact, the subagent that nobody started, SessionStart and PostCompact of one /compact."""
    lines = (CLAUDE_CODE / "hooks" / "each-kind-2.1.331.jsonl").read_bytes().splitlines()
    told = hooks([line for line in lines if b"6ec04108" in line], NOW)
    (one,) = figures(fold(told), ("compactions", "subagents")).values()
    assert one == {"compactions": 1, "subagents": 0}
