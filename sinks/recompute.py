"""The stream's figures once more, in SQL, from raw events alone. Rule: no code of the folds; the same definitions.

Sessions are lived through again message by message: how long one is remembered, whom it shows first, when it is given
up. Then each event is a fact: a person, a team, a minute, and what it counts.
"""

# ruff: noqa: S608 - only names of ours are put into SQL; what varies is a parameter

from schemas.counters import LAST_BUCKET, NOT_INTERACTIVE_PREFIXES, OTHER, TOOL_DURATIONS, USAGE
from sinks.columns import COUNTED

MINUTE = 60_000
AHEAD, EARLIEST = 5 * MINUTE, 1_577_836_800_000
PATIENCE, IDLE, FORGOTTEN = 2 * MINUTE, 30 * MINUTE, 24 * 60 * MINUTE

_IS_PROMPT = "type = 'prompt_submitted'"
_SUM_OF = {
    "events": "1",
    "prompts": f"{_IS_PROMPT} AND command_name = '' AND NOT injected",
    "slash_commands": f"{_IS_PROMPT} AND command_name != ''",
    "injected_prompts": f"{_IS_PROMPT} AND command_name = '' AND injected",
    "responses": "type = 'model_responded'",
    "turns": "is_first_of_turn",
    "tool_calls": "type = 'tool_finished'",
    "tool_failures": "type = 'tool_finished' AND NOT success",
    "tool_accepts": "type = 'tool_decided' AND decision = 'accept'",
    "tool_rejections": "type = 'tool_decided' AND decision = 'reject'",
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
    "edits_accepted": "0",
    "edits_rejected": "0",
    "active_user_ms": "0",
    "active_cli_ms": "0",
    "compactions": "type = 'context_compacted'",
    "subagents": "type = 'subagent_completed'",
    "mode_changes": "type = 'permission_mode_changed'",
    "interrupts": "type = 'turn_interrupted'",
    "model_ms": "if(type = 'model_responded', duration_ms, 0)",
    "tool_ms": "if(type = 'tool_finished', duration_ms, 0)",
    "unrecognised": "type = 'unrecognised'",
    "clock_clamped": "is_clamped",
}
"""What one event adds to each counter; reported counters add theirs besides."""

NAMES = tuple(counter.name for counter in COUNTED)


def _usage() -> str:
    """The number of the counter that a reported metric counts as, or -1."""
    cases = ", ".join(f"name = '{name}' AND kind = '{kind}', {number}" for (name, kind), number in USAGE.items())
    return f"multiIf(type != 'usage_reported', -1, {cases}, -1)"


def _sums() -> str:
    """What one event adds: number of a counter, or of a duration's bucket, to amount, as schemas/counters.py says."""
    amounts = [f"{number}, toInt64({_SUM_OF[name]})" for number, name in enumerate(NAMES) if _SUM_OF[name] != "0"]
    amounts.append(f"{TOOL_DURATIONS} + bucket, toInt64(type = 'tool_finished')")
    counted = f"mapFilter((k, n) -> n != 0, map({', '.join(amounts)}))"
    half = f"if(is_interactive, 0, {OTHER})"
    shifted = f"mapApply((k, n) -> (toUInt16(k + {half}), n), {counted})"
    reported = f"if(usage < 0, map(), map(toUInt16(usage + {half}), usage_amount))"
    return f"mapAdd({shifted}, CAST({reported}, 'Map(UInt16, Int64)'))"


_HEADLESS = " OR ".join(f"startsWith(entrypoint, '{prefix}')" for prefix in NOT_INTERACTIVE_PREFIXES)

_FIELDS = (
    "session_id, `partition`, `offset`, run, `index`, type, received_at, occurred_at, user_id, team_hint, source, "
    "client_version, entrypoint, install_id, prompt_id, reason, kind, name, value, temporality, series, started_at, "
    "command_name, injected, success, decision, duration_ms, input_tokens, output_tokens, cache_read_tokens, "
    "cache_creation_tokens, cost_micros, response_length, added, removed"
)
"""Of an event, what is counted or decides what is."""

