-- What was lost on its way, by team and client: sessions begun on the days of the range.
SELECT
    team_id AS team,
    source AS client,
    toFloat64(sum(s.sessions)) AS sessions,
    toFloat64(sum(s.sessions_with_gaps)) AS `with gaps`,
    sum(s.lost) / nullIf(sum(s.lost + s.numbered), 0) AS `events lost`,
    toFloat64(sum(s.sessions_without_requests)) AS `exporter off or blocked`
FROM ${database}.silence AS s
WHERE $__dateFilter(day)
GROUP BY team, client
ORDER BY `exporter off or blocked` DESC, `events lost` DESC, sessions DESC, team, client
LIMIT 100
