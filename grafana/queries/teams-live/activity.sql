-- Prompts of each team in cells of a seventy-second of the range, at least a minute wide.
SELECT
    toStartOfInterval(minute, toIntervalSecond(
        greatest(60, intDiv(toUnixTimestamp($__toTime) - toUnixTimestamp($__fromTime), 72 * 60) * 60)
    )) AS time,
    team_id AS team,
    toFloat64(sum(prompts)) AS value
FROM ${database}.team_minutes
WHERE $__timeFilter(minute)
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY time, team
ORDER BY time, team
