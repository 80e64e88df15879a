CREATE OR REPLACE VIEW ${public}.tool_hours
(
    `hour` DateTime('UTC') COMMENT 'Hour in which they occurred.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'others\': teams with too few people in this row, together.',
    `people` UInt64 COMMENT 'Distinct people.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `tool_name` LowCardinality(String) COMMENT 'The tool.',
    `mcp_server` LowCardinality(String) COMMENT 'Its MCP server; empty: none.',
    `calls` UInt64 COMMENT 'Finished calls.',
    `failures` UInt64 COMMENT 'Of them: did not succeed.',
    `rejections` UInt64 COMMENT 'Calls refused.',
    `durations` Map(UInt16, Int64) COMMENT 'Finished calls by half octave of their duration.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Calls of tools by hour, team, client and tool.'
AS SELECT
    g.hour AS `hour`,
    g.shown_team AS `team_id`,
    finalizeAggregation(g.who) AS `people`,
    g.source AS `source`,
    g.tool_name AS `tool_name`,
    g.mcp_server AS `mcp_server`,
    g.calls AS `calls`,
    g.failures AS `failures`,
    g.rejections AS `rejections`,
    g.durations AS `durations`
FROM (
    SELECT s.hour AS hour, s.source AS source, s.tool_name AS tool_name, s.mcp_server AS mcp_server,
        if((finalizeAggregation(s.who) = 0 OR finalizeAggregation(s.who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), toString(s.team), 'others') AS shown_team,
        uniqExactMergeState(s.who) AS who, sum(s.calls) AS calls, sum(s.failures) AS failures, sum(s.rejections) AS rejections, sumMap(s.durations) AS durations
    FROM (
        SELECT toStartOfHour(r.minute) AS hour, r.source AS source, r.name AS tool_name, r.mcp_server AS mcp_server, r.placed_team AS team, uniqExactStateIf(r.person_id, r.user_id NOT IN ('', 'unknown')) AS who, countIf(r.type = 'tool_finished') AS calls, countIf(r.type = 'tool_finished' AND r.result = 'failed') AS failures, countIf(r.type = 'tool_decided' AND r.result = 'reject') AS rejections, sumMapIf(map(toUInt16(least(length(trimLeft(bin(toUInt128(r.duration_ms) * toUInt128(r.duration_ms)), '0')), 63)), toInt64(1)), r.type = 'tool_finished') AS durations
        FROM (
            SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(toString(a.hint) = '', 'unassigned', toString(a.hint)), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
            FROM ${private}.call_rows AS a FINAL
            LEFT JOIN (
                SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                    w.occupations AS occupations
                FROM ${private}.directory_rows AS w FINAL
            ) AS d ON d.identity = a.user_id
            PREWHERE (a.partition, a.offset) NOT IN (
            SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
        )
        ) AS r
        WHERE r.type IN ('tool_finished', 'tool_decided')
        GROUP BY hour, source, tool_name, mcp_server, team
    ) AS s
    GROUP BY hour, source, tool_name, mcp_server, shown_team
    HAVING (finalizeAggregation(who) = 0 OR finalizeAggregation(who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
) AS g
WHERE g.calls + g.rejections > 0
