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
    s.day AS `day`,
    s.`team_id` AS `team_id`,
    s.`source` AS `source`,
    s.`client_version` AS `client_version`,
    uniqExactIf(s.person_id, s.user_id NOT IN ('', 'unknown')) AS `people`,
    count() AS `sessions`,
    countIf(if(o.processes > 0, o.lost, g.lost) > 0) AS `sessions_with_gaps`,
    sum(if(o.processes > 0, o.seen, g.seen)) AS `numbered`,
    sum(if(o.processes > 0, o.lost, g.lost)) AS `lost`,
    lost / nullIf(lost + numbered, 0) AS `lost_share`,
    countIf(s.hook_events > 0 AND s.prompts > 0 AND s.responses + s.api_failures = 0) AS `sessions_without_requests`
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
GROUP BY s.day, s.team_id, s.source, s.client_version
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
