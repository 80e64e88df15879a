"""What is counted, and how counts are added. Rule: integers only, so that what was added can be taken away exactly.

`Sums` is a sparse dict of number to amount. One dict holds both halves of a figure: what people did at a terminal or in
an editor (interactive use), and everything else (print mode, SDK). Numbers are only ever appended; a number never
changes its meaning.

>>> sums: Sums = {}
>>> add(sums, {PROMPTS: 2, PROMPTS + OTHER: 1})
>>> total(sums, PROMPTS), interactive(sums, PROMPTS)
(3, 2)
>>> take(sums, {PROMPTS: 2})
>>> sums == {PROMPTS + OTHER: 1}
True
"""

from collections.abc import Mapping
from typing import NamedTuple

Sums = dict[int, int]

OTHER = 64
"""Added to a counter's number: the half that is not interactive."""

TOOL_DURATIONS = 128
"""Added to a duration's bucket: finished tool calls of interactive use; + OTHER for the rest."""

TURN_DURATIONS = 256
"""Added to the bucket of a turn's duration, from its first event to its last; + OTHER for the rest."""

TOOL_KIND = 384
"""Added to schemas.evidence.ToolKind: finished tool calls of that kind; + OTHER for the rest."""

LAST_BUCKET = 63


class Counter(NamedTuple):
    """A counter: its place in `Sums`, its column, its unit, and what one of it is."""

    number: int
    name: str
    unit: str
    meaning: str


COUNTERS = (
    Counter(0, "events", "count", "Canonical events of any type."),
    Counter(1, "prompts", "count", "Prompts that a person typed: no slash command, no injected notice."),
    Counter(2, "slash_commands", "count", "Slash commands."),
    Counter(3, "injected_prompts", "count", "Prompts that the client put in itself (a finished background task)."),
    Counter(4, "responses", "count", "Answers of the model API (api_request); interrupted ones leave no event."),
    Counter(5, "turns", "count", "Distinct prompts of a session that got an answer, a tool result or an API failure."),
    Counter(6, "tool_calls", "count", "Finished tool calls (tool_result)."),
    Counter(7, "tool_failures", "count", "Finished tool calls that did not succeed."),
    Counter(8, "tool_accepts", "count", "Tool calls allowed, by a person or by rule."),
    Counter(9, "tool_rejections", "count", "Tool calls refused, by a person or by rule; not in tool_calls."),
    Counter(10, "api_failures", "count", "Model requests that failed for good (api_error)."),
    Counter(11, "api_retries_exhausted", "count", "Failed model requests that had been retried; also in api_failures."),
    Counter(12, "api_refusals", "count", "Model requests that the model refused."),
    Counter(13, "input_tokens", "tokens", "Uncached input tokens of answered requests."),
    Counter(14, "output_tokens", "tokens", "Output tokens of answered requests."),
    Counter(15, "cache_read_tokens", "tokens", "Input tokens read from the prompt cache."),
    Counter(16, "cache_creation_tokens", "tokens", "Input tokens written to the prompt cache."),
    Counter(17, "cost_micros", "micro-dollars", "Cost of answered requests, as the client computes it."),
    Counter(18, "response_chars", "characters", "Length of the model's text answers."),
    Counter(19, "lines_added", "lines", "Lines of code added, as the client counts them."),
    Counter(20, "lines_removed", "lines", "Lines of code removed."),
    Counter(21, "commits", "count", "Commits made through the assistant."),
    Counter(22, "pull_requests", "count", "Pull requests opened through the assistant."),
    Counter(23, "edits_accepted", "count", "Edits accepted, by a person or by rule."),
    Counter(24, "edits_rejected", "count", "Edits rejected."),
    Counter(
        25, "active_user_ms", "ms", "Time in which the person was active (typing, reading), as the client counts it."
    ),
    Counter(26, "active_cli_ms", "ms", "Time in which the assistant worked, as the client counts it."),
    Counter(27, "compactions", "count", "Compactions of the context."),
    Counter(28, "subagents", "count", "Subagents that ran to their end."),
    Counter(29, "mode_changes", "count", "Changes of the permission mode."),
    Counter(30, "interrupts", "count", "Turns that a person interrupted, where the source says so."),
    Counter(31, "model_ms", "ms", "Duration of answered model requests."),
    Counter(32, "tool_ms", "ms", "Duration of finished tool calls, waiting for a permission included."),
    Counter(33, "unrecognised", "count", "Events that this version does not know."),
    Counter(
        34, "clock_clamped", "count", "Events whose own time was impossible and was replaced by the time of receipt."
    ),
    Counter(35, "reported_input_tokens", "tokens", "Uncached input tokens as the client's metrics count them."),
    Counter(36, "reported_output_tokens", "tokens", "Output tokens as the client's metrics count them."),
    Counter(37, "reported_cache_read_tokens", "tokens", "Cache reads as the client's metrics count them."),
    Counter(38, "reported_cache_creation_tokens", "tokens", "Cache writes as the client's metrics count them."),
    Counter(39, "reported_cost_micros", "micro-dollars", "Cost as the client's metrics count it."),
    Counter(40, "user_rejections", "count", "Tool calls that a person refused; also in tool_rejections."),
    Counter(41, "tests_passed", "count", "Shell commands that ran tests and succeeded; only where commands are shown."),
    Counter(42, "tests_failed", "count", "Shell commands that ran tests and failed."),
    Counter(
        43, "commit_commands", "count", "Shell commands that committed and succeeded; commits counts what is told."
    ),
    Counter(44, "loops", "count", "Files or commands of a session that failed three times or more."),
    Counter(
        45, "log_actions", "milli-octaves", "Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions."
    ),
    Counter(46, "hook_events", "count", "Events that a hook told."),
    Counter(47, "repeats", "count", "Events that another source had told before; counted as nothing else."),
    Counter(48, "sessions_judged", "count", "Closed sessions with a verdict, in the minute of their start."),
    Counter(49, "sessions_troubled", "count", "Judged sessions that hit trouble."),
    Counter(50, "sessions_verified", "count", "Judged sessions with a verified success."),
    Counter(51, "sessions_clean", "count", "Judged sessions that ended clean."),
    Counter(52, "sessions_given_up", "count", "Judged sessions that were abandoned after trouble."),
    Counter(53, "sessions_left", "count", "Judged sessions that were abandoned without trouble."),
    Counter(54, "sessions_restarted", "count", "Judged sessions that were given up and begun anew within 15 minutes."),
    Counter(55, "sessions_coded", "count", "Judged sessions that added at least one line."),
)

