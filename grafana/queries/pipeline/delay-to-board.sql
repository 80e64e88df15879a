-- 99th percentile of the delay from flush to board in the 5 minutes up to each moment.
SELECT $__timeInterval(bucket) AS time, argMax(p99, bucket) AS value
FROM (
    SELECT bucket, arrayReduce('quantile(0.99)', arrayFlatten(groupArray(delays) OVER last_minutes)) AS p99
    FROM (
        SELECT toStartOfMinute(at) AS bucket, groupArray(toFloat64(delay_ms)) AS delays
        FROM ${database}.pipeline_samples
        WHERE at >= $__fromTime - INTERVAL 5 MINUTE AND at <= $__toTime AND part = 'sink' AND delay_ms > 0
        GROUP BY bucket
    )
    WINDOW last_minutes AS (ORDER BY bucket RANGE BETWEEN 240 PRECEDING AND CURRENT ROW)
)
WHERE $__timeFilter(bucket)
GROUP BY time
ORDER BY time
