-- 95 % of the finished tool calls of the range took at most this long, milliseconds, waiting for permissions included.
SELECT
    $__toTime AS time,
    ${database}_quantile(sumMap(t.durations), 0.95) AS value
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING sum(t.calls) > 0
