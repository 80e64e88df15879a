"""The numbers that sessions are drawn from. Rule: each is measured, or says that it is assumed.

Distributions come from 194 open sessions of nine people (transcripts), outcomes from the study of 398,198 sessions.
"""

from bisect import bisect
from itertools import accumulate
from math import exp, log
from random import Random
from typing import NamedTuple

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


class Tool(NamedTuple):
    """One tool: share of failures (rejections apart), of rejections, latency at 50, 90 and 99 per cent in ms."""

    name: str
    failed: float
    rejected: float
    p50: float
    p90: float
    p99: float


TOOLS = (
    Tool("Bash", 0.074, 0.009, 2_330, 27_200, 280_000),
    Tool("Read", 0.015, 0.0, 50, 400, 2_000),
    Tool("Edit", 0.030, 0.017, 100, 23_200, 310_000),
    Tool("Grep", 0.016, 0.001, 430, 1_100, 3_000),
    Tool("TaskUpdate", 0.006, 0.0, 2, 20, 1_000),
    Tool("TodoWrite", 0.0, 0.0, 80, 300, 24_000),
    Tool("TaskCreate", 0.0, 0.0, 2, 20, 5_000),
    Tool("Glob", 0.053, 0.0, 460, 1_200, 3_000),
)
OTHER_TOOLS = (
    (110, Tool("Agent", 0.041, 0.0, 59_400, 578_700, 1_200_000)),
    (115, Tool("Write", 0.006, 0.014, 270, 71_800, 210_000)),
    (58, Tool("mcp_tool", 0.04, 0.0, 900, 4_000, 20_000)),
    (38, Tool("Skill", 0.053, 0.0, 20, 8_700, 600_000)),
    (37, Tool("TaskOutput", 0.0, 0.027, 2_800, 100_500, 263_000)),
    (27, Tool("WebFetch", 0.037, 0.0, 5_700, 13_400, 64_000)),
    (26, Tool("ExitPlanMode", 0.0, 0.846, 82_280, 161_300, 600_000)),
    (16, Tool("WebSearch", 0.0, 0.0, 19_400, 24_000, 24_000)),
    (16, Tool("AskUserQuestion", 0.0, 0.062, 50_930, 114_900, 336_000)),
    (9, Tool("LSP", 0.0, 0.0, 80, 3_600, 6_000)),
)
OTHER_PLACE = len(TOOLS)
_OTHER_SHARES = tuple(accumulate(weight for weight, _ in OTHER_TOOLS))

# From one call to the next within a turn: columns as TOOLS, then the others. Ends of turns are drawn apart, so rows
# are used without their share of ends. The first row is the start of a turn.
_TRANSITIONS = (
    (34, 26, 7, 17, 0, 2, 0, 2, 11),
    (64, 10, 3, 3, 1, 2, 0, 0, 2),
    (6, 37, 32, 16, 0, 1, 1, 2, 2),
    (24, 18, 41, 6, 3, 4, 0, 0, 1),
    (7, 39, 9, 36, 1, 1, 1, 2, 1),
    (9, 12, 22, 3, 41, 0, 1, 1, 4),
    (22, 28, 21, 3, 0, 2, 0, 2, 7),
    (0, 1, 0, 0, 21, 0, 78, 0, 0),
    (13, 51, 2, 13, 0, 1, 1, 18, 1),
    (15, 13, 3, 4, 2, 5, 0, 0, 38),
)
_ROWS = tuple(tuple(accumulate(row)) for row in _TRANSITIONS)

AGENT_TOOLS = (TOOLS[1], TOOLS[0], TOOLS[3], TOOLS[7])
"""What subagents use: Read, Bash, Grep, Glob, in these shares."""
_AGENT_SHARES = tuple(accumulate((695, 498, 278, 110)))


class Bins:
    """A distribution of whole numbers given as bins (from, to, weight), drawn evenly by logarithm within a bin."""

    def __init__(self, *bins: tuple[int, int, float]) -> None:
        self._bins = bins
        self._shares = tuple(accumulate(weight for _, _, weight in bins))

    def draw(self, random: Random) -> int:
        """One number."""
        low, high, _ = self._bins[bisect(self._shares, random.random() * self._shares[-1])]
        if low == high:
            return low
        return min(int(exp(log(low) + random.random() * log((high + 1) / low))), high)


