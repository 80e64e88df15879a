-- Alerts of this time range, each from its opening to its end.
SELECT opened_at AS time, resolved_at AS timeEnd, sentence AS text, detector AS title, team_id AS tags
FROM ${database}.anomalies
WHERE severity = 'alert' AND opened_at <= $__toTime AND ifNull(resolved_at, opened_at) >= $__fromTime
ORDER BY opened_at
LIMIT 100
