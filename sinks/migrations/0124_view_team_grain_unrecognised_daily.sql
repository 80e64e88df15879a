CREATE OR REPLACE VIEW ${public}.unrecognised_daily
(
    `day` Date COMMENT 'On which it occurred, UTC.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Its version.',
    `name` LowCardinality(String) COMMENT 'As the client says it.',
    `events` UInt64 COMMENT 'Events of that name.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'What this version did not recognise, by day, client and name.'
AS SELECT
    toDate(r.minute) AS `day`,
    r.source AS `source`,
    r.client_version AS `client_version`,
    r.name AS `name`,
    count() AS `events`
FROM (
    SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(toString(a.hint) = '', 'unassigned', toString(a.hint)), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
    FROM ${private}.call_rows AS a FINAL
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = a.user_id
    PREWHERE (a.partition, a.offset) NOT IN (
    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
)
) AS r
WHERE r.type = 'unrecognised'
GROUP BY day, r.source, r.client_version, r.name
