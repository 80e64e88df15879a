CREATE TABLE IF NOT EXISTS ${private}.edit_rows
(
    `day` Date COMMENT 'When it occurred, as the client says it, UTC.',
    `session_key` UInt64 COMMENT 'Hash of session_id.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message.',
    `at` Int64 COMMENT 'When it occurred, as the client says it; milliseconds.',
    `kind` LowCardinality(String) COMMENT 'accept or reject.',
    `tool_name` LowCardinality(String) COMMENT 'The tool.',
    `language` LowCardinality(String) COMMENT 'Of the file, as the client says it.',
    `decision_source` LowCardinality(String) COMMENT 'Who decided: config is a rule.',
    `temporality` LowCardinality(String) COMMENT 'delta, or cumulative: since started_at.',
    `series` String COMMENT 'What else tells the client\'s series apart.',
    `started_at` Int64 COMMENT 'Since when it counts; milliseconds.',
    `value` Int64 COMMENT 'Edits.',
    `rank` UInt64 COMMENT 'Higher for an earlier message.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(day)
ORDER BY (day, session_key, event)
COMMENT 'Decisions on edits that clients counted, by day: filled from session_events.'
