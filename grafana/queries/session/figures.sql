-- What the session came to; its six figures ask this together.
SELECT
    $__toTime AS time,
    toFloat64(dateDiff('millisecond', s.started_at, s.ended_at)) AS lasted,
    toFloat64(s.prompts) AS prompts,
    s.actions_per_prompt AS actions,
    ${database}_tool_failure_rate(s.tool_failures, s.tool_calls) AS failures,
    s.cost_usd AS cost,
    toFloat64(s.lines_added) AS lines
FROM ${private}.sessions_brief AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
