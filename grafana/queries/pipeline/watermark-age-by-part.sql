-- How far the time of each part's slowest partition is behind the clock, milliseconds.
SELECT
    $__timeInterval(at) AS time,
    if(countIf(part = 'sessions') = 0, NULL, toFloat64(maxIf(watermark_age_ms, part = 'sessions'))) AS sessions,
    if(countIf(part = 'users') = 0, NULL, toFloat64(maxIf(watermark_age_ms, part = 'users'))) AS users,
    if(countIf(part = 'teams') = 0, NULL, toFloat64(maxIf(watermark_age_ms, part = 'teams'))) AS teams,
    if(countIf(part = 'detect') = 0, NULL, toFloat64(maxIf(watermark_age_ms, part = 'detect'))) AS detect,
    if(countIf(part = 'sink') = 0, NULL, toFloat64(maxIf(watermark_age_ms, part = 'sink'))) AS sink
FROM ${database}.pipeline_samples
WHERE $__timeFilter(at)
GROUP BY time
ORDER BY time