(
    EVENTS,
    PROMPTS,
    SLASH_COMMANDS,
    INJECTED_PROMPTS,
    RESPONSES,
    TURNS,
    TOOL_CALLS,
    TOOL_FAILURES,
    TOOL_ACCEPTS,
    TOOL_REJECTIONS,
    API_FAILURES,
    API_RETRIES_EXHAUSTED,
    API_REFUSALS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    CACHE_READ_TOKENS,
    CACHE_CREATION_TOKENS,
    COST_MICROS,
    RESPONSE_CHARS,
    LINES_ADDED,
    LINES_REMOVED,
    COMMITS,
    PULL_REQUESTS,
    EDITS_ACCEPTED,
    EDITS_REJECTED,
    ACTIVE_USER_MS,
    ACTIVE_CLI_MS,
    COMPACTIONS,
    SUBAGENTS,
    MODE_CHANGES,
    INTERRUPTS,
    MODEL_MS,
    TOOL_MS,
    UNRECOGNISED,
    CLOCK_CLAMPED,
    REPORTED_INPUT_TOKENS,
    REPORTED_OUTPUT_TOKENS,
    REPORTED_CACHE_READ_TOKENS,
    REPORTED_CACHE_CREATION_TOKENS,
    REPORTED_COST_MICROS,
    USER_REJECTIONS,
    TESTS_PASSED,
    TESTS_FAILED,
    COMMIT_COMMANDS,
    LOOPS,
    LOG_ACTIONS,
    HOOK_EVENTS,
    REPEATS,
    SESSIONS_JUDGED,
    SESSIONS_TROUBLED,
    SESSIONS_VERIFIED,
    SESSIONS_CLEAN,
    SESSIONS_GIVEN_UP,
    SESSIONS_LEFT,
    SESSIONS_RESTARTED,
    SESSIONS_CODED,
) = (counter.number for counter in COUNTERS)

OF_SESSIONS = frozenset(
    number + half
    for number in (*range(REPORTED_INPUT_TOKENS, REPORTED_COST_MICROS + 1), *range(TOOL_KIND, TOOL_KIND + OTHER))
    for half in (0, OTHER)
)
"""Counted of a session as a whole, in no minute: metrics come a minute late, so that only a whole session's can be held
against its events; and a third of a minute's bytes."""

OF_MINUTES = frozenset(range(SESSIONS_JUDGED, SESSIONS_CODED + 1))
"""Counted in minutes only: what is said of sessions that began there."""