_LOG = f"""
log AS (
    SELECT {_FIELDS},
        occurred_at > received_at + {AHEAD} OR occurred_at < {EARLIEST} AS is_clamped,
        if(is_clamped, received_at, occurred_at) AS at,
        NOT ({_HEADLESS}) AS is_interactive,
        (`partition`, `offset`, run, `index`) AS place
    FROM ${{private}}.events
)"""
"""Each counted event, with the time that counts; `place` is its place in the log of its session."""

_MESSAGES = """
messages AS (
    SELECT
        session_id,
        (`partition`, `offset`) AS message,
        row_number() OVER (PARTITION BY session_id ORDER BY (`partition`, `offset`)) AS n,
        max(received_at) AS received,
        max(received) OVER (PARTITION BY session_id ORDER BY (`partition`, `offset`) ROWS UNBOUNDED PRECEDING) AS t,
        max(at) AS last,
        maxIf((at, toString(reason)), type = 'session_ended') AS finish,
        argMinIf((user_id, toString(team_hint)), place, user_id != '') AS named
    FROM log GROUP BY session_id, `partition`, `offset`
)"""
"""What each message of a session brought; `t` is the log's time then."""

_LIVES = f"""
lived AS (
    SELECT session_id,
        arraySort(groupArray((toInt64(n), t, received, last, finish.1, finish.2, named.1, named.2, message))) AS all,
        arrayFold(
            (a, m) -> if(
                empty(a.1) OR m.2 >= if(a.3 <= a.4, a.5, a.2 + {IDLE}) + {FORGOTTEN},
                (arrayPushBack(a.1, m.1), greatest(m.4, m.3), m.4, m.5, if(m.5 > 0, greatest(m.4, m.3), toInt64(0))),
                (a.1, greatest(a.2, m.4, m.3), greatest(a.3, m.4), greatest(a.4, m.5),
                    if(m.5 > a.4, greatest(a.2, m.4, m.3), a.5))
            ),
            all,
            (CAST([], 'Array(Int64)'), toInt64(0), toInt64(0), toInt64(0), toInt64(0))
        ).1 AS starts
    FROM messages GROUP BY session_id
),
heard AS (
    SELECT session_id, arrayCount(s -> s <= m.1, starts) AS life, m.1 AS n, m.2 AS t, m.9 AS message,
        m.6 AS reason, m.5 AS ended, m.7 AS user, m.8 AS hint,
        max(greatest(m.3, m.4)) OVER so_far AS seen,
        max(m.4) OVER so_far AS last,
        max(m.5) OVER so_far AS finish,
        max(greatest(m.3, m.4)) OVER before AS seen_before,
        min(m.2) OVER so_far AS born
    FROM lived ARRAY JOIN all AS m
    WINDOW so_far AS (PARTITION BY session_id, life ORDER BY n ROWS UNBOUNDED PRECEDING),
        before AS (PARTITION BY session_id, life ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)"""
"""A session's lives: it is forgotten a day after it closed, and what comes then begins another."""

