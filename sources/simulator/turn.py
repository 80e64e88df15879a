"""One turn of a session: the prompt, the model's answers, its tool calls, its end. Rule: no clock but the plan's."""

from random import Random

from sources.simulator import figures
from sources.simulator.figures import Tool, lognormal
from sources.simulator.happenings import (
    Answer,
    ApiFailure,
    Compacted,
    Counted,
    Decision,
    Exhausted,
    Happening,
    Noise,
    Prompt,
    Result,
    Said,
    SubagentDone,
    Unseen,
)
from sources.simulator.organisation import uuid
from sources.simulator.plan import Plan, Turn
from sources.simulator.rates import Rates
from sources.simulator.worked_on import COMMIT, On, WorkedOn

_CONTEXT_AT_START, _CONTEXT_FULL, _CONTEXT_AFTER = 32_000, 190_000, 40_000
_CACHE_LIVES_MS = 20 * figures.MINUTE
_GROWTH, _OUTPUT, _SAID, _RESULT = (6.9, 1.1), (4.75, 1.0), (6.2, 1.0), (6.5, 1.2)
_EDIT_ADDED, _EDIT_REMOVED, _WRITE_ADDED = (2.0, 1.4), (1.4, 1.4), (3.2, 1.0)
_ASKED_FOR = frozenset({"Bash", "Edit", "Write", "WebFetch", "mcp_tool", "ExitPlanMode"})
_EDITS = frozenset({"Edit", "Write"})
_SHELL = figures.TOOLS[0]
_AGENT_SOURCE = "agent:builtin:Explore"
NOTICE_LENGTH = 714


class Place:
    """Where a session stands between its happenings: ids, mode, context of the model."""

    def __init__(self, plan: Plan, rates: Rates, random: Random, session: str) -> None:
        self.plan, self.rates, self.random = plan, rates, random
        self.session = session
        self.mode = "acceptEdits" if plan.printed else plan.person.mode
        self.source = "sdk" if plan.printed else "repl_main_thread"
        self.context, self.asked_at = _CONTEXT_AT_START, 0
        self.quiet_since = plan.at
        self.worked_on = WorkedOn(plan.seed, plan.person.language)

    def clear(self, session: str) -> None:
        """A new conversation under a new id."""
        self.session, self.context, self.asked_at = session, _CONTEXT_AT_START, 0

    def identifier(self, prefix: str) -> str:
        """An id as the model API makes them."""
        return f"{prefix}{self.random.getrandbits(96):024x}"


def play_turn(place: Place, turn: Turn, number: int, prompt: str, out: list[Happening]) -> None:
    """Adds what happens in one turn to out, not sorted."""
    _Turn(place, turn, number, prompt, out).play()


