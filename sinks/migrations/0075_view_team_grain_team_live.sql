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
            FROM ${private}.sessions AS s
            ARRAY JOIN [('5m', 5), ('1h', 60), ('24h', 1440)] AS lasts
            WHERE greatest(s.ended_at, ifNull(s.closed_at, s.ended_at)) > (now64(3) - toIntervalMinute(lasts.2)) AND s.session_id IN (
                SELECT w.session_id FROM ${private}.session_state_rows AS w WHERE greatest(w.seen_at, w.closed_at) > toUnixTimestamp64Milli(now64(3)) - 86400000
            )
            GROUP BY span, span_minutes, team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), ['*'], []) AS shown_team
    GROUP BY span, span_minutes, shown_team
) AS g
