-- Own sessions that began in the range, newest first.
SELECT
    s.session_id AS session,
    s.started_at AS began,
    s.source AS client,
    toFloat64(dateDiff('millisecond', s.started_at, s.ended_at)) AS lasted,
    toFloat64(s.prompts) AS prompts,
    s.actions_per_prompt AS `actions per prompt`,
    toFloat64(s.tool_failures) AS `failed calls`,
    s.cost_usd AS cost,
    toFloat64(s.lines_added) AS `lines added`,
    if(s.is_open, 'open', ifNull(replaceAll(toString(s.outcome), '_', ' '), 'not judged yet')) AS `outcome (proxy)`,
    toString(toUnixTimestamp64Milli(s.started_at) - 60000) AS from,
    toString(toUnixTimestamp64Milli(s.ended_at) + 60000) AS to
FROM ${private}.sessions_brief AS s
WHERE $__timeFilter_ms(s.started_at)
ORDER BY began DESC
LIMIT 500
