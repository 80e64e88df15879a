-- From the flush of a team's window to its row in the store, milliseconds.
SELECT
    $__timeInterval(at) AS time,
    quantile(0.5)(delay_ms) AS p50,
    quantile(0.99)(delay_ms) AS p99
FROM ${database}.pipeline_samples
WHERE $__timeFilter(at) AND part = 'sink' AND delay_ms > 0
GROUP BY time
ORDER BY time
