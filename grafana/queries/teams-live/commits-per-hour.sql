-- Commits an hour, from the last 30 minutes at each moment.
SELECT $__timeInterval(minute) AS time, team_id AS team, argMax(rolling, minute) AS value
FROM (
    SELECT
        minute,
        team_id,
        toFloat64(sum(commits) OVER last_half_hour) * 2 AS rolling
    FROM ${database}.team_minutes
    WHERE minute >= $__fromTime - INTERVAL 30 MINUTE AND minute <= $__toTime
      AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
    WINDOW last_half_hour AS (
        PARTITION BY team_id ORDER BY minute RANGE BETWEEN 1740 PRECEDING AND CURRENT ROW
    )
)
WHERE $__timeFilter(minute)
GROUP BY time, team
ORDER BY time, team
