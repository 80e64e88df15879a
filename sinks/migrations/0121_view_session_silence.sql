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
    if(o.processes > 0, o.processes, g.processes) AS `processes`,
    if(o.processes > 0, o.seen, g.seen) AS `numbered`,
    if(o.processes > 0, o.lost, g.lost) AS `lost`,
    s.hook_events AS `hook_events`,
    s.hook_events > 0 AND s.prompts > 0 AND s.responses + s.api_failures = 0 AS `is_without_requests`
FROM (
    SELECT t.*, toDate(t.started_at) AS day, cityHash64(t.session_id) AS session_key FROM ${private}.all_sessions AS t
) AS s
LEFT JOIN (
    SELECT day, session_key, toUInt64(length(parts)) AS processes, arraySum(arrayMap(n -> n.4, numbers)) AS seen,
        arraySum(arrayMap(
            p -> greatest(arrayMax(n -> n.3, p) - arrayMin(n -> n.2, p) + 1 - arraySum(n -> n.4, p), 0), parts
        )) AS lost
    FROM (
        SELECT e.day AS day, e.session_key AS session_key, arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> n.2, numbers) AS lows, arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> low <= 2 AND low < before, numbers, lows, befores) AS parts
        FROM ${private}.number_rows AS e FINAL PREWHERE (e.partition, e.offset) NOT IN (
    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
)
        GROUP BY e.day, e.session_key
    )
) AS g ON g.session_key = s.session_key AND g.day = s.day
LEFT JOIN (
    SELECT session_key, toUInt64(length(parts)) AS processes, arraySum(arrayMap(n -> n.4, numbers)) AS seen,
        arraySum(arrayMap(
            p -> greatest(arrayMax(n -> n.3, p) - arrayMin(n -> n.2, p) + 1 - arraySum(n -> n.4, p), 0), parts
        )) AS lost
    FROM (
        SELECT e.session_key AS session_key, arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> n.2, numbers) AS lows, arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> low <= 2 AND low < before, numbers, lows, befores) AS parts
        FROM (SELECT * FROM ${private}.number_rows AS e PREWHERE e.session_key IN (SELECT w.session_key FROM ${private}.session_day_rows AS w FINAL WHERE w.first != w.last) WHERE (e.partition, e.offset) NOT IN (
    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
) ORDER BY e.offset LIMIT 1 BY e.session_key, e.event) AS e
        GROUP BY e.session_key
    )
) AS o ON o.session_key = s.session_key
WHERE prompts + responses + api_failures + tool_calls + tool_accepts + tool_rejections > 0
