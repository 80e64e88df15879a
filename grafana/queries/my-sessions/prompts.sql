-- Own prompts of the range.
SELECT $__toTime AS time, toFloat64(sum(m.prompts)) AS value
FROM ${private}.user_minutes AS m
WHERE $__timeFilter(m.minute)
HAVING count() > 0
