-- Share of tool calls that failed, in the shortest window from the chosen one up in which a team may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, ${database}_tool_failure_rate(sum(tool_failures), sum(tool_calls)) AS value
FROM ${database}.team_windows_brief
WHERE span_minutes >= toUInt16(${span:singlequote}) AND tool_calls > 0
GROUP BY span, span_minutes
ORDER BY span_minutes
LIMIT 1
