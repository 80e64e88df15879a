-- Share of finished tool calls that failed.
SELECT $__toTime AS time, s.tool_failures / nullIf(s.tool_calls, 0) AS value
FROM ${private}.sessions AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
