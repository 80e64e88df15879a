-- Actions per prompt, the geometric mean over turns.
SELECT $__toTime AS time, s.actions_per_prompt AS value
FROM ${private}.sessions AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
