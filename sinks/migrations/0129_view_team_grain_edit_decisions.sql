CREATE OR REPLACE VIEW ${public}.edit_decisions
(
    `day` Date COMMENT 'UTC.',
    `team_id` LowCardinality(String) COMMENT 'Of the session.',
    `tool_name` LowCardinality(String) COMMENT 'The tool.',
    `language` LowCardinality(String) COMMENT 'Of the file, as the client says it.',
    `decision_source` LowCardinality(String) COMMENT 'Who decided: config is a rule.',
    `people` UInt64 COMMENT 'Distinct people.',
    `accepted` Int64 COMMENT 'Edits accepted.',
    `rejected` Int64 COMMENT 'Edits rejected.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Edits accepted and rejected, by day, team, tool, language and who decided, where the client says so.'
AS SELECT
    x.day AS `day`,
    x.team_id AS `team_id`,
    x.tool_name AS `tool_name`,
    x.language AS `language`,
    x.decision_source AS `decision_source`,
    uniqExactIf(x.person_id, x.user_id NOT IN ('', 'unknown')) AS `people`,
    sumIf(x.amount, x.kind = 'accept') AS `accepted`,
    sumIf(x.amount, x.kind = 'reject') AS `rejected`
FROM (
    SELECT x.day AS day, s.team_id AS team_id, s.person_id AS person_id, s.user_id AS user_id, x.kind AS kind,
        x.tool_name AS tool_name, x.language AS language, x.decision_source AS decision_source, x.amount AS amount
    FROM (
    SELECT t.*, toDate(t.started_at) AS day, cityHash64(t.session_id) AS session_key
    FROM (
    SELECT t.`session_id` AS `session_id`, t.`user_id` AS `user_id`, t.`started_at` AS `started_at`, if(arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if(d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)])) AS `team_id`, if(d.person = '', t.user_id, d.person) AS `person_id`
    FROM (
    SELECT r.session_id AS `session_id`, r.user_id AS `user_id`, r.began AS `started_at`, r.team_hint AS `hint`
    FROM ${private}.session_state_rows AS r FINAL
    WHERE r.session_key NOT IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
    UNION ALL
    SELECT r.session_id AS `session_id`, argMin(r.user_id, r.seen_at) AS `user_id`, fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS `started_at`, argMin(toString(r.team_hint), r.seen_at) AS `hint`
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
    INNER JOIN (
        SELECT e.day AS day, e.session_key AS session_key, e.kind AS kind, e.tool_name AS tool_name,
            e.language AS language, e.decision_source AS decision_source,
            if(e.temporality = 'cumulative', max(e.value), sum(e.value)) AS amount
        FROM ${private}.edit_rows AS e FINAL PREWHERE (e.partition, e.offset) NOT IN (
    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
) WHERE e.session_key NOT IN (SELECT w.session_key FROM ${private}.session_day_rows AS w FINAL WHERE w.first != w.last)
        GROUP BY e.day, e.session_key, e.kind, e.tool_name, e.language, e.decision_source, e.temporality, e.series, e.started_at
    ) AS x ON x.session_key = s.session_key AND x.day = s.day
    UNION ALL
    SELECT x.day AS day, s.team_id AS team_id, s.person_id AS person_id, s.user_id AS user_id, x.kind AS kind,
        x.tool_name AS tool_name, x.language AS language, x.decision_source AS decision_source, x.amount AS amount
    FROM (SELECT t.*, cityHash64(t.session_id) AS session_key FROM (
    SELECT t.`session_id` AS `session_id`, t.`user_id` AS `user_id`, if(arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if(d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)])) AS `team_id`, if(d.person = '', t.user_id, d.person) AS `person_id`
    FROM (
    SELECT r.session_id AS `session_id`, r.user_id AS `user_id`, r.began AS `started_at`, r.team_hint AS `hint`
    FROM ${private}.session_state_rows AS r FINAL
    PREWHERE r.session_key IN (SELECT w.session_key FROM ${private}.edit_rows AS w WHERE w.session_key IN (SELECT w.session_key FROM ${private}.session_day_rows AS w FINAL WHERE w.first != w.last)) WHERE r.session_key NOT IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
    UNION ALL
    SELECT r.session_id AS `session_id`, argMin(r.user_id, r.seen_at) AS `user_id`, fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS `started_at`, argMin(toString(r.team_hint), r.seen_at) AS `hint`
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
) AS t) AS s
    INNER JOIN (
        SELECT toDate(fromUnixTimestamp64Milli(min(e.at), 'UTC')) AS day, e.session_key AS session_key, e.kind AS kind, e.tool_name AS tool_name,
            e.language AS language, e.decision_source AS decision_source,
            if(e.temporality = 'cumulative', max(e.value), sum(e.value)) AS amount
        FROM (SELECT * FROM ${private}.edit_rows AS e PREWHERE e.session_key IN (SELECT w.session_key FROM ${private}.session_day_rows AS w FINAL WHERE w.first != w.last) WHERE (e.partition, e.offset) NOT IN (
    SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
) ORDER BY e.offset LIMIT 1 BY e.session_key, e.event) AS e
        GROUP BY e.session_key, e.kind, e.tool_name, e.language, e.decision_source, e.temporality, e.series, e.started_at
    ) AS x ON x.session_key = s.session_key
) AS x
GROUP BY x.day, x.team_id, x.tool_name, x.language, x.decision_source
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
