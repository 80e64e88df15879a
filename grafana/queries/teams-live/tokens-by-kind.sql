-- Tokens an hour by kind, from the last 30 minutes at each moment.
SELECT
    $__timeInterval(minute) AS time,
    argMax(cache_read_tokens_hourly, minute) AS `cache read`,
    argMax(cache_creation_tokens_hourly, minute) AS `cache write`,
    argMax(input_tokens_hourly, minute) AS `input`,
    argMax(output_tokens_hourly, minute) AS `output`
FROM (
    SELECT
        minute,
        toFloat64(sum(cache_read_tokens_sum) OVER last_half_hour) * 2 AS cache_read_tokens_hourly,
        toFloat64(sum(cache_creation_tokens_sum) OVER last_half_hour) * 2 AS cache_creation_tokens_hourly,
        toFloat64(sum(input_tokens_sum) OVER last_half_hour) * 2 AS input_tokens_hourly,
        toFloat64(sum(output_tokens_sum) OVER last_half_hour) * 2 AS output_tokens_hourly
    FROM (
        SELECT
            minute,
            sum(cache_read_tokens) AS cache_read_tokens_sum,
            sum(cache_creation_tokens) AS cache_creation_tokens_sum,
            sum(input_tokens) AS input_tokens_sum,
            sum(output_tokens) AS output_tokens_sum
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
