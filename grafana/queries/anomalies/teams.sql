-- Alerts that opened in the range, by team, and how they were judged.
SELECT
    if(scope = 'team', team_id, 'everybody') AS team,
    toFloat64(countIf(a.useful = 'yes')) AS useful,
    toFloat64(countIf(a.useful = '')) AS `not judged`,
    toFloat64(countIf(a.useful = 'no')) AS `false alarm`
FROM ${database}.anomalies AS a
WHERE $__timeFilter_ms(opened_at) AND severity != 'digest'
GROUP BY team
ORDER BY count() DESC, team
LIMIT 30
