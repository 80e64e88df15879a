CREATE TABLE IF NOT EXISTS ${private}.migrations
(
    number UInt32 COMMENT 'Of the migration.',
    name String COMMENT 'Of its file.',
    digest String COMMENT 'SHA-256 of its text, so that an edited one is noticed.',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it ran.'
)
ENGINE = ReplacingMergeTree
ORDER BY number
COMMENT 'Migrations that ran.'
