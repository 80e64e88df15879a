"""When a session's turns are, and how it ends: cheap, so that idle sessions cost nothing. Rule: no happening yet."""

from math import exp, log1p
from typing import NamedTuple

from sources.simulator import figures
from sources.simulator.organisation import Person, generator
from sources.simulator.rates import Rates


class Turn(NamedTuple):
    """One prompt: when, how many tool calls, how long in ms, and what came before it."""

    at: int
    actions: int
    duration_ms: int
    before: str
    """"", "clear", "resume" or "continue"."""

    @property
    def end(self) -> int:
        """When the last answer comes; nothing of the turn is later."""
        return self.at + self.duration_ms


class Plan(NamedTuple):
    """One session of one person."""

    person: Person
    seed: int
    at: int
    turns: tuple[Turn, ...]
    printed: bool
    trouble: int
    """Number of the turn that goes wrong; -1: none does."""
    abandoned: bool
    verified: bool
    killed: bool

    @property
    def end(self) -> int:
        """When the process is gone; all is sent by then, resends apart."""
        return self.turns[-1].end + LEAVING_MS


LEAVING_MS = 20_000
STARTING_MS = 4_000


def draw_plan(person: Person, seed: int, at: int, giving_up: float, rates: Rates, longest_ms: int) -> Plan:
    """The plan of the session that begins at `at`; its last turn begins at most `longest_ms` later.

    giving_up: the chance that it is abandoned if it hits trouble. It changes what follows trouble and nothing else:
    every number is drawn in any case.
    """
    random = generator(seed)
    u = random.random
    level = person.expertise - 1
    printed = u() < 0.3 and person.prints
    troubled, gives_up = u() < figures.TROUBLED[level], u() < giving_up
    verified, killed, where = u() < figures.VERIFIED[level], u() < rates.killed, u()
    count = figures.PROMPTS.draw(random)
    if printed:
        count = 1
    trouble = int(where * count) if troubled else -1
    turns: list[Turn] = []
    moment = at + (300 if printed else STARTING_MS + int(u() * 20_000))
    before = ""
    for number in range(count):
        actions = figures.ACTIONS.draw(random)
        if number == trouble:
            actions = max(actions, 4)
        middle = figures.TURN_MS_BASE + figures.TURN_MS_PER_ACTION * log1p(actions)
        duration = min(int(exp(random.gauss(middle, figures.TURN_MS_SPREAD))), figures.LONGEST_TURN)
        duration = max(duration, 2_000 + 400 * actions)
        turns.append(Turn(moment, actions, duration, before))
        think = figures.pause_ms(random)
        moment += duration + think
        chance, kind = u(), u()
        before = ""
        if think > figures.LONG_PAUSE and chance < rates.restarted:
            before = "continue" if kind < rates.continued else "resume"
        elif think <= figures.LONG_PAUSE and chance < rates.cleared:
            before = "clear"
        if moment - at > longest_ms:
            break
    if trouble >= len(turns):
        trouble = len(turns) - 1
    abandoned = troubled and gives_up
    if abandoned:
        del turns[trouble + 1 :]
    return Plan(person, seed, at, tuple(turns), printed, trouble, abandoned, verified and not abandoned, killed)
