-- Failures of the model's API an hour, from the last 30 minutes at each moment.
SELECT
    $__timeInterval(minute) AS time,
    argMax(api_failures_hourly, minute) AS `failed`,
    argMax(api_retries_exhausted_hourly, minute) AS `failed after retries`,
    argMax(api_refusals_hourly, minute) AS `refused`
FROM (
    SELECT
        minute,
        toFloat64(sum(api_failures_sum) OVER last_half_hour) * 2 AS api_failures_hourly,
        toFloat64(sum(api_retries_exhausted_sum) OVER last_half_hour) * 2 AS api_retries_exhausted_hourly,
        toFloat64(sum(api_refusals_sum) OVER last_half_hour) * 2 AS api_refusals_hourly
    FROM (
        SELECT
            minute,
            sum(api_failures) AS api_failures_sum,
            sum(api_retries_exhausted) AS api_retries_exhausted_sum,
            sum(api_refusals) AS api_refusals_sum
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
