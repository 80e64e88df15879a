CREATE OR REPLACE VIEW ${public}.client_versions
(
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `people` UInt64 COMMENT 'Distinct people.',
    `installs` UInt64 COMMENT 'Installations, one a person at least.',
    `stopped` UInt64 COMMENT 'Of them silent for 3 days.',
    `last_heard_at` DateTime64(3, 'UTC') COMMENT 'The last event or receipt of any.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Installations by client and version: how many are heard, and how many have stopped.'
AS SELECT
    c.`source` AS `source`,
    c.`client_version` AS `client_version`,
    uniqExactIf(c.person_id, c.user_id NOT IN ('', 'unknown')) AS `people`,
    count() AS `installs`,
    countIf(c.has_stopped) AS `stopped`,
    max(c.last_heard_at) AS `last_heard_at`
FROM ${private}.clients AS c
GROUP BY c.source, c.client_version
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
