CREATE OR REPLACE VIEW ${public}.labels
(
    `session_id` String COMMENT 'The client\'s own id.',
    `labelled_at` DateTime64(3, 'UTC') COMMENT 'When.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Dominant work.',
    `expertise` Nullable(UInt8) COMMENT '1 to 5.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'As judged.',
    `success_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `failure_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `value` Nullable(Int64) COMMENT 'Ordinal only.',
    `occupation` LowCardinality(Nullable(String)) COMMENT 'Trade.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'What a reader says of a session; null: nothing. Who read it is in ammeter_private.session_labels.'
AS SELECT
    r.`session_id` AS `session_id`,
    r.`labelled_at` AS `labelled_at`,
    r.`work_mode` AS `work_mode`,
    r.`expertise` AS `expertise`,
    r.`outcome` AS `outcome`,
    r.`success_signal` AS `success_signal`,
    r.`failure_signal` AS `failure_signal`,
    r.`value` AS `value`,
    r.`occupation` AS `occupation`
FROM ${private}.session_labels AS r
