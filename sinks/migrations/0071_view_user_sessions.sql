CREATE OR REPLACE VIEW ${private}.user_sessions
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
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
    r.`person_id` AS `person_id`,
    r.placed_team AS `team_id`,
    r.`session_id` AS `session_id`,
    r.state AS `state`,
    fromUnixTimestamp64Milli(r.at, 'UTC') AS `at`,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS `started_at`,
    nullIf(toString(r.end_reason), '') AS `end_reason`,
    r.came_back AS `came_back`
FROM (
    SELECT a.*, if(arrayLastIndex(since -> since <= intDiv(a.started_at, 60000) * 60000, d.valid_from) = 0, if(toString(a.team_id) = '', 'unassigned', toString(a.team_id)), if(d.teams[arrayLastIndex(since -> since <= intDiv(a.started_at, 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(a.started_at, 60000) * 60000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
    FROM ${private}.user_session_rows AS a FINAL
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = a.user_id
) AS r
