-- Finished tool calls of the range.
SELECT $__toTime AS time, toFloat64(sum(t.calls)) AS value
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
