-- Share of this team's tool calls that failed, in the shortest window that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, ${database}_tool_failure_rate(tool_failures, tool_calls) AS value
FROM ${database}.team_windows_brief
WHERE team_id IN (${team:singlequote}) AND span_minutes >= toUInt16(${span:singlequote}) AND tool_calls > 0
ORDER BY span_minutes
LIMIT 1
