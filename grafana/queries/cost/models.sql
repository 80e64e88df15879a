-- Cost, requests and use of the cache by model, dearest first.
SELECT
    model,
    sum(m.cost_micros) / 1e6 AS cost,
    toFloat64(sum(m.requests)) AS requests,
    sum(m.cost_micros) / 1e6 / nullIf(sum(m.requests), 0) AS `per request`,
    toFloat64(sum(m.output_tokens)) AS `output tokens`,
    sum(m.cache_read_tokens)
        / nullIf(sum(m.cache_read_tokens + m.cache_creation_tokens + m.input_tokens), 0) AS `read from cache`
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY model
ORDER BY cost DESC, model
LIMIT 30
