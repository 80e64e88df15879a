-- How sessions at a terminal or editor went, as shares: this team, the 28 days before the range, everybody.
SELECT
    multiIf(team_id = '*', 'organisation', day < toDate($__fromTime), 'its past', 'this team') AS whose,
    sum(d.interactive_sessions_verified) / sum(d.interactive_sessions_judged) AS verified,
    sum(d.interactive_sessions_clean) / sum(d.interactive_sessions_judged) AS `ended clean`,
    sum(d.interactive_sessions_restarted) / sum(d.interactive_sessions_judged) AS `begun anew`,
    sum(d.interactive_sessions_left) / sum(d.interactive_sessions_judged) AS abandoned,
    sum(d.interactive_sessions_given_up) / sum(d.interactive_sessions_judged) AS `abandoned after trouble`,
    1 - verified - `ended clean` - `begun anew` - abandoned - `abandoned after trouble` AS unknown
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday($__fromTime - INTERVAL 28 DAY) AND toDate($__toTime)
  AND d.day BETWEEN toDate($__fromTime - INTERVAL 28 DAY) AND toDate($__toTime)
  AND team_id IN ('*', ${team:singlequote}) AND (team_id != '*' OR day >= toDate($__fromTime))
GROUP BY whose
HAVING sum(d.interactive_sessions_judged) > 0
ORDER BY whose = 'organisation', whose = 'its past'
