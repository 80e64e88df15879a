"""What was simulated, counted without rendering it. Rule: counters as schemas.counters names them, both halves in one.

Told is what the requests of a slice say; lost is what killed clients had not sent. Some things leave no telemetry at
all: failures in validation, interruptions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2

from schemas import counters
from schemas.counters import Sums, add
from schemas.evidence import LOOP_FAILURES, PERSON_REFUSED
from sources.simulator.batches import Delivery
from sources.simulator.happenings import (
    Answer,
    ApiFailure,
    Compacted,
    Decision,
    Exhausted,
    Happening,
    ModeChange,
    Prompt,
    Result,
    Said,
    SubagentDone,
    Unknown,
)
from sources.simulator.plan import Plan
from sources.simulator.simulation import Simulation
from sources.simulator.worked_on import COMMIT, TESTS_OF

_KINDS = ("type", "decision")


@dataclass
class SessionTruth:
    """One session id: who, in which team, from which plan, and the sums."""

    plan: Plan
    whole: bool
    """Whether its plan began within the slice: else cumulative counters and turns hold what came before, too."""
    told: Sums = field(default_factory=dict)
    lost: Sums = field(default_factory=dict)
    unseen: Counter[str] = field(default_factory=Counter)
    turns: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    """Tool calls by prompt, of what was told."""
    failing: Counter[str] = field(default_factory=Counter)
    """Failures by what they were on, where the client shows it."""

    @property
    def team(self) -> str:
        """The team as the client says it."""
        return self.plan.person.team_hint


@dataclass
class Truth:
    """A slice of a simulation: by session id, and added up."""

    sessions: dict[str, SessionTruth] = field(default_factory=dict)

    def total(self) -> Sums:
        """All that was told."""
        return _total(session.told for session in self.sessions.values())

    def lost(self) -> Sums:
        """All that killed clients did not tell."""
        return _total(session.lost for session in self.sessions.values())

    def teams(self) -> Mapping[str, Sums]:
        """What was told, by team as clients say it ("" for none)."""
        found: dict[str, Sums] = {}
        for session in self.sessions.values():
            add(found.setdefault(session.team, {}), session.told)
        return found


def truth(simulation: Simulation, start_ms: int, end_ms: int) -> Truth:
    """Counts what is sent for the first time in [start_ms, end_ms), or would have been had a client lived."""
    found = Truth()
    for _, sending, delivery in simulation.deliveries(start_ms, end_ms):
        if sending != "again":
            _count(found, delivery, start_ms)
    for session in found.sessions.values():
        actions = sum(round(1000 * log2(1 + session.calls[turn])) for turn in session.turns)
        loops = sum(failures >= LOOP_FAILURES for failures in session.failing.values())
        add(session.told, {counters.LOG_ACTIONS: actions, counters.LOOPS: loops})
    return found


def _count(found: Truth, delivery: Delivery, start_ms: int) -> None:
    for _, happening in delivery.records:
        session = _session(found, delivery, happening.session, start_ms)
        add(session.lost if delivery.lost else session.told, _sums(happening))
        if isinstance(happening, Result):
            shown = _shown(happening, delivery.plan)
            add(session.lost if delivery.lost else session.told, shown)
            if not delivery.lost:
                session.calls[happening.prompt] += 1
                on = happening.path or happening.command
                if on and delivery.person.details and not happening.success:
                    session.failing[on] += 1
        turn = isinstance(happening, Answer | Result | ApiFailure) and happening.prompt
        if turn and not delivery.lost and turn not in session.turns:
            session.turns.add(turn)
            add(session.told, {counters.TURNS: 1})
    for point in delivery.points:
        session = _session(found, delivery, point.session, start_ms)
        own = dict(point.attributes)
        kind = next((own[key] for key in _KINDS if key in own), "")
        number = counters.USAGE.get((f"claude_code.{point.metric}", kind))
        if number is not None and point.rise:
            add(session.lost if delivery.lost else session.told, {number: point.rise})
    for unseen in delivery.unseen:
        _session(found, delivery, unseen.session, start_ms).unseen[unseen.what] += 1


def _session(found: Truth, delivery: Delivery, session_id: str, start_ms: int) -> SessionTruth:
    session = found.sessions.get(session_id)
    if session is None:
        whole = delivery.plan.at >= start_ms
        session = found.sessions[session_id] = SessionTruth(delivery.plan, whole)
    return session


def _sums(it: Happening) -> Sums:
    if isinstance(it, Answer):
        return {
            counters.RESPONSES: 1,
            counters.INPUT_TOKENS: it.tokens_in,
            counters.OUTPUT_TOKENS: it.tokens_out,
            counters.CACHE_READ_TOKENS: it.cache_read,
            counters.CACHE_CREATION_TOKENS: it.cache_written,
            counters.COST_MICROS: it.cost_micros,
            counters.MODEL_MS: it.duration_ms,
        }
    if isinstance(it, Result):
        sums = {counters.TOOL_CALLS: 1, counters.TOOL_MS: it.duration_ms}
        return sums if it.success else sums | {counters.TOOL_FAILURES: 1}
    if isinstance(it, Decision):
        if it.accepted:
            return {counters.TOOL_ACCEPTS: 1}
        return {counters.TOOL_REJECTIONS: 1} | ({counters.USER_REJECTIONS: 1} if it.source in PERSON_REFUSED else {})
    if isinstance(it, Prompt):
        if it.command:
            return {counters.SLASH_COMMANDS: 1}
        return {counters.INJECTED_PROMPTS if it.injected else counters.PROMPTS: 1}
    if isinstance(it, Said):
        return {counters.RESPONSE_CHARS: it.length}
    one = _ONES.get(type(it))
    return {} if one is None else {one: 1}


def _shown(it: Result, plan: Plan) -> Sums:
    """What only who shows commands tells."""
    if not plan.person.details:
        return {}
    if it.command == COMMIT:
        return {counters.COMMIT_COMMANDS: 1} if it.success else {}
    if it.command in TESTS_OF.values():
        return {counters.TESTS_PASSED if it.success else counters.TESTS_FAILED: 1}
    return {}


_ONES: dict[type[Happening], int] = {
    ApiFailure: counters.API_FAILURES,
    Exhausted: counters.API_RETRIES_EXHAUSTED,
    Compacted: counters.COMPACTIONS,
    SubagentDone: counters.SUBAGENTS,
    ModeChange: counters.MODE_CHANGES,
    Unknown: counters.UNRECOGNISED,
}


def _total(parts: Iterable[Sums]) -> Sums:
    found: Sums = {}
    for part in parts:
        add(found, part)
    return found
