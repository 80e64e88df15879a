"""What each event counts, once more, in SQL. Rule: no code of the folds; the same definitions.

A thing that two sources tell (a prompt, a call, a request) counts where the log tells it first; lines, commits and pull
requests count as the first teller of a session says them; a turn counts as it stands in the end.
"""

# ruff: noqa: S608 - only names of ours are put into SQL; what varies is a parameter

from schemas.counters import (
    LAST_BUCKET,
    LOG_ACTIONS,
    NOT_INTERACTIVE_PREFIXES,
    OTHER,
    TOOL_DURATIONS,
    TOOL_KIND,
    TURN_DURATIONS,
    TURNS,
    USAGE,
)
from schemas.evidence import LOOP_FAILURES, PERSON_REFUSED, TOOL_KINDS, Mark, ToolKind
from sinks.columns import COUNTED

MINUTE = 60_000
PATIENCE = 2 * MINUTE
"""So long after it was born a session waits for what it is not told at once."""

_REFUSED = ", ".join(f"'{source}'" for source in sorted(PERSON_REFUSED))
_BY_PERSON = f"decision = 'reject' AND decision_source IN ({_REFUSED})"
_TYPED = "type = 'prompt_submitted' AND command_name = '' AND NOT injected"
_CALL = "type = 'tool_finished'"
_ONLY = "is_own AND "

EVERY_TIME = {"events": "1", "hook_events": "via = 'hook'", "clock_clamped": "is_clamped", "repeats": "NOT is_own"}
"""What each event adds, told before or not."""

FIRST_TIME = {
    "tool_failures": "is_first_failure",
    "tests_passed": "is_first_good_run AND command_kind = 'test'",
    "commit_commands": "is_first_good_run AND command_kind = 'commit'",
    "tests_failed": "is_first_bad_run",
    "loops": f"is_first_aimed AND failures = {LOOP_FAILURES}",
    "interrupts": "is_first_stop",
}
"""What is told of a thing apart from the thing itself: where it is told first."""

OWN = {
    "prompts": _TYPED,
    "slash_commands": "type = 'prompt_submitted' AND command_name != ''",
    "injected_prompts": "type = 'prompt_submitted' AND command_name = '' AND injected",
    "responses": "type = 'model_responded'",
    "tool_calls": _CALL,
    "tool_accepts": "type = 'tool_decided' AND decision = 'accept'",
    "tool_rejections": "type = 'tool_decided' AND decision = 'reject'",
    "user_rejections": f"type = 'tool_decided' AND {_BY_PERSON}",
    "api_failures": "type = 'model_request_failed' AND kind = 'error'",
    "api_retries_exhausted": "type = 'model_request_failed' AND kind = 'retries_exhausted'",
    "api_refusals": "type = 'model_request_failed' AND kind = 'refusal'",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cache_read_tokens",
    "cache_creation_tokens": "cache_creation_tokens",
    "cost_micros": "cost_micros",
    "response_chars": "response_length",
    "lines_added": "added",
    "lines_removed": "removed",
    "commits": "type = 'commit_made'",
    "pull_requests": "type = 'pull_request_opened'",
    "compactions": "type = 'context_compacted'",
    "subagents": "type = 'subagent_completed'",
    "mode_changes": "type = 'permission_mode_changed'",
    "model_ms": "if(type = 'model_responded', duration_ms, 0)",
    "tool_ms": f"if({_CALL}, duration_ms, 0)",
    "unrecognised": "type = 'unrecognised'",
}
"""What an event adds that nobody told before."""

REPORTED = tuple(sorted({COUNTED[number].name for number in USAGE.values()}))
"""What reported counters add to; some of it is told by events too."""

OF_TURNS = ("turns", "log_actions")
OF_VERDICTS = tuple(counter.name for counter in COUNTED if counter.name.startswith("sessions_"))

FIELDS = (
    "session_id, `partition`, `offset`, run, `index`, type, via, received_at, occurred_at, user_id, team_hint, source, "
    "client_version, entrypoint, install_id, prompt_id, reason, kind, name, value, temporality, series, started_at, "
    "command_name, injected, success, decision, decision_source, duration_ms, input_tokens, output_tokens, "
    "cache_read_tokens, cache_creation_tokens, cost_micros, response_length, added, removed, tool_name, tool_use_id, "
    "request_id, agent_id, target, command_kind, interrupted, failed, outcome"
)
"""Of an event, what is counted or decides what is."""

