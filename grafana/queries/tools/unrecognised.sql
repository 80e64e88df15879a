-- Share of the range's events whose name this version does not know, all clients and teams.
SELECT $__toTime AS time, sum(e.unrecognised) / sum(e.events) AS value
FROM ${database}.event_minutes AS e
WHERE $__timeFilter(minute)
HAVING sum(e.events) > 0
