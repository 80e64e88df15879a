-- Every event of the session in the order of its log.
SELECT
    e.occurred AS at,
    replaceAll(toString(e.type), '_', ' ') AS event,
    multiIf(e.tool_name != '', e.tool_name, e.model != '', e.model, e.command_name != '', e.command_name,
        toString(e.reason)) AS what,
    multiIf(
        e.type = 'tool_finished', if(e.success, 'ok', concat('failed ', e.error_type)),
        e.type = 'tool_decided', concat(e.decision, ' by ', e.decision_source),
        e.type = 'model_request_failed', e.kind, '') AS result,
    if(e.duration_ms = 0, NULL, toFloat64(e.duration_ms)) AS took,
    if(e.output_tokens = 0, NULL, toFloat64(e.output_tokens)) AS `output tokens`
FROM ${private}.events AS e
WHERE e.session_id IN (${session:singlequote}) AND e.type NOT IN ('sequence_seen', 'usage_reported')
ORDER BY e.occurred_at, e.index
LIMIT 2000
