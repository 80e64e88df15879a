CREATE OR REPLACE VIEW ${public}.work_modes_daily
(
    `day` Date COMMENT 'UTC.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the organisation, as far as shown.',
    `work_mode` LowCardinality(String) COMMENT 'Of the label, else of the proxy.',
    `is_label` Bool COMMENT 'A reader said it; else it is a proxy from telemetry.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `sessions` UInt64 COMMENT 'Sessions at a terminal or editor.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Sessions at a terminal or editor by the day on which they began, by team and dominant work.'
AS SELECT
    g.day AS `day`,
    g.shown_team AS `team_id`,
    g.work_mode AS `work_mode`,
    g.is_label AS `is_label`,
    finalizeAggregation(g.who) AS `people`,
    g.sessions AS `sessions`
FROM (
    SELECT s.day AS day, s.work_mode AS work_mode, s.is_label AS is_label, shown_team, uniqExactMergeState(s.who) AS who, sum(s.sessions) AS sessions
    FROM (
        SELECT *, (finalizeAggregation(who) = 0 OR finalizeAggregation(who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY day, work_mode, is_label) AS rest
        FROM (
            SELECT toDate(s.started_at) AS day, toString(ifNull(s.work_mode, s.work_mode_proxy)) AS work_mode, isNotNull(s.work_mode) AS is_label, s.team_id AS team, uniqExactStateIf(s.person_id, s.user_id NOT IN ('', 'unknown')) AS who, count() AS sessions
            FROM ${private}.sessions_brief AS s
            WHERE s.is_interactive AND isNotNull(ifNull(s.work_mode, s.work_mode_proxy))
            GROUP BY day, work_mode, is_label, team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), ['*'], []) AS shown_team
    GROUP BY day, work_mode, is_label, shown_team
) AS g
