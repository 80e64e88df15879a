-- Estimated cost of the range's days for each session (proxy) that was verified or ended clean, US dollars.
SELECT $__toTime AS time, ${database}_cost_per_success(sum(d.cost_micros), sum(d.sessions_verified), sum(d.sessions_clean)) AS value
FROM ${database}.team_days_brief(since = $__fromTime, until = $__toTime) AS d
WHERE team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING sum(d.sessions_verified + d.sessions_clean) >= 10
