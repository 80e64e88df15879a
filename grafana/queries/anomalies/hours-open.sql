-- How long alerts of the range were open, half of them at most this long, milliseconds; open ones until now.
SELECT
    $__toTime AS time,
    toFloat64(quantileExact(0.5)(dateDiff('millisecond', opened_at, ifNull(resolved_at, now64(3))))) AS value
FROM ${database}.anomalies
WHERE $__timeFilter_ms(opened_at) AND severity != 'digest'
HAVING count() > 0
