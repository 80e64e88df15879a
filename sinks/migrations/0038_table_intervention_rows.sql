CREATE TABLE IF NOT EXISTS ${private}.intervention_rows
(
    `id` String COMMENT 'Of the intervention.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `kind` LowCardinality(String) COMMENT 'training, knowledge_base, review, tool or other.',
    `started_at` Int64 COMMENT 'When it began; milliseconds.',
    `title` String COMMENT 'What it was.',
    `team_id` LowCardinality(String) COMMENT 'For whom; empty: everybody.',
    `ended_at` Int64 COMMENT 'When it ended; milliseconds, 0: it goes on.'
)
ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY id
COMMENT 'What was done to help, when and for whom.'
