-- Estimated cost, a day a step, US dollars.
SELECT
    arrayJoin([greatest(toDateTime(day), $__fromTime), least(toDateTime(day) + 86399, $__toTime)]) AS time,
    cost AS dollars
FROM (
    SELECT d.day + nth AS day, sum(d.cost_usd / d.days) AS cost
    FROM ${database}.team_days_brief AS d
    ARRAY JOIN range(toUInt32(d.days)) AS nth
    WHERE d.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(d.day)
      AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
    GROUP BY day
)
WHERE $__timeFilter(time)
ORDER BY time
