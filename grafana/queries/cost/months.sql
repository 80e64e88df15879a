-- Estimated cost by month, newest first, whatever the range.
SELECT
    formatDateTime(toStartOfMonth(day), '%Y-%m') AS month,
    sum(d.cost_usd) AS cost,
    sum(d.cost_usd) / uniqExact(day) AS `a day with use`,
    toFloat64(sum(d.prompts)) AS prompts,
    sum(d.cost_usd) / nullIf(sum(d.prompts), 0) AS `per prompt`
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday(toStartOfMonth($__toTime - INTERVAL 1 YEAR)) AND toDate($__toTime)
  AND d.day BETWEEN toStartOfMonth($__toTime - INTERVAL 1 YEAR) AND toDate($__toTime)
  AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY month
ORDER BY month DESC
