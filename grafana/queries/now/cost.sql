-- What the clients estimate the model's use to cost, in the shortest window that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, sum(cost_usd) AS value
FROM ${database}.team_windows_brief
WHERE span_minutes >= toUInt16(${span:singlequote}) AND events > 0
GROUP BY span, span_minutes
ORDER BY span_minutes
LIMIT 1
