-- How far the time of each part's slowest partition is behind the clock, milliseconds.
SELECT $__timeInterval(at) AS time, part, toFloat64(max(watermark_age_ms)) AS value
FROM ${database}.pipeline_samples
WHERE $__timeFilter(at)
GROUP BY time, part
ORDER BY time, part
