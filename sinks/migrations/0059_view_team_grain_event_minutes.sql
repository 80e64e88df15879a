CREATE OR REPLACE VIEW ${public}.event_minutes
(
    `minute` DateTime('UTC') COMMENT 'Minute of receipt.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Its version.',
    `events` UInt64 COMMENT 'Events received.',
    `unrecognised` UInt64 COMMENT 'Events that this version does not know.',
    `store_delay_p50_ms` Float64 COMMENT 'Half were stored after this long.',
    `store_delay_p99_ms` Float64 COMMENT '99 % were stored after this.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Events by the minute in which they were received; a copy that came in a later minute counts there again.'
AS SELECT
    r.`minute` AS `minute`,
    r.`source` AS `source`,
    r.`client_version` AS `client_version`,
    count() AS `events`,
    countIf(r.is_unrecognised) AS `unrecognised`,
    quantile(0.5)(r.delay_ms) AS `store_delay_p50_ms`,
    quantile(0.99)(r.delay_ms) AS `store_delay_p99_ms`
FROM ${private}.arrival_rows AS r FINAL
GROUP BY r.minute, r.source, r.client_version
