-- Estimated cost of own use in the range, US dollars.
SELECT $__toTime AS time, sum(m.cost_usd) AS value
FROM ${private}.user_minutes AS m
WHERE $__timeFilter(m.minute)
HAVING count() > 0
