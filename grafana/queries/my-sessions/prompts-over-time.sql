-- Own prompts in each interval.
SELECT $__timeInterval(m.minute) AS time, toFloat64(sum(m.prompts)) AS prompts
FROM ${private}.user_minutes_brief AS m
WHERE $__timeFilter(m.minute)
GROUP BY time
ORDER BY time
