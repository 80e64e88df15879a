-- Estimated cost, US dollars.
SELECT $__toTime AS time, s.cost_usd AS value
FROM ${private}.sessions AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
