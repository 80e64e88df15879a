"""How well simulated sessions agree with recorded ones; `python -m tests.sources.simulator.agreement` writes it down.

The table in docs/simulator.md is this one; a test compares both, so that no change of the model goes unseen.
"""

from collections import Counter
from itertools import islice
from pathlib import Path
from statistics import fmean, quantiles
from typing import NamedTuple

from sources.simulator.figures import DAY
from sources.simulator.happenings import (
    Answer,
    Compacted,
    Counted,
    Decision,
    Happening,
    Prompt,
    Result,
    SubagentDone,
    Unseen,
)
from sources.simulator.plan import Plan
from sources.simulator.rates import Rates
from sources.simulator.session import Session
from sources.simulator.simulation import Simulation

DOC = Path(__file__).parents[3] / "docs" / "simulator.md"
SESSIONS = 4_000
START = 1_790_000_000_000 // DAY * DAY


class Row(NamedTuple):
    """A measure, its recorded and its simulated value."""

    measure: str
    recorded: float
    simulated: float
    within: float
    """The largest ratio of the two, either way, that the test lets pass."""


class Sample:
    """Sessions at a terminal, added up."""

    def __init__(self) -> None:
        self.series: dict[str, list[float]] = {}
        self.tools: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.rejected = 0
        self.sessions = 0

    def add(self, name: str, value: float) -> None:
        """One value of a measure."""
        self.series.setdefault(name, []).append(value)

    def take(self, plan: Plan) -> None:
        """One session."""
        happenings = [it for chapter in Session(plan, Rates()).chapters() for it in chapter]
        self.sessions += 1
        turns: dict[str, list[Happening]] = {}
        for it in happenings:
            if isinstance(it, Prompt) and not it.command and not it.injected:
                turns[it.prompt] = []
        for it in happenings:
            if it.prompt in turns:
                turns[it.prompt].append(it)
        calls = sum(self._take_turn(turn) for turn in turns.values())
        self.add("prompts", len(turns))
        self.add("calls", calls)
        self.add("wall", (plan.turns[-1].end - plan.turns[0].at) / 60_000)
        for turn in plan.turns:
            self.add("duration", turn.duration_ms / 1_000)
        for before, after in zip(plan.turns, plan.turns[1:], strict=False):
            self.add("think", (after.at - before.end) / 1_000)
        answers = [it for it in happenings if isinstance(it, Answer)]
        self.add("read", sum(it.cache_read for it in answers) / 1_000)
        self.add("written", sum(it.cache_written for it in answers) / 1_000)
        self.add("output", sum(it.tokens_out for it in answers))
        for name, metric, kind in (
            ("added", "lines_of_code.count", "added"),
            ("removed", "lines_of_code.count", "removed"),
            ("commits", "commit.count", ""),
            ("pulls", "pull_request.count", ""),
        ):
            self.add(name, _counted(happenings, metric, kind))
        self.add("compactions", sum(isinstance(it, Compacted) for it in happenings))
        self.add("subagents", sum(isinstance(it, SubagentDone) for it in happenings))

    def _take_turn(self, turn: list[Happening]) -> int:
        calls = failures = 0
        for it in turn:
            if isinstance(it, Result) and not it.agent:
                calls += 1
                self.tools[it.tool] += 1
                self.add(f"latency {it.tool}", it.duration_ms / 1_000)
                failures += not it.success
            elif isinstance(it, Decision) and not it.accepted:
                calls += 1
                self.tools[it.tool] += 1
                self.rejected += 1
            elif isinstance(it, Unseen) and it.what == "failure":
                calls += 1
                failures += 1
        self.failed["all"] += failures
        self.failed["calls"] += calls
        self.add("actions", calls)
        self.add("with error", failures > 0)
        self.add("interrupted", any(isinstance(it, Unseen) and it.what == "interrupt" for it in turn))
        return calls

    def quantile(self, name: str, percent: int) -> float:
        """Of all values of a measure."""
        return quantiles(self.series[name], n=100, method="inclusive")[percent - 1]

    def mean(self, name: str) -> float:
        """Of all values of a measure."""
        return fmean(self.series[name])

    def share(self, name: str) -> float:
        """Per cent of values above zero."""
        return 100 * fmean(value > 0 for value in self.series[name])


def _counted(happenings: list[Happening], metric: str, kind: str) -> int:
    return sum(
        it.value
        for it in happenings
        if isinstance(it, Counted) and it.metric == metric and (not kind or ("type", kind) in it.attributes)
    )


