CREATE TABLE IF NOT EXISTS ${private}.policy
(
    `name` LowCardinality(String) COMMENT 'Of the rule.',
    `value` Int64 COMMENT 'What holds.',
    `version` UInt64 COMMENT 'Microseconds; the highest counts.'
)
ENGINE = ReplacingMergeTree(version) ORDER BY name
COMMENT 'What the views obey: a name and its value. \'floor\': groups of fewer people are not shown.'
