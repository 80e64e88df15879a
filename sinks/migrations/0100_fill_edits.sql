CREATE MATERIALIZED VIEW IF NOT EXISTS ${private}.edits TO ${private}.edit_rows AS
SELECT
    toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC')) AS `day`,
    cityHash64(e.session_id) AS `session_key`,
    cityHash64(e.event_id) AS `event`,
    e.partition AS `partition`,
    e.offset AS `offset`,
    e.occurred_at AS `at`,
    e.kind AS `kind`,
    e.tool_name AS `tool_name`,
    e.language AS `language`,
    e.decision_source AS `decision_source`,
    e.temporality AS `temporality`,
    e.series AS `series`,
    e.started_at AS `started_at`,
    e.value AS `value`,
    9223372036854775807 - e.offset AS `rank`
FROM ${private}.session_events AS e
WHERE e.type = 'usage_reported' AND e.name = 'claude_code.code_edit_tool.decision'
