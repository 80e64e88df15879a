-- Alerts that opened in the range and are over, newest first, with their evidence.
SELECT
    opened_at AS opened,
    resolved_at AS resolved,
    useful,
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
WHERE $__timeFilter_ms(opened_at) AND status = 'resolved' AND severity != 'digest'
ORDER BY opened_at DESC, id
LIMIT 200
