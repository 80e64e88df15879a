"""What telemetry alone says of work, skill, value and trade, as SQL. Rule: a proxy is called so, and fills no label.

The expressions take a relation `t` with a session's counters and `tool_kinds`. What each is worth against labels stands
in docs/metrics.md.
"""

from schemas.evidence import ToolKind
from sinks.columns import Column


def _kind(*kinds: ToolKind) -> str:
    return "(" + " + ".join(f"t.tool_kinds[{kind.value}]" for kind in kinds) + ")"


_LOOKED = _kind(ToolKind.READ, ToolKind.SEARCH)
_EDITS, _SHELL, _AGENTS = _kind(ToolKind.EDIT), _kind(ToolKind.SHELL), _kind(ToolKind.AGENT)
_FETCHED, _PLANNED = _kind(ToolKind.WEB, ToolKind.MCP), _kind(ToolKind.PLAN)
_TESTS = "(t.tests_passed + t.tests_failed)"
_WROTE = f"(t.lines_added > 0 OR {_EDITS} > 0)"

_MODES = (
    ("orchestrate", f"{_AGENTS} >= 3 AND 4 * {_AGENTS} >= t.tool_calls", "3 or more agents, a quarter of its calls"),
    ("communicate", "t.tool_calls = 0", "no tool was called"),
    ("plan", f"NOT {_WROTE} AND {_PLANNED} > 0 AND {_PLANNED} >= {_SHELL}", "nothing written, plans made"),
    (
        "test",
        f"{_WROTE} AND {_TESTS} > 0 AND {_TESTS} >= {_EDITS}",
        "something written, as many runs of tests as edits",
    ),
    (
        "fix",
        f"{_WROTE} AND (t.tests_failed > 0 OR 2 * t.lines_removed >= t.lines_added)",
        "something written, and a test failed or half as many lines went as came",
    ),
    ("build", _WROTE, "something else written"),
    ("operate", f"2 * {_SHELL} >= t.tool_calls", "nothing written, half of the calls are commands"),
    ("analyze", f"{_FETCHED} >= {_LOOKED}", "nothing written, more fetched than read"),
)
_REST = ("understand", "nothing written, mostly reading")

_SKILL = "1 + 4 * log2(t.actions_per_prompt / 4.9) / log2(11.7 / 4.9)"


def proxies() -> tuple[Column, ...]:
    """The columns of a view of sessions; null where there is nothing to tell it from."""
    happened = "t.prompts + t.responses + t.tool_calls > 0"
    mode = ", ".join(f"{sql}, '{name}'" for name, sql, _ in _MODES)
    meaning = "; ".join(f"{name}: {why}" for name, _, why in (*_MODES, ("understand", "", _REST[1])))
    value = (
        "1 + (t.lines_added >= 10) + (t.lines_added >= 100) + (t.output_tokens >= 20000)"
        " + (t.commits + t.commit_commands + t.pull_requests + t.tests_passed > 0)"
    )
    trade = f"{_WROTE} OR {_TESTS} > 0 OR t.commits + t.commit_commands > 0"
    return (
        Column(
            "work_mode_proxy",
            "LowCardinality(Nullable(String))",
            f"Dominant work, the first that holds. {meaning}.",
            f"if({happened}, multiIf({mode}, '{_REST[0]}'), NULL)",
        ),
        Column(
            "expertise_proxy",
            "Nullable(UInt8)",
            "1 to 5, rounded from 1 + 4 log2(actions_per_prompt / 4.9) / log2(11.7 / 4.9): the study's means of its"
            " lowest and highest level. Null without turns.",
            f"if(t.turns > 0, toUInt8(least(5, greatest(1, round({_SKILL})))), NULL)",
        ),
        Column(
            "value_proxy",
            "Nullable(UInt8)",
            "1 to 5, ordinal only: 1, and 1 each for 10 lines added, for 100, for 20,000 output tokens, and for a"
            " commit, pull request or passed test run.",
            f"if({happened}, toUInt8({value}), NULL)",
        ),
        Column(
            "occupation_proxy",
            "LowCardinality(Nullable(String))",
            "software: something was written, tested or committed; else other.",
            f"if({happened}, if({trade}, 'software', 'other'), NULL)",
        ),
    )
