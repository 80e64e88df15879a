CREATE OR REPLACE VIEW ${public}.dead_letters
(
    `at` DateTime64(3, 'UTC') COMMENT 'When it was set aside.',
    `topic` LowCardinality(String) COMMENT 'Where the message lies.',
    `partition` UInt16 COMMENT 'Its partition.',
    `offset` Int64 COMMENT 'Its offset.',
    `reason` String COMMENT 'Which field, and why it could not be read.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Messages that could not be read and were set aside.'
AS SELECT
    fromUnixTimestamp64Milli(r.at, 'UTC') AS `at`,
    r.topic AS `topic`,
    r.partition AS `partition`,
    r.offset AS `offset`,
    r.reason AS `reason`
FROM ${private}.dead_letter_rows AS r FINAL
