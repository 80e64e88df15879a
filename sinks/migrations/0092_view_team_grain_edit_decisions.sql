CREATE OR REPLACE VIEW ${public}.edit_decisions
(
    `day` Date COMMENT 'UTC.',
    `team_id` LowCardinality(String) COMMENT 'Of the session.',
    `tool_name` LowCardinality(String) COMMENT 'The tool.',
    `language` LowCardinality(String) COMMENT 'Of the file, as the client says it.',
    `decision_source` LowCardinality(String) COMMENT 'Who decided: config is a rule.',
    `people` UInt64 COMMENT 'Distinct people.',
    `accepted` Int64 COMMENT 'Edits accepted.',
    `rejected` Int64 COMMENT 'Edits rejected.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Edits accepted and rejected, by day, team, tool, language and who decided, where the client says so.'
AS SELECT
    toDate(fromUnixTimestamp64Milli(x.at, 'UTC')) AS `day`,
    s.team_id AS `team_id`,
    x.tool_name AS `tool_name`,
    x.language AS `language`,
    x.decision_source AS `decision_source`,
    uniqExactIf(s.person_id, s.user_id NOT IN ('', 'unknown')) AS `people`,
    sumIf(x.amount, x.kind = 'accept') AS `accepted`,
    sumIf(x.amount, x.kind = 'reject') AS `rejected`
FROM (
    SELECT e.session_id AS session_id, e.kind AS kind, e.tool_name AS tool_name,
        e.language AS language, e.decision_source AS decision_source, min(e.occurred_at) AS at,
        if(e.temporality = 'cumulative', max(e.value), sum(e.value)) AS amount
    FROM ${private}.events AS e
    WHERE e.type = 'usage_reported' AND e.name = 'claude_code.code_edit_tool.decision'
    GROUP BY session_id, kind, tool_name, language, decision_source, e.temporality, e.series, e.started_at
) AS x
INNER JOIN ${private}.all_sessions AS s ON s.session_id = x.session_id
GROUP BY day, s.team_id, x.tool_name, x.language, x.decision_source
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
