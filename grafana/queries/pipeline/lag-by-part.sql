-- Messages not yet read by each part: the largest sample of each partition in each interval, added up.
SELECT time, part, toFloat64(sum(largest)) AS value
FROM (
    SELECT $__timeInterval(at) AS time, part, partition, max(lag) AS largest
    FROM ${database}.pipeline_samples
    WHERE $__timeFilter(at)
    GROUP BY time, part, partition
)
GROUP BY time, part
ORDER BY time, part
