"""The stream's figures once more, in SQL, from raw events alone. Rule: no code of the folds; the same definitions.

Sessions are lived through again message by message: how long one is remembered, whom it shows first, when it is given
up. Then each event is a fact: a person, a team, a minute, and what it counts; and each life that is over is judged.
"""

# ruff: noqa: S608 - only names of ours are put into SQL; what varies is a parameter

from schemas.counters import (
    OF_SESSIONS,
    OTHER,
    SESSIONS_CLEAN,
    SESSIONS_CODED,
    SESSIONS_GIVEN_UP,
    SESSIONS_JUDGED,
    SESSIONS_LEFT,
    SESSIONS_RESTARTED,
    SESSIONS_TROUBLED,
    SESSIONS_VERIFIED,
)
from schemas.evidence import Sign
from sinks import verdicts
from sinks.columns import COUNTED
from sinks.placing import DIRECTORY, team
from sinks.recompute_facts import FACTS, FIELDS, MINUTE, PATIENCE, TOLD, headless, placed
from sinks.stored import ONE_SHOT_PARTITION, ONE_SHOT_TURN

_OF_SESSIONS = ", ".join(map(str, sorted(OF_SESSIONS)))

AHEAD, EARLIEST = 5 * MINUTE, 1_577_836_800_000
IDLE, FORGOTTEN = 30 * MINUTE, 24 * 60 * MINUTE
HOOK_SLACK = 5_000
"""A hook has no time but that of its receipt: the end that it tells may have come so much later."""

_LOG = f"""log AS (
    SELECT {FIELDS},
        occurred_at > received_at + {AHEAD} OR occurred_at < {EARLIEST} AS is_clamped,
        if(is_clamped, received_at, occurred_at) AS at,
        if(`partition` = {ONE_SHOT_PARTITION}, {ONE_SHOT_TURN}, 0) AS turn,
        (`partition`, turn, `offset`, run, `index`) AS place
    FROM ${{private}}.events
)"""
"""Each counted event, with the time that counts; `place` is its place in the log of its session."""

_MESSAGES = f"""messages AS (
    SELECT
        session_id,
        (`partition`, `offset`) AS message,
        row_number() OVER (PARTITION BY session_id ORDER BY (`partition`, turn, `offset`)) AS n,
        max(received_at) AS received,
        max(received) OVER (
            PARTITION BY session_id ORDER BY (`partition`, turn, `offset`) ROWS UNBOUNDED PRECEDING
        ) AS t,
        max(greatest(at, received_at)) AS alive,
        maxIf(at, type != 'usage_reported') AS last,
        maxIf((at + if(via = 'hook', {HOOK_SLACK}, 0), toString(reason)), type = 'session_ended') AS finish,
        argMinIf((user_id, toString(team_hint)), place, user_id != '') AS named
    FROM log GROUP BY session_id, `partition`, turn, `offset`
)"""
"""What each message of a session brought; `t` is the log's time then."""

_LIVES = f"""lived AS (
    SELECT session_id,
        arraySort(groupArray((toInt64(n), t, alive, last, finish.1, finish.2, named.1, named.2, message))) AS all,
        arrayFold(
            (a, m) -> if(
                empty(a.1) OR m.2 >= if(a.4 > 0 AND a.3 <= a.4, a.5, a.2 + {IDLE}) + {FORGOTTEN},
                (arrayPushBack(a.1, m.1), m.3, m.4, m.5, if(m.5 > 0, m.3, toInt64(0))),
                (a.1, greatest(a.2, m.3), greatest(a.3, m.4), greatest(a.4, m.5),
                    if(m.5 > a.4, greatest(a.2, m.3), a.5))
            ),
            all,
            (CAST([], 'Array(Int64)'), toInt64(0), toInt64(0), toInt64(0), toInt64(0))
        ).1 AS starts
    FROM messages GROUP BY session_id
)"""
"""A session's lives: it is forgotten a day after it closed, and what comes then begins another."""

_HEARD = f"""
    WITH {_LOG}, {_MESSAGES}, {_LIVES}
    SELECT session_id, arrayCount(s -> s <= m.1, starts) AS life, m.1 AS n, m.2 AS t, m.9 AS message,
        m.6 AS reason, m.5 AS ended, m.7 AS user, m.8 AS hint,
        max(m.3) OVER so_far AS seen,
        max(m.4) OVER so_far AS last,
        max(m.5) OVER so_far AS finish,
        max(m.3) OVER before AS seen_before,
        min(m.2) OVER so_far AS born
    FROM lived ARRAY JOIN all AS m
    WINDOW so_far AS (PARTITION BY session_id, life ORDER BY n ROWS UNBOUNDED PRECEDING),
        before AS (PARTITION BY session_id, life ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"""
"""Each message in its life, and what the life had seen by then."""

