-- Tokens by kind, a day a step.
SELECT
    arrayJoin([greatest(toDateTime(day), $__fromTime), least(toDateTime(day) + 86399, $__toTime)]) AS time,
    cache_read AS `cache read`,
    cache_write AS `cache write`,
    input,
    output
FROM (
    SELECT
        d.day + nth AS day,
        sum(d.cache_read_tokens / d.days) AS cache_read,
        sum(d.cache_creation_tokens / d.days) AS cache_write,
        sum(d.input_tokens / d.days) AS input,
        sum(d.output_tokens / d.days) AS output
    FROM ${database}.team_days_brief AS d
    ARRAY JOIN range(toUInt32(d.days)) AS nth
    WHERE d.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(d.day)
      AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
    GROUP BY day
)
WHERE $__timeFilter(time)
ORDER BY time
