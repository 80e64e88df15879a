CREATE TABLE IF NOT EXISTS ${private}.session_label_rows
(
    `session_id` String COMMENT 'The client\'s own id.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `labelled_at` Int64 COMMENT 'When; milliseconds.',
    `labeller` LowCardinality(String) COMMENT 'Who or what read it.',
    `work_mode` LowCardinality(String) COMMENT 'Dominant work of the session.',
    `expertise` UInt8 COMMENT 'Of the person in this task, 1 to 5.',
    `outcome` LowCardinality(String) COMMENT 'As judged.',
    `success_signal` UInt8 COMMENT '1 to 5.',
    `failure_signal` UInt8 COMMENT '1 to 5.',
    `value` Int64 COMMENT 'Ordinal only.',
    `occupation` LowCardinality(String) COMMENT 'Of the person.'
)
ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY session_id
COMMENT 'What somebody who read a session says of it; empty or 0: nothing.'
