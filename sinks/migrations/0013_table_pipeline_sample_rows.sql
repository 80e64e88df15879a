CREATE TABLE IF NOT EXISTS ${private}.pipeline_sample_rows
(
    `at` Int64 COMMENT 'When the sample was taken; milliseconds.',
    `part` LowCardinality(String) COMMENT 'A stage (sessions, users, teams), or sink.',
    `partition` UInt16 COMMENT 'Of its source.',
    `lag` Int64 COMMENT 'Messages not yet read.',
    `watermark_age_ms` Int64 COMMENT 'How far the part\'s time is behind the clock.',
    `delay_ms` Int64 COMMENT 'Of the sink: from a flush of team-windows to its row in the store.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(at, 'UTC'))
ORDER BY (at, part, partition)
TTL toDateTime(fromUnixTimestamp64Milli(at, 'UTC')) + INTERVAL 30 DAY
COMMENT 'How far each part of the pipeline was, about every 5 seconds.'
