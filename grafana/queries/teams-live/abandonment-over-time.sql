-- Share of troubled sessions at a terminal or editor that were abandoned, sessions begun in the last 7 days;
-- none below 10 troubled sessions.
SELECT $__timeInterval(hour) AS time, team_id AS team, argMax(rolling, hour) AS value
FROM (
    SELECT
        hour,
        team_id,
        if(sum(troubled) OVER last_week < 10, NULL,
           sum(given_up) OVER last_week / sum(troubled) OVER last_week) AS rolling
    FROM (
        SELECT
            toStartOfHour(minute) AS hour,
            team_id,
            sum(interactive_sessions_troubled) AS troubled,
            sum(interactive_sessions_given_up) AS given_up
        FROM ${database}.team_minutes
        WHERE minute >= $__fromTime - INTERVAL 7 DAY AND minute <= $__toTime
          AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
        GROUP BY hour, team_id
    )
    WINDOW last_week AS (
        PARTITION BY team_id ORDER BY hour RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW
    )
)
WHERE $__timeFilter(hour)
GROUP BY time, team
ORDER BY time, team
