-- Share of finished tool calls that failed.
SELECT $__toTime AS time, ${database}_tool_failure_rate(s.tool_failures, s.tool_calls) AS value
FROM ${private}.sessions AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
