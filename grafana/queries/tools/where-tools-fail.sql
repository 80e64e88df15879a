-- Which tool fails where: tools of single teams with 50 calls or more, highest share of failures first.
SELECT
    tool_name AS tool,
    team_id AS team,
    toFloat64(sum(t.calls)) AS calls,
    sum(t.failures) / sum(t.calls) AS failed
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND team_id != 'others' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY tool, team
HAVING sum(t.calls) >= 50 AND sum(t.failures) > 0
ORDER BY failed DESC, tool, team
LIMIT 50
