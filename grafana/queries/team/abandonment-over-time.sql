-- Troubled sessions that were abandoned (proxy), a week a step: this team, its four weeks before, everybody. None below 10 sessions.
SELECT
    arrayJoin([greatest(week, $__fromTime), least(week + 604799, $__toTime)]) AS time,
    if(n < 10, NULL, k / n) AS `this team`,
    past_k / nullIf(past_n, 0) AS `its past`,
    all_k / nullIf(all_n, 0) AS organisation
FROM (
    SELECT
        toDateTime(toStartOfInterval(day, INTERVAL 7 DAY)) AS week,
        sumIf(given_up, team_id != '*') AS k,
        sumIf(troubled, team_id != '*') AS n,
        sum(k) OVER four_before AS past_k,
        sum(n) OVER four_before AS past_n,
        sumIf(given_up, team_id = '*') AS all_k,
        sumIf(troubled, team_id = '*') AS all_n
    FROM (
        SELECT
            day,
            team_id,
            interactive_sessions_judged AS judged,
            interactive_sessions_troubled AS troubled,
            interactive_sessions_given_up AS given_up,
            interactive_sessions_verified AS verified,
            verified + interactive_sessions_clean AS good,
            good + given_up + interactive_sessions_left + interactive_sessions_restarted AS known
        FROM ${database}.team_days_brief
        WHERE week BETWEEN toMonday($__fromTime - INTERVAL 42 DAY) AND toDate($__toTime)
          AND day BETWEEN toDate($__fromTime - INTERVAL 42 DAY) AND toDate($__toTime)
          AND team_id IN ('*', ${team:singlequote})
    )
    GROUP BY week
    WINDOW four_before AS (ORDER BY week RANGE BETWEEN 2419200 PRECEDING AND 604800 PRECEDING)
)
WHERE week + 604799 >= $__fromTime AND $__timeFilter(time)
ORDER BY time
