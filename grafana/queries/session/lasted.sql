-- From the session's first event to its last, milliseconds.
SELECT $__toTime AS time, toFloat64(dateDiff('millisecond', s.started_at, s.ended_at)) AS value
FROM ${private}.sessions AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
