"""Definitions that anybody may use in SQL, as functions of the store. Rule: what a rate is, is said here and once.

A function's name begins with that of the public database, so that two deployments share a server.
"""

from typing import NamedTuple

from sinks.columns import quantile

Z = 1.959963984540054
"""Of an interval that holds 95 of 100."""


class Function(NamedTuple):
    """A function: its name after the prefix, its arguments, what it gives, and how."""

    name: str
    arguments: tuple[str, ...]
    meaning: str
    sql: str


def _wilson(sign: str) -> str:
    share, size = "(hits / nullIf(of, 0))", "nullIf(of, 0)"
    middle = f"{share} + {Z**2} / (2 * {size})"
    spread = f"{Z} * sqrt({share} * (1 - {share}) / {size} + {Z**2} / (4 * {size} * {size}))"
    return f"({middle} {sign} {spread}) / (1 + {Z**2} / {size})"


FUNCTIONS = (
    Function("rate", ("hits", "of"), "Share, 0 to 1; null of nothing.", "hits / nullIf(of, 0)"),
    Function(
        "wilson_low", ("hits", "of"), "Lower end of the share's 95 % Wilson interval; null of nothing.", _wilson("-")
    ),
    Function(
        "wilson_high", ("hits", "of"), "Upper end of the share's 95 % Wilson interval; null of nothing.", _wilson("+")
    ),
    Function(
        "quantile",
        ("durations", "share"),
        "Milliseconds that this share of the durations took at most, by the counts of a column like tool_durations"
        " (add rows up with sumMap first); NaN without any.",
        quantile("durations", "share"),
    ),
    Function(
        "actions_per_prompt",
        ("log_actions", "turns"),
        "Geometric mean over turns of 1 + tool calls; null without turns.",
        "pow(2, log_actions / 1000 / nullIf(turns, 0))",
    ),
    Function(
        "tool_failure_rate",
        ("tool_failures", "tool_calls"),
        "Share of finished tool calls that failed; null without any.",
        "tool_failures / nullIf(tool_calls, 0)",
    ),
    Function(
        "rejection_rate",
        ("tool_rejections", "tool_accepts"),
        "Share of decisions on tool calls that were a refusal; null without any.",
        "tool_rejections / nullIf(tool_rejections + tool_accepts, 0)",
    ),
    Function(
        "abandonment_rate",
        ("given_up", "troubled"),
        "Proxy: share of troubled sessions that were abandoned; null without any.",
        "given_up / nullIf(troubled, 0)",
    ),
    Function(
        "success_rate",
        ("verified", "clean", "judged", "unknown"),
        "Proxy: share of judged sessions that ended well, of those of which something is known; null without any.",
        "(verified + clean) / nullIf(judged - unknown, 0)",
    ),
    Function(
        "cost_per_success",
        ("cost_micros", "verified", "clean"),
        "Proxy: US dollars for each session that ended well, by the clients' prices; null without any.",
        "cost_micros / 1e6 / nullIf(verified + clean, 0)",
    ),
)
