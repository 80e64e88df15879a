CREATE TABLE IF NOT EXISTS ${private}.session_outcome_rows
(
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'The incarnation that was judged; milliseconds.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor.',
    `started_at` Int64 COMMENT 'First occurred_at; milliseconds.',
    `ended_at` Int64 COMMENT 'Last occurred_at; milliseconds.',
    `judged_at` Int64 COMMENT 'When the verdict was given; milliseconds.',
    `outcome` LowCardinality(String) COMMENT 'How it ended.',
    `is_troubled` Bool COMMENT 'It hit trouble.',
    `signs` UInt32 COMMENT 'Evidence, a bit each: 0 commit, 1 pull_request, 2 tests_passed_last, 3 told, 4 final_tool_failure, 5 final_api_failure, 6 tests_failed_last, 7 loop, 8 pushback, 9 many_failures, 10 unanswered, 11 stopped_last, 12 wrote_code, 13 came_back, 14 end_seen.',
    `confidence` LowCardinality(String) COMMENT 'high, medium or low.',
    `replaces` Bool COMMENT 'A correction of an earlier verdict.'
)
ENGINE = ReplacingMergeTree(version) ORDER BY (session_id, segment)
COMMENT 'Verdict on each session when its cohort closed, newest by version: a correction replaces it.'
