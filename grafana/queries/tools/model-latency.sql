-- How long answered requests took, milliseconds.
SELECT
    $__timeInterval(hour) AS time,
    ${database}_quantile(sumMap(m.durations), 0.5) AS p50,
    ${database}_quantile(sumMap(m.durations), 0.95) AS p95
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY time
HAVING sum(m.requests) > 0
ORDER BY time
