-- The most people active within one minute of each interval.
SELECT $__timeInterval(minute) AS time, team_id AS team, toFloat64(max(people)) AS value
FROM ${database}.team_minutes
WHERE $__timeFilter(minute)
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY time, team
ORDER BY time, team
