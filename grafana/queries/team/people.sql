-- Distinct people of this team, in the shortest window from the chosen one up that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, toFloat64(people) AS value
FROM ${database}.team_windows_brief
WHERE team_id IN (${team:singlequote}) AND span_minutes >= toUInt16(${span:singlequote})
ORDER BY span_minutes
LIMIT 1
