-- Messages not yet read by all parts together: the largest sample of each partition in each interval, added up.
SELECT time, toFloat64(sum(largest)) AS value
FROM (
    SELECT $__timeInterval(at) AS time, part, partition, max(lag) AS largest
    FROM ${database}.pipeline_samples
    WHERE $__timeFilter(at)
    GROUP BY time, part, partition
)
GROUP BY time
ORDER BY time
