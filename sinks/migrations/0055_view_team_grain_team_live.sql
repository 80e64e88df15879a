CREATE OR REPLACE VIEW ${public}.team_live
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the whole organisation.',
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
    lasts.1 AS `team_id`,
    lasts.2 AS `span`,
    lasts.3 AS `span_minutes`,
    uniqExactIf(s.person_id, s.ended_at > (now64(3) - toIntervalMinute(lasts.3)) AND s.user_id NOT IN ('', 'unknown')) AS `people`,
    countIf(s.ended_at > (now64(3) - toIntervalMinute(lasts.3))) AS `sessions_active`,
    countIf(s.started_at > (now64(3) - toIntervalMinute(lasts.3))) AS `sessions_started`,
    countIf(s.closed_at > (now64(3) - toIntervalMinute(lasts.3))) AS `sessions_ended`,
    uniqExactIf(s.person_id, s.ended_at > (now64(3) - toIntervalMinute(lasts.3)) AND s.user_id NOT IN ('', 'unknown') AND s.is_interactive) AS `interactive_people`,
    countIf(s.ended_at > (now64(3) - toIntervalMinute(lasts.3)) AND s.is_interactive) AS `interactive_sessions_active`
FROM ${private}.sessions AS s
ARRAY JOIN arrayConcat([(toString(s.team_id), '5m', 5), (toString(s.team_id), '1h', 60), (toString(s.team_id), '24h', 1440)], [('*', '5m', 5), ('*', '1h', 60), ('*', '24h', 1440)]) AS lasts
WHERE greatest(s.ended_at, ifNull(s.closed_at, s.ended_at)) > (now64(3) - toIntervalMinute(lasts.3)) AND s.session_id IN (
    SELECT w.session_id FROM ${private}.session_rows AS w WHERE greatest(w.seen_at, w.closed_at) > toUnixTimestamp64Milli(now64(3)) - 86400000
)
GROUP BY lasts
HAVING (people = 0 OR people >= (SELECT ifNull(max(value), 1) FROM ${private}.policy FINAL WHERE name = 'floor'))
