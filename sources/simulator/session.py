"""One session from its plan: all that happens, turn by turn. Rule: what happened; who hears of it comes later."""

from collections.abc import Iterator

from sources.simulator.happenings import (
    Counted,
    Happening,
    ModeChange,
    Noise,
    ProcessEnded,
    ProcessStarted,
    Prompt,
    Unknown,
)
from sources.simulator.organisation import generator, uuid
from sources.simulator.plan import STARTING_MS, Plan, Turn
from sources.simulator.rates import Rates
from sources.simulator.turn import Place, play_turn

_HOOKS = (
    "SessionStart", "PreToolUse", "PostToolUse", "PostToolUseFailure", "UserPromptSubmit", "Stop", "SessionEnd",
    "SubagentStart", "SubagentStop", "Notification", "PreCompact", "PermissionRequest", "StopFailure",
)  # fmt: skip
_MODE_CIRCLE = ("default", "acceptEdits", "plan", "auto")
_COMMANDS = ("cost", "model", "context", "config", "help", "review", "agents")


class Session:
    """Plays a plan."""

    def __init__(self, plan: Plan, rates: Rates) -> None:
        self._plan, self._rates = plan, rates
        self._random = random = generator(plan.seed ^ 0x5E55)
        self._place = Place(plan, rates, random, uuid(random))
        self._last_prompt = ""

    def chapters(self) -> Iterator[list[Happening]]:
        """A list of happenings in order of time for each turn; times rise over the chapters too."""
        plan, place = self._plan, self._place
        last = len(plan.turns) - 1
        opening = self._start(plan.at, "fresh")
        for number, turn in enumerate(plan.turns):
            out = opening
            opening = []
            self._come_back(turn, out)
            if not plan.printed:
                self._before(turn, out)
            prompt = uuid(self._random)
            play_turn(place, turn, number, prompt, out)
            self._last_prompt = prompt
            if number == last:
                self._leave(turn, out)
            out.sort(key=_at)
            if number == last and plan.killed:
                self._kill(turn, out)
            yield out

    def _start(self, at: int, how: str) -> list[Happening]:
        """What a starting client logs: who is configured, what was loaded."""
        plan, place, u = self._plan, self._place, self._random.random
        session = uuid(self._random) if how == "continue" else place.session
        out: list[Happening] = [
            ProcessStarted(at, session, "", how),
            Counted(at, session, "", "session.count", (("start_type", how),), 1),
        ]
        if not plan.person.old:
            out.append(Noise(at, session, "", "managed_settings_resolved"))
            out += (Noise(at + 80 + n, session, "", "plugin_loaded") for n in range(3))
        if plan.person.hooks:
            out += (Noise(at + 60, session, "", "hook_registered", hook) for hook in _HOOKS)
            out.append(Noise(at + 90, session, "", "hook_execution_start", "SessionStart"))
            out.append(Noise(at + 150, session, "", "hook_execution_complete", "SessionStart"))
        if u() < self._rates.unknown_event:
            out.append(Unknown(at + 200, session, "", "cache_warmup_finished", int(u() * 1000)))
        return out

    def _come_back(self, turn: Turn, out: list[Happening]) -> None:
        """What lies between the turn before and this one: a new process, or /clear."""
        place, random = self._place, self._random
        if turn.before == "clear":
            own = uuid(generator(self._plan.seed ^ turn.at))
            out.append(Prompt(turn.at - 2_000, place.session, own, 6, "clear"))
            place.clear(uuid(random))
        elif turn.before:
            left = place.quiet_since + 12_000
            if random.random() < 0.6:
                out.append(Prompt(left - 200, place.session, uuid(random), 5, "exit"))
            out.append(ProcessEnded(left, place.session, "", False, "prompt_input_exit"))
            out += self._start(turn.at - STARTING_MS, turn.before)

    def _before(self, turn: Turn, out: list[Happening]) -> None:
        """What a person does before the prompt: commands, another mode."""
        place, random, rates = self._place, self._random, self._rates
        if random.random() < rates.slash:
            command = random.choice(_COMMANDS)
            out.append(Prompt(turn.at - 1_500, place.session, uuid(random), len(command) + 1, command))
        if random.random() < rates.mode_changed:
            before = place.mode
            after = random.choice([mode for mode in _MODE_CIRCLE if mode != before])
            out.append(ModeChange(turn.at - 800, place.session, self._last_prompt, before, after))
            place.mode = after

    def _leave(self, turn: Turn, out: list[Happening]) -> None:
        place, plan, random = self._place, self._plan, self._random
        if plan.printed:
            out.append(ProcessEnded(turn.end + 300, place.session, "", False, "other"))
            return
        by_command = random.random() < 0.6
        if by_command:
            out.append(Prompt(turn.end + 9_000, place.session, uuid(random), 5, "exit"))
        reason = "prompt_input_exit" if by_command else "other"
        out.append(ProcessEnded(turn.end + 10_000, place.session, "", False, reason))

    def _kill(self, turn: Turn, out: list[Happening]) -> None:
        """The process vanishes in the middle of its last turn; what would have come later never happens."""
        at = turn.at + int(turn.duration_ms * (0.2 + 0.8 * self._random.random()))
        while out[-1].at > at:
            out.pop()
        out.append(ProcessEnded(at, self._place.session, "", True, ""))


def _at(happening: Happening) -> int:
    return happening.at
