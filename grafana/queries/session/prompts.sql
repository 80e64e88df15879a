-- Prompts that were typed.
SELECT $__toTime AS time, toFloat64(s.prompts) AS value
FROM ${private}.sessions AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
