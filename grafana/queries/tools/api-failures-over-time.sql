-- Requests to models that failed for good: at once, after retries; and those that the model refused.
SELECT
    $__timeInterval(hour) AS time,
    toFloat64(sum(m.failures) - sum(m.retries_exhausted)) AS failed,
    toFloat64(sum(m.retries_exhausted)) AS `failed after retries`,
    toFloat64(sum(m.refusals)) AS refused
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY time
ORDER BY time