_IN_TURN = (
    "type IN ('prompt_submitted', 'model_responded', 'answer_given', 'tool_decided', 'tool_finished', "
    "'model_request_failed', 'turn_ended', 'turn_interrupted')"
)
_MAKES_TURN = "(type IN ('model_responded', 'tool_finished') OR (type = 'model_request_failed' AND kind = 'error'))"
_MARKS = {
    Mark.PROMPT: _TYPED,
    Mark.ANSWER: "(type = 'model_responded' AND agent_id = '') OR (type = 'turn_ended' AND NOT failed)",
    Mark.TOOL_SUCCEEDED: f"{_CALL} AND success",
    Mark.TOOL_FAILED: f"{_CALL} AND NOT success",
    Mark.API_FAILED: "type = 'model_request_failed' AND kind = 'error'",
    Mark.TEST_PASSED: f"{_CALL} AND success AND command_kind = 'test'",
    Mark.TEST_FAILED: f"{_CALL} AND NOT success AND command_kind = 'test'",
    Mark.STOPPED: f"type = 'turn_interrupted' OR ({_CALL} AND interrupted) OR (type = 'tool_decided' AND {_BY_PERSON})",
}
_KEY = (
    "multiIf(type IN ('prompt_submitted', 'turn_interrupted'), prompt_id, "
    "type IN ('tool_decided', 'tool_finished'), tool_use_id, type = 'subagent_completed', agent_id, "
    "request_id = '', '', "
    "type = 'model_responded', concat(request_id, ':', toString(input_tokens), ':', toString(cache_read_tokens)), "
    "type = 'answer_given', concat(request_id, ':', toString(response_length)), '')"
)
_WORK = (
    "multiIf(type = 'lines_changed' OR startsWith(counter, 'lines_'), 'lines', "
    "type = 'commit_made' OR counter = 'commits', 'commits', "
    "type = 'pull_request_opened' OR counter = 'pull_requests', 'pull requests', "
    "type = 'context_compacted', 'compactions', type = 'model_request_failed', 'api failures', "
    "type = 'prompt_submitted' AND command_name != '', 'commands', '')"
)
_TELLER = (
    "multiIf(type = 'usage_reported', 'metric', "
    "type NOT IN ('context_compacted', 'model_request_failed', 'prompt_submitted'), 'event', "
    "via = 'hook', 'hook', source = 'transcript', 'transcript', 'telemetry')"
)


def headless(entrypoint: str) -> str:
    """Whether nobody sat there."""
    return f"({' OR '.join(f'startsWith({entrypoint}, {prefix!r})' for prefix in NOT_INTERACTIVE_PREFIXES)})"


def _reported() -> str:
    """Name of the counter that a reported metric counts as, or nothing."""
    cases = ", ".join(
        f"name = '{name}' AND kind = '{kind}', '{COUNTED[number].name}'" for (name, kind), number in USAGE.items()
    )
    return f"multiIf(type != 'usage_reported', '', {cases}, '')"


def _nth(among: str, thing: str) -> str:
    """The place of an event among those of its life that tell this of a thing, in the order of the log."""
    return f"row_number() OVER (PARTITION BY session_id, life, {among}, {thing} ORDER BY place)"


def _kind() -> str:
    names: dict[ToolKind, list[str]] = {}
    for name, kind in TOOL_KINDS.items():
        names.setdefault(kind, []).append(f"'{name}'")
    cases = ", ".join(f"tool_name IN ({', '.join(named)}), {kind.value}" for kind, named in names.items())
    return f"multiIf({cases}, startsWith(tool_name, 'mcp'), {ToolKind.MCP.value}, {ToolKind.OTHER.value})"


def _bucket(duration: str) -> str:
    """The half octave of a duration in milliseconds."""
    square = f"toUInt128({duration}) * toUInt128({duration})"
    return f"least(length(trimLeft(bin({square}), '0')), {LAST_BUCKET})"


def _sums() -> str:
    """What one event adds: number of a counter, or of a place in a distribution, to amount."""
    numbers = {counter.name: counter.number for counter in COUNTED}
    amounts = [f"{numbers[name]}, toInt64({sql})" for name, sql in (EVERY_TIME | FIRST_TIME).items()]
    amounts += [f"{numbers[name]}, toInt64(if(is_own, {sql}, 0))" for name, sql in OWN.items()]
    amounts.append(f"{TOOL_DURATIONS} + {_bucket('duration_ms')}, toInt64({_ONLY}{_CALL})")
    amounts.append(f"{TOOL_KIND} + {_kind()}, toInt64({_ONLY}{_CALL})")
    counted = f"mapFilter((k, n) -> n != 0, map({', '.join(amounts)}))"
    shifted = f"mapApply((k, n) -> (toUInt16(k + half), n), {counted})"
    cases = ", ".join(f"counter = '{name}', {numbers[name]}" for name in REPORTED)
    number = f"toUInt16(multiIf({cases}, 0) + half)"
    reported = f"if(counter != '' AND is_own AND usage_amount != 0, map({number}, toInt64(usage_amount)), map())"
    return f"mapAdd({shifted}, CAST({reported}, 'Map(UInt16, Int64)'))"


