-- One's own sessions of the range, newest first.
SELECT s.session_id AS value, concat(formatDateTime(s.started_at, '%Y-%m-%d %H:%i'), ' ', s.source) AS text
FROM ${private}.sessions_brief AS s
WHERE $__timeFilter_ms(s.started_at)
ORDER BY s.started_at DESC
LIMIT 500
