-- What the clients estimate this team's use of the model to cost, in the shortest window that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, cost_usd AS value
FROM ${database}.team_windows_brief
WHERE team_id IN (${team:singlequote}) AND span_minutes >= toUInt16(${span:singlequote}) AND events > 0
ORDER BY span_minutes
LIMIT 1
