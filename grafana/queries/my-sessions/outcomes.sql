-- How own sessions at a terminal or editor of the range went, by client.
SELECT
    s.source AS client,
    toFloat64(countIf(s.outcome = 'verified_success')) AS verified,
    toFloat64(countIf(s.outcome = 'ended_clean')) AS `ended clean`,
    toFloat64(countIf(s.outcome = 'restarted')) AS `begun anew`,
    toFloat64(countIf(s.outcome = 'abandoned')) AS abandoned,
    toFloat64(countIf(s.outcome = 'abandoned_after_trouble')) AS `abandoned after trouble`,
    toFloat64(countIf(s.outcome = 'unknown')) AS unknown
FROM ${private}.sessions_brief AS s
WHERE $__timeFilter_ms(s.started_at) AND s.is_interactive AND isNotNull(s.outcome)
GROUP BY client
ORDER BY client
