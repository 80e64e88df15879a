-- Messages not yet read by each part: the largest sample of each partition in each interval, added up.
SELECT
    time,
    if(countIf(part = 'sessions') = 0, NULL, toFloat64(sumIf(largest, part = 'sessions'))) AS sessions,
    if(countIf(part = 'users') = 0, NULL, toFloat64(sumIf(largest, part = 'users'))) AS users,
    if(countIf(part = 'teams') = 0, NULL, toFloat64(sumIf(largest, part = 'teams'))) AS teams,
    if(countIf(part = 'detect') = 0, NULL, toFloat64(sumIf(largest, part = 'detect'))) AS detect,
    if(countIf(part = 'sink') = 0, NULL, toFloat64(sumIf(largest, part = 'sink'))) AS sink
FROM (
    SELECT $__timeInterval(at) AS time, part, partition, max(lag) AS largest
    FROM ${database}.pipeline_samples
    WHERE $__timeFilter(at)
    GROUP BY time, part, partition
)
GROUP BY time
ORDER BY time
