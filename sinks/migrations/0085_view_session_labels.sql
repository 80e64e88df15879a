CREATE OR REPLACE VIEW ${private}.session_labels
(
    `session_id` String COMMENT 'The client\'s own id.',
    `labelled_at` DateTime64(3, 'UTC') COMMENT 'When.',
    `labeller` LowCardinality(String) COMMENT 'Who or what read it.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Dominant work.',
    `expertise` Nullable(UInt8) COMMENT '1 to 5.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'As judged.',
    `success_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `failure_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `value` Nullable(Int64) COMMENT 'Ordinal only.',
    `occupation` LowCardinality(Nullable(String)) COMMENT 'Trade.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'What somebody who read a session says of it; null: nothing.'
AS SELECT
    r.session_id AS `session_id`,
    fromUnixTimestamp64Milli(r.labelled_at, 'UTC') AS `labelled_at`,
    r.labeller AS `labeller`,
    nullIf(r.work_mode, '') AS `work_mode`,
    nullIf(r.expertise, 0) AS `expertise`,
    nullIf(r.outcome, '') AS `outcome`,
    nullIf(r.success_signal, 0) AS `success_signal`,
    nullIf(r.failure_signal, 0) AS `failure_signal`,
    nullIf(r.value, 0) AS `value`,
    nullIf(r.occupation, '') AS `occupation`
FROM ${private}.session_label_rows AS r FINAL
