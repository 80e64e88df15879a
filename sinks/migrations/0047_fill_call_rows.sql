INSERT INTO ${private}.call_rows (`type`, `minute`, `event`, `partition`, `offset`, `source`, `client_version`, `user_id`, `hint`, `name`, `mcp_server`, `result`, `duration_ms`, `input_tokens`, `output_tokens`, `cache_read_tokens`, `cache_creation_tokens`, `cost_micros`, `rank`)
SELECT
    e.type AS `type`,
    toStartOfMinute(fromUnixTimestamp64Milli(if(e.occurred_at > e.received_at + 300000 OR e.occurred_at < 1577836800000, e.received_at, e.occurred_at), 'UTC')) AS `minute`,
    cityHash64(e.event_id) AS `event`,
    e.partition AS `partition`,
    e.offset AS `offset`,
    e.source AS `source`,
    e.client_version AS `client_version`,
    e.user_id AS `user_id`,
    e.team_hint AS `hint`,
    multiIf(startsWith(e.type, 'model'), toString(e.model), e.type = 'unrecognised', toString(e.name), toString(e.tool_name)) AS `name`,
    e.mcp_server AS `mcp_server`,
    multiIf(e.type = 'model_request_failed', toString(e.kind), e.type = 'tool_decided', toString(e.decision), e.type = 'tool_finished' AND NOT e.success, 'failed', '') AS `result`,
    e.duration_ms AS `duration_ms`,
    e.input_tokens AS `input_tokens`,
    e.output_tokens AS `output_tokens`,
    e.cache_read_tokens AS `cache_read_tokens`,
    e.cache_creation_tokens AS `cache_creation_tokens`,
    e.cost_micros AS `cost_micros`,
    9223372036854775807 - e.offset AS `rank`
FROM ${private}.session_events AS e
WHERE e.via = '' AND e.type IN ('model_responded', 'model_request_failed', 'tool_finished', 'tool_decided', 'unrecognised')
