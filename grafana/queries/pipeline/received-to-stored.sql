-- From the receiver's answer to the raw event in the store, milliseconds: of the interval's minutes the usual p50, the worst p99.
SELECT
    $__timeInterval(minute) AS time,
    median(store_delay_p50_ms) AS p50,
    max(store_delay_p99_ms) AS p99
FROM ${database}.event_minutes
WHERE $__timeFilter(minute)
GROUP BY time
ORDER BY time