USAGE: Mapping[tuple[str, str], int] = {
    ("claude_code.lines_of_code.count", "added"): LINES_ADDED,
    ("claude_code.lines_of_code.count", "removed"): LINES_REMOVED,
    ("claude_code.commit.count", ""): COMMITS,
    ("claude_code.pull_request.count", ""): PULL_REQUESTS,
    ("claude_code.code_edit_tool.decision", "accept"): EDITS_ACCEPTED,
    ("claude_code.code_edit_tool.decision", "reject"): EDITS_REJECTED,
    ("claude_code.active_time.total", "user"): ACTIVE_USER_MS,
    ("claude_code.active_time.total", "cli"): ACTIVE_CLI_MS,
    ("claude_code.token.usage", "input"): REPORTED_INPUT_TOKENS,
    ("claude_code.token.usage", "output"): REPORTED_OUTPUT_TOKENS,
    ("claude_code.token.usage", "cacheRead"): REPORTED_CACHE_READ_TOKENS,
    ("claude_code.token.usage", "cacheCreation"): REPORTED_CACHE_CREATION_TOKENS,
    ("claude_code.cost.usage", ""): REPORTED_COST_MICROS,
    ("gemini_cli.lines.changed", "added"): LINES_ADDED,
    ("gemini_cli.lines.changed", "removed"): LINES_REMOVED,
}
"""Which reported counter (name, kind) counts as what. The others are stored and counted as nothing. Tokens and cost are
counted from events; what the metrics say of them is a figure of its own, since they alone know interrupted answers."""

NOT_INTERACTIVE_PREFIXES = ("sdk", "print", "headless", "github-action", "ci", "exec", "internal")
"""An entrypoint that starts like this is no person at a terminal. One that says nothing counts as interactive."""


def is_interactive(entrypoint: str) -> bool:
    """Whether a person sat there.

    >>> is_interactive("cli"), is_interactive("claude-vscode"), is_interactive(""), is_interactive("sdk-cli")
    (True, True, True, False)
    """
    return not entrypoint.startswith(NOT_INTERACTIVE_PREFIXES)


def add(into: Sums, more: Mapping[int, int]) -> None:
    """Adds; a number that becomes zero is forgotten."""
    for number, amount in more.items():
        left = into.get(number, 0) + amount
        if left:
            into[number] = left
        else:
            into.pop(number, None)


def take(out_of: Sums, less: Mapping[int, int]) -> None:
    """Takes away what was added before."""
    for number, amount in less.items():
        left = out_of.get(number, 0) - amount
        if left:
            out_of[number] = left
        else:
            out_of.pop(number, None)


def interactive(sums: Mapping[int, int], counter: int) -> int:
    """The interactive half of one counter."""
    return sums.get(counter, 0)


def total(sums: Mapping[int, int], counter: int) -> int:
    """Both halves of one counter."""
    return sums.get(counter, 0) + sums.get(counter + OTHER, 0)


def bucket(milliseconds: int) -> int:
    """The half octave of a duration: bucket b holds 2^(b-1) <= ms^2 < 2^b; 0 holds zero, the last all above.

    >>> [bucket(ms) for ms in (0, 1, 2, 3, 1000, 60_000, 10**12)]
    [0, 1, 3, 4, 20, 32, 63]
    """
    octaves = (milliseconds * milliseconds).bit_length()
    return octaves if octaves < LAST_BUCKET else LAST_BUCKET


def bucket_bounds(number: int) -> tuple[float, float]:
    """From (inclusive) and to (exclusive) of a bucket, in milliseconds.

    >>> bucket_bounds(0), bucket_bounds(3)
    ((0.0, 1.0), (2.0, 2.8284271247461903))
    """
    if number == 0:
        return 0.0, 1.0
    upper = float("inf") if number == LAST_BUCKET else float(2 ** (number / 2))
    return float(2 ** ((number - 1) / 2)), upper


def quantile(counts: Mapping[int, int], share: float) -> float:
    """The duration below which `share` of the calls lie, by straight lines within a bucket. NaN without counts.

    >>> quantile({20: 4}, 0.5)
    874.0386719675123
    """
    wanted, below = share * sum(counts.values()), 0
    for number in sorted(counts):
        count = counts[number]
        if count and below + count >= wanted:
            low, high = bucket_bounds(number)
            high = low if high == float("inf") else high
            return low + (high - low) * (wanted - below) / count
        below += count
    return float("nan")
