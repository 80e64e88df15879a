-- Estimated cost of the days of the range, US dollars.
SELECT $__toTime AS time, sum(d.cost_usd) AS value
FROM ${database}.team_days_brief(since = $__fromTime, until = $__toTime) AS d
WHERE team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
