-- Share (proxy) of this team's troubled sessions, begun in the time range, that were abandoned; none below 10.
SELECT $__toTime AS time, ${database}_abandonment_rate(sum(d.interactive_sessions_given_up), sum(d.interactive_sessions_troubled)) AS value
FROM ${database}.team_days_brief(since = $__fromTime, until = $__toTime) AS d
WHERE team_id IN (${team:singlequote})
HAVING sum(d.interactive_sessions_troubled) >= 10
