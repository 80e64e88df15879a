-- What was done in this time range to help the chosen teams or everybody.
SELECT started_at AS time, ended_at AS timeEnd, i.title AS text, kind AS title, team_id AS tags
FROM ${database}.interventions AS i
WHERE $__timeFilter(started_at) AND (team_id = '*' OR $__conditionalAll(team_id IN (${team:singlequote}), $team))
ORDER BY started_at
LIMIT 100
