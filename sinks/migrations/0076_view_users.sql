CREATE OR REPLACE VIEW ${private}.users
(
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team of the last minute.',
    `identities` Array(String) COMMENT 'Pseudonyms that were active.',
    `first_minute` DateTime('UTC') COMMENT 'The first with an event.',
    `last_minute` DateTime('UTC') COMMENT 'The last with an event.',
    `active_days` UInt64 COMMENT 'Days with an event, UTC.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Each person: when they were active, in which team at the end, under how many identities.'
AS SELECT
    r.person_id AS `person_id`,
    argMax(r.placed_team, r.minute) AS `team_id`,
    groupUniqArray(r.user_id) AS `identities`,
    min(r.minute) AS `first_minute`,
    max(r.minute) AS `last_minute`,
    uniqExact(toDate(r.minute)) AS `active_days`
FROM (
    SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
    FROM ${private}.user_minute_rows AS a FINAL
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = a.user_id
) AS r
WHERE r.user_id != 'unknown' AND r.events > 0
GROUP BY r.person_id
