CREATE TABLE IF NOT EXISTS ${private}.arrival_rows
(
    `minute` DateTime('UTC') COMMENT 'Minute of receipt.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Version of the client.',
    `is_unrecognised` Bool COMMENT 'This version does not know the event.',
    `delay_ms` Int64 COMMENT 'From receipt to the store.',
    `rank` UInt64 COMMENT 'Higher for an earlier storing.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, event)
COMMENT 'When events were received and stored, in the order of receipt. One row an event and minute of receipt.'
