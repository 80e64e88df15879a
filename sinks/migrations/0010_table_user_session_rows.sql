CREATE TABLE IF NOT EXISTS ${private}.user_session_rows
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'The incarnation it is about; milliseconds.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `state` LowCardinality(String) COMMENT 'opened, closed or reopened.',
    `at` Int64 COMMENT 'When; milliseconds.',
    `started_at` Int64 COMMENT 'First occurred_at; milliseconds.',
    `end_reason` LowCardinality(String) COMMENT 'The end event\'s reason, \'idle\', or empty.',
    `came_back` Bool COMMENT 'The person opened another session after this one closed.'
)
ENGINE = ReplacingMergeTree(version) ORDER BY (user_id, session_id)
COMMENT 'Last notice of a person\'s session, newest by version.'
