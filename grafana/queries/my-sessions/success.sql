-- Share (proxy) of own sessions of the range that were verified or ended clean, of those that ended in a known way.
SELECT
    $__toTime AS time,
    countIf(s.outcome IN ('verified_success', 'ended_clean')) / countIf(s.outcome != 'unknown') AS value
FROM ${private}.sessions AS s
WHERE $__timeFilter_ms(s.started_at) AND isNotNull(s.outcome)
HAVING countIf(s.outcome != 'unknown') > 0
