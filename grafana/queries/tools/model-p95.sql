-- 95 % of the answered requests of the range took at most this long, milliseconds.
SELECT
    $__toTime AS time,
    ${database}_quantile(sumMap(m.durations), 0.95) AS value
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING sum(m.requests) > 0
