-- Distinct people of the chosen window. Distinct people cannot be added up from minutes, hence no trend.
SELECT max(as_of) AS time, toFloat64(sum(people)) AS value
FROM ${database}.team_windows
WHERE span_minutes = toUInt32(${span:singlequote})
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
