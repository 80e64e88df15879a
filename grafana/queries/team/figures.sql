-- Of this team's sessions at a terminal or editor that began in the time range: success (proxy), and the share (proxy)
-- of the troubled that were abandoned, none below 10.
SELECT
    $__toTime AS time,
    sum(d.interactive_sessions_verified + d.interactive_sessions_clean)
        / nullIf(sum(d.interactive_sessions_verified + d.interactive_sessions_clean + d.interactive_sessions_restarted
                     + d.interactive_sessions_left + d.interactive_sessions_given_up), 0) AS `success (proxy)`,
    if(sum(d.interactive_sessions_troubled) < 10, NULL, ${database}_abandonment_rate(
        sum(d.interactive_sessions_given_up), sum(d.interactive_sessions_troubled))) AS `abandoned (proxy)`
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(d.day)
  AND team_id IN (${team:singlequote})
HAVING sum(d.interactive_sessions_judged) > 0
