CREATE TABLE IF NOT EXISTS ${private}.dead_letter_rows
(
    `topic` LowCardinality(String) COMMENT 'Where the message lies.',
    `partition` UInt16 COMMENT 'Its partition.',
    `offset` Int64 COMMENT 'Its offset.',
    `at` Int64 COMMENT 'When it was set aside; milliseconds.',
    `reason` String COMMENT 'Which field, and why it could not be read.'
)
ENGINE = ReplacingMergeTree ORDER BY (topic, partition, offset)
COMMENT 'Messages that could not be read.'
