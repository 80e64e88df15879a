CREATE TABLE IF NOT EXISTS ${private}.directory_rows
(
    `identity` String COMMENT 'Pseudonym of an identity.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `person` String COMMENT 'Pseudonym of the person, the same for all their identities.',
    `valid_from` Array(Int64) COMMENT 'Since when each entry holds, rising; milliseconds.',
    `teams` Array(String) COMMENT 'Team of each entry; empty: none.',
    `roles` Array(String) COMMENT 'Role of each entry.',
    `occupations` Array(String) COMMENT 'Occupation of each entry.'
)
ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY identity
COMMENT 'Who stands behind an identity, and what holds of them from which moment on: lists of equal length.'
