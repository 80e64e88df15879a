-- Requests to the model that failed for good in the chosen window.
-- The trend adds up minutes; its last point is the window that the stream keeps.
SELECT time, value
FROM (
    SELECT $__timeInterval(minute) AS time, argMax(rolling, minute) AS value
    FROM (
        SELECT minute, toFloat64(sum(amount) OVER last_span) AS rolling
        FROM (
            SELECT minute, sum(api_failures) AS amount
            FROM ${database}.team_minutes
            WHERE minute >= $__fromTime - INTERVAL 24 HOUR AND minute <= $__toTime
              AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
            GROUP BY minute
            ORDER BY minute WITH FILL
                FROM toStartOfMinute($__fromTime - INTERVAL 24 HOUR) TO $__toTime STEP INTERVAL 1 MINUTE
        )
        WINDOW last_span AS (
            ORDER BY minute ROWS BETWEEN toUInt32(${span:singlequote}) - 1 PRECEDING AND CURRENT ROW
        )
    )
    WHERE $__timeFilter(minute)
    GROUP BY time
    UNION ALL
    SELECT $__toTime AS time, toFloat64(sum(api_failures)) AS value
    FROM ${database}.team_windows
    WHERE span_minutes = toUInt32(${span:singlequote})
      AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
    HAVING count() > 0 AND max(as_of) <= $__toTime
)
ORDER BY time
