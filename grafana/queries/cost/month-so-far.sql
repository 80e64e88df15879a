-- Estimated cost of the month so far (UTC), US dollars.
SELECT $__toTime AS time, sum(d.cost_usd) AS value
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday(toStartOfMonth($__toTime)) AND toDate($__toTime) AND d.day BETWEEN toStartOfMonth($__toTime) AND toDate($__toTime)
  AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
