-- How far the slowest part's time is behind the clock, in milliseconds.
SELECT $__timeInterval(at) AS time, toFloat64(max(watermark_age_ms)) AS value
FROM ${database}.pipeline_samples
WHERE $__timeFilter(at)
GROUP BY time
ORDER BY time
