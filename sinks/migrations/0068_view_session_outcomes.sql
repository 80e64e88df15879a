CREATE OR REPLACE VIEW ${private}.session_outcomes
(
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'The incarnation that was judged; milliseconds.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred: its cohort.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event occurred.',
    `judged_at` DateTime64(3, 'UTC') COMMENT 'When the verdict was given.',
    `outcome` LowCardinality(String) COMMENT 'How it ended.',
    `outcome_confidence` LowCardinality(String) COMMENT 'high, medium or low.',
    `is_troubled` Bool COMMENT 'It hit trouble.',
    `evidence` Array(String) COMMENT 'Names of schemas.evidence.Sign.',
    `replaces` Bool COMMENT 'A correction of an earlier verdict.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was judged by.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Each verdict as the stream gave it; none of a session that went on since.'
AS SELECT
    r.session_id AS `session_id`,
    r.segment AS `segment`,
    r.`user_id` AS `user_id`,
    r.`person_id` AS `person_id`,
    r.placed_team AS `team_id`,
    r.source AS `source`,
    r.is_interactive AS `is_interactive`,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS `started_at`,
    fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS `ended_at`,
    fromUnixTimestamp64Milli(r.judged_at, 'UTC') AS `judged_at`,
    r.outcome AS `outcome`,
    r.confidence AS `outcome_confidence`,
    r.is_troubled AS `is_troubled`,
    arrayFilter((name, bit) -> bitTest(r.signs, bit), ['commit', 'pull_request', 'tests_passed_last', 'told', 'final_tool_failure', 'final_api_failure', 'tests_failed_last', 'loop', 'pushback', 'many_failures', 'unanswered', 'stopped_last', 'wrote_code', 'came_back', 'end_seen'], range(15)) AS `evidence`,
    r.replaces AS `replaces`,
    r.definitions AS `definitions`
FROM (
    SELECT a.*, if(arrayLastIndex(since -> since <= intDiv(a.started_at, 60000) * 60000, d.valid_from) = 0, if(toString(a.team_id) = '', 'unassigned', toString(a.team_id)), if(d.teams[arrayLastIndex(since -> since <= intDiv(a.started_at, 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(a.started_at, 60000) * 60000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
    FROM ${private}.session_outcome_rows AS a FINAL
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = a.user_id
) AS r
INNER JOIN (
        SELECT w.session_id AS session_id, w.segment AS segment, argMax(w.is_open, w.version) AS is_open,
            argMax(w.closed_at, w.version) AS closed_at
        FROM ${private}.session_state_rows AS w GROUP BY w.session_id, w.segment
    ) AS h ON h.session_id = r.session_id AND h.segment = r.segment
WHERE NOT h.is_open AND r.judged_at >= h.closed_at
