CREATE OR REPLACE VIEW ${public}.team_live
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the whole organisation, as far as shown.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `sessions_active` UInt64 COMMENT 'Sessions with an event.',
    `sessions_started` UInt64 COMMENT 'Sessions that began.',
    `sessions_ended` UInt64 COMMENT 'Sessions that closed.',
    `interactive_people` UInt64 COMMENT 'Distinct people active at a terminal or editor.',
    `interactive_sessions_active` UInt64 COMMENT 'Interactive sessions with an event.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Sessions and people of the last 5 minutes, hour and 24 hours up to now, by team.'
AS SELECT
    g.shown_team AS `team_id`,
    g.span AS `span`,
    g.span_minutes AS `span_minutes`,
    finalizeAggregation(g.who) AS `people`,
    g.sessions_active AS `sessions_active`,
    g.sessions_started AS `sessions_started`,
    g.sessions_ended AS `sessions_ended`,
    finalizeAggregation(g.interactive_people) AS `interactive_people`,
    g.interactive_sessions_active AS `interactive_sessions_active`
FROM (
    SELECT s.span AS span, s.span_minutes AS span_minutes, shown_team, uniqExactMergeState(s.who) AS who, sum(s.sessions_active) AS sessions_active, sum(s.sessions_started) AS sessions_started, sum(s.sessions_ended) AS sessions_ended, uniqExactMergeState(s.interactive_people) AS interactive_people, sum(s.interactive_sessions_active) AS interactive_sessions_active
    FROM (
        SELECT *, (finalizeAggregation(who) = 0 OR finalizeAggregation(who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY span, span_minutes) AS rest
        FROM (
            SELECT lasts.1 AS span, lasts.2 AS span_minutes, s.team_id AS team, uniqExactStateIf(s.person_id, s.ended_at > (now64(3) - toIntervalMinute(lasts.2)) AND s.user_id NOT IN ('', 'unknown')) AS who, countIf(s.ended_at > (now64(3) - toIntervalMinute(lasts.2))) AS sessions_active, countIf(s.started_at > (now64(3) - toIntervalMinute(lasts.2))) AS sessions_started, countIf(s.closed_at > (now64(3) - toIntervalMinute(lasts.2))) AS sessions_ended, uniqExactStateIf(s.person_id, s.ended_at > (now64(3) - toIntervalMinute(lasts.2)) AND s.user_id NOT IN ('', 'unknown') AND s.is_interactive) AS interactive_people, countIf(s.ended_at > (now64(3) - toIntervalMinute(lasts.2)) AND s.is_interactive) AS interactive_sessions_active
            FROM (
                SELECT t.`user_id` AS `user_id`, t.`started_at` AS `started_at`, t.`ended_at` AS `ended_at`, t.`closed_at` AS `closed_at`, t.`prompts` AS `prompts`, t.`responses` AS `responses`, t.`tool_calls` AS `tool_calls`, t.`tool_accepts` AS `tool_accepts`, t.`tool_rejections` AS `tool_rejections`, t.`api_failures` AS `api_failures`, if(arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if(d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)])) AS `team_id`, if(d.person = '', t.user_id, d.person) AS `person_id`, NOT (startsWith(t.entrypoint, 'sdk') OR startsWith(t.entrypoint, 'print') OR startsWith(t.entrypoint, 'headless') OR startsWith(t.entrypoint, 'github-action') OR startsWith(t.entrypoint, 'ci') OR startsWith(t.entrypoint, 'exec') OR startsWith(t.entrypoint, 'internal')) AS `is_interactive`
                FROM (
                SELECT r.entrypoint AS `entrypoint`, r.user_id AS `user_id`, r.began AS `started_at`, fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS `ended_at`, if(r.closed_at = 0, NULL, fromUnixTimestamp64Milli(r.closed_at, 'UTC')) AS `closed_at`, r.team_hint AS `hint`, r.prompts AS `prompts`, r.responses AS `responses`, r.tool_calls AS `tool_calls`, r.tool_accepts AS `tool_accepts`, r.tool_rejections AS `tool_rejections`, r.api_failures AS `api_failures`
                FROM ${private}.session_state_rows AS r FINAL
                PREWHERE r.session_key IN (SELECT w.session_key FROM ${private}.session_state_rows AS w WHERE greatest(w.seen_at, w.closed_at) > toUnixTimestamp64Milli(now64(3)) - 86400000) WHERE r.session_key NOT IN (
                    SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
                    HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
                )
                UNION ALL
                SELECT max(r.entrypoint) AS `entrypoint`, argMin(r.user_id, r.seen_at) AS `user_id`, fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS `started_at`, fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS `ended_at`, if(argMax(r.closed_at, r.seen_at) = 0, NULL, fromUnixTimestamp64Milli(argMax(r.closed_at, r.seen_at), 'UTC')) AS `closed_at`, argMin(toString(r.team_hint), r.seen_at) AS `hint`, sum(r.prompts) AS `prompts`, sum(r.responses) AS `responses`, sum(r.tool_calls) AS `tool_calls`, sum(r.tool_accepts) AS `tool_accepts`, sum(r.tool_rejections) AS `tool_rejections`, sum(r.api_failures) AS `api_failures`
                FROM (
                    SELECT * FROM ${private}.session_state_rows AS w WHERE w.session_key IN (
                    SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
                    HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
                )
                    ORDER BY w.version DESC LIMIT 1 BY w.session_id, w.segment
                ) AS r
                GROUP BY r.session_id
            ) AS t
                LEFT JOIN (
                    SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                        w.occupations AS occupations
                    FROM ${private}.directory_rows AS w FINAL
                ) AS d ON d.identity = t.user_id
            ) AS s
            ARRAY JOIN [('5m', 5), ('1h', 60), ('24h', 1440)] AS lasts
            WHERE greatest(s.ended_at, ifNull(s.closed_at, s.ended_at)) > (now64(3) - toIntervalMinute(lasts.2)) AND prompts + responses + api_failures + tool_calls + tool_accepts + tool_rejections > 0
            GROUP BY span, span_minutes, team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), ['*'], []) AS shown_team
    GROUP BY span, span_minutes, shown_team
) AS g
