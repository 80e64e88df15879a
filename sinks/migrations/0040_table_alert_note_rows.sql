CREATE TABLE IF NOT EXISTS ${private}.alert_note_rows
(
    `id` String COMMENT 'Of the alert; or mute:detector:team, where * is every one.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `detector` LowCardinality(String) COMMENT 'What is watched; *: everything.',
    `team_id` LowCardinality(String) COMMENT 'The team; empty: the organisation; of a mute *: everybody.',
    `acked_at` Int64 COMMENT 'When somebody took it on; milliseconds, 0: nobody has.',
    `acked_by` String COMMENT 'Who.',
    `muted_until` Int64 COMMENT 'Until when it is to be quiet; milliseconds, 0: it is not.',
    `useful` LowCardinality(String) COMMENT 'Was it useful: yes, no, or empty.',
    `useful_by` String COMMENT 'Who said so.',
    `comment` String COMMENT 'What they said.'
)
ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY id
COMMENT 'What people said of an alert, and which detectors are to be quiet.'