_PEOPLE = f"""
    WITH finished AS (SELECT session_id, life, max(finish) AS finish FROM ${{scratch}}heard GROUP BY session_id, life)
    SELECT h.session_id AS session_id, h.life AS life,
        min(h.n) AS first, minIf(h.n, h.user != '') AS named,
        argMinIf((h.t, h.seen_before, h.user, h.hint), h.n, h.user != '') AS who,
        min(h.born) AS begun, max(h.seen) AS seen, max(h.last) AS last, any(e.finish) AS finish,
        max((h.ended, h.reason)).2 AS reason,
        least(begun + {PATIENCE}, seen + {IDLE}) AS patience_ends,
        named > 0 AND (named = first OR who.1 < least(begun + {PATIENCE}, who.2 + {IDLE})) AS is_known,
        NOT is_known AND (named > 0 OR patience_ends <= {{until:Int64}} - {MINUTE}
            OR patience_ends <= {{now:Int64}} AND session_id IN (
                SELECT o.session_id FROM ${{private}}.all_sessions AS o WHERE o.user_id = 'unknown'
            )) AS is_given_up,
        multiIf(is_known, who.3, is_given_up, 'unknown', '') AS user_id,
        multiIf(is_known AND who.4 != '', who.4, 'unassigned') AS hint,
        finish > 0 AND last <= finish AS is_ended,
        minIf(h.seen, h.finish = e.finish) AS ended_seen,
        if(is_ended, ended_seen, seen + {IDLE}) AS closes
    FROM ${{scratch}}heard AS h INNER JOIN finished AS e ON h.session_id = e.session_id AND h.life = e.life
    GROUP BY h.session_id, h.life"""
"""Of each life, whom it counts for (the first who is named, unless it was given up before), and when it closes."""


def _totals() -> str:
    """Each counter of a life by its name, both halves."""
    numbers = [counter for counter in COUNTED if not counter.name.startswith("sessions_")]
    return ", ".join(f"y.sums[{each.number}] + y.sums[{each.number + OTHER}] AS {each.name}" for each in numbers)


def _judged() -> str:
    """Lives with their evidence, those of which the verdict is due.

    Successors are those that the same fold saw: what was read in one go knows nothing of the stream, nor it of that.
    """
    due = f"closes + {verdicts.COHORT_MS}"
    something = "prompts + responses + api_failures + tool_calls + tool_accepts + tool_rejections > 0"
    came_back = (
        f"p.user_id != 'unknown' AND arrayExists(o -> o.2 != p.session_id AND o.1 >= p.ended"
        f" AND o.1 < p.ended + {verdicts.COHORT_MS} AND o.3, s.begins)"
    )
    outcome = verdicts.outcome("t.signs")
    counted = [
        f"{SESSIONS_JUDGED}, 1",
        f"{SESSIONS_TROUBLED}, is_troubled",
        f"{SESSIONS_CODED}, {verdicts.has('t.signs', Sign.WROTE_CODE)}",
    ]
    for number, name in (
        (SESSIONS_VERIFIED, "verified_success"),
        (SESSIONS_CLEAN, "ended_clean"),
        (SESSIONS_GIVEN_UP, "abandoned_after_trouble"),
        (SESSIONS_LEFT, "abandoned"),
        (SESSIONS_RESTARTED, "restarted"),
    ):
        counted.append(f"{number}, outcome = '{name}'")
    pairs = ", ".join(f"toUInt16({pair.replace(', ', ' + half), toInt64(', 1)})" for pair in counted)
    return f"""
WITH summed AS (
    SELECT session_id, life, max(`partition`) AS `partition`, sumMap(sums) AS sums FROM ${{scratch}}facts
    GROUP BY session_id, life
),
held AS (
    SELECT p.session_id AS session_id, p.life AS life, p.user_id AS user_id, p.hint AS hint, p.finish AS finish,
        p.closes AS closes, p.is_ended AS is_ended,
        d.started AS started, d.ended AS ended, d.marks AS marks, d.said AS said, d.entrypoint AS entrypoint,
        y.sums AS sums, y.`partition` AS `partition`, y.`partition` = {ONE_SHOT_PARTITION} AS is_one_shot,
        {_totals()}, {something} AS is_something,
        p.closes <= {{until:Int64}} - {MINUTE} OR p.is_ended AS is_closed
    FROM ${{scratch}}lives AS p
    INNER JOIN ${{scratch}}told AS d ON p.session_id = d.session_id AND p.life = d.life
    INNER JOIN summed AS y ON p.session_id = y.session_id AND p.life = y.life
),
neighbours AS (
    SELECT user_id, is_one_shot, groupArray((started, session_id, is_something OR NOT is_closed)) AS begins
    FROM held WHERE user_id NOT IN ('', 'unknown') GROUP BY user_id, is_one_shot
),
evident AS (
    SELECT p.*, p.said.2 AS told, p.finish > 0 AS has_end,
        {came_back} AS came_back
    FROM held AS p LEFT JOIN neighbours AS s ON s.user_id = p.user_id AND s.is_one_shot = p.is_one_shot
    WHERE p.user_id != '' AND p.is_something AND ({due} <= {{until:Int64}} - {MINUTE} OR {due} <= {{now:Int64}}
        AND (p.session_id, p.closes) IN (SELECT v.session_id, v.judged_at - {verdicts.COHORT_MS}
            FROM ${{private}}.session_outcome_rows AS v FINAL))
),
signed AS (SELECT t.*, {verdicts.signs()} AS signs FROM evident AS t)
    SELECT t.*, {outcome} AS verdict, {verdicts.troubled("t.signs")} AS is_troubled, verdict AS outcome,
        {verdicts.confidence("t.signs", "verdict")} AS confidence, if({headless("t.entrypoint")}, {OTHER}, 0) AS half,
        intDiv(started, {MINUTE}) AS minute,
        CAST(mapFilter((k, n) -> n != 0, map({pairs})), 'Map(UInt16, Int64)') AS counted
    FROM signed AS t"""