PROMPTS = Bins((1, 1, 39), (2, 2, 27), (3, 3, 24), (4, 5, 32), (6, 10, 39), (11, 20, 22), (21, 40, 8), (41, 72, 2))
ACTIONS = Bins(
    (0, 0, 19.4), (1, 1, 9.1), (2, 3, 12.3), (4, 7, 20.0), (8, 15, 18.2), (16, 31, 11.6), (32, 63, 6.9),
    (64, 100, 1.8), (101, 249, 0.6),
)  # fmt: skip

PROMPT_LENGTH = (4.30, 1.32)
"""Characters: mean and deviation of the logarithm, as all pairs here."""
THINK_MS = (4.72 + log(1000), 1.5)
LONG_THINK = 0.03
"""Of pauses: drawn evenly by logarithm between the next two. What was longer there is cut here."""
LONG_PAUSE = 30 * MINUTE
LONGEST_THINK = 3 * HOUR
LONGEST_TURN = HOUR
LONGEST_SESSION = 8 * HOUR
LONGEST_AT_A_RATE = 90 * MINUTE
"""Of sessions that come at a rate: else thousands that idle must be known before the first request is made."""
TURN_MS_BASE, TURN_MS_PER_ACTION, TURN_MS_SPREAD = 2.62 + log(1000), 0.92, 0.90
"""ln(turn) = base + slope * ln(1 + actions), and the deviation around it."""

WEEKDAYS = (0.84, 1.11, 1.02, 0.93, 1.10, 0.46, 0.30)
"""Share of prompts by weekday, Monday first; the mean working day is 1."""
HOURS = (
    0.002, 0.001, 0.0, 0.0, 0.0, 0.001, 0.004, 0.016, 0.06, 0.105, 0.12, 0.11,
    0.06, 0.085, 0.115, 0.115, 0.095, 0.055, 0.02, 0.012, 0.01, 0.008, 0.004, 0.002,
)  # fmt: skip
"""Share of a day's sessions by local hour."""

EXPERTISE = (0.016, 0.205, 0.268, 0.409, 0.102)
"""Share of people by level, 1 to 5, as sessions in the study."""
TROUBLED = (0.45, 0.38, 0.33, 0.31, 0.27)
"""Share of sessions that hit trouble, by level. Assumed: the study gives no figure by level."""
GIVES_UP = (0.19, 0.07, 0.065, 0.06, 0.05)
"""Share of troubled sessions that are abandoned, by level (study)."""
VERIFIED = (0.132, 0.209, 0.280, 0.293, 0.347)
"""Share of sessions with a hard sign of success, by level (study)."""

ERRORS_IN_TROUBLE, ERRORS_ELSE = 3.0, 0.75
"""Failures of tools against the tools' own share, in the turn that goes wrong and elsewhere."""

PRICES = {
    "claude-opus-5-5": (400, 2000, 500, 20),
    "claude-sonnet-5": (300, 1500, 375, 30),
    "claude-opus-4-8": (500, 2500, 625, 50),
}
"""Hundredths of micro-dollars a token: input, output, cache write, cache read."""


def cost_micros(model: str, tokens_in: int, tokens_out: int, written: int, read: int) -> int:
    """What the client says a request cost.

    >>> cost_micros("claude-opus-5-5", 3740, 36, 8724, 0)
    59300
    """
    a, b, c, d = PRICES[model]
    return (a * tokens_in + b * tokens_out + c * written + d * read) // 100


def next_tool(random: Random, row: int) -> tuple[Tool, int]:
    """The next call's tool after row (0: start of a turn), and its own row."""
    shares = _ROWS[row]
    place = bisect(shares, random.random() * shares[-1])
    if place < OTHER_PLACE:
        return TOOLS[place], place + 1
    return OTHER_TOOLS[bisect(_OTHER_SHARES, random.random() * _OTHER_SHARES[-1])][1], place + 1


def agent_tool(random: Random) -> Tool:
    """What a subagent calls."""
    return AGENT_TOOLS[bisect(_AGENT_SHARES, random.random() * _AGENT_SHARES[-1])]


def lognormal(random: Random, figure: tuple[float, float]) -> int:
    """One draw, at least 1."""
    return int(exp(random.gauss(*figure))) or 1


def pause_ms(random: Random) -> int:
    """From the end of a turn to the next prompt."""
    if random.random() < LONG_THINK:
        return int(LONG_PAUSE * (LONGEST_THINK / LONG_PAUSE) ** random.random())
    return max(min(lognormal(random, THINK_MS), LONGEST_THINK), 3_000)


def latency_ms(random: Random, tool: Tool) -> int:
    """One call's latency, cut at the tool's 99th percentile."""
    z = random.gauss(0.0, 1.0)
    return int(min(tool.p50 * (tool.p90 / tool.p50) ** (z / 1.2816), tool.p99))
