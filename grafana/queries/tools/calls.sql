-- Finished tool calls of the range, the share that failed, and how long 95 % took at most, waits included, milliseconds.
SELECT
    $__toTime AS time,
    toFloat64(sum(t.calls)) AS calls,
    sum(t.failures) / nullIf(sum(t.calls), 0) AS failures,
    if(sum(t.calls) = 0, NULL, ${database}_quantile(sumMap(t.durations), 0.95)) AS p95
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