_PEOPLE = f"""
lives AS (
    SELECT session_id, life,
        min(h.n) AS first, minIf(h.n, h.user != '') AS named, minIf(h.n, h.last <= h.finish) AS closed,
        argMinIf((h.t, h.seen_before, h.user, h.hint), h.n, h.user != '') AS who,
        min(h.born) AS begun, max(h.seen) AS seen, max(h.last) AS last, max(h.finish) AS finish,
        max((h.ended, h.reason)).2 AS reason,
        least(begun + {PATIENCE}, seen + {IDLE}) AS patience_ends,
        named > 0 AND (closed = 0 OR closed >= named)
            AND (named = first OR who.1 < least(begun + {PATIENCE}, who.2 + {IDLE})) AS is_known,
        NOT is_known AND (named > 0 OR closed > 0 OR patience_ends <= {{until:Int64}} - {MINUTE}
            OR patience_ends <= {{now:Int64}} AND session_id IN (
                SELECT o.session_id FROM ${{private}}.all_sessions AS o WHERE o.user_id = 'unknown'
            )) AS is_given_up,
        multiIf(is_known, who.3, is_given_up, 'unknown', '') AS user_id,
        multiIf(is_known AND who.4 != '', who.4, 'unassigned') AS team_id,
        last <= finish AS is_ended
    FROM heard AS h GROUP BY session_id, life
)"""
"""Of each life, whom it counts for: the first who is named, unless it was given up before."""


def _facts() -> str:
    return f"""
placed AS (
    SELECT l.*, h.life AS life
    FROM log AS l INNER JOIN heard AS h ON l.session_id = h.session_id AND (l.partition, l.offset) = h.message
),
counted AS (
    SELECT *,
        type IN ('model_responded', 'tool_finished') OR (type = 'model_request_failed' AND kind = 'error')
            AS makes_turn,
        makes_turn AND prompt_id != ''
            AND row_number() OVER (PARTITION BY session_id, life, makes_turn, prompt_id ORDER BY place) = 1
            AS is_first_of_turn,
        {_usage()} AS usage,
        temporality = 'cumulative' AND usage >= 0 AS is_cumulative,
        max(value) OVER (
            PARTITION BY session_id, life, is_cumulative, series, started_at ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS highest,
        multiIf(is_cumulative, greatest(value - greatest(highest, 0), 0), value) AS usage_amount,
        least(length(trimLeft(bin(toUInt128(duration_ms) * duration_ms), '0')), {LAST_BUCKET}) AS bucket
    FROM placed
),
facts AS (
    SELECT session_id, life, `partition`, at, intDiv(at, {MINUTE}) AS minute,
        source, client_version, entrypoint, install_id, {_sums()} AS sums
    FROM counted
)"""


def _with() -> str:
    return "WITH" + ",".join((_LOG, _MESSAGES, _LIVES, _PEOPLE, _facts()))


def sessions() -> str:
    """As all_sessions; what depends on the time now is left to the reader (seen, is_ended, reason)."""
    return f"""{_with()},
stood AS (
    SELECT session_id, argMin(user_id, life) AS user_id, argMin(team_id, life) AS team_id,
        argMax((seen, is_ended, reason), life) AS latest
    FROM lives GROUP BY session_id
),
summed AS (
    SELECT f.session_id AS session_id, min(f.at) AS started_at, max(f.at) AS ended_at, min(f.source) AS source,
        argMax(f.client_version,
            (arrayMap(x -> toUInt64OrZero(x), extractAll(f.client_version, '[0-9]+')), f.client_version))
            AS client_version,
        max(f.entrypoint) AS entrypoint, max(f.install_id) AS install_id,
        sumMap(f.sums) AS sums
    FROM facts AS f GROUP BY f.session_id
)
SELECT s.user_id AS user_id, s.team_id AS team_id, s.latest.1 AS seen_at, s.latest.2 AS is_ended,
    s.latest.3 AS reason, u.*
FROM summed AS u INNER JOIN stood AS s ON u.session_id = s.session_id"""


def user_minutes(stream_only: bool = False) -> str:
    """As user_minutes, minute in epoch minutes; of the stream's events only, or of all."""
    only = "AND f.partition != {one_shot:UInt16}" if stream_only else ""
    return f"""{_with()}
SELECT p.user_id AS user_id, p.team_id AS team_id, f.minute AS minute,
    sumMap(f.sums) AS sums
FROM facts AS f INNER JOIN lives AS p ON f.session_id = p.session_id AND f.life = p.life
WHERE p.user_id != '' {only}
GROUP BY user_id, team_id, minute"""
