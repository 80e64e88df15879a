CREATE OR REPLACE VIEW ${public}.interventions
(
    `id` String COMMENT 'Of the intervention.',
    `kind` LowCardinality(String) COMMENT 'training, knowledge_base, review, tool or other.',
    `title` String COMMENT 'What it was.',
    `team_id` LowCardinality(String) COMMENT 'For whom; \'*\': everybody.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When it began.',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; null: it goes on.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'What was done to help, when and for whom.'
AS SELECT
    r.id AS `id`,
    r.kind AS `kind`,
    r.title AS `title`,
    if(r.team_id = '', '*', toString(r.team_id)) AS `team_id`,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS `started_at`,
    if(r.ended_at = 0, NULL, fromUnixTimestamp64Milli(r.ended_at, 'UTC')) AS `ended_at`
FROM ${private}.intervention_rows AS r FINAL
