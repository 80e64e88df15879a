-- Share of finished tool calls that failed, of the range.
SELECT $__toTime AS time, sum(t.failures) / sum(t.calls) AS value
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING sum(t.calls) > 0
