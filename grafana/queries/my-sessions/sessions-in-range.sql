-- Own sessions that began in the range, and the share (proxy) that was verified or ended clean, of known ends.
SELECT
    $__toTime AS time,
    toFloat64(count()) AS sessions,
    countIf(s.outcome IN ('verified_success', 'ended_clean')) / nullIf(countIf(s.outcome != 'unknown'), 0) AS `success (proxy)`
FROM ${private}.sessions_brief AS s
WHERE $__timeFilter_ms(s.started_at)
