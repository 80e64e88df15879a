CREATE OR REPLACE VIEW ${public}.silence
(
    `day` Date COMMENT 'On which the sessions began, UTC.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `people` UInt64 COMMENT 'Distinct people.',
    `sessions` UInt64 COMMENT 'Sessions.',
    `sessions_with_gaps` UInt64 COMMENT 'Sessions that lost something.',
    `numbered` Int64 COMMENT 'Events with a number that arrived.',
    `lost` Int64 COMMENT 'Events that did not arrive.',
    `lost_share` Nullable(Float64) COMMENT 'lost / (lost + numbered).',
    `sessions_without_requests` UInt64 COMMENT 'Sessions of which hooks told and telemetry did not.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Lost telemetry by day, team and client: it is no idleness.'
AS SELECT
    toDate(s.started_at) AS `day`,
    s.`team_id` AS `team_id`,
    s.`source` AS `source`,
    s.`client_version` AS `client_version`,
    uniqExactIf(s.person_id, s.user_id NOT IN ('', 'unknown')) AS `people`,
    count() AS `sessions`,
    countIf(s.lost > 0) AS `sessions_with_gaps`,
    sum(s.numbered) AS `numbered`,
    sum(s.lost) AS `lost`,
    lost / nullIf(lost + numbered, 0) AS `lost_share`,
    countIf(s.is_without_requests) AS `sessions_without_requests`
FROM ${private}.session_silence AS s
GROUP BY day, s.team_id, s.source, s.client_version
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
