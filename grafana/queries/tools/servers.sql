-- MCP servers of the range, most called first.
SELECT
    mcp_server AS server,
    toFloat64(uniqExact(tool_name)) AS tools,
    toFloat64(uniqExactIf(team_id, team_id != 'others')) AS teams,
    toFloat64(sum(t.calls)) AS calls,
    sum(t.failures) / sum(t.calls) AS failed,
    ${database}_quantile(sumMap(t.durations), 0.95) AS p95
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team) AND mcp_server != ''
GROUP BY server
HAVING sum(t.calls) > 0
ORDER BY calls DESC, server
LIMIT 50
