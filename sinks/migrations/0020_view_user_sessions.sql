CREATE VIEW IF NOT EXISTS ${private}.user_sessions
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `session_id` String COMMENT 'The client\'s own id.',
    `state` LowCardinality(String) COMMENT 'opened, closed or reopened.',
    `at` DateTime64(3, 'UTC') COMMENT 'When.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `end_reason` Nullable(String) COMMENT 'As in sessions.',
    `came_back` Bool COMMENT 'The person opened another session after this one closed.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'The last thing that happened to a person\'s session.'
AS SELECT
    r.`user_id` AS `user_id`,
    r.`team_id` AS `team_id`,
    r.`session_id` AS `session_id`,
    r.state AS `state`,
    fromUnixTimestamp64Milli(r.at, 'UTC') AS `at`,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS `started_at`,
    nullIf(toString(r.end_reason), '') AS `end_reason`,
    r.came_back AS `came_back`
FROM ${private}.user_session_rows AS r FINAL
