-- Tokens of each answer's request.
SELECT
    e.occurred AS time,
    toFloat64(e.cache_read_tokens) AS `cache read`,
    toFloat64(e.cache_creation_tokens) AS `cache write`,
    toFloat64(e.input_tokens) AS input,
    toFloat64(e.output_tokens) AS output
FROM ${private}.events AS e
WHERE e.session_id IN (${session:singlequote}) AND e.type = 'model_responded' AND $__timeFilter_ms(e.occurred)
ORDER BY time
LIMIT 5000
