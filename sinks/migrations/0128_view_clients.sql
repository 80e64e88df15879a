CREATE OR REPLACE VIEW ${private}.clients
(
    `source` LowCardinality(String) COMMENT 'The client.',
    `install_id` String COMMENT 'Pseudonym of the installation; empty: it said none.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team of its last session.',
    `client_version` LowCardinality(String) COMMENT 'Of its last session.',
    `first_heard_at` DateTime64(3, 'UTC') COMMENT 'Its first event.',
    `last_heard_at` DateTime64(3, 'UTC') COMMENT 'Its last event or receipt.',
    `sessions` UInt64 COMMENT 'Sessions.',
    `has_stopped` Bool COMMENT 'Silent for 3 days or longer.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Each installation: when it was heard first and last. One that stopped is silent, which need not be idle.'
AS SELECT
    s.source AS `source`,
    s.install_id AS `install_id`,
    s.user_id AS `user_id`,
    any(s.person_id) AS `person_id`,
    argMax(s.team_id, s.seen_at) AS `team_id`,
    argMax(s.client_version, s.seen_at) AS `client_version`,
    min(s.started_at) AS `first_heard_at`,
    max(s.seen_at) AS `last_heard_at`,
    count() AS `sessions`,
    last_heard_at < now64(3) - toIntervalDay(3) AS `has_stopped`
FROM (
    SELECT t.`session_id` AS `session_id`, t.`source` AS `source`, t.`client_version` AS `client_version`, t.`user_id` AS `user_id`, t.`install_id` AS `install_id`, t.`started_at` AS `started_at`, t.`ended_at` AS `ended_at`, t.`seen_at` AS `seen_at`, if(arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if(d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)])) AS `team_id`, if(d.person = '', t.user_id, d.person) AS `person_id`
    FROM (
    SELECT r.session_id AS `session_id`, r.source AS `source`, r.client_version AS `client_version`, r.user_id AS `user_id`, r.install_id AS `install_id`, r.began AS `started_at`, fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS `ended_at`, fromUnixTimestamp64Milli(r.seen_at, 'UTC') AS `seen_at`, r.team_hint AS `hint`
    FROM ${private}.session_state_rows AS r FINAL
    WHERE r.session_key NOT IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
    UNION ALL
    SELECT r.session_id AS `session_id`, min(r.source) AS `source`, argMax(r.client_version, arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))) AS `client_version`, argMin(r.user_id, r.seen_at) AS `user_id`, max(r.install_id) AS `install_id`, fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS `started_at`, fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS `ended_at`, fromUnixTimestamp64Milli(max(r.seen_at), 'UTC') AS `seen_at`, argMin(toString(r.team_hint), r.seen_at) AS `hint`
    FROM (
        SELECT * FROM ${private}.session_state_rows AS w WHERE w.session_key IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
        ORDER BY w.version DESC LIMIT 1 BY w.session_id, w.segment
    ) AS r
    GROUP BY r.session_id
) AS t
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = t.user_id
) AS s
GROUP BY s.source, s.install_id, s.user_id
