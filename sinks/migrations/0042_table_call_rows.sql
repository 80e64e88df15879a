CREATE TABLE IF NOT EXISTS ${private}.call_rows
(
    `type` LowCardinality(String) COMMENT 'What happened.',
    `minute` DateTime('UTC') COMMENT 'When it occurred.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Its version.',
    `user_id` String COMMENT 'Pseudonym of the person; empty: the event names nobody.',
    `hint` LowCardinality(String) COMMENT 'Team as the client says it.',
    `name` LowCardinality(String) COMMENT 'The model, the tool, or the name that was not recognised.',
    `mcp_server` LowCardinality(String) COMMENT 'Of a tool; empty: none.',
    `result` LowCardinality(String) COMMENT 'Of a failed request its kind, of a finished call failed or empty, of a decision accept or reject.',
    `duration_ms` Int64 COMMENT 'How long it took.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. Here of one.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. Here of one.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. Here of one.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. Here of one.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. Here of one.',
    `rank` UInt64 COMMENT 'Higher for an earlier message.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(minute)
ORDER BY (type, minute, event)
COMMENT 'Requests to models, calls of tools, and what was not recognised, by time: filled from session_events.'
