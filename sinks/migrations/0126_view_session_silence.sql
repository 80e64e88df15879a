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
    SELECT t.*, toDate(t.started_at) AS day, cityHash64(t.session_id) AS session_key
    FROM (
    SELECT t.`session_id` AS `session_id`, t.`source` AS `source`, t.`client_version` AS `client_version`, t.`user_id` AS `user_id`, t.`install_id` AS `install_id`, t.`started_at` AS `started_at`, t.`ended_at` AS `ended_at`, t.`prompts` AS `prompts`, t.`responses` AS `responses`, t.`tool_calls` AS `tool_calls`, t.`tool_accepts` AS `tool_accepts`, t.`tool_rejections` AS `tool_rejections`, t.`api_failures` AS `api_failures`, t.`hook_events` AS `hook_events`, if(arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if(d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)])) AS `team_id`, if(d.person = '', t.user_id, d.person) AS `person_id`
    FROM (
    SELECT r.session_id AS `session_id`, r.source AS `source`, r.client_version AS `client_version`, r.user_id AS `user_id`, r.install_id AS `install_id`, r.began AS `started_at`, fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS `ended_at`, r.team_hint AS `hint`, r.prompts AS `prompts`, r.responses AS `responses`, r.tool_calls AS `tool_calls`, r.tool_accepts AS `tool_accepts`, r.tool_rejections AS `tool_rejections`, r.api_failures AS `api_failures`, r.hook_events AS `hook_events`
    FROM ${private}.session_state_rows AS r FINAL
    WHERE r.session_key NOT IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
    UNION ALL
    SELECT r.session_id AS `session_id`, min(r.source) AS `source`, argMax(r.client_version, arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))) AS `client_version`, argMin(r.user_id, r.seen_at) AS `user_id`, max(r.install_id) AS `install_id`, fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS `started_at`, fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS `ended_at`, argMin(toString(r.team_hint), r.seen_at) AS `hint`, sum(r.prompts) AS `prompts`, sum(r.responses) AS `responses`, sum(r.tool_calls) AS `tool_calls`, sum(r.tool_accepts) AS `tool_accepts`, sum(r.tool_rejections) AS `tool_rejections`, sum(r.api_failures) AS `api_failures`, sum(r.hook_events) AS `hook_events`
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
) AS t
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
