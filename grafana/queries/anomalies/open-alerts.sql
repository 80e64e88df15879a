-- Alerts that are firing, newest first, with their evidence.
SELECT
    opened_at AS opened,
    if(scope = 'team', team_id, if(scope = 'organisation', 'everybody', 'several small teams')) AS team,
    detector,
    sentence AS what,
    toFloat64(n) AS n,
    observed,
    expected,
    toFloat64(a.people) AS people,
    toFloat64(dateDiff('millisecond', since, opened_at)) AS `time to detect`,
    id
FROM ${database}.anomalies AS a
WHERE status = 'firing' AND severity != 'digest'
ORDER BY opened_at DESC, id
LIMIT 200
