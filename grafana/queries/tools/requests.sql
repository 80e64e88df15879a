-- Share of the range's requests to models that failed for good, and how long 95 % of the answered took at most.
SELECT
    $__toTime AS time,
    sum(m.failures) / nullIf(sum(m.requests + m.failures), 0) AS failures,
    if(sum(m.requests) = 0, NULL, ${database}_quantile(sumMap(m.durations), 0.95)) AS p95
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