class _Turn:
    def __init__(self, place: Place, turn: Turn, number: int, prompt: str, out: list[Happening]) -> None:
        self._place, self._turn, self._prompt, self._out = place, turn, prompt, out
        self._random, self._session = place.random, place.session
        plan = place.plan
        self._last = number == len(plan.turns) - 1
        self._trouble = number == plan.trouble
        self._gives_up = self._trouble and plan.abandoned  # its last word: the tests fail once more
        self._notices: list[int] = []
        chance = self._random.random()
        self._commits = plan.verified and chance < (place.rates.committed if self._last else 0.4)

    def play(self) -> None:
        place, turn, random = self._place, self._turn, self._random
        u, rates = random.random, place.rates
        length = lognormal(random, figures.PROMPT_LENGTH)
        self._out.append(Prompt(turn.at, self._session, self._prompt, length))
        if not place.plan.printed:
            self._count(turn.at, "active_time.total", (("type", "user"),), 600 + min(40 * length, 60_000))
        self._hook(turn.at, "UserPromptSubmit")
        interrupted = u() < rates.interrupted and not (place.plan.printed or self._commits or self._gives_up)
        stop = int(u() * (turn.actions + 1)) if interrupted else -1
        while_tool = u() < 0.5
        if interrupted:
            self._out.append(Unseen(turn.at, self._session, self._prompt, "interrupt"))
        calls = self._draw_calls(turn.actions)
        longest = _cut(sorted(latency for _, latency in calls), 0.8 * turn.duration_ms)
        calls = [(tool, min(latency, longest)) for tool, latency in calls]
        spent = sum(latency for _, latency in calls)
        thinking = max((turn.duration_ms - spent - 100) / (len(calls) + 1), 50.0)
        at, request = float(turn.at + 40), ""
        for step, (tool, latency) in enumerate(calls):
            if step == stop and not while_tool:
                break
            if not request or u() >= rates.parallel:
                asking, at = thinking, at + thinking
                request = self._ask(int(at), int(asking), said=u() < 0.3, final=False)
                if not request:
                    self._end(at)
                    return
            else:
                at += thinking / 2
            goes_on = self._call(int(at), tool, latency, request, step == stop, step == len(calls) - 1)
            at += latency
            if not goes_on:
                self._end(at)
                return
        if self._gives_up:
            self._end(at)
            return
        at += thinking
        if interrupted and not (while_tool and calls and stop < len(calls)):
            self._answer(int(at), int(thinking), place.source, "", seen=False)
        elif self._ask(int(at), int(thinking), said=True, final=True):
            if self._commits:
                self._commit(int(at))
            for notice in self._notices:
                self._notice(notice, int(at))
        self._end(at)

    def _draw_calls(self, count: int) -> list[tuple[Tool, int]]:
        random, row = self._random, 0
        calls: list[tuple[Tool, int]] = []
        for _ in range(count):
            tool, row = figures.next_tool(random, row)
            if self._place.plan.abandoned and tool.name in _EDITS:
                tool = figures.TOOLS[1]
            if self._gives_up and len(calls) == count - 1:
                tool = _SHELL
            calls.append((tool, figures.latency_ms(random, tool)))
        return calls

    def _ask(self, at: int, asking: int, said: bool, final: bool) -> str:
        """One model request of the main thread: its id, or nothing when it failed for good."""
        place, u = self._place, self._random.random
        rates = place.rates
        if place.context > _CONTEXT_FULL:
            self._compact(at - asking // 2)
        if u() < (rates.api_failed_in_trouble if self._trouble else rates.api_failed):
            self._fail(at, asking)
            return ""
        request = self._answer(at, asking, place.source, "", seen=True)
        if said:
            length = lognormal(self._random, _SAID) if final else lognormal(self._random, _SAID) // 4
            said_at = Said(at, self._session, self._prompt, place.plan.person.model, request, length, place.source, "")
            self._out.append(said_at)
        return request

    def _fail(self, at: int, asking: int) -> None:
        place, model = self._place, self._place.plan.person.model
        retried = self._random.random() < place.rates.retries_exhausted
        request, status, attempts = ("", 0, 11) if retried else (place.identifier("req_"), 400, 1)
        failure = ApiFailure(
            at, self._session, self._prompt, model, request, status, attempts, asking, place.source
        )  # fmt: skip
        self._out.append(failure)
        if retried:
            self._out.append(Exhausted(at, self._session, self._prompt, model, attempts, 4 * asking, place.source))

    def _answer(self, at: int, asking: int, source: str, agent: str, seen: bool, context: int = 0) -> str:
        place, random = self._place, self._random
        model = place.plan.person.model
        request = place.identifier("req_")
        written = lognormal(random, _GROWTH)
        if agent:
            read = context
        else:
            read, place.context = place.context, place.context + written
            if at - place.asked_at > _CACHE_LIVES_MS:
                read, written = 0, place.context
            place.asked_at = at
        tokens_in, tokens_out = 3 + int(random.random() * 8), lognormal(random, _OUTPUT)
        cost = figures.cost_micros(model, tokens_in, tokens_out, written, read)
        ttft = min(asking, 400 + int(random.random() * 1_600))
        answer = Answer(
            at, self._session, self._prompt, model, request, asking, ttft, tokens_in, tokens_out, read, written, cost,
            source, agent, seen,
        )  # fmt: skip
        self._out.append(answer)
        return request

    def _call(self, at: int, tool: Tool, latency: int, request: str, interrupted: bool, last: bool) -> bool:
        """One tool call; whether the turn goes on after it."""
        place, u = self._place, self._random.random
        plan, name = place.plan, tool.name
        use = place.identifier("toolu_")
        asked = not plan.printed and name in _ASKED_FOR and place.mode in ("default", "plan") and u() < 0.5
        gives_up = self._gives_up and last
        if u() < tool.rejected and not self._gives_up:
            source = "config" if plan.printed else "user_reject"
            self._decide(at + latency, name, use, False, source, request)
            return self._commits or u() < 0.5
        chance = tool.failed * (figures.ERRORS_IN_TROUBLE if self._trouble else figures.ERRORS_ELSE)
        failed = interrupted or u() < chance or (self._trouble and last and u() < 0.6) or gives_up
        if failed and not interrupted and u() < place.rates.unseen_failure and not gives_up:
            self._out.append(Unseen(at, self._session, self._prompt, "failure"))
            return True
        self._hook(at, "PreToolUse")
        source = "user_temporary" if asked else "config"
        self._decide(at + 5, name, use, True, source, request)
        if name == "Agent":
            self._subagent(at + 10, latency, self._random.random() < place.rates.background)
        on = place.worked_on.of(name, failed and self._trouble)
        if gives_up:
            on = place.worked_on.tests()
        self._finish(at + latency, name, use, not failed, latency, source if asked else "", request, "", on)
        self._hook(at + latency, "PostToolUseFailure" if failed else "PostToolUse")
        if name in _EDITS and not failed:
            self._edit(at + latency, name)
        return not interrupted

    def _decide(self, at: int, tool: str, use: str, accepted: bool, source: str, request: str, agent: str = "") -> None:
        mode = self._place.mode
        self._out.append(Decision(at, self._session, self._prompt, tool, use, accepted, source, mode, request, agent))
        if tool in _EDITS:
            decided = (
                ("decision", "accept" if accepted else "reject"),
                ("source", source),
                ("tool_name", tool),
                ("language", self._place.plan.person.language),
            )
            self._count(at, "code_edit_tool.decision", decided, 1)

    def _finish(
        self, at: int, tool: str, use: str, success: bool, latency: int, source: str, request: str, agent: str, on: On
    ) -> None:  # fmt: skip
        error = "" if success else ("ShellError" if tool == "Bash" else "TelemetrySafeError")
        size_in = 40 + int(self._random.random() * 200)
        size_out = lognormal(self._random, _RESULT) if success else 0
        result = Result(
            at, self._session, self._prompt, tool, use, success, latency, error, size_in, size_out, source, request,
            agent, on.command == COMMIT, on.path, on.command,
        )  # fmt: skip
        self._out.append(result)

    def _edit(self, at: int, tool: str) -> None:
        random, model = self._random, self._place.plan.person.model
        added = lognormal(random, _EDIT_ADDED if tool == "Edit" else _WRITE_ADDED)
        removed = lognormal(random, _EDIT_REMOVED) if tool == "Edit" and random.random() < 0.7 else 0
        self._count(at, "lines_of_code.count", (("type", "added"), ("model", model)), added)
        self._count(at, "lines_of_code.count", (("type", "removed"), ("model", model)), removed)

    def _subagent(self, at: int, latency: int, background: bool) -> None:
        """A subagent's own answers and calls, within the time of its call."""
        place, random = self._place, self._random
        agent, count = f"a{random.getrandbits(64):016x}", min(lognormal(random, (2.1, 0.8)), 60)
        step, context, request = latency / (count + 1), 8_000, ""
        for place_in in range(count):
            moment = at + int(step * place_in)
            request = self._answer(moment, max(int(step / 2), 1), _AGENT_SOURCE, agent, seen=True, context=context)
            context += 1_500
            tool = figures.agent_tool(random)
            use, failed = place.identifier("toolu_"), random.random() < tool.failed
            self._decide(moment + 1, tool.name, use, True, "config", request, agent)
            taken = int(step / 3)
            on = place.worked_on.of(tool.name, False)
            self._finish(moment + 1 + taken, tool.name, use, not failed, taken, "", request, agent, on)
        done = at + int(step * count)
        model = place.plan.person.model
        self._out.append(
            SubagentDone(done, self._session, self._prompt, agent, background, context, count, latency, model)
        )
        if background:
            self._notices.append(done)

    def _notice(self, done: int, at: int) -> None:
        """The client tells the model that a background task ended; at once, as a prompt that nobody typed."""
        prompt = uuid(self._random)
        self._out.append(Prompt(done, self._session, prompt, NOTICE_LENGTH, "", True))
        typed, self._prompt = self._prompt, prompt
        self._answer(at + 20, 1_000, self._place.source, "", seen=True)
        self._prompt = typed

    def _commit(self, at: int) -> None:
        place, random = self._place, self._random
        use, request = place.identifier("toolu_"), place.identifier("req_")
        self._decide(at + 2, "Bash", use, True, "config", request)
        self._finish(at + 60, "Bash", use, True, 55, "", request, "", On(command=COMMIT))
        self._count(at + 60, "commit.count", (), 1)
        if self._last and random.random() < place.rates.pull_request:
            self._count(at + 70, "pull_request.count", (), 1)

    def _compact(self, at: int) -> None:
        place = self._place
        before, place.context = place.context, _CONTEXT_AFTER
        self._answer(at, 9_000, "compact", "", seen=True)
        self._out.append(Compacted(at, self._session, self._prompt, 9_000, before, _CONTEXT_AFTER))

    def _count(self, at: int, metric: str, attributes: tuple[tuple[str, str], ...], value: int) -> None:
        self._out.append(Counted(at, self._session, self._prompt, metric, attributes, value))

    def _hook(self, at: int, event: str) -> None:
        if self._place.plan.person.hooks:
            self._out.append(Noise(at, self._session, self._prompt, "hook_execution_start", event))
            self._out.append(Noise(at, self._session, self._prompt, "hook_execution_complete", event))

    def _end(self, at: float) -> None:
        end = int(at) + 80
        self._place.quiet_since = end
        self._hook(end, "Stop")
        self._count(end, "active_time.total", (("type", "cli"),), max(end - self._turn.at, 1))


def _cut(latencies: list[int], room: float) -> int:
    """The length to which the longest must be cut so that all fit into the room; latencies rise."""
    left = len(latencies)
    for latency in latencies:
        if latency * left > room:
            return int(room / left)
        room -= latency
        left -= 1
    return latencies[-1] if latencies else 0
