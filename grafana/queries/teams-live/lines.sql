-- Lines an hour, from the last 30 minutes at each moment.
SELECT
    $__timeInterval(minute) AS time,
    argMax(lines_added_hourly, minute) AS `lines added`,
    argMax(lines_removed_hourly, minute) AS `lines removed`
FROM (
    SELECT
        minute,
        toFloat64(sum(lines_added_sum) OVER last_half_hour) * 2 AS lines_added_hourly,
        toFloat64(sum(lines_removed_sum) OVER last_half_hour) * 2 AS lines_removed_hourly
    FROM (
        SELECT
            minute,
            sum(lines_added) AS lines_added_sum,
            sum(lines_removed) AS lines_removed_sum
        FROM ${database}.team_minutes
        WHERE minute >= $__fromTime - INTERVAL 30 MINUTE AND minute <= $__toTime
          AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
        GROUP BY minute
    )
    WINDOW last_half_hour AS (ORDER BY minute RANGE BETWEEN 1740 PRECEDING AND CURRENT ROW)
)
WHERE $__timeFilter(minute)
GROUP BY time
ORDER BY time