def rows() -> list[Row]:
    """All measures, from 4,000 sessions at a terminal of one organisation."""
    simulation = Simulation(10, 145, seed=11)
    sample = Sample()
    plans = (plan for plan in simulation.plans(START, START + 60 * DAY) if not plan.printed)
    for plan in islice(plans, SESSIONS):
        sample.take(plan)
    found = [
        Row(f"{text}, p{percent}", recorded, sample.quantile(name, percent), within)
        for name, text, figures in _QUANTILES
        for percent, recorded, within in figures
    ]
    found += [Row(f"{text}, mean", recorded, sample.mean(name), within) for name, text, recorded, within in _MEANS]
    found += [Row(f"{text}, %", recorded, sample.share(name), within) for name, text, recorded, within in _SHARES]
    calls = sample.failed["calls"]
    found.append(Row("tool errors without rejections, % of calls", 3.7, 100 * sample.failed["all"] / calls, 1.15))
    found.append(Row("rejections, % of calls", 0.9, 100 * sample.rejected / calls, 1.3))
    every = sample.tools.total()
    found += [
        Row(f"share of {tool}, % of calls", recorded, 100 * sample.tools[tool] / every, 1.3)
        for tool, recorded in _TOOLS.items()
    ]
    return found


_QUANTILES: tuple[tuple[str, str, tuple[tuple[int, float, float], ...]], ...] = (
    ("prompts", "prompts per session", ((50, 4, 1.3), (75, 7, 1.3), (90, 13.8, 1.3), (99, 34.6, 1.3))),
    ("calls", "tool calls per session", ((50, 48, 1.5), (75, 98, 1.3), (90, 192, 1.3), (99, 304, 1.6))),
    ("actions", "tool calls per prompt", ((50, 5, 1.3), (75, 13, 1.3), (90, 30, 1.3), (99, 87, 1.3))),
    ("duration", "turn, seconds", ((50, 68.8, 1.3), (75, 221, 1.3), (90, 562, 1.4), (99, 4_944, 2.5))),
    ("think", "pause before a prompt, seconds", ((50, 113, 1.3), (75, 300, 1.3), (90, 819, 1.4), (99, 16_935, 2.5))),
    ("wall", "session, minutes", ((50, 25.7, 1.5), (75, 71.7, 1.3), (90, 233, 1.5))),
    ("read", "cache read per session, thousand tokens", ((50, 2_996, 1.5), (90, 17_414, 1.5))),
    ("written", "cache written per session, thousand tokens", ((50, 145, 1.5), (90, 546, 1.5))),
    ("output", "output tokens per session (estimated there)", ((50, 8_764, 1.5), (90, 34_666, 1.5))),
    ("added", "lines added per session", ((50, 111, 1.5), (90, 768, 1.5))),
    ("removed", "lines removed per session", ((50, 27, 1.5), (90, 249, 1.5))),
    ("latency Bash", "Bash, seconds", ((50, 2.33, 1.3), (90, 27.2, 1.5))),
    ("latency Read", "Read, seconds", ((50, 0.05, 1.3), (90, 0.4, 1.5))),
    ("latency Grep", "Grep, seconds", ((50, 0.43, 1.3), (90, 1.1, 1.5))),
)
_MEANS = (
    ("prompts", "prompts per session", 6.39, 1.2),
    ("calls", "tool calls per session", 73.5, 1.2),
    ("actions", "tool calls per prompt", 11.4, 1.15),
    ("added", "lines added per session", 267.0, 1.3),
    ("commits", "commits per session", 0.77, 1.3),
    ("compactions", "compactions per session", 0.30, 1.4),
)
_SHARES = (
    ("with error", "prompts with a tool error", 25.1, 1.4),
    ("interrupted", "prompts interrupted", 5.8, 1.2),
    ("actions", "prompts with a tool call", 80.6, 1.1),
    ("commits", "sessions with a commit", 25.9, 1.2),
    ("pulls", "sessions with a pull request", 7.3, 1.3),
    ("compactions", "sessions with a compaction", 20.7, 1.4),
    ("subagents", "sessions with a subagent", 31.1, 1.4),
)
_TOOLS = {"Bash": 31.5, "Read": 24.6, "Edit": 20.3, "Grep": 12.5, "TaskUpdate": 2.5, "TodoWrite": 2.3, "Write": 1.0}


def table(found: list[Row]) -> str:
    """Rows in Markdown."""
    lines = ["| measure | recorded | simulated |", "|---|---:|---:|"]
    lines += [f"| {row.measure} | {row.recorded:,g} | {_short(row.simulated)} |" for row in found]
    return "\n".join(lines)


def _short(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


BEGINS, ENDS = "<!-- agreement begins -->\n", "\n<!-- agreement ends -->"

if __name__ == "__main__":
    head, rest = DOC.read_text().split(BEGINS)
    DOC.write_text(head + BEGINS + table(rows()) + ENDS + rest.partition(ENDS)[2])
