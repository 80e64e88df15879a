-- Models of the range, most requests first.
SELECT
    model,
    toFloat64(sum(m.requests)) AS requests,
    sum(m.failures) / sum(m.requests + m.failures) AS failed,
    sum(m.retries_exhausted) / nullIf(sum(m.failures), 0) AS `failed though retried`,
    toFloat64(sum(m.refusals)) AS refusals,
    ${database}_quantile(sumMap(m.durations), 0.5) AS p50,
    ${database}_quantile(sumMap(m.durations), 0.95) AS p95
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY model
HAVING sum(m.requests + m.failures) > 0
ORDER BY requests DESC, model
LIMIT 30