STEPS: tuple[tuple[str, str], ...] = (
    ("heard", _HEARD),
    ("lives", _PEOPLE),
    ("placed", placed(_LOG)),
    ("facts", FACTS),
    ("told", TOLD),
    ("judged", _judged()),
)
"""What is worked out once, each from those before it: the name of a table that `${scratch}` stands before, and how."""


def sessions() -> str:
    """As all_sessions; what depends on the time now is left to the reader (seen, is_ended, reason)."""
    return """
WITH stood AS (
    SELECT session_id, argMin(user_id, life) AS user_id, argMin(hint, life) AS hint,
        argMax((seen, is_ended, reason), life) AS latest, max(finish) > 0 AS has_end
    FROM ${scratch}lives GROUP BY session_id
),
shown AS (
    SELECT session_id, min(started) AS started_at, max(ended) AS ended_at, min(source) AS source,
        argMax(client_version,
            (arrayMap(x -> toUInt64OrZero(x), extractAll(client_version, '[0-9]+')), client_version))
            AS client_version,
        max(entrypoint) AS entrypoint, max(install_id) AS install_id, mapSort(maxMap(marks)) AS marks,
        max(said).2 AS told
    FROM ${scratch}told GROUP BY session_id
),
summed AS (SELECT f.session_id AS session_id, sumMap(f.sums) AS sums FROM ${scratch}facts AS f
    GROUP BY f.session_id)
SELECT s.user_id AS user_id, s.hint AS hint, s.latest.1 AS seen_at, s.latest.2 AS is_ended,
    s.latest.3 AS reason, s.has_end AS has_end, w.session_id AS session_id, w.started_at AS started_at,
    w.ended_at AS ended_at, w.source AS source, w.client_version AS client_version, w.entrypoint AS entrypoint,
    w.install_id AS install_id, w.marks AS marks, w.told AS told, u.sums AS sums
FROM summed AS u INNER JOIN stood AS s ON u.session_id = s.session_id
INNER JOIN shown AS w ON w.session_id = u.session_id"""


def user_minutes(stream_only: bool = False) -> str:
    """As user_minutes, minute in epoch minutes; of the stream's events only, or of all."""
    only = "AND a.`partition` != {one_shot:UInt16}" if stream_only else ""
    return f"""
WITH parts AS (
    SELECT p.user_id AS user_id, p.hint AS hint, f.minute AS minute, f.`partition` AS `partition`,
        mapFilter((k, n) -> k NOT IN ({_OF_SESSIONS}), f.sums) AS sums
    FROM ${{scratch}}facts AS f INNER JOIN ${{scratch}}lives AS p ON f.session_id = p.session_id AND f.life = p.life
    UNION ALL
    SELECT j.user_id AS user_id, j.hint AS hint, j.minute AS minute, j.`partition` AS `partition`, j.counted AS sums
    FROM ${{scratch}}judged AS j
)
SELECT a.user_id AS user_id, {team(f"a.minute * {MINUTE}", "a.hint")} AS team_id, a.minute AS minute,
    sumMap(a.sums) AS sums
FROM parts AS a LEFT JOIN {DIRECTORY} AS d ON d.identity = a.user_id
WHERE a.user_id != '' {only}
GROUP BY a.user_id, team_id, a.minute"""


def outcomes() -> str:
    """As session_outcomes: the verdict on each life that is over."""
    return f"""
SELECT a.session_id AS session_id, a.life AS life, a.user_id AS user_id,
    {team(f"a.minute * {MINUTE}", "a.hint")} AS team_id, a.outcome AS outcome, toBool(a.is_troubled) AS is_troubled,
    a.signs AS signs, a.confidence AS confidence, toBool(a.half = 0) AS is_interactive
FROM ${{scratch}}judged AS a LEFT JOIN {DIRECTORY} AS d ON d.identity = a.user_id"""
