-- Share of own tool calls of the range that failed.
SELECT $__toTime AS time, ${database}_tool_failure_rate(sum(m.tool_failures), sum(m.tool_calls)) AS value
FROM ${private}.user_minutes AS m
WHERE $__timeFilter(m.minute)
HAVING sum(m.tool_calls) > 0
