-- What is firing now, newest first.
SELECT
    opened_at AS opened,
    if(scope = 'team', team_id, 'everybody') AS team,
    splitByString(' A lasting ', sentence)[1] AS what
FROM ${database}.anomalies
WHERE status = 'firing' AND severity = 'alert'
ORDER BY opened_at DESC
LIMIT 20
