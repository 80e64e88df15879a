CREATE OR REPLACE VIEW ${public}.pipeline_samples
(
    `at` DateTime64(3, 'UTC') COMMENT 'When the sample was taken.',
    `part` LowCardinality(String) COMMENT 'A stage (sessions, users, teams, detect), or sink.',
    `partition` UInt16 COMMENT 'Of its source.',
    `lag` Int64 COMMENT 'Messages not yet read.',
    `watermark_age_ms` Int64 COMMENT 'How far its time is behind the clock.',
    `delay_ms` Int64 COMMENT 'Of the sink: flush of team-windows to its row in the store.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'How far each part of the pipeline was, about every 5 seconds.'
AS SELECT
    fromUnixTimestamp64Milli(r.at, 'UTC') AS `at`,
    r.part AS `part`,
    r.partition AS `partition`,
    r.lag AS `lag`,
    r.watermark_age_ms AS `watermark_age_ms`,
    r.delay_ms AS `delay_ms`
FROM ${private}.pipeline_sample_rows AS r FINAL
