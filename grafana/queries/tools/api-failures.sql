-- Share of requests to models that failed for good, of the range.
SELECT $__toTime AS time, sum(m.failures) / sum(m.requests + m.failures) AS value
FROM ${database}.model_hours AS m
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING sum(m.requests + m.failures) > 0
