-- What was done to help in this time range.
SELECT started_at AS time, ended_at AS timeEnd, i.title AS text, kind AS title, team_id AS tags
FROM ${database}.interventions AS i
WHERE $__timeFilter(started_at)
ORDER BY started_at
LIMIT 100
