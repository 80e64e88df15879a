CREATE TABLE IF NOT EXISTS ${private}.number_rows
(
    `day` Date COMMENT 'When it occurred, as the client says it, UTC.',
    `session_key` UInt64 COMMENT 'Hash of session_id.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message.',
    `at` Int64 COMMENT 'When it occurred, as the client says it; milliseconds.',
    `low` Int64 COMMENT 'The first number of the client\'s count.',
    `high` Int64 COMMENT 'The last.',
    `number` Int64 COMMENT 'How many it stands for.',
    `rank` UInt64 COMMENT 'Higher for an earlier message.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(day)
ORDER BY (day, session_key, event)
COMMENT 'Numbers that clients gave to events, by day, from which lost ones are told: filled from session_events.'
