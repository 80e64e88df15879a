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
FROM ${private}.all_sessions AS s
GROUP BY s.source, s.install_id, s.user_id
