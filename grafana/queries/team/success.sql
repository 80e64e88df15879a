-- Success (proxy) of this team's sessions at a terminal or editor that began in the time range.
SELECT
    $__toTime AS time,
    sum(d.interactive_sessions_verified + d.interactive_sessions_clean)
        / sum(d.interactive_sessions_verified + d.interactive_sessions_clean + d.interactive_sessions_restarted
              + d.interactive_sessions_left + d.interactive_sessions_given_up) AS value
FROM ${database}.team_days_brief(since = $__fromTime, until = $__toTime) AS d
WHERE team_id IN (${team:singlequote})
HAVING sum(d.interactive_sessions_judged) > 0
