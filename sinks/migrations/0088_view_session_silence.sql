CREATE OR REPLACE VIEW ${private}.session_silence
(
    `session_id` String COMMENT 'The client\'s own id.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `install_id` String COMMENT 'Pseudonym of the installation; empty: it said none.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event so far occurred.',
    `processes` UInt64 COMMENT 'Processes of the client, as its count began anew; 0: it counts nothing.',
    `numbered` Int64 COMMENT 'Events with a number that arrived.',
    `lost` Int64 COMMENT 'Numbers between the first and last of a process that did not.',
    `hook_events` Int64 COMMENT 'Events that hooks told.',
    `is_without_requests` Bool COMMENT 'Hooks told of prompts and no telemetry of a model request: the exporter is off or blocked.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Of each session what its client counted and what arrived: a gap is telemetry that was lost on its way.'
AS SELECT
    s.`session_id` AS `session_id`,
    s.`user_id` AS `user_id`,
    s.`person_id` AS `person_id`,
    s.`team_id` AS `team_id`,
    s.`install_id` AS `install_id`,
    s.`source` AS `source`,
    s.`client_version` AS `client_version`,
    s.`started_at` AS `started_at`,
    s.`ended_at` AS `ended_at`,
    g.processes AS `processes`,
    g.seen AS `numbered`,
    g.lost AS `lost`,
    s.hook_events AS `hook_events`,
    s.hook_events > 0 AND s.prompts > 0 AND s.responses + s.api_failures = 0 AS `is_without_requests`
FROM ${private}.sessions AS s
LEFT JOIN (
    SELECT session_id, count() AS processes, sum(numbers) AS seen, sum(greatest(high - low + 1 - numbers, 0)) AS lost
    FROM (
        SELECT session_id, process, sum(number) AS numbers, min(low) AS low, max(high) AS high
        FROM (
            SELECT session_id, low, high, number,
                countIf(low <= 2 AND low < before) OVER (
                    PARTITION BY session_id ORDER BY occurred_at, low ROWS UNBOUNDED PRECEDING
                ) AS process
            FROM (
        SELECT e.session_id AS session_id, e.occurred_at AS occurred_at,
            if(e.type = 'sequence_seen', e.first, assumeNotNull(e.sequence)) AS low,
            if(e.type = 'sequence_seen', e.last, assumeNotNull(e.sequence)) AS high,
            if(e.type = 'sequence_seen', e.count, 1) AS number,
            lagInFrame(low, 1, -1) OVER (PARTITION BY e.session_id ORDER BY e.occurred_at, low) AS before
        FROM ${private}.events AS e
        WHERE e.via = '' AND (isNotNull(e.sequence) OR e.type = 'sequence_seen')
            )
        )
        GROUP BY session_id, process
    )
    GROUP BY session_id
) AS g ON g.session_id = s.session_id
