CREATE TABLE IF NOT EXISTS ${private}.alert_delivery_rows
(
    `channel` LowCardinality(String) COMMENT 'Where messages go; a name, never an address.',
    `alert` String COMMENT 'Id of the alert; \'digest\': the weekly one.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `word` LowCardinality(String) COMMENT 'The last that it took: firing, resolved, or empty.',
    `told_at` Int64 COMMENT 'When it took it; milliseconds, 0: never.',
    `number` Int64 COMMENT 'Messages so far.',
    `sending` LowCardinality(String) COMMENT 'What is being sent: opened, again, resolved, digest, or empty.',
    `message` String COMMENT 'Id of the last message; the same when it is sent again.',
    `attempts` Int64 COMMENT 'Of the message that is being sent.',
    `failure` String COMMENT 'Why the last attempt failed.',
    `failed_at` Int64 COMMENT 'When it failed; milliseconds, 0: it did not.',
    `in_doubt` Bool COMMENT 'What is being sent may have been taken already.'
)
ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (channel, alert)
COMMENT 'What each channel has heard of an alert.'
