-- Distinct people of this team, a day a step, or as many days as it takes to be shown.
SELECT
    arrayJoin([greatest(toDateTime(day), $__fromTime), least(toDateTime(day + days) - 1, $__toTime)]) AS time,
    toFloat64(d.people) AS people
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(d.day)
  AND team_id IN (${team:singlequote}) AND $__timeFilter(time)
ORDER BY time