def placed(log: str) -> str:
    """Each event of `log` (a CTE) in its life, with its half, and the name of what it tells."""
    return f"""
    WITH {log}
    SELECT l.*, h.life AS life,
        h.t < h.born + {PATIENCE} AS is_early,
        max(l.entrypoint) OVER (
            PARTITION BY l.session_id, h.life ORDER BY l.place ROWS UNBOUNDED PRECEDING
        ) AS shown,
        max(l.entrypoint) OVER (PARTITION BY l.session_id, h.life, is_early) AS shown_early,
        {headless("l.entrypoint")} AS is_headless,
        l.entrypoint = '' AS is_silent,
        if(is_headless OR (is_silent AND ({headless("shown")} OR (is_early AND {headless("shown_early")}))), {OTHER}, 0)
            AS half,
        {_reported()} AS counter, {_WORK} AS work, {_KEY} AS thing,
        {_TELLER} AS teller
    FROM log AS l INNER JOIN ${{scratch}}heard AS h
        ON l.session_id = h.session_id AND (l.partition, l.offset) = h.message"""


FACTS = f"""
    WITH ranked AS (
    SELECT *,
        argMin(teller, place) OVER (PARTITION BY session_id, life, work) AS first_teller,
        row_number() OVER (PARTITION BY session_id, life, type, thing ORDER BY place) AS nth
    FROM ${{scratch}}placed
),
keyed AS (
    SELECT *, (work = '' OR teller = first_teller) AND (thing = '' OR nth = 1) AS is_own,
        temporality = 'cumulative' AND counter != '' AND is_own AS is_cumulative,
        {_CALL} AND NOT success AS is_failure,
        {_CALL} AND success AND command_kind IN ('test', 'commit') AS is_good_run,
        is_failure AND command_kind = 'test' AS is_bad_run,
        is_failure AND target != '' AS is_aimed,
        type = 'turn_interrupted' OR ({_CALL} AND interrupted) AS is_stop,
        if(prompt_id != '', prompt_id, tool_use_id) AS stopped
    FROM ranked
),
first AS (
    SELECT *,
        max(value) OVER (
            PARTITION BY session_id, life, is_cumulative, series, started_at ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS highest,
        {_nth("is_failure", "tool_use_id")} AS nth_failure,
        {_nth("is_good_run", "tool_use_id")} AS nth_good_run,
        {_nth("is_bad_run", "tool_use_id")} AS nth_bad_run,
        {_nth("is_aimed", "tool_use_id")} AS nth_aimed,
        {_nth("is_stop", "stopped")} AS nth_stop
    FROM keyed
),
counted AS (
    SELECT *,
        if(is_cumulative, greatest(value - greatest(highest, 0), 0), value) AS usage_amount,
        is_failure AND (tool_use_id = '' OR nth_failure = 1) AS is_first_failure,
        is_good_run AND (tool_use_id = '' OR nth_good_run = 1) AS is_first_good_run,
        is_bad_run AND (tool_use_id = '' OR nth_bad_run = 1) AS is_first_bad_run,
        is_aimed AND (tool_use_id = '' OR nth_aimed = 1) AS is_first_aimed,
        is_stop AND (stopped = '' OR nth_stop = 1) AS is_first_stop
    FROM first
),
aimed AS (
    SELECT *, sum(is_first_aimed) OVER (PARTITION BY session_id, life, target ORDER BY place) AS failures FROM counted
),
turned AS (
    SELECT session_id, life, max(`partition`) AS `partition`, min(at) AS first, max(at) AS last,
        countIf(is_own AND {_CALL}) AS calls, if(countIf(is_headless) > 0, {OTHER}, 0) AS half
    FROM keyed WHERE prompt_id != '' AND {_IN_TURN}
    GROUP BY session_id, life, prompt_id HAVING countIf({_MAKES_TURN}) > 0
),
    each AS (
    SELECT session_id, life, `partition`, intDiv(at, {MINUTE}) AS minute, {_sums()} AS sums FROM aimed
    UNION ALL
    SELECT session_id, life, `partition`, intDiv(first, {MINUTE}) AS minute, CAST(
        mapFilter((k, n) -> n != 0, map(toUInt16({TURNS} + half), toInt64(1),
            toUInt16({TURN_DURATIONS} + half + {_bucket("last - first")}), toInt64(1),
            toUInt16({LOG_ACTIONS} + half), toInt64(roundBankers(1000 * log2(1 + calls))))),
        'Map(UInt16, Int64)') AS sums
    FROM turned
    )
    SELECT session_id, life, `partition`, minute, sumMap(sums) AS sums FROM each
    GROUP BY session_id, life, `partition`, minute"""
"""What each life counts, by minute; numbers as in schemas/counters.py."""

_SAID = ", ".join(f"{mark.value}, maxIf(at, {sql})" for mark, sql in _MARKS.items())
TOLD = f"""
    SELECT session_id, life, min(at) AS started, maxIf(at, type != 'usage_reported') AS ended,
        min(source) AS source, max(entrypoint) AS entrypoint, max(install_id) AS install_id,
        argMax(client_version,
            (arrayMap(x -> toUInt64OrZero(x), extractAll(client_version, '[0-9]+')), client_version))
            AS client_version,
        CAST(mapFilter((k, n) -> n != 0, map({_SAID})), 'Map(UInt8, Int64)') AS marks,
        maxIf((at, toString(outcome)), type = 'outcome_reported') AS said
    FROM ${{scratch}}placed GROUP BY session_id, life"""
"""What each life says of itself: times, attributes, marks, outcome."""
