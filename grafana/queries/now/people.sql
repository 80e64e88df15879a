-- Distinct people of the organisation, in the shortest window from the chosen one up that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, toFloat64(people) AS value
FROM ${database}.team_live
WHERE team_id = '*' AND span_minutes >= toUInt16(${span:singlequote})
ORDER BY span_minutes
LIMIT 1
