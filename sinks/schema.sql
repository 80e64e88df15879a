-- The schema that the migrations make, as ClickHouse shows it. Written by `python -m sinks`.

CREATE VIEW ammeter.anomalies
(
    `id` String COMMENT 'Of the alert.',
    `detector` LowCardinality(String) COMMENT 'What is watched.',
    `scope` LowCardinality(String) COMMENT 'team, organisation, or bucket: of teams too small to be watched alone.',
    `team_id` LowCardinality(String) COMMENT 'The team; of a bucket its name; of the organisation empty.',
    `status` LowCardinality(String) COMMENT 'firing or resolved.',
    `severity` LowCardinality(String) COMMENT 'alert: to the team; pipeline: to those who run Ammeter; digest: once a week.',
    `direction` LowCardinality(String) COMMENT 'Where the figure went: up or down.',
    `sentence` String COMMENT 'For a person.',
    `opened_at` DateTime64(3, 'UTC') COMMENT 'When it fired first.',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When the status changed last.',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; null: it fires.',
    `since` DateTime64(3, 'UTC') COMMENT 'About when the change began.',
    `reopened` Int64 COMMENT 'How often it came back soon and was merged.',
    `adopted_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When the new level was taken for the usual one; null: it was not.',
    `n` Nullable(Int64) COMMENT 'Observations since the change began.',
    `observed` Nullable(Float64) COMMENT 'How many of them it happened in; of cost the sum.',
    `expected` Nullable(Float64) COMMENT 'How many were to be expected.',
    `usual` Nullable(Float64) COMMENT 'Usual level: a share, or micro-dollars.',
    `usual_low` Nullable(Float64) COMMENT 'Of its 90 % interval.',
    `usual_high` Nullable(Float64) COMMENT 'Of its 90 % interval.',
    `usual_n` Nullable(Float64) COMMENT 'Observations behind it.',
    `now` Nullable(Float64) COMMENT 'Level since the change.',
    `now_low` Nullable(Float64) COMMENT 'Of its 90 % interval.',
    `now_high` Nullable(Float64) COMMENT 'Of its 90 % interval.',
    `score` Nullable(Float64) COMMENT 'The evidence.',
    `threshold` Nullable(Float64) COMMENT 'What the evidence had to exceed.',
    `odds` Nullable(Float64) COMMENT 'How many times likelier the change makes what was seen.',
    `people` Nullable(Int64) COMMENT 'At least so many different people are behind it.',
    `calibrated` Bool COMMENT 'On the organisation\'s own record; else on assumptions.',
    `detector_version` UInt32 COMMENT 'Rises when the same signals would give another verdict.',
    `is_acked` Bool COMMENT 'Somebody has taken it on.',
    `acked_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When; null: nobody has.',
    `is_muted` Bool COMMENT 'It is to be quiet: itself, or its detector for this team.',
    `useful` LowCardinality(String) COMMENT 'Was it useful: yes, no, or empty where nobody has said.',
    `board_path` String COMMENT 'Of the board that shows it, after the address of the boards.',
    `runbook` LowCardinality(String) COMMENT 'Heading of docs/runbooks.md.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Alerts; of a team below the floor without any figure (null).'
AS SELECT
    s.id AS id,
    s.detector AS detector,
    s.scope AS scope,
    s.team_id AS team_id,
    s.status AS status,
    s.severity AS severity,
    s.direction AS direction,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), concat('Of fewer than ', toString((
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), ' people: a change is seen, and no figure is shown.'), s.sentence) AS sentence,
    s.opened_at AS opened_at,
    s.changed_at AS changed_at,
    s.resolved_at AS resolved_at,
    s.since AS since,
    s.reopened AS reopened,
    s.adopted_at AS adopted_at,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.n) AS n,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.observed) AS observed,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.expected) AS expected,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.usual) AS usual,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.usual_low) AS usual_low,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.usual_high) AS usual_high,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.usual_n) AS usual_n,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.now) AS now,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.now_low) AS now_low,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.now_high) AS now_high,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.score) AS score,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.threshold) AS threshold,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.odds) AS odds,
    if((s.scope = 'team') AND (s.people < (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )), NULL, s.people) AS people,
    s.calibrated AS calibrated,
    s.detector_version AS detector_version,
    s.is_acked AS is_acked,
    s.acked_at AS acked_at,
    s.is_muted AS is_muted,
    s.useful AS useful,
    s.board_path AS board_path,
    s.runbook AS runbook
FROM ammeter_private.anomalies AS s;

CREATE VIEW ammeter.client_versions
(
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `people` UInt64 COMMENT 'Distinct people.',
    `installs` UInt64 COMMENT 'Installations, one a person at least.',
    `stopped` UInt64 COMMENT 'Of them silent for 3 days.',
    `last_heard_at` DateTime64(3, 'UTC') COMMENT 'The last event or receipt of any.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Installations by client and version: how many are heard, and how many have stopped.'
AS SELECT
    c.source AS source,
    c.client_version AS client_version,
    uniqExactIf(c.person_id, (c.user_id NOT IN ('', 'unknown'))) AS people,
    count() AS installs,
    countIf(c.has_stopped) AS stopped,
    max(c.last_heard_at) AS last_heard_at
FROM ammeter_private.clients AS c
GROUP BY
    c.source,
    c.client_version
HAVING ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.dead_letters
(
    `at` DateTime64(3, 'UTC') COMMENT 'When it was set aside.',
    `topic` LowCardinality(String) COMMENT 'Where the message lies.',
    `partition` UInt16 COMMENT 'Its partition.',
    `offset` Int64 COMMENT 'Its offset.',
    `reason` String COMMENT 'Which field, and why it could not be read.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Messages that could not be read and were set aside.'
AS SELECT
    fromUnixTimestamp64Milli(r.at, 'UTC') AS at,
    r.topic AS topic,
    r.partition AS partition,
    r.offset AS offset,
    r.reason AS reason
FROM ammeter_private.dead_letter_rows AS r
FINAL;

CREATE VIEW ammeter.edit_decisions
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
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Edits accepted and rejected, by day, team, tool, language and who decided, where the client says so.'
AS SELECT
    x.day AS day,
    x.team_id AS team_id,
    x.tool_name AS tool_name,
    x.language AS language,
    x.decision_source AS decision_source,
    uniqExactIf(x.person_id, (x.user_id NOT IN ('', 'unknown'))) AS people,
    sumIf(x.amount, x.kind = 'accept') AS accepted,
    sumIf(x.amount, x.kind = 'reject') AS rejected
FROM
(
    SELECT
        x.day AS day,
        s.team_id AS team_id,
        s.person_id AS person_id,
        s.user_id AS user_id,
        x.kind AS kind,
        x.tool_name AS tool_name,
        x.language AS language,
        x.decision_source AS decision_source,
        x.amount AS amount
    FROM
    (
        SELECT
            t.*,
            toDate(t.started_at) AS day,
            cityHash64(t.session_id) AS session_key
        FROM
        (
            SELECT
                t.session_id AS session_id,
                t.user_id AS user_id,
                t.started_at AS started_at,
                if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
                if(d.person = '', t.user_id, d.person) AS person_id
            FROM
            (
                SELECT
                    r.session_id AS session_id,
                    r.user_id AS user_id,
                    r.began AS started_at,
                    r.team_hint AS hint
                FROM ammeter_private.session_state_rows AS r
                FINAL
                WHERE r.session_key NOT IN (
                    SELECT w.session_key
                    FROM ammeter_private.session_state_rows AS w
                    GROUP BY w.session_key
                    HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                )
                UNION ALL
                SELECT
                    r.session_id AS session_id,
                    argMin(r.user_id, r.seen_at) AS user_id,
                    fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
                    argMin(toString(r.team_hint), r.seen_at) AS hint
                FROM
                (
                    SELECT *
                    FROM ammeter_private.session_state_rows AS w
                    WHERE w.session_key IN (
                        SELECT w.session_key
                        FROM ammeter_private.session_state_rows AS w
                        GROUP BY w.session_key
                        HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                    )
                    ORDER BY w.version DESC
                    LIMIT 1 BY
                        w.session_id,
                        w.segment
                ) AS r
                GROUP BY r.session_id
            ) AS t
            LEFT JOIN
            (
                SELECT
                    w.identity AS identity,
                    w.person AS person,
                    w.valid_from AS valid_from,
                    w.teams AS teams,
                    w.occupations AS occupations
                FROM ammeter_private.directory_rows AS w
                FINAL
            ) AS d ON d.identity = t.user_id
        ) AS t
    ) AS s
    INNER JOIN
    (
        SELECT
            e.day AS day,
            e.session_key AS session_key,
            e.kind AS kind,
            e.tool_name AS tool_name,
            e.language AS language,
            e.decision_source AS decision_source,
            if(e.temporality = 'cumulative', max(e.value), sum(e.value)) AS amount
        FROM ammeter_private.edit_rows AS e
        FINAL
        PREWHERE (e.partition, e.offset) NOT IN (
            SELECT
                d.partition,
                d.offset
            FROM ammeter_private.dead_letter_rows AS d
            WHERE d.topic = 'session-events'
        )
        WHERE e.session_key NOT IN (
            SELECT w.session_key
            FROM ammeter_private.session_day_rows AS w
            FINAL
            WHERE w.first != w.last
        )
        GROUP BY
            e.day,
            e.session_key,
            e.kind,
            e.tool_name,
            e.language,
            e.decision_source,
            e.temporality,
            e.series,
            e.started_at
    ) AS x ON (x.session_key = s.session_key) AND (x.day = s.day)
    UNION ALL
    SELECT
        x.day AS day,
        s.team_id AS team_id,
        s.person_id AS person_id,
        s.user_id AS user_id,
        x.kind AS kind,
        x.tool_name AS tool_name,
        x.language AS language,
        x.decision_source AS decision_source,
        x.amount AS amount
    FROM
    (
        SELECT
            t.*,
            cityHash64(t.session_id) AS session_key
        FROM
        (
            SELECT
                t.session_id AS session_id,
                t.user_id AS user_id,
                if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
                if(d.person = '', t.user_id, d.person) AS person_id
            FROM
            (
                SELECT
                    r.session_id AS session_id,
                    r.user_id AS user_id,
                    r.began AS started_at,
                    r.team_hint AS hint
                FROM ammeter_private.session_state_rows AS r
                FINAL
                PREWHERE r.session_key IN (
                    SELECT w.session_key
                    FROM ammeter_private.edit_rows AS w
                    WHERE w.session_key IN (
                        SELECT w.session_key
                        FROM ammeter_private.session_day_rows AS w
                        FINAL
                        WHERE w.first != w.last
                    )
                )
                WHERE r.session_key NOT IN (
                    SELECT w.session_key
                    FROM ammeter_private.session_state_rows AS w
                    GROUP BY w.session_key
                    HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                )
                UNION ALL
                SELECT
                    r.session_id AS session_id,
                    argMin(r.user_id, r.seen_at) AS user_id,
                    fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
                    argMin(toString(r.team_hint), r.seen_at) AS hint
                FROM
                (
                    SELECT *
                    FROM ammeter_private.session_state_rows AS w
                    WHERE w.session_key IN (
                        SELECT w.session_key
                        FROM ammeter_private.session_state_rows AS w
                        GROUP BY w.session_key
                        HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                    )
                    ORDER BY w.version DESC
                    LIMIT 1 BY
                        w.session_id,
                        w.segment
                ) AS r
                GROUP BY r.session_id
            ) AS t
            LEFT JOIN
            (
                SELECT
                    w.identity AS identity,
                    w.person AS person,
                    w.valid_from AS valid_from,
                    w.teams AS teams,
                    w.occupations AS occupations
                FROM ammeter_private.directory_rows AS w
                FINAL
            ) AS d ON d.identity = t.user_id
        ) AS t
    ) AS s
    INNER JOIN
    (
        SELECT
            toDate(fromUnixTimestamp64Milli(min(e.at), 'UTC')) AS day,
            e.session_key AS session_key,
            e.kind AS kind,
            e.tool_name AS tool_name,
            e.language AS language,
            e.decision_source AS decision_source,
            if(e.temporality = 'cumulative', max(e.value), sum(e.value)) AS amount
        FROM
        (
            SELECT *
            FROM ammeter_private.edit_rows AS e
            PREWHERE e.session_key IN (
                SELECT w.session_key
                FROM ammeter_private.session_day_rows AS w
                FINAL
                WHERE w.first != w.last
            )
            WHERE (e.partition, e.offset) NOT IN (
                SELECT
                    d.partition,
                    d.offset
                FROM ammeter_private.dead_letter_rows AS d
                WHERE d.topic = 'session-events'
            )
            ORDER BY e.offset ASC
            LIMIT 1 BY
                e.session_key,
                e.event
        ) AS e
        GROUP BY
            e.session_key,
            e.kind,
            e.tool_name,
            e.language,
            e.decision_source,
            e.temporality,
            e.series,
            e.started_at
    ) AS x ON x.session_key = s.session_key
) AS x
GROUP BY
    x.day,
    x.team_id,
    x.tool_name,
    x.language,
    x.decision_source
HAVING ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.event_minutes
(
    `minute` DateTime('UTC') COMMENT 'Minute of receipt.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Its version.',
    `events` UInt64 COMMENT 'Events received.',
    `unrecognised` UInt64 COMMENT 'Events that this version does not know.',
    `store_delay_p50_ms` Float64 COMMENT 'Half were stored after this long.',
    `store_delay_p99_ms` Float64 COMMENT '99 % were stored after this.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Events by the minute in which they were received; a copy that came in a later minute counts there again.'
AS SELECT
    r.minute AS minute,
    r.source AS source,
    r.client_version AS client_version,
    count() AS events,
    countIf(r.is_unrecognised) AS unrecognised,
    quantile(0.5)(r.delay_ms) AS store_delay_p50_ms,
    quantile(0.99)(r.delay_ms) AS store_delay_p99_ms
FROM ammeter_private.arrival_rows AS r
FINAL
GROUP BY
    r.minute,
    r.source,
    r.client_version;

CREATE VIEW ammeter.interventions
(
    `id` String COMMENT 'Of the intervention.',
    `kind` LowCardinality(String) COMMENT 'training, knowledge_base, review, tool or other.',
    `title` String COMMENT 'What it was.',
    `team_id` LowCardinality(String) COMMENT 'For whom; \'*\': everybody.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When it began.',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; null: it goes on.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What was done to help, when and for whom.'
AS SELECT
    r.id AS id,
    r.kind AS kind,
    r.title AS title,
    if(r.team_id = '', '*', toString(r.team_id)) AS team_id,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS started_at,
    if(r.ended_at = 0, NULL, fromUnixTimestamp64Milli(r.ended_at, 'UTC')) AS ended_at
FROM ammeter_private.intervention_rows AS r
FINAL;

CREATE VIEW ammeter.labels
(
    `session_id` String COMMENT 'The client\'s own id.',
    `labelled_at` DateTime64(3, 'UTC') COMMENT 'When.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Dominant work.',
    `expertise` Nullable(UInt8) COMMENT '1 to 5.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'As judged.',
    `success_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `failure_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `value` Nullable(Int64) COMMENT 'Ordinal only.',
    `occupation` LowCardinality(Nullable(String)) COMMENT 'Trade.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What a reader says of a session; null: nothing. Who read it is in ammeter_private.session_labels.'
AS SELECT
    r.session_id AS session_id,
    r.labelled_at AS labelled_at,
    r.work_mode AS work_mode,
    r.expertise AS expertise,
    r.outcome AS outcome,
    r.success_signal AS success_signal,
    r.failure_signal AS failure_signal,
    r.value AS value,
    r.occupation AS occupation
FROM ammeter_private.session_labels AS r;

CREATE VIEW ammeter.model_hours
(
    `hour` DateTime('UTC') COMMENT 'Hour in which they occurred.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'others\': teams with too few people in this row, together.',
    `people` UInt64 COMMENT 'Distinct people.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `model` LowCardinality(String) COMMENT 'The model.',
    `requests` UInt64 COMMENT 'Answered requests.',
    `failures` UInt64 COMMENT 'Requests that failed for good.',
    `retries_exhausted` UInt64 COMMENT 'Of them: had been retried.',
    `refusals` UInt64 COMMENT 'Requests that the model refused.',
    `input_tokens` Int64 COMMENT 'Sum over answered requests. [tokens]',
    `output_tokens` Int64 COMMENT 'Sum over answered requests. [tokens]',
    `cache_read_tokens` Int64 COMMENT 'Sum over answered requests. [tokens]',
    `cache_creation_tokens` Int64 COMMENT 'Sum over answered requests. [tokens]',
    `cost_micros` Int64 COMMENT 'Sum over answered requests. [micro-dollars]',
    `durations` Map(UInt16, Int64) COMMENT 'Answered requests by half octave of their duration.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Requests to models by hour, team, client and model.'
AS SELECT
    g.hour AS hour,
    g.shown_team AS team_id,
    finalizeAggregation(g.who) AS people,
    g.source AS source,
    g.model AS model,
    g.requests AS requests,
    g.failures AS failures,
    g.retries_exhausted AS retries_exhausted,
    g.refusals AS refusals,
    g.input_tokens AS input_tokens,
    g.output_tokens AS output_tokens,
    g.cache_read_tokens AS cache_read_tokens,
    g.cache_creation_tokens AS cache_creation_tokens,
    g.cost_micros AS cost_micros,
    g.durations AS durations
FROM
(
    SELECT
        s.hour AS hour,
        s.source AS source,
        s.model AS model,
        if(((finalizeAggregation(s.who) = 0) OR (finalizeAggregation(s.who) >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ))), toString(s.team), 'others') AS shown_team,
        uniqExactMergeState(s.who) AS who,
        sum(s.requests) AS requests,
        sum(s.failures) AS failures,
        sum(s.retries_exhausted) AS retries_exhausted,
        sum(s.refusals) AS refusals,
        sum(s.input_tokens) AS input_tokens,
        sum(s.output_tokens) AS output_tokens,
        sum(s.cache_read_tokens) AS cache_read_tokens,
        sum(s.cache_creation_tokens) AS cache_creation_tokens,
        sum(s.cost_micros) AS cost_micros,
        sumMap(s.durations) AS durations
    FROM
    (
        SELECT
            toStartOfHour(r.minute) AS hour,
            r.source AS source,
            r.name AS model,
            r.placed_team AS team,
            uniqExactStateIf(r.person_id, (r.user_id NOT IN ('', 'unknown'))) AS who,
            countIf(r.type = 'model_responded') AS requests,
            countIf((r.type = 'model_request_failed') AND (r.result != 'refusal')) AS failures,
            countIf((r.type = 'model_request_failed') AND (r.result = 'retries_exhausted')) AS retries_exhausted,
            countIf((r.type = 'model_request_failed') AND (r.result = 'refusal')) AS refusals,
            sumIf(r.input_tokens, r.type = 'model_responded') AS input_tokens,
            sumIf(r.output_tokens, r.type = 'model_responded') AS output_tokens,
            sumIf(r.cache_read_tokens, r.type = 'model_responded') AS cache_read_tokens,
            sumIf(r.cache_creation_tokens, r.type = 'model_responded') AS cache_creation_tokens,
            sumIf(r.cost_micros, r.type = 'model_responded') AS cost_micros,
            sumMapIf(map(toUInt16(least(length(trimLeft(bin(toUInt128(r.duration_ms) * toUInt128(r.duration_ms)), '0')), 63)), toInt64(1)), r.type = 'model_responded') AS durations
        FROM
        (
            SELECT
                a.*,
                if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(toString(a.hint) = '', 'unassigned', toString(a.hint)), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                if(d.person = '', a.user_id, d.person) AS person_id
            FROM ammeter_private.call_rows AS a
            FINAL
            LEFT JOIN
            (
                SELECT
                    w.identity AS identity,
                    w.person AS person,
                    w.valid_from AS valid_from,
                    w.teams AS teams,
                    w.occupations AS occupations
                FROM ammeter_private.directory_rows AS w
                FINAL
            ) AS d ON d.identity = a.user_id
            PREWHERE (a.partition, a.offset) NOT IN (
                SELECT
                    d.partition,
                    d.offset
                FROM ammeter_private.dead_letter_rows AS d
                WHERE d.topic = 'session-events'
            )
        ) AS r
        WHERE r.type IN ('model_responded', 'model_request_failed')
        GROUP BY
            hour,
            source,
            model,
            team
    ) AS s
    GROUP BY
        hour,
        source,
        model,
        shown_team
    HAVING ((finalizeAggregation(who) = 0) OR (finalizeAggregation(who) >= (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )))
) AS g;

CREATE VIEW ammeter.outcomes_daily
(
    `day` Date COMMENT 'On which the sessions began, UTC.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the whole organisation, as far as shown.',
    `people` UInt64 COMMENT 'Distinct people whose sessions were judged.',
    `judged` Int64 COMMENT 'Closed sessions with a verdict.',
    `troubled` Int64 COMMENT 'Of them: hit trouble.',
    `verified` Int64 COMMENT 'Ended with a commit, a pull request, or tests that passed.',
    `clean` Int64 COMMENT 'Ended clean.',
    `given_up` Int64 COMMENT 'Abandoned after trouble, no line added.',
    `left` Int64 COMMENT 'Abandoned without trouble, no line added.',
    `restarted` Int64 COMMENT 'Given up and begun anew within 15 minutes.',
    `coded` Int64 COMMENT 'Added at least one line.',
    `unknown` Int64 COMMENT 'Nothing tells how they ended.',
    `trouble_rate` Nullable(Float64) COMMENT 'troubled / judged.',
    `abandonment_rate` Nullable(Float64) COMMENT 'given_up / troubled: of troubled sessions.',
    `success_rate` Nullable(Float64) COMMENT '(verified + clean) / (judged - unknown).',
    `verified_rate` Nullable(Float64) COMMENT 'verified / (judged - unknown).',
    `wrote_code_rate` Nullable(Float64) COMMENT 'coded / judged.',
    `interactive_judged` Int64 COMMENT 'Closed sessions with a verdict. Interactive use only.',
    `interactive_troubled` Int64 COMMENT 'Of them: hit trouble. Interactive use only.',
    `interactive_verified` Int64 COMMENT 'Ended with a commit, a pull request, or tests that passed. Interactive use only.',
    `interactive_clean` Int64 COMMENT 'Ended clean. Interactive use only.',
    `interactive_given_up` Int64 COMMENT 'Abandoned after trouble, no line added. Interactive use only.',
    `interactive_left` Int64 COMMENT 'Abandoned without trouble, no line added. Interactive use only.',
    `interactive_restarted` Int64 COMMENT 'Given up and begun anew within 15 minutes. Interactive use only.',
    `interactive_coded` Int64 COMMENT 'Added at least one line. Interactive use only.',
    `interactive_unknown` Int64 COMMENT 'Nothing tells how they ended. Interactive use only.',
    `interactive_trouble_rate` Nullable(Float64) COMMENT 'troubled / judged. Interactive use only.',
    `interactive_abandonment_rate` Nullable(Float64) COMMENT 'given_up / troubled: of troubled sessions. Interactive use only.',
    `interactive_success_rate` Nullable(Float64) COMMENT '(verified + clean) / (judged - unknown). Interactive use only.',
    `interactive_verified_rate` Nullable(Float64) COMMENT 'verified / (judged - unknown). Interactive use only.',
    `interactive_wrote_code_rate` Nullable(Float64) COMMENT 'coded / judged. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'How the sessions that began on a day went, by team: proxies from telemetry, counted when a cohort closes.'
AS SELECT
    g.day AS day,
    g.shown_team AS team_id,
    finalizeAggregation(g.who) AS people,
    g.judged AS judged,
    g.troubled AS troubled,
    g.verified AS verified,
    g.clean AS clean,
    g.given_up AS given_up,
    g.left AS left,
    g.restarted AS restarted,
    g.coded AS coded,
    judged - ((((verified + clean) + given_up) + left) + restarted) AS unknown,
    troubled / nullIf(judged, 0) AS trouble_rate,
    given_up / nullIf(troubled, 0) AS abandonment_rate,
    (verified + clean) / nullIf(judged - unknown, 0) AS success_rate,
    verified / nullIf(judged - unknown, 0) AS verified_rate,
    coded / nullIf(judged, 0) AS wrote_code_rate,
    g.interactive_judged AS interactive_judged,
    g.interactive_troubled AS interactive_troubled,
    g.interactive_verified AS interactive_verified,
    g.interactive_clean AS interactive_clean,
    g.interactive_given_up AS interactive_given_up,
    g.interactive_left AS interactive_left,
    g.interactive_restarted AS interactive_restarted,
    g.interactive_coded AS interactive_coded,
    interactive_judged - ((((interactive_verified + interactive_clean) + interactive_given_up) + interactive_left) + interactive_restarted) AS interactive_unknown,
    interactive_troubled / nullIf(interactive_judged, 0) AS interactive_trouble_rate,
    interactive_given_up / nullIf(interactive_troubled, 0) AS interactive_abandonment_rate,
    (interactive_verified + interactive_clean) / nullIf(interactive_judged - interactive_unknown, 0) AS interactive_success_rate,
    interactive_verified / nullIf(interactive_judged - interactive_unknown, 0) AS interactive_verified_rate,
    interactive_coded / nullIf(interactive_judged, 0) AS interactive_wrote_code_rate
FROM
(
    SELECT
        s.day AS day,
        shown_team,
        uniqExactMergeState(s.who) AS who,
        sum(s.judged) AS judged,
        sum(s.troubled) AS troubled,
        sum(s.verified) AS verified,
        sum(s.clean) AS clean,
        sum(s.given_up) AS given_up,
        sum(s.left) AS left,
        sum(s.restarted) AS restarted,
        sum(s.coded) AS coded,
        sum(s.interactive_judged) AS interactive_judged,
        sum(s.interactive_troubled) AS interactive_troubled,
        sum(s.interactive_verified) AS interactive_verified,
        sum(s.interactive_clean) AS interactive_clean,
        sum(s.interactive_given_up) AS interactive_given_up,
        sum(s.interactive_left) AS interactive_left,
        sum(s.interactive_restarted) AS interactive_restarted,
        sum(s.interactive_coded) AS interactive_coded
    FROM
    (
        SELECT
            *,
            ((finalizeAggregation(who) = 0) OR (finalizeAggregation(who) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY day) AS rest
        FROM
        (
            SELECT
                toDate(r.minute) AS day,
                r.placed_team AS team,
                uniqExactStateIf(r.person_id, (r.user_id != 'unknown') AND (r.sessions_judged != 0)) AS who,
                sum(r.sessions_judged) AS judged,
                sum(r.sessions_troubled) AS troubled,
                sum(r.sessions_verified) AS verified,
                sum(r.sessions_clean) AS clean,
                sum(r.sessions_given_up) AS given_up,
                sum(r.sessions_left) AS left,
                sum(r.sessions_restarted) AS restarted,
                sum(r.sessions_coded) AS coded,
                sum(r.interactive_sessions_judged) AS interactive_judged,
                sum(r.interactive_sessions_troubled) AS interactive_troubled,
                sum(r.interactive_sessions_verified) AS interactive_verified,
                sum(r.interactive_sessions_clean) AS interactive_clean,
                sum(r.interactive_sessions_given_up) AS interactive_given_up,
                sum(r.interactive_sessions_left) AS interactive_left,
                sum(r.interactive_sessions_restarted) AS interactive_restarted,
                sum(r.interactive_sessions_coded) AS interactive_coded
            FROM
            (
                SELECT
                    a.*,
                    if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                    if(d.person = '', a.user_id, d.person) AS person_id
                FROM ammeter_private.user_minute_rows AS a
                FINAL
                LEFT JOIN
                (
                    SELECT
                        w.identity AS identity,
                        w.person AS person,
                        w.valid_from AS valid_from,
                        w.teams AS teams,
                        w.occupations AS occupations
                    FROM ammeter_private.directory_rows AS w
                    FINAL
                ) AS d ON d.identity = a.user_id
            ) AS r
            WHERE r.sessions_judged != 0
            GROUP BY
                day,
                team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ), ['*'], []) AS shown_team
    GROUP BY
        day,
        shown_team
) AS g
WHERE g.judged != 0;

CREATE VIEW ammeter.pipeline_samples
(
    `at` DateTime64(3, 'UTC') COMMENT 'When the sample was taken.',
    `part` LowCardinality(String) COMMENT 'A stage (sessions, users, teams, detect), or sink.',
    `partition` UInt16 COMMENT 'Of its source.',
    `lag` Int64 COMMENT 'Messages not yet read.',
    `watermark_age_ms` Int64 COMMENT 'How far its time is behind the clock.',
    `delay_ms` Int64 COMMENT 'Of the sink: flush of team-windows to its row in the store.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'How far each part of the pipeline was, about every 5 seconds.'
AS SELECT
    fromUnixTimestamp64Milli(r.at, 'UTC') AS at,
    r.part AS part,
    r.partition AS partition,
    r.lag AS lag,
    r.watermark_age_ms AS watermark_age_ms,
    r.delay_ms AS delay_ms
FROM ammeter_private.pipeline_sample_rows AS r
FINAL;

CREATE VIEW ammeter.sessions
(
    `session_id` String COMMENT 'The client\'s own id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `entrypoint` LowCardinality(String) COMMENT 'How the client was started.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event so far occurred.',
    `end_reason` Nullable(String) COMMENT 'The client\'s reason, \'idle\' after 30 minutes of silence, or null while it is open.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it closed; null while it is open.',
    `seen_at` DateTime64(3, 'UTC') COMMENT 'Latest event or receipt.',
    `has_end` Bool COMMENT 'The client said that it ended.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `reported_input_tokens` Int64 COMMENT 'Uncached input tokens as the client\'s metrics count them. [tokens]',
    `reported_output_tokens` Int64 COMMENT 'Output tokens as the client\'s metrics count them. [tokens]',
    `reported_cache_read_tokens` Int64 COMMENT 'Cache reads as the client\'s metrics count them. [tokens]',
    `reported_cache_creation_tokens` Int64 COMMENT 'Cache writes as the client\'s metrics count them. [tokens]',
    `reported_cost_micros` Int64 COMMENT 'Cost as the client\'s metrics count it. [micro-dollars]',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `tool_kinds` Map(UInt16, Int64) COMMENT 'Finished tool calls by kind: 0 other, 1 read, 2 search, 3 edit, 4 shell, 5 web, 6 agent, 7 plan, 8 mcp.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `unreported_input_tokens` Int64 COMMENT 'reported_input_tokens - input_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_output_tokens` Int64 COMMENT 'reported_output_tokens - output_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cache_read_tokens` Int64 COMMENT 'reported_cache_read_tokens - cache_read_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cache_creation_tokens` Int64 COMMENT 'reported_cache_creation_tokens - cache_creation_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cost_micros` Int64 COMMENT 'reported_cost_micros - cost_micros, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `directory_occupation` LowCardinality(Nullable(String)) COMMENT 'The person\'s occupation by the directory, at the start of the session.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor, by the entrypoint.',
    `came_back` Bool COMMENT 'The person began another session within 15 minutes.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'How it ended, by telemetry alone: verified_success, ended_clean, abandoned_after_trouble, abandoned, restarted, unknown; null while it is open, and for 15 minutes after it closed.',
    `outcome_confidence` LowCardinality(Nullable(String)) COMMENT 'high: hard evidence, or the client said so; medium: its end was seen; low: silence only.',
    `is_troubled` Nullable(Bool) COMMENT 'It hit trouble, a proxy of the study\'s failure signal of 3 and more; null while it is open, and for 15 minutes after it closed.',
    `evidence` Array(String) COMMENT 'What the outcome rests on: names of schemas.evidence.Sign, as far as they are known.',
    `judged_outcome` LowCardinality(Nullable(String)) COMMENT 'Label: the outcome as a reader judged it.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Label: dominant work.',
    `expertise` Nullable(UInt8) COMMENT 'Label: 1 to 5.',
    `value` Nullable(Int64) COMMENT 'Label: ordinal only.',
    `occupation` LowCardinality(Nullable(String)) COMMENT 'Label: trade.',
    `success_signal` Nullable(UInt8) COMMENT 'Label: 1 to 5.',
    `failure_signal` Nullable(UInt8) COMMENT 'Label: 1 to 5.',
    `work_mode_proxy` LowCardinality(Nullable(String)) COMMENT 'Dominant work, the first that holds. orchestrate: 3 or more agents, a quarter of its calls; communicate: no tool was called; plan: nothing written, plans made; test: something written, as many runs of tests as edits; fix: something written, and a test failed or half as many lines went as came; build: something else written; operate: nothing written, half of the calls are commands; analyze: nothing written, more fetched than read; understand: nothing written, mostly reading.',
    `expertise_proxy` Nullable(UInt8) COMMENT '1 to 5, rounded from 1 + 4 log2(actions_per_prompt / 4.9) / log2(11.7 / 4.9): the study\'s means of its lowest and highest level. Null without turns.',
    `value_proxy` Nullable(UInt8) COMMENT '1 to 5, ordinal only: 1, and 1 each for 10 lines added, for 100, for 20,000 output tokens, and for a commit, pull request or passed test run.',
    `occupation_proxy` LowCardinality(Nullable(String)) COMMENT 'software: something was written, tested or committed; else other.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Sessions in which something happened, without the person.'
AS SELECT
    s.session_id AS session_id,
    s.source AS source,
    s.client_version AS client_version,
    s.entrypoint AS entrypoint,
    s.started_at AS started_at,
    s.ended_at AS ended_at,
    s.end_reason AS end_reason,
    s.is_open AS is_open,
    s.closed_at AS closed_at,
    s.seen_at AS seen_at,
    s.has_end AS has_end,
    s.events AS events,
    s.prompts AS prompts,
    s.slash_commands AS slash_commands,
    s.injected_prompts AS injected_prompts,
    s.responses AS responses,
    s.turns AS turns,
    s.tool_calls AS tool_calls,
    s.tool_failures AS tool_failures,
    s.tool_accepts AS tool_accepts,
    s.tool_rejections AS tool_rejections,
    s.api_failures AS api_failures,
    s.api_retries_exhausted AS api_retries_exhausted,
    s.api_refusals AS api_refusals,
    s.input_tokens AS input_tokens,
    s.output_tokens AS output_tokens,
    s.cache_read_tokens AS cache_read_tokens,
    s.cache_creation_tokens AS cache_creation_tokens,
    s.cost_micros AS cost_micros,
    s.response_chars AS response_chars,
    s.lines_added AS lines_added,
    s.lines_removed AS lines_removed,
    s.commits AS commits,
    s.pull_requests AS pull_requests,
    s.edits_accepted AS edits_accepted,
    s.edits_rejected AS edits_rejected,
    s.active_user_ms AS active_user_ms,
    s.active_cli_ms AS active_cli_ms,
    s.compactions AS compactions,
    s.subagents AS subagents,
    s.mode_changes AS mode_changes,
    s.interrupts AS interrupts,
    s.model_ms AS model_ms,
    s.tool_ms AS tool_ms,
    s.unrecognised AS unrecognised,
    s.clock_clamped AS clock_clamped,
    s.reported_input_tokens AS reported_input_tokens,
    s.reported_output_tokens AS reported_output_tokens,
    s.reported_cache_read_tokens AS reported_cache_read_tokens,
    s.reported_cache_creation_tokens AS reported_cache_creation_tokens,
    s.reported_cost_micros AS reported_cost_micros,
    s.user_rejections AS user_rejections,
    s.tests_passed AS tests_passed,
    s.tests_failed AS tests_failed,
    s.commit_commands AS commit_commands,
    s.loops AS loops,
    s.log_actions AS log_actions,
    s.hook_events AS hook_events,
    s.repeats AS repeats,
    s.tool_durations AS tool_durations,
    s.turn_durations AS turn_durations,
    s.tool_kinds AS tool_kinds,
    s.cost_usd AS cost_usd,
    s.actions_per_prompt AS actions_per_prompt,
    s.output_per_prompt AS output_per_prompt,
    s.tool_duration_p50_ms AS tool_duration_p50_ms,
    s.tool_duration_p95_ms AS tool_duration_p95_ms,
    s.turn_duration_p50_ms AS turn_duration_p50_ms,
    s.turn_duration_p95_ms AS turn_duration_p95_ms,
    s.unreported_input_tokens AS unreported_input_tokens,
    s.unreported_output_tokens AS unreported_output_tokens,
    s.unreported_cache_read_tokens AS unreported_cache_read_tokens,
    s.unreported_cache_creation_tokens AS unreported_cache_creation_tokens,
    s.unreported_cost_micros AS unreported_cost_micros,
    s.team_id AS team_id,
    s.directory_occupation AS directory_occupation,
    s.is_interactive AS is_interactive,
    s.came_back AS came_back,
    s.outcome AS outcome,
    s.outcome_confidence AS outcome_confidence,
    s.is_troubled AS is_troubled,
    s.evidence AS evidence,
    s.judged_outcome AS judged_outcome,
    s.work_mode AS work_mode,
    s.expertise AS expertise,
    s.value AS value,
    s.occupation AS occupation,
    s.success_signal AS success_signal,
    s.failure_signal AS failure_signal,
    s.work_mode_proxy AS work_mode_proxy,
    s.expertise_proxy AS expertise_proxy,
    s.value_proxy AS value_proxy,
    s.occupation_proxy AS occupation_proxy
FROM ammeter_private.sessions AS s;

CREATE VIEW ammeter.silence
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
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Lost telemetry by day, team and client: it is no idleness.'
AS SELECT
    s.day AS day,
    s.team_id AS team_id,
    s.source AS source,
    s.client_version AS client_version,
    uniqExactIf(s.person_id, (s.user_id NOT IN ('', 'unknown'))) AS people,
    count() AS sessions,
    countIf(if(o.processes > 0, o.lost, g.lost) > 0) AS sessions_with_gaps,
    sum(if(o.processes > 0, o.seen, g.seen)) AS numbered,
    sum(if(o.processes > 0, o.lost, g.lost)) AS lost,
    lost / nullIf(lost + numbered, 0) AS lost_share,
    countIf((s.hook_events > 0) AND (s.prompts > 0) AND ((s.responses + s.api_failures) = 0)) AS sessions_without_requests
FROM
(
    SELECT
        t.*,
        toDate(t.started_at) AS day,
        cityHash64(t.session_id) AS session_key
    FROM
    (
        SELECT
            t.session_id AS session_id,
            t.source AS source,
            t.client_version AS client_version,
            t.user_id AS user_id,
            t.install_id AS install_id,
            t.started_at AS started_at,
            t.ended_at AS ended_at,
            t.prompts AS prompts,
            t.responses AS responses,
            t.tool_calls AS tool_calls,
            t.tool_accepts AS tool_accepts,
            t.tool_rejections AS tool_rejections,
            t.api_failures AS api_failures,
            t.hook_events AS hook_events,
            if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
            if(d.person = '', t.user_id, d.person) AS person_id
        FROM
        (
            SELECT
                r.session_id AS session_id,
                r.source AS source,
                r.client_version AS client_version,
                r.user_id AS user_id,
                r.install_id AS install_id,
                r.began AS started_at,
                fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
                r.team_hint AS hint,
                r.prompts AS prompts,
                r.responses AS responses,
                r.tool_calls AS tool_calls,
                r.tool_accepts AS tool_accepts,
                r.tool_rejections AS tool_rejections,
                r.api_failures AS api_failures,
                r.hook_events AS hook_events
            FROM ammeter_private.session_state_rows AS r
            FINAL
            WHERE r.session_key NOT IN (
                SELECT w.session_key
                FROM ammeter_private.session_state_rows AS w
                GROUP BY w.session_key
                HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
            )
            UNION ALL
            SELECT
                r.session_id AS session_id,
                min(r.source) AS source,
                argMax(r.client_version, arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))) AS client_version,
                argMin(r.user_id, r.seen_at) AS user_id,
                max(r.install_id) AS install_id,
                fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
                fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS ended_at,
                argMin(toString(r.team_hint), r.seen_at) AS hint,
                sum(r.prompts) AS prompts,
                sum(r.responses) AS responses,
                sum(r.tool_calls) AS tool_calls,
                sum(r.tool_accepts) AS tool_accepts,
                sum(r.tool_rejections) AS tool_rejections,
                sum(r.api_failures) AS api_failures,
                sum(r.hook_events) AS hook_events
            FROM
            (
                SELECT *
                FROM ammeter_private.session_state_rows AS w
                WHERE w.session_key IN (
                    SELECT w.session_key
                    FROM ammeter_private.session_state_rows AS w
                    GROUP BY w.session_key
                    HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                )
                ORDER BY w.version DESC
                LIMIT 1 BY
                    w.session_id,
                    w.segment
            ) AS r
            GROUP BY r.session_id
        ) AS t
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = t.user_id
    ) AS t
) AS s
LEFT JOIN
(
    SELECT
        day,
        session_key,
        toUInt64(length(parts)) AS processes,
        arraySum(arrayMap(n -> (n.4), numbers)) AS seen,
        arraySum(arrayMap(p -> greatest(((arrayMax(n -> (n.3), p) - arrayMin(n -> (n.2), p)) + 1) - arraySum(n -> (n.4), p), 0), parts)) AS lost
    FROM
    (
        SELECT
            e.day AS day,
            e.session_key AS session_key,
            arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> (n.2), numbers) AS lows,
            arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> ((low <= 2) AND (low < before)), numbers, lows, befores) AS parts
        FROM ammeter_private.number_rows AS e
        FINAL
        PREWHERE (e.partition, e.offset) NOT IN (
            SELECT
                d.partition,
                d.offset
            FROM ammeter_private.dead_letter_rows AS d
            WHERE d.topic = 'session-events'
        )
        GROUP BY
            e.day,
            e.session_key
    )
) AS g ON (g.session_key = s.session_key) AND (g.day = s.day)
LEFT JOIN
(
    SELECT
        session_key,
        toUInt64(length(parts)) AS processes,
        arraySum(arrayMap(n -> (n.4), numbers)) AS seen,
        arraySum(arrayMap(p -> greatest(((arrayMax(n -> (n.3), p) - arrayMin(n -> (n.2), p)) + 1) - arraySum(n -> (n.4), p), 0), parts)) AS lost
    FROM
    (
        SELECT
            e.session_key AS session_key,
            arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> (n.2), numbers) AS lows,
            arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> ((low <= 2) AND (low < before)), numbers, lows, befores) AS parts
        FROM
        (
            SELECT *
            FROM ammeter_private.number_rows AS e
            PREWHERE e.session_key IN (
                SELECT w.session_key
                FROM ammeter_private.session_day_rows AS w
                FINAL
                WHERE w.first != w.last
            )
            WHERE (e.partition, e.offset) NOT IN (
                SELECT
                    d.partition,
                    d.offset
                FROM ammeter_private.dead_letter_rows AS d
                WHERE d.topic = 'session-events'
            )
            ORDER BY e.offset ASC
            LIMIT 1 BY
                e.session_key,
                e.event
        ) AS e
        GROUP BY e.session_key
    )
) AS o ON o.session_key = s.session_key
WHERE (((((prompts + responses) + api_failures) + tool_calls) + tool_accepts) + tool_rejections) > 0
GROUP BY
    s.day,
    s.team_id,
    s.source,
    s.client_version
HAVING ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.store_tables
(
    `table` String COMMENT 'Its name.',
    `rows` UInt64 COMMENT 'Rows, older versions included until they are merged away.',
    `bytes` UInt64 COMMENT 'On disk, compressed.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Size of our tables.'
AS SELECT
    p.`table` AS `table`,
    sum(p.rows) AS rows,
    sum(p.bytes_on_disk) AS bytes
FROM system.parts AS p
WHERE p.active AND (p.database = 'ammeter_private')
GROUP BY p.`table`;

CREATE VIEW ammeter.team_current
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `span` LowCardinality(String) COMMENT '5m, 1h, 24h, 7d or 28d.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `as_of` DateTime('UTC') COMMENT 'Last minute of the window: it holds the minutes (as_of - span, as_of].',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `interactive_cost_usd` Float64 COMMENT 'cost_micros in US dollars. Interactive use only.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.',
    `interactive_output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts. Interactive use only.',
    `interactive_tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Of each team the shortest of 5m, 1h, 24h, 7d and 28d up to now that holds enough people.'
AS SELECT
    u.team_id AS team_id,
    u.span AS span,
    u.span_minutes AS span_minutes,
    u.as_of AS as_of,
    u.people AS people,
    u.events AS events,
    u.interactive_events AS interactive_events,
    u.prompts AS prompts,
    u.interactive_prompts AS interactive_prompts,
    u.slash_commands AS slash_commands,
    u.interactive_slash_commands AS interactive_slash_commands,
    u.injected_prompts AS injected_prompts,
    u.interactive_injected_prompts AS interactive_injected_prompts,
    u.responses AS responses,
    u.interactive_responses AS interactive_responses,
    u.turns AS turns,
    u.interactive_turns AS interactive_turns,
    u.tool_calls AS tool_calls,
    u.interactive_tool_calls AS interactive_tool_calls,
    u.tool_failures AS tool_failures,
    u.interactive_tool_failures AS interactive_tool_failures,
    u.tool_accepts AS tool_accepts,
    u.interactive_tool_accepts AS interactive_tool_accepts,
    u.tool_rejections AS tool_rejections,
    u.interactive_tool_rejections AS interactive_tool_rejections,
    u.api_failures AS api_failures,
    u.interactive_api_failures AS interactive_api_failures,
    u.api_retries_exhausted AS api_retries_exhausted,
    u.interactive_api_retries_exhausted AS interactive_api_retries_exhausted,
    u.api_refusals AS api_refusals,
    u.interactive_api_refusals AS interactive_api_refusals,
    u.input_tokens AS input_tokens,
    u.interactive_input_tokens AS interactive_input_tokens,
    u.output_tokens AS output_tokens,
    u.interactive_output_tokens AS interactive_output_tokens,
    u.cache_read_tokens AS cache_read_tokens,
    u.interactive_cache_read_tokens AS interactive_cache_read_tokens,
    u.cache_creation_tokens AS cache_creation_tokens,
    u.interactive_cache_creation_tokens AS interactive_cache_creation_tokens,
    u.cost_micros AS cost_micros,
    u.interactive_cost_micros AS interactive_cost_micros,
    u.response_chars AS response_chars,
    u.interactive_response_chars AS interactive_response_chars,
    u.lines_added AS lines_added,
    u.interactive_lines_added AS interactive_lines_added,
    u.lines_removed AS lines_removed,
    u.interactive_lines_removed AS interactive_lines_removed,
    u.commits AS commits,
    u.interactive_commits AS interactive_commits,
    u.pull_requests AS pull_requests,
    u.interactive_pull_requests AS interactive_pull_requests,
    u.edits_accepted AS edits_accepted,
    u.interactive_edits_accepted AS interactive_edits_accepted,
    u.edits_rejected AS edits_rejected,
    u.interactive_edits_rejected AS interactive_edits_rejected,
    u.active_user_ms AS active_user_ms,
    u.interactive_active_user_ms AS interactive_active_user_ms,
    u.active_cli_ms AS active_cli_ms,
    u.interactive_active_cli_ms AS interactive_active_cli_ms,
    u.compactions AS compactions,
    u.interactive_compactions AS interactive_compactions,
    u.subagents AS subagents,
    u.interactive_subagents AS interactive_subagents,
    u.mode_changes AS mode_changes,
    u.interactive_mode_changes AS interactive_mode_changes,
    u.interrupts AS interrupts,
    u.interactive_interrupts AS interactive_interrupts,
    u.model_ms AS model_ms,
    u.interactive_model_ms AS interactive_model_ms,
    u.tool_ms AS tool_ms,
    u.interactive_tool_ms AS interactive_tool_ms,
    u.unrecognised AS unrecognised,
    u.interactive_unrecognised AS interactive_unrecognised,
    u.clock_clamped AS clock_clamped,
    u.interactive_clock_clamped AS interactive_clock_clamped,
    u.user_rejections AS user_rejections,
    u.interactive_user_rejections AS interactive_user_rejections,
    u.tests_passed AS tests_passed,
    u.interactive_tests_passed AS interactive_tests_passed,
    u.tests_failed AS tests_failed,
    u.interactive_tests_failed AS interactive_tests_failed,
    u.commit_commands AS commit_commands,
    u.interactive_commit_commands AS interactive_commit_commands,
    u.loops AS loops,
    u.interactive_loops AS interactive_loops,
    u.log_actions AS log_actions,
    u.interactive_log_actions AS interactive_log_actions,
    u.hook_events AS hook_events,
    u.interactive_hook_events AS interactive_hook_events,
    u.repeats AS repeats,
    u.interactive_repeats AS interactive_repeats,
    u.sessions_judged AS sessions_judged,
    u.interactive_sessions_judged AS interactive_sessions_judged,
    u.sessions_troubled AS sessions_troubled,
    u.interactive_sessions_troubled AS interactive_sessions_troubled,
    u.sessions_verified AS sessions_verified,
    u.interactive_sessions_verified AS interactive_sessions_verified,
    u.sessions_clean AS sessions_clean,
    u.interactive_sessions_clean AS interactive_sessions_clean,
    u.sessions_given_up AS sessions_given_up,
    u.interactive_sessions_given_up AS interactive_sessions_given_up,
    u.sessions_left AS sessions_left,
    u.interactive_sessions_left AS interactive_sessions_left,
    u.sessions_restarted AS sessions_restarted,
    u.interactive_sessions_restarted AS interactive_sessions_restarted,
    u.sessions_coded AS sessions_coded,
    u.interactive_sessions_coded AS interactive_sessions_coded,
    u.tool_durations AS tool_durations,
    u.interactive_tool_durations AS interactive_tool_durations,
    u.turn_durations AS turn_durations,
    u.interactive_turn_durations AS interactive_turn_durations,
    u.cost_usd AS cost_usd,
    u.actions_per_prompt AS actions_per_prompt,
    u.output_per_prompt AS output_per_prompt,
    u.tool_duration_p50_ms AS tool_duration_p50_ms,
    u.tool_duration_p95_ms AS tool_duration_p95_ms,
    u.turn_duration_p50_ms AS turn_duration_p50_ms,
    u.turn_duration_p95_ms AS turn_duration_p95_ms,
    u.interactive_cost_usd AS interactive_cost_usd,
    u.interactive_actions_per_prompt AS interactive_actions_per_prompt,
    u.interactive_output_per_prompt AS interactive_output_per_prompt,
    u.interactive_tool_duration_p50_ms AS interactive_tool_duration_p50_ms,
    u.interactive_tool_duration_p95_ms AS interactive_tool_duration_p95_ms,
    u.interactive_turn_duration_p50_ms AS interactive_turn_duration_p50_ms,
    u.interactive_turn_duration_p95_ms AS interactive_turn_duration_p95_ms
FROM
(
    SELECT
        w.team_id AS team_id,
        toString(w.span) AS span,
        w.span_minutes AS span_minutes,
        w.as_of AS as_of,
        toUInt64(w.people) AS people,
        w.events AS events,
        w.interactive_events AS interactive_events,
        w.prompts AS prompts,
        w.interactive_prompts AS interactive_prompts,
        w.slash_commands AS slash_commands,
        w.interactive_slash_commands AS interactive_slash_commands,
        w.injected_prompts AS injected_prompts,
        w.interactive_injected_prompts AS interactive_injected_prompts,
        w.responses AS responses,
        w.interactive_responses AS interactive_responses,
        w.turns AS turns,
        w.interactive_turns AS interactive_turns,
        w.tool_calls AS tool_calls,
        w.interactive_tool_calls AS interactive_tool_calls,
        w.tool_failures AS tool_failures,
        w.interactive_tool_failures AS interactive_tool_failures,
        w.tool_accepts AS tool_accepts,
        w.interactive_tool_accepts AS interactive_tool_accepts,
        w.tool_rejections AS tool_rejections,
        w.interactive_tool_rejections AS interactive_tool_rejections,
        w.api_failures AS api_failures,
        w.interactive_api_failures AS interactive_api_failures,
        w.api_retries_exhausted AS api_retries_exhausted,
        w.interactive_api_retries_exhausted AS interactive_api_retries_exhausted,
        w.api_refusals AS api_refusals,
        w.interactive_api_refusals AS interactive_api_refusals,
        w.input_tokens AS input_tokens,
        w.interactive_input_tokens AS interactive_input_tokens,
        w.output_tokens AS output_tokens,
        w.interactive_output_tokens AS interactive_output_tokens,
        w.cache_read_tokens AS cache_read_tokens,
        w.interactive_cache_read_tokens AS interactive_cache_read_tokens,
        w.cache_creation_tokens AS cache_creation_tokens,
        w.interactive_cache_creation_tokens AS interactive_cache_creation_tokens,
        w.cost_micros AS cost_micros,
        w.interactive_cost_micros AS interactive_cost_micros,
        w.response_chars AS response_chars,
        w.interactive_response_chars AS interactive_response_chars,
        w.lines_added AS lines_added,
        w.interactive_lines_added AS interactive_lines_added,
        w.lines_removed AS lines_removed,
        w.interactive_lines_removed AS interactive_lines_removed,
        w.commits AS commits,
        w.interactive_commits AS interactive_commits,
        w.pull_requests AS pull_requests,
        w.interactive_pull_requests AS interactive_pull_requests,
        w.edits_accepted AS edits_accepted,
        w.interactive_edits_accepted AS interactive_edits_accepted,
        w.edits_rejected AS edits_rejected,
        w.interactive_edits_rejected AS interactive_edits_rejected,
        w.active_user_ms AS active_user_ms,
        w.interactive_active_user_ms AS interactive_active_user_ms,
        w.active_cli_ms AS active_cli_ms,
        w.interactive_active_cli_ms AS interactive_active_cli_ms,
        w.compactions AS compactions,
        w.interactive_compactions AS interactive_compactions,
        w.subagents AS subagents,
        w.interactive_subagents AS interactive_subagents,
        w.mode_changes AS mode_changes,
        w.interactive_mode_changes AS interactive_mode_changes,
        w.interrupts AS interrupts,
        w.interactive_interrupts AS interactive_interrupts,
        w.model_ms AS model_ms,
        w.interactive_model_ms AS interactive_model_ms,
        w.tool_ms AS tool_ms,
        w.interactive_tool_ms AS interactive_tool_ms,
        w.unrecognised AS unrecognised,
        w.interactive_unrecognised AS interactive_unrecognised,
        w.clock_clamped AS clock_clamped,
        w.interactive_clock_clamped AS interactive_clock_clamped,
        w.user_rejections AS user_rejections,
        w.interactive_user_rejections AS interactive_user_rejections,
        w.tests_passed AS tests_passed,
        w.interactive_tests_passed AS interactive_tests_passed,
        w.tests_failed AS tests_failed,
        w.interactive_tests_failed AS interactive_tests_failed,
        w.commit_commands AS commit_commands,
        w.interactive_commit_commands AS interactive_commit_commands,
        w.loops AS loops,
        w.interactive_loops AS interactive_loops,
        w.log_actions AS log_actions,
        w.interactive_log_actions AS interactive_log_actions,
        w.hook_events AS hook_events,
        w.interactive_hook_events AS interactive_hook_events,
        w.repeats AS repeats,
        w.interactive_repeats AS interactive_repeats,
        w.sessions_judged AS sessions_judged,
        w.interactive_sessions_judged AS interactive_sessions_judged,
        w.sessions_troubled AS sessions_troubled,
        w.interactive_sessions_troubled AS interactive_sessions_troubled,
        w.sessions_verified AS sessions_verified,
        w.interactive_sessions_verified AS interactive_sessions_verified,
        w.sessions_clean AS sessions_clean,
        w.interactive_sessions_clean AS interactive_sessions_clean,
        w.sessions_given_up AS sessions_given_up,
        w.interactive_sessions_given_up AS interactive_sessions_given_up,
        w.sessions_left AS sessions_left,
        w.interactive_sessions_left AS interactive_sessions_left,
        w.sessions_restarted AS sessions_restarted,
        w.interactive_sessions_restarted AS interactive_sessions_restarted,
        w.sessions_coded AS sessions_coded,
        w.interactive_sessions_coded AS interactive_sessions_coded,
        w.tool_durations AS tool_durations,
        w.interactive_tool_durations AS interactive_tool_durations,
        w.turn_durations AS turn_durations,
        w.interactive_turn_durations AS interactive_turn_durations,
        w.cost_micros / 1000000. AS cost_usd,
        pow(2, (w.log_actions / 1000) / nullIf(w.turns, 0)) AS actions_per_prompt,
        w.output_tokens / nullIf(w.prompts, 0) AS output_per_prompt,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.tool_durations])[1] AS tool_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.tool_durations])[1] AS tool_duration_p95_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.turn_durations])[1] AS turn_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.turn_durations])[1] AS turn_duration_p95_ms,
        w.interactive_cost_micros / 1000000. AS interactive_cost_usd,
        pow(2, (w.interactive_log_actions / 1000) / nullIf(w.interactive_turns, 0)) AS interactive_actions_per_prompt,
        w.interactive_output_tokens / nullIf(w.interactive_prompts, 0) AS interactive_output_per_prompt,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.interactive_tool_durations])[1] AS interactive_tool_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.interactive_tool_durations])[1] AS interactive_tool_duration_p95_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.interactive_turn_durations])[1] AS interactive_turn_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [w.interactive_turn_durations])[1] AS interactive_turn_duration_p95_ms
    FROM
    (
        SELECT *
        FROM ammeter.team_windows AS w
        WHERE w.people >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        )
        ORDER BY span_minutes ASC
        LIMIT 1 BY team_id
    ) AS w
    UNION ALL
    SELECT *
    FROM
    (
        SELECT
            r.placed_team AS team_id,
            lasts.1 AS span,
            lasts.2 AS span_minutes,
            toStartOfMinute(now('UTC')) AS as_of,
            uniqExactIf(r.person_id, (r.user_id != 'unknown') AND (r.events > 0)) AS people,
            sum(r.events) AS events,
            sum(r.interactive_events) AS interactive_events,
            sum(r.prompts) AS prompts,
            sum(r.interactive_prompts) AS interactive_prompts,
            sum(r.slash_commands) AS slash_commands,
            sum(r.interactive_slash_commands) AS interactive_slash_commands,
            sum(r.injected_prompts) AS injected_prompts,
            sum(r.interactive_injected_prompts) AS interactive_injected_prompts,
            sum(r.responses) AS responses,
            sum(r.interactive_responses) AS interactive_responses,
            sum(r.turns) AS turns,
            sum(r.interactive_turns) AS interactive_turns,
            sum(r.tool_calls) AS tool_calls,
            sum(r.interactive_tool_calls) AS interactive_tool_calls,
            sum(r.tool_failures) AS tool_failures,
            sum(r.interactive_tool_failures) AS interactive_tool_failures,
            sum(r.tool_accepts) AS tool_accepts,
            sum(r.interactive_tool_accepts) AS interactive_tool_accepts,
            sum(r.tool_rejections) AS tool_rejections,
            sum(r.interactive_tool_rejections) AS interactive_tool_rejections,
            sum(r.api_failures) AS api_failures,
            sum(r.interactive_api_failures) AS interactive_api_failures,
            sum(r.api_retries_exhausted) AS api_retries_exhausted,
            sum(r.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
            sum(r.api_refusals) AS api_refusals,
            sum(r.interactive_api_refusals) AS interactive_api_refusals,
            sum(r.input_tokens) AS input_tokens,
            sum(r.interactive_input_tokens) AS interactive_input_tokens,
            sum(r.output_tokens) AS output_tokens,
            sum(r.interactive_output_tokens) AS interactive_output_tokens,
            sum(r.cache_read_tokens) AS cache_read_tokens,
            sum(r.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
            sum(r.cache_creation_tokens) AS cache_creation_tokens,
            sum(r.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
            sum(r.cost_micros) AS cost_micros,
            sum(r.interactive_cost_micros) AS interactive_cost_micros,
            sum(r.response_chars) AS response_chars,
            sum(r.interactive_response_chars) AS interactive_response_chars,
            sum(r.lines_added) AS lines_added,
            sum(r.interactive_lines_added) AS interactive_lines_added,
            sum(r.lines_removed) AS lines_removed,
            sum(r.interactive_lines_removed) AS interactive_lines_removed,
            sum(r.commits) AS commits,
            sum(r.interactive_commits) AS interactive_commits,
            sum(r.pull_requests) AS pull_requests,
            sum(r.interactive_pull_requests) AS interactive_pull_requests,
            sum(r.edits_accepted) AS edits_accepted,
            sum(r.interactive_edits_accepted) AS interactive_edits_accepted,
            sum(r.edits_rejected) AS edits_rejected,
            sum(r.interactive_edits_rejected) AS interactive_edits_rejected,
            sum(r.active_user_ms) AS active_user_ms,
            sum(r.interactive_active_user_ms) AS interactive_active_user_ms,
            sum(r.active_cli_ms) AS active_cli_ms,
            sum(r.interactive_active_cli_ms) AS interactive_active_cli_ms,
            sum(r.compactions) AS compactions,
            sum(r.interactive_compactions) AS interactive_compactions,
            sum(r.subagents) AS subagents,
            sum(r.interactive_subagents) AS interactive_subagents,
            sum(r.mode_changes) AS mode_changes,
            sum(r.interactive_mode_changes) AS interactive_mode_changes,
            sum(r.interrupts) AS interrupts,
            sum(r.interactive_interrupts) AS interactive_interrupts,
            sum(r.model_ms) AS model_ms,
            sum(r.interactive_model_ms) AS interactive_model_ms,
            sum(r.tool_ms) AS tool_ms,
            sum(r.interactive_tool_ms) AS interactive_tool_ms,
            sum(r.unrecognised) AS unrecognised,
            sum(r.interactive_unrecognised) AS interactive_unrecognised,
            sum(r.clock_clamped) AS clock_clamped,
            sum(r.interactive_clock_clamped) AS interactive_clock_clamped,
            sum(r.user_rejections) AS user_rejections,
            sum(r.interactive_user_rejections) AS interactive_user_rejections,
            sum(r.tests_passed) AS tests_passed,
            sum(r.interactive_tests_passed) AS interactive_tests_passed,
            sum(r.tests_failed) AS tests_failed,
            sum(r.interactive_tests_failed) AS interactive_tests_failed,
            sum(r.commit_commands) AS commit_commands,
            sum(r.interactive_commit_commands) AS interactive_commit_commands,
            sum(r.loops) AS loops,
            sum(r.interactive_loops) AS interactive_loops,
            sum(r.log_actions) AS log_actions,
            sum(r.interactive_log_actions) AS interactive_log_actions,
            sum(r.hook_events) AS hook_events,
            sum(r.interactive_hook_events) AS interactive_hook_events,
            sum(r.repeats) AS repeats,
            sum(r.interactive_repeats) AS interactive_repeats,
            sum(r.sessions_judged) AS sessions_judged,
            sum(r.interactive_sessions_judged) AS interactive_sessions_judged,
            sum(r.sessions_troubled) AS sessions_troubled,
            sum(r.interactive_sessions_troubled) AS interactive_sessions_troubled,
            sum(r.sessions_verified) AS sessions_verified,
            sum(r.interactive_sessions_verified) AS interactive_sessions_verified,
            sum(r.sessions_clean) AS sessions_clean,
            sum(r.interactive_sessions_clean) AS interactive_sessions_clean,
            sum(r.sessions_given_up) AS sessions_given_up,
            sum(r.interactive_sessions_given_up) AS interactive_sessions_given_up,
            sum(r.sessions_left) AS sessions_left,
            sum(r.interactive_sessions_left) AS interactive_sessions_left,
            sum(r.sessions_restarted) AS sessions_restarted,
            sum(r.interactive_sessions_restarted) AS interactive_sessions_restarted,
            sum(r.sessions_coded) AS sessions_coded,
            sum(r.interactive_sessions_coded) AS interactive_sessions_coded,
            mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations)) AS tool_durations,
            mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations)) AS interactive_tool_durations,
            mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations)) AS turn_durations,
            mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations)) AS interactive_turn_durations,
            sum(r.cost_micros) / 1000000. AS cost_usd,
            pow(2, (sum(r.log_actions) / 1000) / nullIf(sum(r.turns), 0)) AS actions_per_prompt,
            sum(r.output_tokens) / nullIf(sum(r.prompts), 0) AS output_per_prompt,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p50_ms,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p95_ms,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p50_ms,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p95_ms,
            sum(r.interactive_cost_micros) / 1000000. AS interactive_cost_usd,
            pow(2, (sum(r.interactive_log_actions) / 1000) / nullIf(sum(r.interactive_turns), 0)) AS interactive_actions_per_prompt,
            sum(r.interactive_output_tokens) / nullIf(sum(r.interactive_prompts), 0) AS interactive_output_per_prompt,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations))])[1] AS interactive_tool_duration_p50_ms,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations))])[1] AS interactive_tool_duration_p95_ms,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations))])[1] AS interactive_turn_duration_p50_ms,
            arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations))])[1] AS interactive_turn_duration_p95_ms
        FROM
        (
            SELECT
                a.*,
                if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                if(d.person = '', a.user_id, d.person) AS person_id
            FROM ammeter_private.user_minute_rows AS a
            FINAL
            LEFT JOIN
            (
                SELECT
                    w.identity AS identity,
                    w.person AS person,
                    w.valid_from AS valid_from,
                    w.teams AS teams,
                    w.occupations AS occupations
                FROM ammeter_private.directory_rows AS w
                FINAL
            ) AS d ON d.identity = a.user_id
        ) AS r
        ARRAY JOIN [('7d', 10080), ('28d', 40320)] AS lasts
        WHERE (r.minute > (toStartOfMinute(now('UTC')) - toIntervalDay(28))) AND (r.minute > (toStartOfMinute(now('UTC')) - toIntervalMinute(lasts.2))) AND (r.placed_team NOT IN (
            SELECT l.team_id
            FROM
            (
                SELECT *
                FROM ammeter.team_windows AS w
                WHERE w.people >= (
                    SELECT if(count() = 0, 5, max(value))
                    FROM ammeter_private.policy
                    FINAL
                    WHERE name = 'floor'
                )
            ) AS l
        ))
        GROUP BY
            r.placed_team,
            lasts
        HAVING people >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        )
        ORDER BY span_minutes ASC
        LIMIT 1 BY team_id
    )
) AS u;

CREATE VIEW ammeter.team_days
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What teams did by day, UTC; days of a week are joined until they hold enough people.'
AS SELECT
    part.1 AS team_id,
    part.2 AS day,
    toUInt16(if((part.1) = '*', 1, (max(c.day) - (part.2)) + 1)) AS days,
    toUInt64(length(groupUniqArrayArray(c.who))) AS people,
    sum(c.events) AS events,
    sum(c.interactive_events) AS interactive_events,
    sum(c.prompts) AS prompts,
    sum(c.interactive_prompts) AS interactive_prompts,
    sum(c.slash_commands) AS slash_commands,
    sum(c.interactive_slash_commands) AS interactive_slash_commands,
    sum(c.injected_prompts) AS injected_prompts,
    sum(c.interactive_injected_prompts) AS interactive_injected_prompts,
    sum(c.responses) AS responses,
    sum(c.interactive_responses) AS interactive_responses,
    sum(c.turns) AS turns,
    sum(c.interactive_turns) AS interactive_turns,
    sum(c.tool_calls) AS tool_calls,
    sum(c.interactive_tool_calls) AS interactive_tool_calls,
    sum(c.tool_failures) AS tool_failures,
    sum(c.interactive_tool_failures) AS interactive_tool_failures,
    sum(c.tool_accepts) AS tool_accepts,
    sum(c.interactive_tool_accepts) AS interactive_tool_accepts,
    sum(c.tool_rejections) AS tool_rejections,
    sum(c.interactive_tool_rejections) AS interactive_tool_rejections,
    sum(c.api_failures) AS api_failures,
    sum(c.interactive_api_failures) AS interactive_api_failures,
    sum(c.api_retries_exhausted) AS api_retries_exhausted,
    sum(c.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
    sum(c.api_refusals) AS api_refusals,
    sum(c.interactive_api_refusals) AS interactive_api_refusals,
    sum(c.input_tokens) AS input_tokens,
    sum(c.interactive_input_tokens) AS interactive_input_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.interactive_output_tokens) AS interactive_output_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
    sum(c.cache_creation_tokens) AS cache_creation_tokens,
    sum(c.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
    sum(c.cost_micros) AS cost_micros,
    sum(c.interactive_cost_micros) AS interactive_cost_micros,
    sum(c.response_chars) AS response_chars,
    sum(c.interactive_response_chars) AS interactive_response_chars,
    sum(c.lines_added) AS lines_added,
    sum(c.interactive_lines_added) AS interactive_lines_added,
    sum(c.lines_removed) AS lines_removed,
    sum(c.interactive_lines_removed) AS interactive_lines_removed,
    sum(c.commits) AS commits,
    sum(c.interactive_commits) AS interactive_commits,
    sum(c.pull_requests) AS pull_requests,
    sum(c.interactive_pull_requests) AS interactive_pull_requests,
    sum(c.edits_accepted) AS edits_accepted,
    sum(c.interactive_edits_accepted) AS interactive_edits_accepted,
    sum(c.edits_rejected) AS edits_rejected,
    sum(c.interactive_edits_rejected) AS interactive_edits_rejected,
    sum(c.active_user_ms) AS active_user_ms,
    sum(c.interactive_active_user_ms) AS interactive_active_user_ms,
    sum(c.active_cli_ms) AS active_cli_ms,
    sum(c.interactive_active_cli_ms) AS interactive_active_cli_ms,
    sum(c.compactions) AS compactions,
    sum(c.interactive_compactions) AS interactive_compactions,
    sum(c.subagents) AS subagents,
    sum(c.interactive_subagents) AS interactive_subagents,
    sum(c.mode_changes) AS mode_changes,
    sum(c.interactive_mode_changes) AS interactive_mode_changes,
    sum(c.interrupts) AS interrupts,
    sum(c.interactive_interrupts) AS interactive_interrupts,
    sum(c.model_ms) AS model_ms,
    sum(c.interactive_model_ms) AS interactive_model_ms,
    sum(c.tool_ms) AS tool_ms,
    sum(c.interactive_tool_ms) AS interactive_tool_ms,
    sum(c.unrecognised) AS unrecognised,
    sum(c.interactive_unrecognised) AS interactive_unrecognised,
    sum(c.clock_clamped) AS clock_clamped,
    sum(c.interactive_clock_clamped) AS interactive_clock_clamped,
    sum(c.user_rejections) AS user_rejections,
    sum(c.interactive_user_rejections) AS interactive_user_rejections,
    sum(c.tests_passed) AS tests_passed,
    sum(c.interactive_tests_passed) AS interactive_tests_passed,
    sum(c.tests_failed) AS tests_failed,
    sum(c.interactive_tests_failed) AS interactive_tests_failed,
    sum(c.commit_commands) AS commit_commands,
    sum(c.interactive_commit_commands) AS interactive_commit_commands,
    sum(c.loops) AS loops,
    sum(c.interactive_loops) AS interactive_loops,
    sum(c.log_actions) AS log_actions,
    sum(c.interactive_log_actions) AS interactive_log_actions,
    sum(c.hook_events) AS hook_events,
    sum(c.interactive_hook_events) AS interactive_hook_events,
    sum(c.repeats) AS repeats,
    sum(c.interactive_repeats) AS interactive_repeats,
    sum(c.sessions_judged) AS sessions_judged,
    sum(c.interactive_sessions_judged) AS interactive_sessions_judged,
    sum(c.sessions_troubled) AS sessions_troubled,
    sum(c.interactive_sessions_troubled) AS interactive_sessions_troubled,
    sum(c.sessions_verified) AS sessions_verified,
    sum(c.interactive_sessions_verified) AS interactive_sessions_verified,
    sum(c.sessions_clean) AS sessions_clean,
    sum(c.interactive_sessions_clean) AS interactive_sessions_clean,
    sum(c.sessions_given_up) AS sessions_given_up,
    sum(c.interactive_sessions_given_up) AS interactive_sessions_given_up,
    sum(c.sessions_left) AS sessions_left,
    sum(c.interactive_sessions_left) AS interactive_sessions_left,
    sum(c.sessions_restarted) AS sessions_restarted,
    sum(c.interactive_sessions_restarted) AS interactive_sessions_restarted,
    sum(c.sessions_coded) AS sessions_coded,
    sum(c.interactive_sessions_coded) AS interactive_sessions_coded,
    mapFilter((k, n) -> (n != 0), sumMap(c.tool_durations)) AS tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(c.interactive_tool_durations)) AS interactive_tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(c.turn_durations)) AS turn_durations,
    mapFilter((k, n) -> (n != 0), sumMap(c.interactive_turn_durations)) AS interactive_turn_durations,
    sum(c.cost_micros) / 1000000. AS cost_usd,
    pow(2, (sum(c.log_actions) / 1000) / nullIf(sum(c.turns), 0)) AS actions_per_prompt,
    sum(c.output_tokens) / nullIf(sum(c.prompts), 0) AS output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.tool_durations))])[1] AS tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.tool_durations))])[1] AS tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.turn_durations))])[1] AS turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.turn_durations))])[1] AS turn_duration_p95_ms,
    sum(c.interactive_cost_micros) / 1000000. AS interactive_cost_usd,
    pow(2, (sum(c.interactive_log_actions) / 1000) / nullIf(sum(c.interactive_turns), 0)) AS interactive_actions_per_prompt,
    sum(c.interactive_output_tokens) / nullIf(sum(c.interactive_prompts), 0) AS interactive_output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_tool_durations))])[1] AS interactive_tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_tool_durations))])[1] AS interactive_tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_turn_durations))])[1] AS interactive_turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_turn_durations))])[1] AS interactive_turn_duration_p95_ms
FROM
(
    SELECT
        *,
        length(groupUniqArrayArrayIf(who, NOT is_shown) OVER (PARTITION BY week, day)) AS rest
    FROM
    (
        SELECT
            *,
            arrayLast(s -> (((s[1]).1) <= day), arraySplit(c -> has(arrayMap(f -> if(((length(f.2) = 0) OR (length(f.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) OR (length(f.1) = 1), f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if(((length(a.2) = 0) OR (length(a.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0, 'Date')], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
            ((arrayUniq(arrayFlatten(span.2)) = 0) OR (arrayUniq(arrayFlatten(span.2)) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown
        FROM
        (
            SELECT
                *,
                arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days
            FROM
            (
                SELECT
                    r.placed_team AS team,
                    toMonday(r.minute) AS week,
                    toDate(r.minute) AS day,
                    groupUniqArrayIf(cityHash64(r.person_id), (r.user_id != 'unknown') AND (r.events > 0)) AS who,
                    sum(r.events) AS events,
                    sum(r.interactive_events) AS interactive_events,
                    sum(r.prompts) AS prompts,
                    sum(r.interactive_prompts) AS interactive_prompts,
                    sum(r.slash_commands) AS slash_commands,
                    sum(r.interactive_slash_commands) AS interactive_slash_commands,
                    sum(r.injected_prompts) AS injected_prompts,
                    sum(r.interactive_injected_prompts) AS interactive_injected_prompts,
                    sum(r.responses) AS responses,
                    sum(r.interactive_responses) AS interactive_responses,
                    sum(r.turns) AS turns,
                    sum(r.interactive_turns) AS interactive_turns,
                    sum(r.tool_calls) AS tool_calls,
                    sum(r.interactive_tool_calls) AS interactive_tool_calls,
                    sum(r.tool_failures) AS tool_failures,
                    sum(r.interactive_tool_failures) AS interactive_tool_failures,
                    sum(r.tool_accepts) AS tool_accepts,
                    sum(r.interactive_tool_accepts) AS interactive_tool_accepts,
                    sum(r.tool_rejections) AS tool_rejections,
                    sum(r.interactive_tool_rejections) AS interactive_tool_rejections,
                    sum(r.api_failures) AS api_failures,
                    sum(r.interactive_api_failures) AS interactive_api_failures,
                    sum(r.api_retries_exhausted) AS api_retries_exhausted,
                    sum(r.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
                    sum(r.api_refusals) AS api_refusals,
                    sum(r.interactive_api_refusals) AS interactive_api_refusals,
                    sum(r.input_tokens) AS input_tokens,
                    sum(r.interactive_input_tokens) AS interactive_input_tokens,
                    sum(r.output_tokens) AS output_tokens,
                    sum(r.interactive_output_tokens) AS interactive_output_tokens,
                    sum(r.cache_read_tokens) AS cache_read_tokens,
                    sum(r.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
                    sum(r.cache_creation_tokens) AS cache_creation_tokens,
                    sum(r.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
                    sum(r.cost_micros) AS cost_micros,
                    sum(r.interactive_cost_micros) AS interactive_cost_micros,
                    sum(r.response_chars) AS response_chars,
                    sum(r.interactive_response_chars) AS interactive_response_chars,
                    sum(r.lines_added) AS lines_added,
                    sum(r.interactive_lines_added) AS interactive_lines_added,
                    sum(r.lines_removed) AS lines_removed,
                    sum(r.interactive_lines_removed) AS interactive_lines_removed,
                    sum(r.commits) AS commits,
                    sum(r.interactive_commits) AS interactive_commits,
                    sum(r.pull_requests) AS pull_requests,
                    sum(r.interactive_pull_requests) AS interactive_pull_requests,
                    sum(r.edits_accepted) AS edits_accepted,
                    sum(r.interactive_edits_accepted) AS interactive_edits_accepted,
                    sum(r.edits_rejected) AS edits_rejected,
                    sum(r.interactive_edits_rejected) AS interactive_edits_rejected,
                    sum(r.active_user_ms) AS active_user_ms,
                    sum(r.interactive_active_user_ms) AS interactive_active_user_ms,
                    sum(r.active_cli_ms) AS active_cli_ms,
                    sum(r.interactive_active_cli_ms) AS interactive_active_cli_ms,
                    sum(r.compactions) AS compactions,
                    sum(r.interactive_compactions) AS interactive_compactions,
                    sum(r.subagents) AS subagents,
                    sum(r.interactive_subagents) AS interactive_subagents,
                    sum(r.mode_changes) AS mode_changes,
                    sum(r.interactive_mode_changes) AS interactive_mode_changes,
                    sum(r.interrupts) AS interrupts,
                    sum(r.interactive_interrupts) AS interactive_interrupts,
                    sum(r.model_ms) AS model_ms,
                    sum(r.interactive_model_ms) AS interactive_model_ms,
                    sum(r.tool_ms) AS tool_ms,
                    sum(r.interactive_tool_ms) AS interactive_tool_ms,
                    sum(r.unrecognised) AS unrecognised,
                    sum(r.interactive_unrecognised) AS interactive_unrecognised,
                    sum(r.clock_clamped) AS clock_clamped,
                    sum(r.interactive_clock_clamped) AS interactive_clock_clamped,
                    sum(r.user_rejections) AS user_rejections,
                    sum(r.interactive_user_rejections) AS interactive_user_rejections,
                    sum(r.tests_passed) AS tests_passed,
                    sum(r.interactive_tests_passed) AS interactive_tests_passed,
                    sum(r.tests_failed) AS tests_failed,
                    sum(r.interactive_tests_failed) AS interactive_tests_failed,
                    sum(r.commit_commands) AS commit_commands,
                    sum(r.interactive_commit_commands) AS interactive_commit_commands,
                    sum(r.loops) AS loops,
                    sum(r.interactive_loops) AS interactive_loops,
                    sum(r.log_actions) AS log_actions,
                    sum(r.interactive_log_actions) AS interactive_log_actions,
                    sum(r.hook_events) AS hook_events,
                    sum(r.interactive_hook_events) AS interactive_hook_events,
                    sum(r.repeats) AS repeats,
                    sum(r.interactive_repeats) AS interactive_repeats,
                    sum(r.sessions_judged) AS sessions_judged,
                    sum(r.interactive_sessions_judged) AS interactive_sessions_judged,
                    sum(r.sessions_troubled) AS sessions_troubled,
                    sum(r.interactive_sessions_troubled) AS interactive_sessions_troubled,
                    sum(r.sessions_verified) AS sessions_verified,
                    sum(r.interactive_sessions_verified) AS interactive_sessions_verified,
                    sum(r.sessions_clean) AS sessions_clean,
                    sum(r.interactive_sessions_clean) AS interactive_sessions_clean,
                    sum(r.sessions_given_up) AS sessions_given_up,
                    sum(r.interactive_sessions_given_up) AS interactive_sessions_given_up,
                    sum(r.sessions_left) AS sessions_left,
                    sum(r.interactive_sessions_left) AS interactive_sessions_left,
                    sum(r.sessions_restarted) AS sessions_restarted,
                    sum(r.interactive_sessions_restarted) AS interactive_sessions_restarted,
                    sum(r.sessions_coded) AS sessions_coded,
                    sum(r.interactive_sessions_coded) AS interactive_sessions_coded,
                    mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations)) AS tool_durations,
                    mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations)) AS interactive_tool_durations,
                    mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations)) AS turn_durations,
                    mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations)) AS interactive_turn_durations
                FROM
                (
                    SELECT
                        a.*,
                        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                        if(d.person = '', a.user_id, d.person) AS person_id
                    FROM ammeter_private.user_minute_rows AS a
                    FINAL
                    LEFT JOIN
                    (
                        SELECT
                            w.identity AS identity,
                            w.person AS person,
                            w.valid_from AS valid_from,
                            w.teams AS teams,
                            w.occupations AS occupations
                        FROM ammeter_private.directory_rows AS w
                        FINAL
                    ) AS d ON d.identity = a.user_id
                ) AS r
                WHERE (toMonday(r.minute) >= toMonday({since:DateTime64(3, 'UTC')})) AND (toMonday(r.minute) <= toDate({until:DateTime64(3, 'UTC')})) AND ((r.events != 0) OR (r.sessions_judged != 0))
                GROUP BY
                    team,
                    week,
                    day
            )
        )
    )
) AS c
ARRAY JOIN multiIf(c.is_shown, [(toString(c.team), (c.span[1]).1), ('*', (c.span[1]).1)], c.rest >= (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    ), [('*', c.day)], []) AS part
GROUP BY
    c.week,
    part
HAVING ((part.2) >= toDate({since:DateTime64(3, 'UTC')})) AND ((part.2) <= toDate({until:DateTime64(3, 'UTC')})) AND ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.team_days_brief
(
    `week` Date COMMENT 'Its Monday: give a range of it too, then the store reads no more.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the organisation; days that a team has joined stand in it on the first.',
    `day` Date COMMENT 'The first day.',
    `days` UInt16 COMMENT 'Days that it holds, from its first to its last with anything in it; 1 of \'*\'.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `interactive_sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `interactive_sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `interactive_sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `interactive_sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'As team_days, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small. It takes no parameters, for which the store would work it out twice.'
AS SELECT
    c.week AS week,
    part.1 AS team_id,
    part.2 AS day,
    toUInt16(if((part.1) = '*', 1, (max(c.day) - (part.2)) + 1)) AS days,
    toUInt64(length(groupUniqArrayArray(c.who))) AS people,
    sum(c.prompts) AS prompts,
    sum(c.turns) AS turns,
    sum(c.interactive_turns) AS interactive_turns,
    sum(c.tool_calls) AS tool_calls,
    sum(c.tool_failures) AS tool_failures,
    sum(c.tool_accepts) AS tool_accepts,
    sum(c.tool_rejections) AS tool_rejections,
    sum(c.input_tokens) AS input_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.cache_creation_tokens) AS cache_creation_tokens,
    sum(c.cost_micros) AS cost_micros,
    sum(c.user_rejections) AS user_rejections,
    sum(c.interactive_sessions_judged) AS interactive_sessions_judged,
    sum(c.interactive_sessions_troubled) AS interactive_sessions_troubled,
    sum(c.sessions_verified) AS sessions_verified,
    sum(c.interactive_sessions_verified) AS interactive_sessions_verified,
    sum(c.sessions_clean) AS sessions_clean,
    sum(c.interactive_sessions_clean) AS interactive_sessions_clean,
    sum(c.interactive_sessions_given_up) AS interactive_sessions_given_up,
    sum(c.interactive_sessions_left) AS interactive_sessions_left,
    sum(c.interactive_sessions_restarted) AS interactive_sessions_restarted,
    sum(c.cost_micros) / 1000000. AS cost_usd,
    pow(2, (sum(c.interactive_log_actions) / 1000) / nullIf(sum(c.interactive_turns), 0)) AS interactive_actions_per_prompt
FROM
(
    SELECT
        *,
        length(groupUniqArrayArrayIf(who, NOT is_shown) OVER (PARTITION BY week, day)) AS rest
    FROM
    (
        SELECT
            *,
            arrayLast(s -> (((s[1]).1) <= day), arraySplit(c -> has(arrayMap(f -> if(((length(f.2) = 0) OR (length(f.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) OR (length(f.1) = 1), f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if(((length(a.2) = 0) OR (length(a.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0, 'Date')], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
            ((arrayUniq(arrayFlatten(span.2)) = 0) OR (arrayUniq(arrayFlatten(span.2)) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown
        FROM
        (
            SELECT
                *,
                arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days
            FROM
            (
                SELECT
                    r.placed_team AS team,
                    toMonday(r.minute) AS week,
                    toDate(r.minute) AS day,
                    groupUniqArrayIf(cityHash64(r.person_id), (r.user_id != 'unknown') AND (r.events > 0)) AS who,
                    sum(r.prompts) AS prompts,
                    sum(r.turns) AS turns,
                    sum(r.interactive_turns) AS interactive_turns,
                    sum(r.tool_calls) AS tool_calls,
                    sum(r.tool_failures) AS tool_failures,
                    sum(r.tool_accepts) AS tool_accepts,
                    sum(r.tool_rejections) AS tool_rejections,
                    sum(r.input_tokens) AS input_tokens,
                    sum(r.output_tokens) AS output_tokens,
                    sum(r.cache_read_tokens) AS cache_read_tokens,
                    sum(r.cache_creation_tokens) AS cache_creation_tokens,
                    sum(r.cost_micros) AS cost_micros,
                    sum(r.user_rejections) AS user_rejections,
                    sum(r.interactive_log_actions) AS interactive_log_actions,
                    sum(r.interactive_sessions_judged) AS interactive_sessions_judged,
                    sum(r.interactive_sessions_troubled) AS interactive_sessions_troubled,
                    sum(r.sessions_verified) AS sessions_verified,
                    sum(r.interactive_sessions_verified) AS interactive_sessions_verified,
                    sum(r.sessions_clean) AS sessions_clean,
                    sum(r.interactive_sessions_clean) AS interactive_sessions_clean,
                    sum(r.interactive_sessions_given_up) AS interactive_sessions_given_up,
                    sum(r.interactive_sessions_left) AS interactive_sessions_left,
                    sum(r.interactive_sessions_restarted) AS interactive_sessions_restarted
                FROM
                (
                    SELECT
                        a.*,
                        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                        if(d.person = '', a.user_id, d.person) AS person_id
                    FROM ammeter_private.user_minute_rows AS a
                    FINAL
                    LEFT JOIN
                    (
                        SELECT
                            w.identity AS identity,
                            w.person AS person,
                            w.valid_from AS valid_from,
                            w.teams AS teams,
                            w.occupations AS occupations
                        FROM ammeter_private.directory_rows AS w
                        FINAL
                    ) AS d ON d.identity = a.user_id
                ) AS r
                WHERE ((r.events != 0) OR (r.sessions_judged != 0))
                GROUP BY
                    team,
                    week,
                    day
            )
        )
    )
) AS c
ARRAY JOIN multiIf(c.is_shown, [(toString(c.team), (c.span[1]).1), ('*', (c.span[1]).1)], c.rest >= (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    ), [('*', c.day)], []) AS part
GROUP BY
    c.week,
    part
HAVING ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.team_live
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the whole organisation, as far as shown.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `sessions_active` UInt64 COMMENT 'Sessions with an event.',
    `sessions_started` UInt64 COMMENT 'Sessions that began.',
    `sessions_ended` UInt64 COMMENT 'Sessions that closed.',
    `interactive_people` UInt64 COMMENT 'Distinct people active at a terminal or editor.',
    `interactive_sessions_active` UInt64 COMMENT 'Interactive sessions with an event.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Sessions and people of the last 5 minutes, hour and 24 hours up to now, by team.'
AS SELECT
    g.shown_team AS team_id,
    g.span AS span,
    g.span_minutes AS span_minutes,
    finalizeAggregation(g.who) AS people,
    g.sessions_active AS sessions_active,
    g.sessions_started AS sessions_started,
    g.sessions_ended AS sessions_ended,
    finalizeAggregation(g.interactive_people) AS interactive_people,
    g.interactive_sessions_active AS interactive_sessions_active
FROM
(
    SELECT
        s.span AS span,
        s.span_minutes AS span_minutes,
        shown_team,
        uniqExactMergeState(s.who) AS who,
        sum(s.sessions_active) AS sessions_active,
        sum(s.sessions_started) AS sessions_started,
        sum(s.sessions_ended) AS sessions_ended,
        uniqExactMergeState(s.interactive_people) AS interactive_people,
        sum(s.interactive_sessions_active) AS interactive_sessions_active
    FROM
    (
        SELECT
            *,
            ((finalizeAggregation(who) = 0) OR (finalizeAggregation(who) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY span, span_minutes) AS rest
        FROM
        (
            SELECT
                lasts.1 AS span,
                lasts.2 AS span_minutes,
                s.team_id AS team,
                uniqExactStateIf(s.person_id, (s.ended_at > (now64(3) - toIntervalMinute(lasts.2))) AND (s.user_id NOT IN ('', 'unknown'))) AS who,
                countIf(s.ended_at > (now64(3) - toIntervalMinute(lasts.2))) AS sessions_active,
                countIf(s.started_at > (now64(3) - toIntervalMinute(lasts.2))) AS sessions_started,
                countIf(s.closed_at > (now64(3) - toIntervalMinute(lasts.2))) AS sessions_ended,
                uniqExactStateIf(s.person_id, (s.ended_at > (now64(3) - toIntervalMinute(lasts.2))) AND (s.user_id NOT IN ('', 'unknown')) AND s.is_interactive) AS interactive_people,
                countIf((s.ended_at > (now64(3) - toIntervalMinute(lasts.2))) AND s.is_interactive) AS interactive_sessions_active
            FROM
            (
                SELECT
                    t.user_id AS user_id,
                    t.started_at AS started_at,
                    t.ended_at AS ended_at,
                    t.closed_at AS closed_at,
                    t.prompts AS prompts,
                    t.responses AS responses,
                    t.tool_calls AS tool_calls,
                    t.tool_accepts AS tool_accepts,
                    t.tool_rejections AS tool_rejections,
                    t.api_failures AS api_failures,
                    if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
                    if(d.person = '', t.user_id, d.person) AS person_id,
                    NOT (startsWith(t.entrypoint, 'sdk') OR startsWith(t.entrypoint, 'print') OR startsWith(t.entrypoint, 'headless') OR startsWith(t.entrypoint, 'github-action') OR startsWith(t.entrypoint, 'ci') OR startsWith(t.entrypoint, 'exec') OR startsWith(t.entrypoint, 'internal')) AS is_interactive
                FROM
                (
                    SELECT
                        r.entrypoint AS entrypoint,
                        r.user_id AS user_id,
                        r.began AS started_at,
                        fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
                        if(r.closed_at = 0, NULL, fromUnixTimestamp64Milli(r.closed_at, 'UTC')) AS closed_at,
                        r.team_hint AS hint,
                        r.prompts AS prompts,
                        r.responses AS responses,
                        r.tool_calls AS tool_calls,
                        r.tool_accepts AS tool_accepts,
                        r.tool_rejections AS tool_rejections,
                        r.api_failures AS api_failures
                    FROM ammeter_private.session_state_rows AS r
                    FINAL
                    PREWHERE r.session_key IN (
                        SELECT w.session_key
                        FROM ammeter_private.session_state_rows AS w
                        WHERE greatest(w.seen_at, w.closed_at) > (toUnixTimestamp64Milli(now64(3)) - 86400000)
                    )
                    WHERE r.session_key NOT IN (
                        SELECT w.session_key
                        FROM ammeter_private.session_state_rows AS w
                        GROUP BY w.session_key
                        HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                    )
                    UNION ALL
                    SELECT
                        max(r.entrypoint) AS entrypoint,
                        argMin(r.user_id, r.seen_at) AS user_id,
                        fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
                        fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS ended_at,
                        if(argMax(r.closed_at, r.seen_at) = 0, NULL, fromUnixTimestamp64Milli(argMax(r.closed_at, r.seen_at), 'UTC')) AS closed_at,
                        argMin(toString(r.team_hint), r.seen_at) AS hint,
                        sum(r.prompts) AS prompts,
                        sum(r.responses) AS responses,
                        sum(r.tool_calls) AS tool_calls,
                        sum(r.tool_accepts) AS tool_accepts,
                        sum(r.tool_rejections) AS tool_rejections,
                        sum(r.api_failures) AS api_failures
                    FROM
                    (
                        SELECT *
                        FROM ammeter_private.session_state_rows AS w
                        WHERE w.session_key IN (
                            SELECT w.session_key
                            FROM ammeter_private.session_state_rows AS w
                            GROUP BY w.session_key
                            HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                        )
                        ORDER BY w.version DESC
                        LIMIT 1 BY
                            w.session_id,
                            w.segment
                    ) AS r
                    GROUP BY r.session_id
                ) AS t
                LEFT JOIN
                (
                    SELECT
                        w.identity AS identity,
                        w.person AS person,
                        w.valid_from AS valid_from,
                        w.teams AS teams,
                        w.occupations AS occupations
                    FROM ammeter_private.directory_rows AS w
                    FINAL
                ) AS d ON d.identity = t.user_id
            ) AS s
            ARRAY JOIN [('5m', 5), ('1h', 60), ('24h', 1440)] AS lasts
            WHERE (greatest(s.ended_at, ifNull(s.closed_at, s.ended_at)) > (now64(3) - toIntervalMinute(lasts.2))) AND ((((((prompts + responses) + api_failures) + tool_calls) + tool_accepts) + tool_rejections) > 0)
            GROUP BY
                span,
                span_minutes,
                team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ), ['*'], []) AS shown_team
    GROUP BY
        span,
        span_minutes,
        shown_team
) AS g;

CREATE VIEW ammeter.team_minutes
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `minute` DateTime('UTC') COMMENT 'Minute in which the events occurred.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `interactive_cost_usd` Float64 COMMENT 'cost_micros in US dollars. Interactive use only.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.',
    `interactive_output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts. Interactive use only.',
    `interactive_tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What one team did in one minute, by the directory as it is now.'
AS SELECT
    r.placed_team AS team_id,
    r.minute AS minute,
    uniqExactIf(r.person_id, (r.user_id != 'unknown') AND (r.events > 0)) AS people,
    sum(r.events) AS events,
    sum(r.interactive_events) AS interactive_events,
    sum(r.prompts) AS prompts,
    sum(r.interactive_prompts) AS interactive_prompts,
    sum(r.slash_commands) AS slash_commands,
    sum(r.interactive_slash_commands) AS interactive_slash_commands,
    sum(r.injected_prompts) AS injected_prompts,
    sum(r.interactive_injected_prompts) AS interactive_injected_prompts,
    sum(r.responses) AS responses,
    sum(r.interactive_responses) AS interactive_responses,
    sum(r.turns) AS turns,
    sum(r.interactive_turns) AS interactive_turns,
    sum(r.tool_calls) AS tool_calls,
    sum(r.interactive_tool_calls) AS interactive_tool_calls,
    sum(r.tool_failures) AS tool_failures,
    sum(r.interactive_tool_failures) AS interactive_tool_failures,
    sum(r.tool_accepts) AS tool_accepts,
    sum(r.interactive_tool_accepts) AS interactive_tool_accepts,
    sum(r.tool_rejections) AS tool_rejections,
    sum(r.interactive_tool_rejections) AS interactive_tool_rejections,
    sum(r.api_failures) AS api_failures,
    sum(r.interactive_api_failures) AS interactive_api_failures,
    sum(r.api_retries_exhausted) AS api_retries_exhausted,
    sum(r.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
    sum(r.api_refusals) AS api_refusals,
    sum(r.interactive_api_refusals) AS interactive_api_refusals,
    sum(r.input_tokens) AS input_tokens,
    sum(r.interactive_input_tokens) AS interactive_input_tokens,
    sum(r.output_tokens) AS output_tokens,
    sum(r.interactive_output_tokens) AS interactive_output_tokens,
    sum(r.cache_read_tokens) AS cache_read_tokens,
    sum(r.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
    sum(r.cache_creation_tokens) AS cache_creation_tokens,
    sum(r.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
    sum(r.cost_micros) AS cost_micros,
    sum(r.interactive_cost_micros) AS interactive_cost_micros,
    sum(r.response_chars) AS response_chars,
    sum(r.interactive_response_chars) AS interactive_response_chars,
    sum(r.lines_added) AS lines_added,
    sum(r.interactive_lines_added) AS interactive_lines_added,
    sum(r.lines_removed) AS lines_removed,
    sum(r.interactive_lines_removed) AS interactive_lines_removed,
    sum(r.commits) AS commits,
    sum(r.interactive_commits) AS interactive_commits,
    sum(r.pull_requests) AS pull_requests,
    sum(r.interactive_pull_requests) AS interactive_pull_requests,
    sum(r.edits_accepted) AS edits_accepted,
    sum(r.interactive_edits_accepted) AS interactive_edits_accepted,
    sum(r.edits_rejected) AS edits_rejected,
    sum(r.interactive_edits_rejected) AS interactive_edits_rejected,
    sum(r.active_user_ms) AS active_user_ms,
    sum(r.interactive_active_user_ms) AS interactive_active_user_ms,
    sum(r.active_cli_ms) AS active_cli_ms,
    sum(r.interactive_active_cli_ms) AS interactive_active_cli_ms,
    sum(r.compactions) AS compactions,
    sum(r.interactive_compactions) AS interactive_compactions,
    sum(r.subagents) AS subagents,
    sum(r.interactive_subagents) AS interactive_subagents,
    sum(r.mode_changes) AS mode_changes,
    sum(r.interactive_mode_changes) AS interactive_mode_changes,
    sum(r.interrupts) AS interrupts,
    sum(r.interactive_interrupts) AS interactive_interrupts,
    sum(r.model_ms) AS model_ms,
    sum(r.interactive_model_ms) AS interactive_model_ms,
    sum(r.tool_ms) AS tool_ms,
    sum(r.interactive_tool_ms) AS interactive_tool_ms,
    sum(r.unrecognised) AS unrecognised,
    sum(r.interactive_unrecognised) AS interactive_unrecognised,
    sum(r.clock_clamped) AS clock_clamped,
    sum(r.interactive_clock_clamped) AS interactive_clock_clamped,
    sum(r.user_rejections) AS user_rejections,
    sum(r.interactive_user_rejections) AS interactive_user_rejections,
    sum(r.tests_passed) AS tests_passed,
    sum(r.interactive_tests_passed) AS interactive_tests_passed,
    sum(r.tests_failed) AS tests_failed,
    sum(r.interactive_tests_failed) AS interactive_tests_failed,
    sum(r.commit_commands) AS commit_commands,
    sum(r.interactive_commit_commands) AS interactive_commit_commands,
    sum(r.loops) AS loops,
    sum(r.interactive_loops) AS interactive_loops,
    sum(r.log_actions) AS log_actions,
    sum(r.interactive_log_actions) AS interactive_log_actions,
    sum(r.hook_events) AS hook_events,
    sum(r.interactive_hook_events) AS interactive_hook_events,
    sum(r.repeats) AS repeats,
    sum(r.interactive_repeats) AS interactive_repeats,
    sum(r.sessions_judged) AS sessions_judged,
    sum(r.interactive_sessions_judged) AS interactive_sessions_judged,
    sum(r.sessions_troubled) AS sessions_troubled,
    sum(r.interactive_sessions_troubled) AS interactive_sessions_troubled,
    sum(r.sessions_verified) AS sessions_verified,
    sum(r.interactive_sessions_verified) AS interactive_sessions_verified,
    sum(r.sessions_clean) AS sessions_clean,
    sum(r.interactive_sessions_clean) AS interactive_sessions_clean,
    sum(r.sessions_given_up) AS sessions_given_up,
    sum(r.interactive_sessions_given_up) AS interactive_sessions_given_up,
    sum(r.sessions_left) AS sessions_left,
    sum(r.interactive_sessions_left) AS interactive_sessions_left,
    sum(r.sessions_restarted) AS sessions_restarted,
    sum(r.interactive_sessions_restarted) AS interactive_sessions_restarted,
    sum(r.sessions_coded) AS sessions_coded,
    sum(r.interactive_sessions_coded) AS interactive_sessions_coded,
    mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations)) AS tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations)) AS interactive_tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations)) AS turn_durations,
    mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations)) AS interactive_turn_durations,
    sum(r.cost_micros) / 1000000. AS cost_usd,
    pow(2, (sum(r.log_actions) / 1000) / nullIf(sum(r.turns), 0)) AS actions_per_prompt,
    sum(r.output_tokens) / nullIf(sum(r.prompts), 0) AS output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p95_ms,
    sum(r.interactive_cost_micros) / 1000000. AS interactive_cost_usd,
    pow(2, (sum(r.interactive_log_actions) / 1000) / nullIf(sum(r.interactive_turns), 0)) AS interactive_actions_per_prompt,
    sum(r.interactive_output_tokens) / nullIf(sum(r.interactive_prompts), 0) AS interactive_output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations))])[1] AS interactive_tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations))])[1] AS interactive_tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations))])[1] AS interactive_turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations))])[1] AS interactive_turn_duration_p95_ms
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.user_minute_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
) AS r
GROUP BY
    r.placed_team,
    r.minute
HAVING ((sum(r.events) != 0) OR (sum(r.sessions_judged) != 0)) AND ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.team_spans
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What teams did, cut into the shortest spans of 5 minutes and more that hold enough people, within a day, UTC.'
AS SELECT
    c.team AS team_id,
    arrayLast(s -> (s <= c.at), p.starts) AS started_at,
    max(c.at) + toIntervalMinute(5) AS ended_at,
    toUInt16(dateDiff('minute', started_at, ended_at)) AS span_minutes,
    toUInt64(length(groupUniqArrayArray(c.who))) AS people,
    sum(c.events) AS events,
    sum(c.interactive_events) AS interactive_events,
    sum(c.prompts) AS prompts,
    sum(c.interactive_prompts) AS interactive_prompts,
    sum(c.slash_commands) AS slash_commands,
    sum(c.interactive_slash_commands) AS interactive_slash_commands,
    sum(c.injected_prompts) AS injected_prompts,
    sum(c.interactive_injected_prompts) AS interactive_injected_prompts,
    sum(c.responses) AS responses,
    sum(c.interactive_responses) AS interactive_responses,
    sum(c.turns) AS turns,
    sum(c.interactive_turns) AS interactive_turns,
    sum(c.tool_calls) AS tool_calls,
    sum(c.interactive_tool_calls) AS interactive_tool_calls,
    sum(c.tool_failures) AS tool_failures,
    sum(c.interactive_tool_failures) AS interactive_tool_failures,
    sum(c.tool_accepts) AS tool_accepts,
    sum(c.interactive_tool_accepts) AS interactive_tool_accepts,
    sum(c.tool_rejections) AS tool_rejections,
    sum(c.interactive_tool_rejections) AS interactive_tool_rejections,
    sum(c.api_failures) AS api_failures,
    sum(c.interactive_api_failures) AS interactive_api_failures,
    sum(c.api_retries_exhausted) AS api_retries_exhausted,
    sum(c.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
    sum(c.api_refusals) AS api_refusals,
    sum(c.interactive_api_refusals) AS interactive_api_refusals,
    sum(c.input_tokens) AS input_tokens,
    sum(c.interactive_input_tokens) AS interactive_input_tokens,
    sum(c.output_tokens) AS output_tokens,
    sum(c.interactive_output_tokens) AS interactive_output_tokens,
    sum(c.cache_read_tokens) AS cache_read_tokens,
    sum(c.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
    sum(c.cache_creation_tokens) AS cache_creation_tokens,
    sum(c.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
    sum(c.cost_micros) AS cost_micros,
    sum(c.interactive_cost_micros) AS interactive_cost_micros,
    sum(c.response_chars) AS response_chars,
    sum(c.interactive_response_chars) AS interactive_response_chars,
    sum(c.lines_added) AS lines_added,
    sum(c.interactive_lines_added) AS interactive_lines_added,
    sum(c.lines_removed) AS lines_removed,
    sum(c.interactive_lines_removed) AS interactive_lines_removed,
    sum(c.commits) AS commits,
    sum(c.interactive_commits) AS interactive_commits,
    sum(c.pull_requests) AS pull_requests,
    sum(c.interactive_pull_requests) AS interactive_pull_requests,
    sum(c.edits_accepted) AS edits_accepted,
    sum(c.interactive_edits_accepted) AS interactive_edits_accepted,
    sum(c.edits_rejected) AS edits_rejected,
    sum(c.interactive_edits_rejected) AS interactive_edits_rejected,
    sum(c.active_user_ms) AS active_user_ms,
    sum(c.interactive_active_user_ms) AS interactive_active_user_ms,
    sum(c.active_cli_ms) AS active_cli_ms,
    sum(c.interactive_active_cli_ms) AS interactive_active_cli_ms,
    sum(c.compactions) AS compactions,
    sum(c.interactive_compactions) AS interactive_compactions,
    sum(c.subagents) AS subagents,
    sum(c.interactive_subagents) AS interactive_subagents,
    sum(c.mode_changes) AS mode_changes,
    sum(c.interactive_mode_changes) AS interactive_mode_changes,
    sum(c.interrupts) AS interrupts,
    sum(c.interactive_interrupts) AS interactive_interrupts,
    sum(c.model_ms) AS model_ms,
    sum(c.interactive_model_ms) AS interactive_model_ms,
    sum(c.tool_ms) AS tool_ms,
    sum(c.interactive_tool_ms) AS interactive_tool_ms,
    sum(c.unrecognised) AS unrecognised,
    sum(c.interactive_unrecognised) AS interactive_unrecognised,
    sum(c.clock_clamped) AS clock_clamped,
    sum(c.interactive_clock_clamped) AS interactive_clock_clamped,
    sum(c.user_rejections) AS user_rejections,
    sum(c.interactive_user_rejections) AS interactive_user_rejections,
    sum(c.tests_passed) AS tests_passed,
    sum(c.interactive_tests_passed) AS interactive_tests_passed,
    sum(c.tests_failed) AS tests_failed,
    sum(c.interactive_tests_failed) AS interactive_tests_failed,
    sum(c.commit_commands) AS commit_commands,
    sum(c.interactive_commit_commands) AS interactive_commit_commands,
    sum(c.loops) AS loops,
    sum(c.interactive_loops) AS interactive_loops,
    sum(c.log_actions) AS log_actions,
    sum(c.interactive_log_actions) AS interactive_log_actions,
    sum(c.hook_events) AS hook_events,
    sum(c.interactive_hook_events) AS interactive_hook_events,
    sum(c.repeats) AS repeats,
    sum(c.interactive_repeats) AS interactive_repeats,
    sum(c.sessions_judged) AS sessions_judged,
    sum(c.interactive_sessions_judged) AS interactive_sessions_judged,
    sum(c.sessions_troubled) AS sessions_troubled,
    sum(c.interactive_sessions_troubled) AS interactive_sessions_troubled,
    sum(c.sessions_verified) AS sessions_verified,
    sum(c.interactive_sessions_verified) AS interactive_sessions_verified,
    sum(c.sessions_clean) AS sessions_clean,
    sum(c.interactive_sessions_clean) AS interactive_sessions_clean,
    sum(c.sessions_given_up) AS sessions_given_up,
    sum(c.interactive_sessions_given_up) AS interactive_sessions_given_up,
    sum(c.sessions_left) AS sessions_left,
    sum(c.interactive_sessions_left) AS interactive_sessions_left,
    sum(c.sessions_restarted) AS sessions_restarted,
    sum(c.interactive_sessions_restarted) AS interactive_sessions_restarted,
    sum(c.sessions_coded) AS sessions_coded,
    sum(c.interactive_sessions_coded) AS interactive_sessions_coded,
    mapFilter((k, n) -> (n != 0), sumMap(c.tool_durations)) AS tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(c.interactive_tool_durations)) AS interactive_tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(c.turn_durations)) AS turn_durations,
    mapFilter((k, n) -> (n != 0), sumMap(c.interactive_turn_durations)) AS interactive_turn_durations,
    sum(c.cost_micros) / 1000000. AS cost_usd,
    pow(2, (sum(c.log_actions) / 1000) / nullIf(sum(c.turns), 0)) AS actions_per_prompt,
    sum(c.output_tokens) / nullIf(sum(c.prompts), 0) AS output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.tool_durations))])[1] AS tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.tool_durations))])[1] AS tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.turn_durations))])[1] AS turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.turn_durations))])[1] AS turn_duration_p95_ms,
    sum(c.interactive_cost_micros) / 1000000. AS interactive_cost_usd,
    pow(2, (sum(c.interactive_log_actions) / 1000) / nullIf(sum(c.interactive_turns), 0)) AS interactive_actions_per_prompt,
    sum(c.interactive_output_tokens) / nullIf(sum(c.interactive_prompts), 0) AS interactive_output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_tool_durations))])[1] AS interactive_tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_tool_durations))])[1] AS interactive_tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_turn_durations))])[1] AS interactive_turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(c.interactive_turn_durations))])[1] AS interactive_turn_duration_p95_ms
FROM
(
    SELECT
        r.placed_team AS team,
        toMonday(r.minute) AS week,
        toDate(r.minute) AS day,
        toStartOfInterval(r.minute, toIntervalMinute(5)) AS at,
        groupUniqArrayIf(cityHash64(r.person_id), (r.user_id != 'unknown') AND (r.events > 0)) AS who,
        sum(r.events) AS events,
        sum(r.interactive_events) AS interactive_events,
        sum(r.prompts) AS prompts,
        sum(r.interactive_prompts) AS interactive_prompts,
        sum(r.slash_commands) AS slash_commands,
        sum(r.interactive_slash_commands) AS interactive_slash_commands,
        sum(r.injected_prompts) AS injected_prompts,
        sum(r.interactive_injected_prompts) AS interactive_injected_prompts,
        sum(r.responses) AS responses,
        sum(r.interactive_responses) AS interactive_responses,
        sum(r.turns) AS turns,
        sum(r.interactive_turns) AS interactive_turns,
        sum(r.tool_calls) AS tool_calls,
        sum(r.interactive_tool_calls) AS interactive_tool_calls,
        sum(r.tool_failures) AS tool_failures,
        sum(r.interactive_tool_failures) AS interactive_tool_failures,
        sum(r.tool_accepts) AS tool_accepts,
        sum(r.interactive_tool_accepts) AS interactive_tool_accepts,
        sum(r.tool_rejections) AS tool_rejections,
        sum(r.interactive_tool_rejections) AS interactive_tool_rejections,
        sum(r.api_failures) AS api_failures,
        sum(r.interactive_api_failures) AS interactive_api_failures,
        sum(r.api_retries_exhausted) AS api_retries_exhausted,
        sum(r.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
        sum(r.api_refusals) AS api_refusals,
        sum(r.interactive_api_refusals) AS interactive_api_refusals,
        sum(r.input_tokens) AS input_tokens,
        sum(r.interactive_input_tokens) AS interactive_input_tokens,
        sum(r.output_tokens) AS output_tokens,
        sum(r.interactive_output_tokens) AS interactive_output_tokens,
        sum(r.cache_read_tokens) AS cache_read_tokens,
        sum(r.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
        sum(r.cache_creation_tokens) AS cache_creation_tokens,
        sum(r.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
        sum(r.cost_micros) AS cost_micros,
        sum(r.interactive_cost_micros) AS interactive_cost_micros,
        sum(r.response_chars) AS response_chars,
        sum(r.interactive_response_chars) AS interactive_response_chars,
        sum(r.lines_added) AS lines_added,
        sum(r.interactive_lines_added) AS interactive_lines_added,
        sum(r.lines_removed) AS lines_removed,
        sum(r.interactive_lines_removed) AS interactive_lines_removed,
        sum(r.commits) AS commits,
        sum(r.interactive_commits) AS interactive_commits,
        sum(r.pull_requests) AS pull_requests,
        sum(r.interactive_pull_requests) AS interactive_pull_requests,
        sum(r.edits_accepted) AS edits_accepted,
        sum(r.interactive_edits_accepted) AS interactive_edits_accepted,
        sum(r.edits_rejected) AS edits_rejected,
        sum(r.interactive_edits_rejected) AS interactive_edits_rejected,
        sum(r.active_user_ms) AS active_user_ms,
        sum(r.interactive_active_user_ms) AS interactive_active_user_ms,
        sum(r.active_cli_ms) AS active_cli_ms,
        sum(r.interactive_active_cli_ms) AS interactive_active_cli_ms,
        sum(r.compactions) AS compactions,
        sum(r.interactive_compactions) AS interactive_compactions,
        sum(r.subagents) AS subagents,
        sum(r.interactive_subagents) AS interactive_subagents,
        sum(r.mode_changes) AS mode_changes,
        sum(r.interactive_mode_changes) AS interactive_mode_changes,
        sum(r.interrupts) AS interrupts,
        sum(r.interactive_interrupts) AS interactive_interrupts,
        sum(r.model_ms) AS model_ms,
        sum(r.interactive_model_ms) AS interactive_model_ms,
        sum(r.tool_ms) AS tool_ms,
        sum(r.interactive_tool_ms) AS interactive_tool_ms,
        sum(r.unrecognised) AS unrecognised,
        sum(r.interactive_unrecognised) AS interactive_unrecognised,
        sum(r.clock_clamped) AS clock_clamped,
        sum(r.interactive_clock_clamped) AS interactive_clock_clamped,
        sum(r.user_rejections) AS user_rejections,
        sum(r.interactive_user_rejections) AS interactive_user_rejections,
        sum(r.tests_passed) AS tests_passed,
        sum(r.interactive_tests_passed) AS interactive_tests_passed,
        sum(r.tests_failed) AS tests_failed,
        sum(r.interactive_tests_failed) AS interactive_tests_failed,
        sum(r.commit_commands) AS commit_commands,
        sum(r.interactive_commit_commands) AS interactive_commit_commands,
        sum(r.loops) AS loops,
        sum(r.interactive_loops) AS interactive_loops,
        sum(r.log_actions) AS log_actions,
        sum(r.interactive_log_actions) AS interactive_log_actions,
        sum(r.hook_events) AS hook_events,
        sum(r.interactive_hook_events) AS interactive_hook_events,
        sum(r.repeats) AS repeats,
        sum(r.interactive_repeats) AS interactive_repeats,
        sum(r.sessions_judged) AS sessions_judged,
        sum(r.interactive_sessions_judged) AS interactive_sessions_judged,
        sum(r.sessions_troubled) AS sessions_troubled,
        sum(r.interactive_sessions_troubled) AS interactive_sessions_troubled,
        sum(r.sessions_verified) AS sessions_verified,
        sum(r.interactive_sessions_verified) AS interactive_sessions_verified,
        sum(r.sessions_clean) AS sessions_clean,
        sum(r.interactive_sessions_clean) AS interactive_sessions_clean,
        sum(r.sessions_given_up) AS sessions_given_up,
        sum(r.interactive_sessions_given_up) AS interactive_sessions_given_up,
        sum(r.sessions_left) AS sessions_left,
        sum(r.interactive_sessions_left) AS interactive_sessions_left,
        sum(r.sessions_restarted) AS sessions_restarted,
        sum(r.interactive_sessions_restarted) AS interactive_sessions_restarted,
        sum(r.sessions_coded) AS sessions_coded,
        sum(r.interactive_sessions_coded) AS interactive_sessions_coded,
        mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations)) AS tool_durations,
        mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations)) AS interactive_tool_durations,
        mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations)) AS turn_durations,
        mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations)) AS interactive_turn_durations
    FROM
    (
        SELECT
            a.*,
            if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
            if(d.person = '', a.user_id, d.person) AS person_id
        FROM ammeter_private.user_minute_rows AS a
        FINAL
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE (toDate(r.minute) >= toDate({since:DateTime64(3, 'UTC')})) AND (toDate(r.minute) <= toDate({until:DateTime64(3, 'UTC')})) AND ((r.events != 0) OR (r.sessions_judged != 0))
    GROUP BY
        team,
        week,
        day,
        at
) AS c
INNER JOIN
(
    SELECT
        q.team AS team,
        q.week AS week,
        q.day AS day,
        arrayMap(f -> if(((length(f.2) = 0) OR (length(f.2) >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ))) OR (length(f.1) = 1), f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if(((length(a.2) = 0) OR (length(a.2) >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ))), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), q.cells, (arraySlice([CAST(0, 'DateTime(\'UTC\')')], 2), emptyArrayUInt64()))])[1] AS starts
    FROM
    (
        SELECT
            *,
            arrayLast(s -> (((s[1]).1) <= day), arraySplit(c -> has(arrayMap(f -> if(((length(f.2) = 0) OR (length(f.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) OR (length(f.1) = 1), f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if(((length(a.2) = 0) OR (length(a.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0, 'Date')], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
            ((arrayUniq(arrayFlatten(span.2)) = 0) OR (arrayUniq(arrayFlatten(span.2)) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown
        FROM
        (
            SELECT
                *,
                arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days
            FROM
            (
                SELECT
                    team,
                    week,
                    day,
                    arraySort(groupArray((at, p.who))) AS cells,
                    groupUniqArrayArray(p.who) AS who
                FROM
                (
                    SELECT
                        r.placed_team AS team,
                        toMonday(r.minute) AS week,
                        toDate(r.minute) AS day,
                        toStartOfInterval(r.minute, toIntervalMinute(5)) AS at,
                        groupUniqArrayIf(cityHash64(r.person_id), (r.user_id != 'unknown') AND (r.events > 0)) AS who
                    FROM
                    (
                        SELECT
                            a.*,
                            if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                            if(d.person = '', a.user_id, d.person) AS person_id
                        FROM ammeter_private.user_minute_rows AS a
                        FINAL
                        LEFT JOIN
                        (
                            SELECT
                                w.identity AS identity,
                                w.person AS person,
                                w.valid_from AS valid_from,
                                w.teams AS teams,
                                w.occupations AS occupations
                            FROM ammeter_private.directory_rows AS w
                            FINAL
                        ) AS d ON d.identity = a.user_id
                    ) AS r
                    WHERE (toMonday(r.minute) >= toMonday({since:DateTime64(3, 'UTC')})) AND (toMonday(r.minute) <= toDate({until:DateTime64(3, 'UTC')})) AND ((r.events != 0) OR (r.sessions_judged != 0))
                    GROUP BY
                        team,
                        week,
                        day,
                        at
                ) AS p
                GROUP BY
                    team,
                    week,
                    day
            )
        )
    ) AS q
    WHERE q.is_shown AND (length(q.span) = 1)
) AS p ON (p.team = c.team) AND (p.week = c.week) AND (p.day = c.day)
GROUP BY
    c.team,
    c.week,
    c.day,
    started_at
HAVING (started_at >= {since:DateTime64(3, 'UTC')}) AND (started_at <= {until:DateTime64(3, 'UTC')}) AND ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.team_spans_brief
(
    `week` Date COMMENT 'Its Monday: give a range of it too, then the store reads no more.',
    `day` Date COMMENT 'In which it lies: give a range of it.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `started_at` DateTime('UTC') COMMENT 'Where the span begins.',
    `ended_at` DateTime('UTC') COMMENT 'Where it ends: after its last 5 minutes with anything in them.',
    `span_minutes` UInt16 COMMENT 'Its length.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'As team_spans, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small. It takes no parameters, for which the store would work it out twice.'
AS SELECT
    c.week AS week,
    c.day AS day,
    c.team AS team_id,
    arrayLast(s -> (s <= c.at), p.starts) AS started_at,
    max(c.at) + toIntervalMinute(5) AS ended_at,
    toUInt16(dateDiff('minute', started_at, ended_at)) AS span_minutes,
    toUInt64(length(groupUniqArrayArray(c.who))) AS people,
    sum(c.prompts) AS prompts,
    sum(c.tool_calls) AS tool_calls,
    sum(c.tool_failures) AS tool_failures,
    sum(c.cost_micros) / 1000000. AS cost_usd
FROM
(
    SELECT
        r.placed_team AS team,
        toMonday(r.minute) AS week,
        toDate(r.minute) AS day,
        toStartOfInterval(r.minute, toIntervalMinute(5)) AS at,
        groupUniqArrayIf(cityHash64(r.person_id), (r.user_id != 'unknown') AND (r.events > 0)) AS who,
        sum(r.prompts) AS prompts,
        sum(r.tool_calls) AS tool_calls,
        sum(r.tool_failures) AS tool_failures,
        sum(r.cost_micros) AS cost_micros
    FROM
    (
        SELECT
            a.*,
            if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
            if(d.person = '', a.user_id, d.person) AS person_id
        FROM ammeter_private.user_minute_rows AS a
        FINAL
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE ((r.events != 0) OR (r.sessions_judged != 0))
    GROUP BY
        team,
        week,
        day,
        at
) AS c
INNER JOIN
(
    SELECT
        q.team AS team,
        q.week AS week,
        q.day AS day,
        arrayMap(f -> if(((length(f.2) = 0) OR (length(f.2) >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ))) OR (length(f.1) = 1), f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if(((length(a.2) = 0) OR (length(a.2) >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ))), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), q.cells, (arraySlice([CAST(0, 'DateTime(\'UTC\')')], 2), emptyArrayUInt64()))])[1] AS starts
    FROM
    (
        SELECT
            *,
            arrayLast(s -> (((s[1]).1) <= day), arraySplit(c -> has(arrayMap(f -> if(((length(f.2) = 0) OR (length(f.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) OR (length(f.1) = 1), f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if(((length(a.2) = 0) OR (length(a.2) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0, 'Date')], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
            ((arrayUniq(arrayFlatten(span.2)) = 0) OR (arrayUniq(arrayFlatten(span.2)) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown
        FROM
        (
            SELECT
                *,
                arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days
            FROM
            (
                SELECT
                    team,
                    week,
                    day,
                    arraySort(groupArray((at, p.who))) AS cells,
                    groupUniqArrayArray(p.who) AS who
                FROM
                (
                    SELECT
                        r.placed_team AS team,
                        toMonday(r.minute) AS week,
                        toDate(r.minute) AS day,
                        toStartOfInterval(r.minute, toIntervalMinute(5)) AS at,
                        groupUniqArrayIf(cityHash64(r.person_id), (r.user_id != 'unknown') AND (r.events > 0)) AS who
                    FROM
                    (
                        SELECT
                            a.*,
                            if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                            if(d.person = '', a.user_id, d.person) AS person_id
                        FROM ammeter_private.user_minute_rows AS a
                        FINAL
                        LEFT JOIN
                        (
                            SELECT
                                w.identity AS identity,
                                w.person AS person,
                                w.valid_from AS valid_from,
                                w.teams AS teams,
                                w.occupations AS occupations
                            FROM ammeter_private.directory_rows AS w
                            FINAL
                        ) AS d ON d.identity = a.user_id
                    ) AS r
                    WHERE ((r.events != 0) OR (r.sessions_judged != 0))
                    GROUP BY
                        team,
                        week,
                        day,
                        at
                ) AS p
                GROUP BY
                    team,
                    week,
                    day
            )
        )
    ) AS q
    WHERE q.is_shown AND (length(q.span) = 1)
) AS p ON (p.team = c.team) AND (p.week = c.week) AND (p.day = c.day)
GROUP BY
    c.team,
    c.week,
    c.day,
    started_at
HAVING ((people = 0) OR (people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)));

CREATE VIEW ammeter.team_windows
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `as_of` DateTime('UTC') COMMENT 'Last minute of the window: it holds the minutes (as_of - span, as_of].',
    `people` Int64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `interactive_cost_usd` Float64 COMMENT 'cost_micros in US dollars. Interactive use only.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.',
    `interactive_output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts. Interactive use only.',
    `interactive_tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What one team did in the last 5 minutes, hour and 24 hours.'
AS SELECT
    r.team_id AS team_id,
    r.span AS span,
    r.span_minutes AS span_minutes,
    r.as_of AS as_of,
    r.people AS people,
    r.events AS events,
    r.interactive_events AS interactive_events,
    r.prompts AS prompts,
    r.interactive_prompts AS interactive_prompts,
    r.slash_commands AS slash_commands,
    r.interactive_slash_commands AS interactive_slash_commands,
    r.injected_prompts AS injected_prompts,
    r.interactive_injected_prompts AS interactive_injected_prompts,
    r.responses AS responses,
    r.interactive_responses AS interactive_responses,
    r.turns AS turns,
    r.interactive_turns AS interactive_turns,
    r.tool_calls AS tool_calls,
    r.interactive_tool_calls AS interactive_tool_calls,
    r.tool_failures AS tool_failures,
    r.interactive_tool_failures AS interactive_tool_failures,
    r.tool_accepts AS tool_accepts,
    r.interactive_tool_accepts AS interactive_tool_accepts,
    r.tool_rejections AS tool_rejections,
    r.interactive_tool_rejections AS interactive_tool_rejections,
    r.api_failures AS api_failures,
    r.interactive_api_failures AS interactive_api_failures,
    r.api_retries_exhausted AS api_retries_exhausted,
    r.interactive_api_retries_exhausted AS interactive_api_retries_exhausted,
    r.api_refusals AS api_refusals,
    r.interactive_api_refusals AS interactive_api_refusals,
    r.input_tokens AS input_tokens,
    r.interactive_input_tokens AS interactive_input_tokens,
    r.output_tokens AS output_tokens,
    r.interactive_output_tokens AS interactive_output_tokens,
    r.cache_read_tokens AS cache_read_tokens,
    r.interactive_cache_read_tokens AS interactive_cache_read_tokens,
    r.cache_creation_tokens AS cache_creation_tokens,
    r.interactive_cache_creation_tokens AS interactive_cache_creation_tokens,
    r.cost_micros AS cost_micros,
    r.interactive_cost_micros AS interactive_cost_micros,
    r.response_chars AS response_chars,
    r.interactive_response_chars AS interactive_response_chars,
    r.lines_added AS lines_added,
    r.interactive_lines_added AS interactive_lines_added,
    r.lines_removed AS lines_removed,
    r.interactive_lines_removed AS interactive_lines_removed,
    r.commits AS commits,
    r.interactive_commits AS interactive_commits,
    r.pull_requests AS pull_requests,
    r.interactive_pull_requests AS interactive_pull_requests,
    r.edits_accepted AS edits_accepted,
    r.interactive_edits_accepted AS interactive_edits_accepted,
    r.edits_rejected AS edits_rejected,
    r.interactive_edits_rejected AS interactive_edits_rejected,
    r.active_user_ms AS active_user_ms,
    r.interactive_active_user_ms AS interactive_active_user_ms,
    r.active_cli_ms AS active_cli_ms,
    r.interactive_active_cli_ms AS interactive_active_cli_ms,
    r.compactions AS compactions,
    r.interactive_compactions AS interactive_compactions,
    r.subagents AS subagents,
    r.interactive_subagents AS interactive_subagents,
    r.mode_changes AS mode_changes,
    r.interactive_mode_changes AS interactive_mode_changes,
    r.interrupts AS interrupts,
    r.interactive_interrupts AS interactive_interrupts,
    r.model_ms AS model_ms,
    r.interactive_model_ms AS interactive_model_ms,
    r.tool_ms AS tool_ms,
    r.interactive_tool_ms AS interactive_tool_ms,
    r.unrecognised AS unrecognised,
    r.interactive_unrecognised AS interactive_unrecognised,
    r.clock_clamped AS clock_clamped,
    r.interactive_clock_clamped AS interactive_clock_clamped,
    r.user_rejections AS user_rejections,
    r.interactive_user_rejections AS interactive_user_rejections,
    r.tests_passed AS tests_passed,
    r.interactive_tests_passed AS interactive_tests_passed,
    r.tests_failed AS tests_failed,
    r.interactive_tests_failed AS interactive_tests_failed,
    r.commit_commands AS commit_commands,
    r.interactive_commit_commands AS interactive_commit_commands,
    r.loops AS loops,
    r.interactive_loops AS interactive_loops,
    r.log_actions AS log_actions,
    r.interactive_log_actions AS interactive_log_actions,
    r.hook_events AS hook_events,
    r.interactive_hook_events AS interactive_hook_events,
    r.repeats AS repeats,
    r.interactive_repeats AS interactive_repeats,
    r.sessions_judged AS sessions_judged,
    r.interactive_sessions_judged AS interactive_sessions_judged,
    r.sessions_troubled AS sessions_troubled,
    r.interactive_sessions_troubled AS interactive_sessions_troubled,
    r.sessions_verified AS sessions_verified,
    r.interactive_sessions_verified AS interactive_sessions_verified,
    r.sessions_clean AS sessions_clean,
    r.interactive_sessions_clean AS interactive_sessions_clean,
    r.sessions_given_up AS sessions_given_up,
    r.interactive_sessions_given_up AS interactive_sessions_given_up,
    r.sessions_left AS sessions_left,
    r.interactive_sessions_left AS interactive_sessions_left,
    r.sessions_restarted AS sessions_restarted,
    r.interactive_sessions_restarted AS interactive_sessions_restarted,
    r.sessions_coded AS sessions_coded,
    r.interactive_sessions_coded AS interactive_sessions_coded,
    r.tool_durations AS tool_durations,
    r.interactive_tool_durations AS interactive_tool_durations,
    r.turn_durations AS turn_durations,
    r.interactive_turn_durations AS interactive_turn_durations,
    r.cost_micros / 1000000. AS cost_usd,
    pow(2, (r.log_actions / 1000) / nullIf(r.turns, 0)) AS actions_per_prompt,
    r.output_tokens / nullIf(r.prompts, 0) AS output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.tool_durations])[1] AS tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.tool_durations])[1] AS tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.turn_durations])[1] AS turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.turn_durations])[1] AS turn_duration_p95_ms,
    r.interactive_cost_micros / 1000000. AS interactive_cost_usd,
    pow(2, (r.interactive_log_actions / 1000) / nullIf(r.interactive_turns, 0)) AS interactive_actions_per_prompt,
    r.interactive_output_tokens / nullIf(r.interactive_prompts, 0) AS interactive_output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_tool_durations])[1] AS interactive_tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_tool_durations])[1] AS interactive_tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_turn_durations])[1] AS interactive_turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_turn_durations])[1] AS interactive_turn_duration_p95_ms
FROM ammeter_private.team_window_rows AS r
FINAL
LEFT JOIN
(
    SELECT
        w.team_id AS team_id,
        uniqExactIf(m.person_id, (m.user_id != 'unknown') AND (m.events > 0) AND (m.minute <= (w.as_of - toIntervalMinute(5))) AND (m.minute > (w.as_of - toIntervalMinute(60)))) AS before_5,
        uniqExactIf(m.person_id, (m.user_id != 'unknown') AND (m.events > 0) AND (m.minute <= (w.as_of - toIntervalMinute(60))) AND (m.minute > (w.as_of - toIntervalMinute(1440)))) AS before_60
    FROM
    (
        SELECT
            a.*,
            if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
            if(d.person = '', a.user_id, d.person) AS person_id
        FROM ammeter_private.user_minute_rows AS a
        FINAL
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = a.user_id
    ) AS m
    INNER JOIN
    (
        SELECT
            team_id,
            max(as_of) AS as_of
        FROM ammeter_private.team_window_rows
        FINAL
        GROUP BY team_id
    ) AS w ON w.team_id = m.placed_team
    WHERE ((
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    ) > 1) AND (m.minute > (
        SELECT max(as_of) - toIntervalDay(1)
        FROM ammeter_private.team_window_rows
    ))
    GROUP BY w.team_id
) AS b ON b.team_id = r.team_id
WHERE ((r.people = 0) OR (r.people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
))) AND ((r.span_minutes > 5) OR ((b.before_5 = 0) OR (b.before_5 >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)))) AND ((r.span_minutes > 60) OR ((b.before_60 = 0) OR (b.before_60 >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
))));

CREATE VIEW ammeter.team_windows_brief
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `as_of` DateTime('UTC') COMMENT 'Last minute of the window: it holds the minutes (as_of - span, as_of].',
    `people` Int64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'As team_windows, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    r.team_id AS team_id,
    r.span AS span,
    r.span_minutes AS span_minutes,
    r.as_of AS as_of,
    r.people AS people,
    r.events AS events,
    r.prompts AS prompts,
    r.responses AS responses,
    r.interactive_turns AS interactive_turns,
    r.tool_calls AS tool_calls,
    r.tool_failures AS tool_failures,
    r.api_failures AS api_failures,
    r.cost_micros / 1000000. AS cost_usd,
    pow(2, (r.interactive_log_actions / 1000) / nullIf(r.interactive_turns, 0)) AS interactive_actions_per_prompt
FROM ammeter_private.team_window_rows AS r
FINAL
LEFT JOIN
(
    SELECT
        w.team_id AS team_id,
        uniqExactIf(m.person_id, (m.user_id != 'unknown') AND (m.events > 0) AND (m.minute <= (w.as_of - toIntervalMinute(5))) AND (m.minute > (w.as_of - toIntervalMinute(60)))) AS before_5,
        uniqExactIf(m.person_id, (m.user_id != 'unknown') AND (m.events > 0) AND (m.minute <= (w.as_of - toIntervalMinute(60))) AND (m.minute > (w.as_of - toIntervalMinute(1440)))) AS before_60
    FROM
    (
        SELECT
            a.*,
            if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
            if(d.person = '', a.user_id, d.person) AS person_id
        FROM ammeter_private.user_minute_rows AS a
        FINAL
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = a.user_id
    ) AS m
    INNER JOIN
    (
        SELECT
            team_id,
            max(as_of) AS as_of
        FROM ammeter_private.team_window_rows
        FINAL
        GROUP BY team_id
    ) AS w ON w.team_id = m.placed_team
    WHERE ((
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    ) > 1) AND (m.minute > (
        SELECT max(as_of) - toIntervalDay(1)
        FROM ammeter_private.team_window_rows
    ))
    GROUP BY w.team_id
) AS b ON b.team_id = r.team_id
WHERE ((r.people = 0) OR (r.people >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
))) AND ((r.span_minutes > 5) OR ((b.before_5 = 0) OR (b.before_5 >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
)))) AND ((r.span_minutes > 60) OR ((b.before_60 = 0) OR (b.before_60 >= (
    SELECT if(count() = 0, 5, max(value))
    FROM ammeter_private.policy
    FINAL
    WHERE name = 'floor'
))));

CREATE VIEW ammeter.teams
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Every team that was ever seen, or that the directory names.'
AS SELECT r.team_id AS team_id
FROM
(
    SELECT DISTINCT team_id
    FROM ammeter_private.user_minute_rows
    UNION DISTINCT
    SELECT DISTINCT team_id
    FROM ammeter_private.team_window_rows
    UNION DISTINCT
    SELECT DISTINCT if(team = '', 'unassigned', team)
    FROM
    (
        SELECT arrayJoin(teams) AS team
        FROM ammeter_private.directory_rows
        FINAL
    )
) AS r;

CREATE VIEW ammeter.tool_hours
(
    `hour` DateTime('UTC') COMMENT 'Hour in which they occurred.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'others\': teams with too few people in this row, together.',
    `people` UInt64 COMMENT 'Distinct people.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `tool_name` LowCardinality(String) COMMENT 'The tool.',
    `mcp_server` LowCardinality(String) COMMENT 'Its MCP server; empty: none.',
    `calls` UInt64 COMMENT 'Finished calls.',
    `failures` UInt64 COMMENT 'Of them: did not succeed.',
    `rejections` UInt64 COMMENT 'Calls refused.',
    `durations` Map(UInt16, Int64) COMMENT 'Finished calls by half octave of their duration.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Calls of tools by hour, team, client and tool.'
AS SELECT
    g.hour AS hour,
    g.shown_team AS team_id,
    finalizeAggregation(g.who) AS people,
    g.source AS source,
    g.tool_name AS tool_name,
    g.mcp_server AS mcp_server,
    g.calls AS calls,
    g.failures AS failures,
    g.rejections AS rejections,
    g.durations AS durations
FROM
(
    SELECT
        s.hour AS hour,
        s.source AS source,
        s.tool_name AS tool_name,
        s.mcp_server AS mcp_server,
        if(((finalizeAggregation(s.who) = 0) OR (finalizeAggregation(s.who) >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ))), toString(s.team), 'others') AS shown_team,
        uniqExactMergeState(s.who) AS who,
        sum(s.calls) AS calls,
        sum(s.failures) AS failures,
        sum(s.rejections) AS rejections,
        sumMap(s.durations) AS durations
    FROM
    (
        SELECT
            toStartOfHour(r.minute) AS hour,
            r.source AS source,
            r.name AS tool_name,
            r.mcp_server AS mcp_server,
            r.placed_team AS team,
            uniqExactStateIf(r.person_id, (r.user_id NOT IN ('', 'unknown'))) AS who,
            countIf(r.type = 'tool_finished') AS calls,
            countIf((r.type = 'tool_finished') AND (r.result = 'failed')) AS failures,
            countIf((r.type = 'tool_decided') AND (r.result = 'reject')) AS rejections,
            sumMapIf(map(toUInt16(least(length(trimLeft(bin(toUInt128(r.duration_ms) * toUInt128(r.duration_ms)), '0')), 63)), toInt64(1)), r.type = 'tool_finished') AS durations
        FROM
        (
            SELECT
                a.*,
                if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(toString(a.hint) = '', 'unassigned', toString(a.hint)), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
                if(d.person = '', a.user_id, d.person) AS person_id
            FROM ammeter_private.call_rows AS a
            FINAL
            LEFT JOIN
            (
                SELECT
                    w.identity AS identity,
                    w.person AS person,
                    w.valid_from AS valid_from,
                    w.teams AS teams,
                    w.occupations AS occupations
                FROM ammeter_private.directory_rows AS w
                FINAL
            ) AS d ON d.identity = a.user_id
            PREWHERE (a.partition, a.offset) NOT IN (
                SELECT
                    d.partition,
                    d.offset
                FROM ammeter_private.dead_letter_rows AS d
                WHERE d.topic = 'session-events'
            )
        ) AS r
        WHERE r.type IN ('tool_finished', 'tool_decided')
        GROUP BY
            hour,
            source,
            tool_name,
            mcp_server,
            team
    ) AS s
    GROUP BY
        hour,
        source,
        tool_name,
        mcp_server,
        shown_team
    HAVING ((finalizeAggregation(who) = 0) OR (finalizeAggregation(who) >= (
        SELECT if(count() = 0, 5, max(value))
        FROM ammeter_private.policy
        FINAL
        WHERE name = 'floor'
    )))
) AS g
WHERE (g.calls + g.rejections) > 0;

CREATE VIEW ammeter.unrecognised_daily
(
    `day` Date COMMENT 'On which it occurred, UTC.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Its version.',
    `name` LowCardinality(String) COMMENT 'As the client says it.',
    `events` UInt64 COMMENT 'Events of that name.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What this version did not recognise, by day, client and name.'
AS SELECT
    toDate(r.minute) AS day,
    r.source AS source,
    r.client_version AS client_version,
    r.name AS name,
    count() AS events
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(toString(a.hint) = '', 'unassigned', toString(a.hint)), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.call_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
    PREWHERE (a.partition, a.offset) NOT IN (
        SELECT
            d.partition,
            d.offset
        FROM ammeter_private.dead_letter_rows AS d
        WHERE d.topic = 'session-events'
    )
) AS r
WHERE r.type = 'unrecognised'
GROUP BY
    day,
    r.source,
    r.client_version,
    r.name;

CREATE VIEW ammeter.work_modes_daily
(
    `day` Date COMMENT 'UTC.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the organisation, as far as shown.',
    `work_mode` LowCardinality(String) COMMENT 'Of the label, else of the proxy.',
    `is_label` Bool COMMENT 'A reader said it; else it is a proxy from telemetry.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `sessions` UInt64 COMMENT 'Sessions at a terminal or editor.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Sessions at a terminal or editor by the day on which they began, by team and dominant work.'
AS SELECT
    g.day AS day,
    g.shown_team AS team_id,
    g.work_mode AS work_mode,
    g.is_label AS is_label,
    finalizeAggregation(g.who) AS people,
    g.sessions AS sessions
FROM
(
    SELECT
        s.day AS day,
        s.work_mode AS work_mode,
        s.is_label AS is_label,
        shown_team,
        uniqExactMergeState(s.who) AS who,
        sum(s.sessions) AS sessions
    FROM
    (
        SELECT
            *,
            ((finalizeAggregation(who) = 0) OR (finalizeAggregation(who) >= (
                SELECT if(count() = 0, 5, max(value))
                FROM ammeter_private.policy
                FINAL
                WHERE name = 'floor'
            ))) AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY day, work_mode, is_label) AS rest
        FROM
        (
            SELECT
                toDate(s.started_at) AS day,
                toString(ifNull(s.work_mode, s.work_mode_proxy)) AS work_mode,
                isNotNull(s.work_mode) AS is_label,
                s.team_id AS team,
                uniqExactStateIf(s.person_id, (s.user_id NOT IN ('', 'unknown'))) AS who,
                count() AS sessions
            FROM ammeter_private.sessions_brief AS s
            WHERE s.is_interactive AND isNotNull(ifNull(s.work_mode, s.work_mode_proxy))
            GROUP BY
                day,
                work_mode,
                is_label,
                team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (
            SELECT if(count() = 0, 5, max(value))
            FROM ammeter_private.policy
            FINAL
            WHERE name = 'floor'
        ), ['*'], []) AS shown_team
    GROUP BY
        day,
        work_mode,
        is_label,
        shown_team
) AS g;

CREATE VIEW ammeter_private.all_sessions
(
    `session_id` String COMMENT 'The client\'s own id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `entrypoint` LowCardinality(String) COMMENT 'How the client was started.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event so far occurred.',
    `end_reason` Nullable(String) COMMENT 'The client\'s reason, \'idle\' after 30 minutes of silence, or null while it is open.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it closed; null while it is open.',
    `seen_at` DateTime64(3, 'UTC') COMMENT 'Latest event or receipt.',
    `hint` LowCardinality(String) COMMENT 'Team as the client says it; empty: none.',
    `has_end` Bool COMMENT 'The client said that it ended.',
    `marks` Map(UInt8, Int64) COMMENT 'Latest moment of each kind; milliseconds.',
    `told` LowCardinality(String) COMMENT 'Outcome as the client says it.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `reported_input_tokens` Int64 COMMENT 'Uncached input tokens as the client\'s metrics count them. [tokens]',
    `reported_output_tokens` Int64 COMMENT 'Output tokens as the client\'s metrics count them. [tokens]',
    `reported_cache_read_tokens` Int64 COMMENT 'Cache reads as the client\'s metrics count them. [tokens]',
    `reported_cache_creation_tokens` Int64 COMMENT 'Cache writes as the client\'s metrics count them. [tokens]',
    `reported_cost_micros` Int64 COMMENT 'Cost as the client\'s metrics count it. [micro-dollars]',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `tool_kinds` Map(UInt16, Int64) COMMENT 'Finished tool calls by kind: 0 other, 1 read, 2 search, 3 edit, 4 shell, 5 web, 6 agent, 7 plan, 8 mcp.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `unreported_input_tokens` Int64 COMMENT 'reported_input_tokens - input_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_output_tokens` Int64 COMMENT 'reported_output_tokens - output_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cache_read_tokens` Int64 COMMENT 'reported_cache_read_tokens - cache_read_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cache_creation_tokens` Int64 COMMENT 'reported_cache_creation_tokens - cache_creation_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cost_micros` Int64 COMMENT 'reported_cost_micros - cost_micros, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `directory_occupation` LowCardinality(Nullable(String)) COMMENT 'The person\'s occupation by the directory, at the start of the session.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor, by the entrypoint.',
    `came_back` Bool COMMENT 'The person began another session within 15 minutes.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Sessions, those too in which nothing happened, with team and person by the directory at their start.'
AS SELECT
    t.session_id AS session_id,
    t.source AS source,
    t.client_version AS client_version,
    t.entrypoint AS entrypoint,
    t.user_id AS user_id,
    t.user_id_kind AS user_id_kind,
    t.install_id AS install_id,
    t.started_at AS started_at,
    t.ended_at AS ended_at,
    t.end_reason AS end_reason,
    t.is_open AS is_open,
    t.closed_at AS closed_at,
    t.seen_at AS seen_at,
    t.hint AS hint,
    t.has_end AS has_end,
    t.marks AS marks,
    t.told AS told,
    t.events AS events,
    t.prompts AS prompts,
    t.slash_commands AS slash_commands,
    t.injected_prompts AS injected_prompts,
    t.responses AS responses,
    t.turns AS turns,
    t.tool_calls AS tool_calls,
    t.tool_failures AS tool_failures,
    t.tool_accepts AS tool_accepts,
    t.tool_rejections AS tool_rejections,
    t.api_failures AS api_failures,
    t.api_retries_exhausted AS api_retries_exhausted,
    t.api_refusals AS api_refusals,
    t.input_tokens AS input_tokens,
    t.output_tokens AS output_tokens,
    t.cache_read_tokens AS cache_read_tokens,
    t.cache_creation_tokens AS cache_creation_tokens,
    t.cost_micros AS cost_micros,
    t.response_chars AS response_chars,
    t.lines_added AS lines_added,
    t.lines_removed AS lines_removed,
    t.commits AS commits,
    t.pull_requests AS pull_requests,
    t.edits_accepted AS edits_accepted,
    t.edits_rejected AS edits_rejected,
    t.active_user_ms AS active_user_ms,
    t.active_cli_ms AS active_cli_ms,
    t.compactions AS compactions,
    t.subagents AS subagents,
    t.mode_changes AS mode_changes,
    t.interrupts AS interrupts,
    t.model_ms AS model_ms,
    t.tool_ms AS tool_ms,
    t.unrecognised AS unrecognised,
    t.clock_clamped AS clock_clamped,
    t.reported_input_tokens AS reported_input_tokens,
    t.reported_output_tokens AS reported_output_tokens,
    t.reported_cache_read_tokens AS reported_cache_read_tokens,
    t.reported_cache_creation_tokens AS reported_cache_creation_tokens,
    t.reported_cost_micros AS reported_cost_micros,
    t.user_rejections AS user_rejections,
    t.tests_passed AS tests_passed,
    t.tests_failed AS tests_failed,
    t.commit_commands AS commit_commands,
    t.loops AS loops,
    t.log_actions AS log_actions,
    t.hook_events AS hook_events,
    t.repeats AS repeats,
    t.tool_durations AS tool_durations,
    t.turn_durations AS turn_durations,
    t.tool_kinds AS tool_kinds,
    t.cost_usd AS cost_usd,
    t.actions_per_prompt AS actions_per_prompt,
    t.output_per_prompt AS output_per_prompt,
    t.tool_duration_p50_ms AS tool_duration_p50_ms,
    t.tool_duration_p95_ms AS tool_duration_p95_ms,
    t.turn_duration_p50_ms AS turn_duration_p50_ms,
    t.turn_duration_p95_ms AS turn_duration_p95_ms,
    greatest(t.reported_input_tokens - t.input_tokens, 0) AS unreported_input_tokens,
    greatest(t.reported_output_tokens - t.output_tokens, 0) AS unreported_output_tokens,
    greatest(t.reported_cache_read_tokens - t.cache_read_tokens, 0) AS unreported_cache_read_tokens,
    greatest(t.reported_cache_creation_tokens - t.cache_creation_tokens, 0) AS unreported_cache_creation_tokens,
    greatest(t.reported_cost_micros - t.cost_micros, 0) AS unreported_cost_micros,
    if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
    if(d.person = '', t.user_id, d.person) AS person_id,
    if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, NULL, nullIf(d.occupations[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)], '')) AS directory_occupation,
    NOT (startsWith(t.entrypoint, 'sdk') OR startsWith(t.entrypoint, 'print') OR startsWith(t.entrypoint, 'headless') OR startsWith(t.entrypoint, 'github-action') OR startsWith(t.entrypoint, 'ci') OR startsWith(t.entrypoint, 'exec') OR startsWith(t.entrypoint, 'internal')) AS is_interactive,
    t.session_id IN (
        SELECT b.session_id
        FROM ammeter_private.session_outcome_rows AS b
        FINAL
        PREWHERE b.session_id IN (
            SELECT w.session_id
            FROM ammeter_private.session_outcome_rows AS w
            WHERE bitAnd(w.signs, 8192) != 0
        )
        WHERE bitAnd(b.signs, 8192) != 0
    ) AS came_back
FROM ammeter_private.session_totals AS t
LEFT JOIN
(
    SELECT
        w.identity AS identity,
        w.person AS person,
        w.valid_from AS valid_from,
        w.teams AS teams,
        w.occupations AS occupations
    FROM ammeter_private.directory_rows AS w
    FINAL
) AS d ON d.identity = t.user_id;

CREATE VIEW ammeter_private.anomalies
(
    `id` String COMMENT 'Of the alert.',
    `detector` LowCardinality(String) COMMENT 'What is watched.',
    `scope` LowCardinality(String) COMMENT 'team, organisation, or bucket: of teams too small to be watched alone.',
    `team_id` LowCardinality(String) COMMENT 'The team; of a bucket its name; of the organisation empty.',
    `status` LowCardinality(String) COMMENT 'firing or resolved.',
    `severity` LowCardinality(String) COMMENT 'alert: to the team; pipeline: to those who run Ammeter; digest: once a week.',
    `direction` LowCardinality(String) COMMENT 'Where the figure went: up or down.',
    `sentence` String COMMENT 'For a person.',
    `opened_at` DateTime64(3, 'UTC') COMMENT 'When it fired first.',
    `changed_at` DateTime64(3, 'UTC') COMMENT 'When the status changed last.',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; null: it fires.',
    `since` DateTime64(3, 'UTC') COMMENT 'About when the change began.',
    `reopened` Int64 COMMENT 'How often it came back soon and was merged.',
    `adopted_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When the new level was taken for the usual one; null: it was not.',
    `n` Int64 COMMENT 'Observations since the change began.',
    `observed` Float64 COMMENT 'How many of them it happened in; of cost the sum.',
    `expected` Float64 COMMENT 'How many were to be expected.',
    `usual` Float64 COMMENT 'Usual level: a share, or micro-dollars.',
    `usual_low` Float64 COMMENT 'Of its 90 % interval.',
    `usual_high` Float64 COMMENT 'Of its 90 % interval.',
    `usual_n` Float64 COMMENT 'Observations behind it.',
    `now` Float64 COMMENT 'Level since the change.',
    `now_low` Float64 COMMENT 'Of its 90 % interval.',
    `now_high` Float64 COMMENT 'Of its 90 % interval.',
    `score` Float64 COMMENT 'The evidence.',
    `threshold` Float64 COMMENT 'What the evidence had to exceed.',
    `odds` Float64 COMMENT 'How many times likelier the change makes what was seen.',
    `people` Int64 COMMENT 'At least so many different people are behind it.',
    `calibrated` Bool COMMENT 'On the organisation\'s own record; else on assumptions.',
    `detector_version` UInt32 COMMENT 'Rises when the same signals would give another verdict.',
    `is_acked` Bool COMMENT 'Somebody has taken it on.',
    `acked_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When; null: nobody has.',
    `is_muted` Bool COMMENT 'It is to be quiet: itself, or its detector for this team.',
    `useful` LowCardinality(String) COMMENT 'Was it useful: yes, no, or empty where nobody has said.',
    `board_path` String COMMENT 'Of the board that shows it, after the address of the boards.',
    `runbook` LowCardinality(String) COMMENT 'Heading of docs/runbooks.md.',
    `acked_by` String COMMENT 'Who has taken it on.',
    `useful_by` String COMMENT 'Who said whether it was useful.',
    `comment` String COMMENT 'What they said.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Alerts, with the figures that decided them and what people said of them.'
AS SELECT
    r.id AS id,
    r.detector AS detector,
    r.scope AS scope,
    r.team_id AS team_id,
    r.status AS status,
    r.severity AS severity,
    r.direction AS direction,
    r.sentence AS sentence,
    fromUnixTimestamp64Milli(r.opened_at, 'UTC') AS opened_at,
    fromUnixTimestamp64Milli(r.changed_at, 'UTC') AS changed_at,
    if(r.resolved_at = 0, NULL, fromUnixTimestamp64Milli(r.resolved_at, 'UTC')) AS resolved_at,
    fromUnixTimestamp64Milli(r.since, 'UTC') AS since,
    r.reopened AS reopened,
    if(r.adopted_at = 0, NULL, fromUnixTimestamp64Milli(r.adopted_at, 'UTC')) AS adopted_at,
    r.n AS n,
    r.observed AS observed,
    r.expected AS expected,
    r.usual AS usual,
    r.usual_low AS usual_low,
    r.usual_high AS usual_high,
    r.usual_n AS usual_n,
    r.now AS now,
    r.now_low AS now_low,
    r.now_high AS now_high,
    r.score AS score,
    r.threshold AS threshold,
    r.odds AS odds,
    r.people AS people,
    r.calibrated AS calibrated,
    r.detector_version AS detector_version,
    n.acked_at > 0 AS is_acked,
    if(n.acked_at = 0, NULL, fromUnixTimestamp64Milli(n.acked_at, 'UTC')) AS acked_at,
    (n.muted_until > toUnixTimestamp64Milli(now64(3))) OR arrayExists(m -> (((m.1) IN ('*', toString(r.detector))) AND ((m.2) IN ('*', toString(r.team_id)))), (
        SELECT groupArray((toString(detector), toString(team_id)))
        FROM ammeter_private.alert_note_rows
        FINAL
        WHERE startsWith(id, 'mute:') AND (muted_until > toUnixTimestamp64Milli(now64(3)))
    )) AS is_muted,
    n.useful AS useful,
    if(r.scope = 'team', concat('/d/team?var-team=', encodeURLComponent(toString(r.team_id)), '&', 'from=', toString(r.since - 604800000), '&to=', if(r.resolved_at = 0, 'now', toString(r.resolved_at + 86400000))), concat('/d/now?', 'from=', toString(r.since - 604800000), '&to=', if(r.resolved_at = 0, 'now', toString(r.resolved_at + 86400000)))) AS board_path,
    if(r.detector = 'success', 'verified-success', replaceAll(r.detector, '_', '-')) AS runbook,
    n.acked_by AS acked_by,
    n.useful_by AS useful_by,
    n.comment AS comment
FROM ammeter_private.anomaly_rows AS r
FINAL
LEFT JOIN
(
    SELECT *
    FROM ammeter_private.alert_note_rows
    FINAL
) AS n ON n.id = r.id;

CREATE VIEW ammeter_private.clients
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
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Each installation: when it was heard first and last. One that stopped is silent, which need not be idle.'
AS SELECT
    s.source AS source,
    s.install_id AS install_id,
    s.user_id AS user_id,
    any(s.person_id) AS person_id,
    argMax(s.team_id, s.seen_at) AS team_id,
    argMax(s.client_version, s.seen_at) AS client_version,
    min(s.started_at) AS first_heard_at,
    max(s.seen_at) AS last_heard_at,
    count() AS sessions,
    last_heard_at < (now64(3) - toIntervalDay(3)) AS has_stopped
FROM
(
    SELECT
        t.session_id AS session_id,
        t.source AS source,
        t.client_version AS client_version,
        t.user_id AS user_id,
        t.install_id AS install_id,
        t.started_at AS started_at,
        t.ended_at AS ended_at,
        t.seen_at AS seen_at,
        if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
        if(d.person = '', t.user_id, d.person) AS person_id
    FROM
    (
        SELECT
            r.session_id AS session_id,
            r.source AS source,
            r.client_version AS client_version,
            r.user_id AS user_id,
            r.install_id AS install_id,
            r.began AS started_at,
            fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
            fromUnixTimestamp64Milli(r.seen_at, 'UTC') AS seen_at,
            r.team_hint AS hint
        FROM ammeter_private.session_state_rows AS r
        FINAL
        WHERE r.session_key NOT IN (
            SELECT w.session_key
            FROM ammeter_private.session_state_rows AS w
            GROUP BY w.session_key
            HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
        )
        UNION ALL
        SELECT
            r.session_id AS session_id,
            min(r.source) AS source,
            argMax(r.client_version, arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))) AS client_version,
            argMin(r.user_id, r.seen_at) AS user_id,
            max(r.install_id) AS install_id,
            fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
            fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS ended_at,
            fromUnixTimestamp64Milli(max(r.seen_at), 'UTC') AS seen_at,
            argMin(toString(r.team_hint), r.seen_at) AS hint
        FROM
        (
            SELECT *
            FROM ammeter_private.session_state_rows AS w
            WHERE w.session_key IN (
                SELECT w.session_key
                FROM ammeter_private.session_state_rows AS w
                GROUP BY w.session_key
                HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
            )
            ORDER BY w.version DESC
            LIMIT 1 BY
                w.session_id,
                w.segment
        ) AS r
        GROUP BY r.session_id
    ) AS t
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = t.user_id
) AS s
GROUP BY
    s.source,
    s.install_id,
    s.user_id;

CREATE VIEW ammeter_private.directory
(
    `identity` String COMMENT 'Pseudonym of an identity.',
    `person_id` String COMMENT 'Pseudonym of the person, the same for all identities.',
    `valid_from` DateTime64(3, 'UTC') COMMENT 'Since when it holds; 1970: ever.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `role` LowCardinality(String) COMMENT 'Role.',
    `occupation` LowCardinality(String) COMMENT 'Occupation.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Who stands behind an identity, and in which team since when: a row an entry.'
AS SELECT
    r.identity AS identity,
    r.person AS person_id,
    fromUnixTimestamp64Milli(entry.1, 'UTC') AS valid_from,
    if((entry.2) = '', 'unassigned', entry.2) AS team_id,
    entry.3 AS role,
    entry.4 AS occupation
FROM ammeter_private.directory_rows AS r
FINAL
ARRAY JOIN arrayZip(r.valid_from, r.teams, r.roles, r.occupations) AS entry;

CREATE VIEW ammeter_private.events
(
    `type` LowCardinality(String) COMMENT 'What happened: session_started, prompt_submitted, model_responded, answer_given, model_request_failed, tool_decided, tool_finished, lines_changed, commit_made, pull_request_opened, usage_reported, permission_mode_changed, context_compacted, subagent_completed, turn_ended, turn_interrupted, session_ended, outcome_reported, sequence_seen, unrecognised.',
    `event_id` String COMMENT 'run-index: the same event has the same id however often it is sent.',
    `schema_version` UInt8 COMMENT 'Of this contract.',
    `source` LowCardinality(String) COMMENT 'The client that said it.',
    `session_id` String COMMENT 'The client\'s own id of the session; also the record key.',
    `run` String COMMENT '16 hex digits: the request, file or stream that the event came in.',
    `index` Int64 COMMENT 'Place in the run; rises within it.',
    `occurred_at` Int64 COMMENT 'When it happened, by the client\'s clock. Epoch milliseconds.',
    `received_at` Int64 COMMENT 'When it was received; stamped once. Epoch milliseconds.',
    `user_id` String COMMENT 'Pseudonym of the person; empty where the source names nobody.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `team_hint` LowCardinality(String) COMMENT 'The team as the client says it.',
    `client_version` LowCardinality(String) COMMENT 'Version of the client.',
    `entrypoint` LowCardinality(String) COMMENT 'How the client was started: cli, sdk-cli, claude-vscode, ...',
    `prompt_id` String COMMENT 'Joins the events of one prompt.',
    `sequence` Nullable(Int64) COMMENT 'The client\'s own count, for loss detection only.',
    `via` LowCardinality(String) COMMENT 'hook: a hook told it, not telemetry.',
    `start_type` LowCardinality(String) COMMENT 'fresh, resume, continue, ... Of session_started.',
    `prompt_length` Int64 COMMENT 'Characters. Of prompt_submitted.',
    `command_name` LowCardinality(String) COMMENT 'Of a slash command. Of prompt_submitted.',
    `command_source` LowCardinality(String) COMMENT 'builtin, custom, ... Of prompt_submitted.',
    `injected` Bool COMMENT 'Put in by the client itself; nobody typed it. Of prompt_submitted.',
    `model` LowCardinality(String) COMMENT 'Of model_responded, answer_given, model_request_failed, usage_reported, subagent_completed.',
    `request_id` String COMMENT 'Of model_responded, answer_given, model_request_failed, tool_decided, tool_finished.',
    `duration_ms` Int64 COMMENT 'Of model_responded, model_request_failed, tool_finished, context_compacted, subagent_completed. As the client measured it; 0: it did not. Of turn_ended.',
    `ttft_ms` Int64 COMMENT 'Time to the first token. Of model_responded.',
    `input_tokens` Int64 COMMENT 'Of model_responded.',
    `output_tokens` Int64 COMMENT 'Of model_responded.',
    `cache_read_tokens` Int64 COMMENT 'Of model_responded.',
    `cache_creation_tokens` Int64 COMMENT 'Of model_responded.',
    `cost_micros` Int64 COMMENT 'Micro-dollars, as the client computes them. Of model_responded.',
    `query_source` LowCardinality(String) COMMENT 'Of model_responded, answer_given, model_request_failed, usage_reported.',
    `agent_id` String COMMENT 'Of model_responded, answer_given, model_request_failed, tool_decided, tool_finished, subagent_completed.',
    `agent_name` LowCardinality(String) COMMENT 'Of model_responded, usage_reported.',
    `mcp_server` LowCardinality(String) COMMENT 'Of model_responded, tool_finished, usage_reported.',
    `mcp_tool` LowCardinality(String) COMMENT 'Of model_responded, tool_finished, usage_reported.',
    `speed` LowCardinality(String) COMMENT 'Of model_responded.',
    `effort` LowCardinality(String) COMMENT 'Of model_responded, usage_reported.',
    `reasoning_tokens` Int64 COMMENT 'Of output_tokens: spent on thinking, where told. Of model_responded.',
    `response_length` Int64 COMMENT 'Characters. Of answer_given.',
    `kind` LowCardinality(String) COMMENT 'retries_exhausted and refusal accompany an error; only error counts as a failure. Of model_request_failed. What it splits by: added, removed, input, user, accept, fresh, ... Of usage_reported.',
    `reason` LowCardinality(String) COMMENT 'From status and text; the text itself is dropped. Of model_request_failed. clear, resume, logout, prompt_input_exit, other, ... Of session_ended.',
    `status_code` Int64 COMMENT '0: none was given. Of model_request_failed.',
    `attempts` Int64 COMMENT 'Of model_request_failed.',
    `tool_name` LowCardinality(String) COMMENT 'Of tool_decided, tool_finished, usage_reported.',
    `tool_use_id` String COMMENT 'Of tool_decided, tool_finished.',
    `decision` LowCardinality(String) COMMENT 'Of tool_decided.',
    `decision_source` LowCardinality(String) COMMENT 'config, hook, user_temporary, user_reject, ... Of tool_decided. Of tool_finished, usage_reported.',
    `tool_source` LowCardinality(String) COMMENT 'Of tool_decided.',
    `permission_mode` LowCardinality(String) COMMENT 'Of tool_decided.',
    `success` Bool COMMENT 'Of tool_finished, context_compacted.',
    `error_type` LowCardinality(String) COMMENT 'Of tool_finished.',
    `input_bytes` Int64 COMMENT 'Of tool_finished.',
    `result_bytes` Int64 COMMENT 'Of tool_finished.',
    `decision_type` LowCardinality(String) COMMENT 'Of tool_finished.',
    `target` String COMMENT 'Keyed hash of the file or command; empty where nobody shows it. Of tool_finished.',
    `command_kind` LowCardinality(String) COMMENT 'Of a shell command: what it does. Of tool_finished.',
    `interrupted` Bool COMMENT 'A person stopped it. Of tool_finished.',
    `added` Int64 COMMENT 'Of lines_changed.',
    `removed` Int64 COMMENT 'Of lines_changed.',
    `language` LowCardinality(String) COMMENT 'Of lines_changed, usage_reported.',
    `name` LowCardinality(String) COMMENT 'The client\'s name of the metric. Of usage_reported. Of unrecognised.',
    `unit` LowCardinality(String) COMMENT 'Of the value; micro: millionths of the metric\'s own unit. Of usage_reported.',
    `value` Int64 COMMENT 'The increase, or for a cumulative counter all since started_at. Of usage_reported.',
    `temporality` LowCardinality(String) COMMENT 'Of usage_reported.',
    `started_at` Int64 COMMENT 'From when the value counts. Of usage_reported.',
    `series` String COMMENT 'Names the series within the session; cumulative values compare by it. Of usage_reported.',
    `from_mode` LowCardinality(String) COMMENT 'Of permission_mode_changed.',
    `to_mode` LowCardinality(String) COMMENT 'Of permission_mode_changed.',
    `trigger` LowCardinality(String) COMMENT 'Of permission_mode_changed, context_compacted.',
    `pre_tokens` Int64 COMMENT 'Of context_compacted.',
    `post_tokens` Int64 COMMENT 'Of context_compacted.',
    `agent_type` LowCardinality(String) COMMENT 'Of subagent_completed.',
    `is_async` Bool COMMENT 'Of subagent_completed.',
    `total_tokens` Int64 COMMENT 'Of subagent_completed.',
    `tool_uses` Int64 COMMENT 'Of subagent_completed.',
    `failed` Bool COMMENT 'Of turn_ended.',
    `during_tool` Bool COMMENT 'Of turn_interrupted.',
    `outcome` LowCardinality(String) COMMENT 'Of outcome_reported.',
    `first` Int64 COMMENT 'The lowest sequence among them. Of sequence_seen.',
    `last` Int64 COMMENT 'The highest. Of sequence_seen.',
    `count` Int64 COMMENT 'How many. Of sequence_seen.',
    `numbers` Map(String, Float64) COMMENT 'Of unrecognised.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message; the log\'s order within a session.',
    `stored_at` DateTime64(3, 'UTC') COMMENT 'When the row was stored.',
    `occurred` DateTime64(3, 'UTC') COMMENT 'occurred_at as a time.',
    `received` DateTime64(3, 'UTC') COMMENT 'received_at as a time.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Each counted event once: no copies, none from a message that was set aside.'
AS SELECT
    e.type AS type,
    e.event_id AS event_id,
    e.schema_version AS schema_version,
    e.source AS source,
    e.session_id AS session_id,
    e.run AS run,
    e.index AS index,
    e.occurred_at AS occurred_at,
    e.received_at AS received_at,
    e.user_id AS user_id,
    e.user_id_kind AS user_id_kind,
    e.install_id AS install_id,
    e.team_hint AS team_hint,
    e.client_version AS client_version,
    e.entrypoint AS entrypoint,
    e.prompt_id AS prompt_id,
    e.sequence AS sequence,
    e.via AS via,
    e.start_type AS start_type,
    e.prompt_length AS prompt_length,
    e.command_name AS command_name,
    e.command_source AS command_source,
    e.injected AS injected,
    e.model AS model,
    e.request_id AS request_id,
    e.duration_ms AS duration_ms,
    e.ttft_ms AS ttft_ms,
    e.input_tokens AS input_tokens,
    e.output_tokens AS output_tokens,
    e.cache_read_tokens AS cache_read_tokens,
    e.cache_creation_tokens AS cache_creation_tokens,
    e.cost_micros AS cost_micros,
    e.query_source AS query_source,
    e.agent_id AS agent_id,
    e.agent_name AS agent_name,
    e.mcp_server AS mcp_server,
    e.mcp_tool AS mcp_tool,
    e.speed AS speed,
    e.effort AS effort,
    e.reasoning_tokens AS reasoning_tokens,
    e.response_length AS response_length,
    e.kind AS kind,
    e.reason AS reason,
    e.status_code AS status_code,
    e.attempts AS attempts,
    e.tool_name AS tool_name,
    e.tool_use_id AS tool_use_id,
    e.decision AS decision,
    e.decision_source AS decision_source,
    e.tool_source AS tool_source,
    e.permission_mode AS permission_mode,
    e.success AS success,
    e.error_type AS error_type,
    e.input_bytes AS input_bytes,
    e.result_bytes AS result_bytes,
    e.decision_type AS decision_type,
    e.target AS target,
    e.command_kind AS command_kind,
    e.interrupted AS interrupted,
    e.added AS added,
    e.removed AS removed,
    e.language AS language,
    e.name AS name,
    e.unit AS unit,
    e.value AS value,
    e.temporality AS temporality,
    e.started_at AS started_at,
    e.series AS series,
    e.from_mode AS from_mode,
    e.to_mode AS to_mode,
    e.trigger AS trigger,
    e.pre_tokens AS pre_tokens,
    e.post_tokens AS post_tokens,
    e.agent_type AS agent_type,
    e.is_async AS is_async,
    e.total_tokens AS total_tokens,
    e.tool_uses AS tool_uses,
    e.failed AS failed,
    e.during_tool AS during_tool,
    e.outcome AS outcome,
    e.first AS first,
    e.last AS last,
    e.count AS count,
    e.numbers AS numbers,
    e.partition AS partition,
    e.offset AS offset,
    e.stored_at AS stored_at,
    fromUnixTimestamp64Milli(e.occurred_at, 'UTC') AS occurred,
    fromUnixTimestamp64Milli(e.received_at, 'UTC') AS received
FROM ammeter_private.session_events AS e
FINAL
PREWHERE (e.partition, e.offset) NOT IN (
    SELECT
        d.partition,
        d.offset
    FROM ammeter_private.dead_letter_rows AS d
    WHERE d.topic = 'session-events'
);

CREATE VIEW ammeter_private.session_labels
(
    `session_id` String COMMENT 'The client\'s own id.',
    `labelled_at` DateTime64(3, 'UTC') COMMENT 'When.',
    `labeller` LowCardinality(String) COMMENT 'Who or what read it.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Dominant work.',
    `expertise` Nullable(UInt8) COMMENT '1 to 5.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'As judged.',
    `success_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `failure_signal` Nullable(UInt8) COMMENT '1 to 5.',
    `value` Nullable(Int64) COMMENT 'Ordinal only.',
    `occupation` LowCardinality(Nullable(String)) COMMENT 'Trade.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What somebody who read a session says of it; null: nothing.'
AS SELECT
    r.session_id AS session_id,
    fromUnixTimestamp64Milli(r.labelled_at, 'UTC') AS labelled_at,
    r.labeller AS labeller,
    nullIf(r.work_mode, '') AS work_mode,
    nullIf(r.expertise, 0) AS expertise,
    nullIf(r.outcome, '') AS outcome,
    nullIf(r.success_signal, 0) AS success_signal,
    nullIf(r.failure_signal, 0) AS failure_signal,
    nullIf(r.value, 0) AS value,
    nullIf(r.occupation, '') AS occupation
FROM ammeter_private.session_label_rows AS r
FINAL;

CREATE VIEW ammeter_private.session_outcomes
(
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'The incarnation that was judged; milliseconds.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred: its cohort.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event occurred.',
    `judged_at` DateTime64(3, 'UTC') COMMENT 'When the verdict was given.',
    `outcome` LowCardinality(String) COMMENT 'How it ended.',
    `outcome_confidence` LowCardinality(String) COMMENT 'high, medium or low.',
    `is_troubled` Bool COMMENT 'It hit trouble.',
    `evidence` Array(String) COMMENT 'Names of schemas.evidence.Sign.',
    `replaces` Bool COMMENT 'A correction of an earlier verdict.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was judged by.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Each verdict as the stream gave it; none of a session that went on since.'
AS SELECT
    r.session_id AS session_id,
    r.segment AS segment,
    r.user_id AS user_id,
    r.person_id AS person_id,
    r.placed_team AS team_id,
    r.source AS source,
    r.is_interactive AS is_interactive,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS started_at,
    fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
    fromUnixTimestamp64Milli(r.judged_at, 'UTC') AS judged_at,
    r.outcome AS outcome,
    r.confidence AS outcome_confidence,
    r.is_troubled AS is_troubled,
    arrayFilter((name, bit) -> bitTest(r.signs, bit), ['commit', 'pull_request', 'tests_passed_last', 'told', 'final_tool_failure', 'final_api_failure', 'tests_failed_last', 'loop', 'pushback', 'many_failures', 'unanswered', 'stopped_last', 'wrote_code', 'came_back', 'end_seen'], range(15)) AS evidence,
    r.replaces AS replaces,
    r.definitions AS definitions
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (intDiv(a.started_at, 60000) * 60000)), d.valid_from) = 0, if(toString(a.team_id) = '', 'unassigned', toString(a.team_id)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(a.started_at, 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(a.started_at, 60000) * 60000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.session_outcome_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
) AS r
INNER JOIN
(
    SELECT
        w.session_id AS session_id,
        w.segment AS segment,
        argMax(w.is_open, w.version) AS is_open,
        argMax(w.closed_at, w.version) AS closed_at
    FROM ammeter_private.session_state_rows AS w
    GROUP BY
        w.session_id,
        w.segment
) AS h ON (h.session_id = r.session_id) AND (h.segment = r.segment)
WHERE (NOT h.is_open) AND (r.judged_at >= h.closed_at);

CREATE VIEW ammeter_private.session_people
(
    `session_id` String COMMENT 'The client\'s own id.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Whose a session is, those too in which nothing happened.'
AS SELECT
    s.session_id AS session_id,
    s.user_id AS user_id,
    s.person_id AS person_id
FROM
(
    SELECT
        t.session_id AS session_id,
        t.user_id AS user_id,
        if(d.person = '', t.user_id, d.person) AS person_id
    FROM
    (
        SELECT
            r.session_id AS session_id,
            r.user_id AS user_id
        FROM ammeter_private.session_state_rows AS r
        FINAL
        WHERE r.session_key NOT IN (
            SELECT w.session_key
            FROM ammeter_private.session_state_rows AS w
            GROUP BY w.session_key
            HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
        )
        UNION ALL
        SELECT
            r.session_id AS session_id,
            argMin(r.user_id, r.seen_at) AS user_id
        FROM
        (
            SELECT *
            FROM ammeter_private.session_state_rows AS w
            WHERE w.session_key IN (
                SELECT w.session_key
                FROM ammeter_private.session_state_rows AS w
                GROUP BY w.session_key
                HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
            )
            ORDER BY w.version DESC
            LIMIT 1 BY
                w.session_id,
                w.segment
        ) AS r
        GROUP BY r.session_id
    ) AS t
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = t.user_id
) AS s;

CREATE VIEW ammeter_private.session_silence
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
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Of each session what its client counted and what arrived: a gap is telemetry that was lost on its way.'
AS SELECT
    s.session_id AS session_id,
    s.user_id AS user_id,
    s.person_id AS person_id,
    s.team_id AS team_id,
    s.install_id AS install_id,
    s.source AS source,
    s.client_version AS client_version,
    s.started_at AS started_at,
    s.ended_at AS ended_at,
    if(o.processes > 0, o.processes, g.processes) AS processes,
    if(o.processes > 0, o.seen, g.seen) AS numbered,
    if(o.processes > 0, o.lost, g.lost) AS lost,
    s.hook_events AS hook_events,
    (s.hook_events > 0) AND (s.prompts > 0) AND ((s.responses + s.api_failures) = 0) AS is_without_requests
FROM
(
    SELECT
        t.*,
        toDate(t.started_at) AS day,
        cityHash64(t.session_id) AS session_key
    FROM
    (
        SELECT
            t.session_id AS session_id,
            t.source AS source,
            t.client_version AS client_version,
            t.user_id AS user_id,
            t.install_id AS install_id,
            t.started_at AS started_at,
            t.ended_at AS ended_at,
            t.prompts AS prompts,
            t.responses AS responses,
            t.tool_calls AS tool_calls,
            t.tool_accepts AS tool_accepts,
            t.tool_rejections AS tool_rejections,
            t.api_failures AS api_failures,
            t.hook_events AS hook_events,
            if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
            if(d.person = '', t.user_id, d.person) AS person_id
        FROM
        (
            SELECT
                r.session_id AS session_id,
                r.source AS source,
                r.client_version AS client_version,
                r.user_id AS user_id,
                r.install_id AS install_id,
                r.began AS started_at,
                fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
                r.team_hint AS hint,
                r.prompts AS prompts,
                r.responses AS responses,
                r.tool_calls AS tool_calls,
                r.tool_accepts AS tool_accepts,
                r.tool_rejections AS tool_rejections,
                r.api_failures AS api_failures,
                r.hook_events AS hook_events
            FROM ammeter_private.session_state_rows AS r
            FINAL
            WHERE r.session_key NOT IN (
                SELECT w.session_key
                FROM ammeter_private.session_state_rows AS w
                GROUP BY w.session_key
                HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
            )
            UNION ALL
            SELECT
                r.session_id AS session_id,
                min(r.source) AS source,
                argMax(r.client_version, arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))) AS client_version,
                argMin(r.user_id, r.seen_at) AS user_id,
                max(r.install_id) AS install_id,
                fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
                fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS ended_at,
                argMin(toString(r.team_hint), r.seen_at) AS hint,
                sum(r.prompts) AS prompts,
                sum(r.responses) AS responses,
                sum(r.tool_calls) AS tool_calls,
                sum(r.tool_accepts) AS tool_accepts,
                sum(r.tool_rejections) AS tool_rejections,
                sum(r.api_failures) AS api_failures,
                sum(r.hook_events) AS hook_events
            FROM
            (
                SELECT *
                FROM ammeter_private.session_state_rows AS w
                WHERE w.session_key IN (
                    SELECT w.session_key
                    FROM ammeter_private.session_state_rows AS w
                    GROUP BY w.session_key
                    HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                )
                ORDER BY w.version DESC
                LIMIT 1 BY
                    w.session_id,
                    w.segment
            ) AS r
            GROUP BY r.session_id
        ) AS t
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = t.user_id
    ) AS t
) AS s
LEFT JOIN
(
    SELECT
        day,
        session_key,
        toUInt64(length(parts)) AS processes,
        arraySum(arrayMap(n -> (n.4), numbers)) AS seen,
        arraySum(arrayMap(p -> greatest(((arrayMax(n -> (n.3), p) - arrayMin(n -> (n.2), p)) + 1) - arraySum(n -> (n.4), p), 0), parts)) AS lost
    FROM
    (
        SELECT
            e.day AS day,
            e.session_key AS session_key,
            arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> (n.2), numbers) AS lows,
            arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> ((low <= 2) AND (low < before)), numbers, lows, befores) AS parts
        FROM ammeter_private.number_rows AS e
        FINAL
        PREWHERE (e.partition, e.offset) NOT IN (
            SELECT
                d.partition,
                d.offset
            FROM ammeter_private.dead_letter_rows AS d
            WHERE d.topic = 'session-events'
        )
        GROUP BY
            e.day,
            e.session_key
    )
) AS g ON (g.session_key = s.session_key) AND (g.day = s.day)
LEFT JOIN
(
    SELECT
        session_key,
        toUInt64(length(parts)) AS processes,
        arraySum(arrayMap(n -> (n.4), numbers)) AS seen,
        arraySum(arrayMap(p -> greatest(((arrayMax(n -> (n.3), p) - arrayMin(n -> (n.2), p)) + 1) - arraySum(n -> (n.4), p), 0), parts)) AS lost
    FROM
    (
        SELECT
            e.session_key AS session_key,
            arraySort(groupArray((e.at, e.low, e.high, e.number))) AS numbers,
            arrayMap(n -> (n.2), numbers) AS lows,
            arrayPushFront(arrayPopBack(lows), -1) AS befores,
            arraySplit((n, low, before) -> ((low <= 2) AND (low < before)), numbers, lows, befores) AS parts
        FROM
        (
            SELECT *
            FROM ammeter_private.number_rows AS e
            PREWHERE e.session_key IN (
                SELECT w.session_key
                FROM ammeter_private.session_day_rows AS w
                FINAL
                WHERE w.first != w.last
            )
            WHERE (e.partition, e.offset) NOT IN (
                SELECT
                    d.partition,
                    d.offset
                FROM ammeter_private.dead_letter_rows AS d
                WHERE d.topic = 'session-events'
            )
            ORDER BY e.offset ASC
            LIMIT 1 BY
                e.session_key,
                e.event
        ) AS e
        GROUP BY e.session_key
    )
) AS o ON o.session_key = s.session_key
WHERE (((((prompts + responses) + api_failures) + tool_calls) + tool_accepts) + tool_rejections) > 0;

CREATE VIEW ammeter_private.session_totals
(
    `session_id` String COMMENT 'The client\'s own id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `entrypoint` LowCardinality(String) COMMENT 'How the client was started.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event so far occurred.',
    `end_reason` Nullable(String) COMMENT 'The client\'s reason, \'idle\' after 30 minutes of silence, or null while it is open.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it closed; null while it is open.',
    `seen_at` DateTime64(3, 'UTC') COMMENT 'Latest event or receipt.',
    `hint` LowCardinality(String) COMMENT 'Team as the client says it; empty: none.',
    `has_end` Bool COMMENT 'The client said that it ended.',
    `marks` Map(UInt8, Int64) COMMENT 'Latest moment of each kind; milliseconds.',
    `told` LowCardinality(String) COMMENT 'Outcome as the client says it.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `reported_input_tokens` Int64 COMMENT 'Uncached input tokens as the client\'s metrics count them. [tokens]',
    `reported_output_tokens` Int64 COMMENT 'Output tokens as the client\'s metrics count them. [tokens]',
    `reported_cache_read_tokens` Int64 COMMENT 'Cache reads as the client\'s metrics count them. [tokens]',
    `reported_cache_creation_tokens` Int64 COMMENT 'Cache writes as the client\'s metrics count them. [tokens]',
    `reported_cost_micros` Int64 COMMENT 'Cost as the client\'s metrics count it. [micro-dollars]',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `tool_kinds` Map(UInt16, Int64) COMMENT 'Finished tool calls by kind: 0 other, 1 read, 2 search, 3 edit, 4 shell, 5 web, 6 agent, 7 plan, 8 mcp.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Sessions, those too in which nothing happened: the last segment says how one stands, the first who it was.'
AS SELECT
    u.session_id AS session_id,
    u.source AS source,
    u.client_version AS client_version,
    u.entrypoint AS entrypoint,
    u.user_id AS user_id,
    u.user_id_kind AS user_id_kind,
    u.install_id AS install_id,
    u.started_at AS started_at,
    u.ended_at AS ended_at,
    u.end_reason AS end_reason,
    u.is_open AS is_open,
    u.closed_at AS closed_at,
    u.seen_at AS seen_at,
    u.hint AS hint,
    u.has_end AS has_end,
    u.marks AS marks,
    u.told AS told,
    u.events AS events,
    u.prompts AS prompts,
    u.slash_commands AS slash_commands,
    u.injected_prompts AS injected_prompts,
    u.responses AS responses,
    u.turns AS turns,
    u.tool_calls AS tool_calls,
    u.tool_failures AS tool_failures,
    u.tool_accepts AS tool_accepts,
    u.tool_rejections AS tool_rejections,
    u.api_failures AS api_failures,
    u.api_retries_exhausted AS api_retries_exhausted,
    u.api_refusals AS api_refusals,
    u.input_tokens AS input_tokens,
    u.output_tokens AS output_tokens,
    u.cache_read_tokens AS cache_read_tokens,
    u.cache_creation_tokens AS cache_creation_tokens,
    u.cost_micros AS cost_micros,
    u.response_chars AS response_chars,
    u.lines_added AS lines_added,
    u.lines_removed AS lines_removed,
    u.commits AS commits,
    u.pull_requests AS pull_requests,
    u.edits_accepted AS edits_accepted,
    u.edits_rejected AS edits_rejected,
    u.active_user_ms AS active_user_ms,
    u.active_cli_ms AS active_cli_ms,
    u.compactions AS compactions,
    u.subagents AS subagents,
    u.mode_changes AS mode_changes,
    u.interrupts AS interrupts,
    u.model_ms AS model_ms,
    u.tool_ms AS tool_ms,
    u.unrecognised AS unrecognised,
    u.clock_clamped AS clock_clamped,
    u.reported_input_tokens AS reported_input_tokens,
    u.reported_output_tokens AS reported_output_tokens,
    u.reported_cache_read_tokens AS reported_cache_read_tokens,
    u.reported_cache_creation_tokens AS reported_cache_creation_tokens,
    u.reported_cost_micros AS reported_cost_micros,
    u.user_rejections AS user_rejections,
    u.tests_passed AS tests_passed,
    u.tests_failed AS tests_failed,
    u.commit_commands AS commit_commands,
    u.loops AS loops,
    u.log_actions AS log_actions,
    u.hook_events AS hook_events,
    u.repeats AS repeats,
    u.tool_durations AS tool_durations,
    u.turn_durations AS turn_durations,
    u.tool_kinds AS tool_kinds,
    u.cost_usd AS cost_usd,
    u.actions_per_prompt AS actions_per_prompt,
    u.output_per_prompt AS output_per_prompt,
    u.tool_duration_p50_ms AS tool_duration_p50_ms,
    u.tool_duration_p95_ms AS tool_duration_p95_ms,
    u.turn_duration_p50_ms AS turn_duration_p50_ms,
    u.turn_duration_p95_ms AS turn_duration_p95_ms
FROM
(
    SELECT
        r.session_id AS session_id,
        r.source AS source,
        r.client_version AS client_version,
        r.entrypoint AS entrypoint,
        r.user_id AS user_id,
        r.user_id_kind AS user_id_kind,
        r.install_id AS install_id,
        r.began AS started_at,
        fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
        nullIf(toString(r.end_reason), '') AS end_reason,
        r.is_open AS is_open,
        if(r.closed_at = 0, NULL, fromUnixTimestamp64Milli(r.closed_at, 'UTC')) AS closed_at,
        fromUnixTimestamp64Milli(r.seen_at, 'UTC') AS seen_at,
        r.team_hint AS hint,
        r.closing_at > 0 AS has_end,
        r.marks AS marks,
        r.told AS told,
        r.events AS events,
        r.prompts AS prompts,
        r.slash_commands AS slash_commands,
        r.injected_prompts AS injected_prompts,
        r.responses AS responses,
        r.turns AS turns,
        r.tool_calls AS tool_calls,
        r.tool_failures AS tool_failures,
        r.tool_accepts AS tool_accepts,
        r.tool_rejections AS tool_rejections,
        r.api_failures AS api_failures,
        r.api_retries_exhausted AS api_retries_exhausted,
        r.api_refusals AS api_refusals,
        r.input_tokens AS input_tokens,
        r.output_tokens AS output_tokens,
        r.cache_read_tokens AS cache_read_tokens,
        r.cache_creation_tokens AS cache_creation_tokens,
        r.cost_micros AS cost_micros,
        r.response_chars AS response_chars,
        r.lines_added AS lines_added,
        r.lines_removed AS lines_removed,
        r.commits AS commits,
        r.pull_requests AS pull_requests,
        r.edits_accepted AS edits_accepted,
        r.edits_rejected AS edits_rejected,
        r.active_user_ms AS active_user_ms,
        r.active_cli_ms AS active_cli_ms,
        r.compactions AS compactions,
        r.subagents AS subagents,
        r.mode_changes AS mode_changes,
        r.interrupts AS interrupts,
        r.model_ms AS model_ms,
        r.tool_ms AS tool_ms,
        r.unrecognised AS unrecognised,
        r.clock_clamped AS clock_clamped,
        r.reported_input_tokens AS reported_input_tokens,
        r.reported_output_tokens AS reported_output_tokens,
        r.reported_cache_read_tokens AS reported_cache_read_tokens,
        r.reported_cache_creation_tokens AS reported_cache_creation_tokens,
        r.reported_cost_micros AS reported_cost_micros,
        r.user_rejections AS user_rejections,
        r.tests_passed AS tests_passed,
        r.tests_failed AS tests_failed,
        r.commit_commands AS commit_commands,
        r.loops AS loops,
        r.log_actions AS log_actions,
        r.hook_events AS hook_events,
        r.repeats AS repeats,
        r.tool_durations AS tool_durations,
        r.turn_durations AS turn_durations,
        r.tool_kinds AS tool_kinds,
        r.cost_micros / 1000000. AS cost_usd,
        pow(2, (r.log_actions / 1000) / nullIf(r.turns, 0)) AS actions_per_prompt,
        r.output_tokens / nullIf(r.prompts, 0) AS output_per_prompt,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.tool_durations])[1] AS tool_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.tool_durations])[1] AS tool_duration_p95_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.turn_durations])[1] AS turn_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.turn_durations])[1] AS turn_duration_p95_ms
    FROM ammeter_private.session_state_rows AS r
    FINAL
    WHERE r.session_key NOT IN (
        SELECT w.session_key
        FROM ammeter_private.session_state_rows AS w
        GROUP BY w.session_key
        HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
    )
    UNION ALL
    SELECT
        r.session_id AS session_id,
        min(r.source) AS source,
        argMax(r.client_version, arrayMap(part -> toUInt64OrZero(part), extractAll(r.client_version, '[0-9]+'))) AS client_version,
        max(r.entrypoint) AS entrypoint,
        argMin(r.user_id, r.seen_at) AS user_id,
        argMin(r.user_id_kind, r.seen_at) AS user_id_kind,
        max(r.install_id) AS install_id,
        fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
        fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS ended_at,
        nullIf(toString(argMax(r.end_reason, r.seen_at)), '') AS end_reason,
        argMax(r.is_open, r.seen_at) AS is_open,
        if(argMax(r.closed_at, r.seen_at) = 0, NULL, fromUnixTimestamp64Milli(argMax(r.closed_at, r.seen_at), 'UTC')) AS closed_at,
        fromUnixTimestamp64Milli(max(r.seen_at), 'UTC') AS seen_at,
        argMin(toString(r.team_hint), r.seen_at) AS hint,
        max(r.closing_at) > 0 AS has_end,
        maxMap(r.marks) AS marks,
        argMax(r.told, r.told_at) AS told,
        sum(r.events) AS events,
        sum(r.prompts) AS prompts,
        sum(r.slash_commands) AS slash_commands,
        sum(r.injected_prompts) AS injected_prompts,
        sum(r.responses) AS responses,
        sum(r.turns) AS turns,
        sum(r.tool_calls) AS tool_calls,
        sum(r.tool_failures) AS tool_failures,
        sum(r.tool_accepts) AS tool_accepts,
        sum(r.tool_rejections) AS tool_rejections,
        sum(r.api_failures) AS api_failures,
        sum(r.api_retries_exhausted) AS api_retries_exhausted,
        sum(r.api_refusals) AS api_refusals,
        sum(r.input_tokens) AS input_tokens,
        sum(r.output_tokens) AS output_tokens,
        sum(r.cache_read_tokens) AS cache_read_tokens,
        sum(r.cache_creation_tokens) AS cache_creation_tokens,
        sum(r.cost_micros) AS cost_micros,
        sum(r.response_chars) AS response_chars,
        sum(r.lines_added) AS lines_added,
        sum(r.lines_removed) AS lines_removed,
        sum(r.commits) AS commits,
        sum(r.pull_requests) AS pull_requests,
        sum(r.edits_accepted) AS edits_accepted,
        sum(r.edits_rejected) AS edits_rejected,
        sum(r.active_user_ms) AS active_user_ms,
        sum(r.active_cli_ms) AS active_cli_ms,
        sum(r.compactions) AS compactions,
        sum(r.subagents) AS subagents,
        sum(r.mode_changes) AS mode_changes,
        sum(r.interrupts) AS interrupts,
        sum(r.model_ms) AS model_ms,
        sum(r.tool_ms) AS tool_ms,
        sum(r.unrecognised) AS unrecognised,
        sum(r.clock_clamped) AS clock_clamped,
        sum(r.reported_input_tokens) AS reported_input_tokens,
        sum(r.reported_output_tokens) AS reported_output_tokens,
        sum(r.reported_cache_read_tokens) AS reported_cache_read_tokens,
        sum(r.reported_cache_creation_tokens) AS reported_cache_creation_tokens,
        sum(r.reported_cost_micros) AS reported_cost_micros,
        sum(r.user_rejections) AS user_rejections,
        sum(r.tests_passed) AS tests_passed,
        sum(r.tests_failed) AS tests_failed,
        sum(r.commit_commands) AS commit_commands,
        sum(r.loops) AS loops,
        sum(r.log_actions) AS log_actions,
        sum(r.hook_events) AS hook_events,
        sum(r.repeats) AS repeats,
        mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations)) AS tool_durations,
        mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations)) AS turn_durations,
        mapFilter((k, n) -> (n != 0), sumMap(r.tool_kinds)) AS tool_kinds,
        sum(r.cost_micros) / 1000000. AS cost_usd,
        pow(2, (sum(r.log_actions) / 1000) / nullIf(sum(r.turns), 0)) AS actions_per_prompt,
        sum(r.output_tokens) / nullIf(sum(r.prompts), 0) AS output_per_prompt,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p95_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p50_ms,
        arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p95_ms
    FROM
    (
        SELECT *
        FROM ammeter_private.session_state_rows AS w
        WHERE w.session_key IN (
            SELECT w.session_key
            FROM ammeter_private.session_state_rows AS w
            GROUP BY w.session_key
            HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
        )
        ORDER BY w.version DESC
        LIMIT 1 BY
            w.session_id,
            w.segment
    ) AS r
    GROUP BY r.session_id
) AS u;

CREATE VIEW ammeter_private.sessions
(
    `session_id` String COMMENT 'The client\'s own id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `entrypoint` LowCardinality(String) COMMENT 'How the client was started.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event so far occurred.',
    `end_reason` Nullable(String) COMMENT 'The client\'s reason, \'idle\' after 30 minutes of silence, or null while it is open.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'When it closed; null while it is open.',
    `seen_at` DateTime64(3, 'UTC') COMMENT 'Latest event or receipt.',
    `has_end` Bool COMMENT 'The client said that it ended.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `reported_input_tokens` Int64 COMMENT 'Uncached input tokens as the client\'s metrics count them. [tokens]',
    `reported_output_tokens` Int64 COMMENT 'Output tokens as the client\'s metrics count them. [tokens]',
    `reported_cache_read_tokens` Int64 COMMENT 'Cache reads as the client\'s metrics count them. [tokens]',
    `reported_cache_creation_tokens` Int64 COMMENT 'Cache writes as the client\'s metrics count them. [tokens]',
    `reported_cost_micros` Int64 COMMENT 'Cost as the client\'s metrics count it. [micro-dollars]',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `tool_kinds` Map(UInt16, Int64) COMMENT 'Finished tool calls by kind: 0 other, 1 read, 2 search, 3 edit, 4 shell, 5 web, 6 agent, 7 plan, 8 mcp.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `unreported_input_tokens` Int64 COMMENT 'reported_input_tokens - input_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_output_tokens` Int64 COMMENT 'reported_output_tokens - output_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cache_read_tokens` Int64 COMMENT 'reported_cache_read_tokens - cache_read_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cache_creation_tokens` Int64 COMMENT 'reported_cache_creation_tokens - cache_creation_tokens, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `unreported_cost_micros` Int64 COMMENT 'reported_cost_micros - cost_micros, never below 0: what interrupted answers took, which only metrics hold; 0 where no metrics came.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `directory_occupation` LowCardinality(Nullable(String)) COMMENT 'The person\'s occupation by the directory, at the start of the session.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor, by the entrypoint.',
    `came_back` Bool COMMENT 'The person began another session within 15 minutes.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'How it ended, by telemetry alone: verified_success, ended_clean, abandoned_after_trouble, abandoned, restarted, unknown; null while it is open, and for 15 minutes after it closed.',
    `outcome_confidence` LowCardinality(Nullable(String)) COMMENT 'high: hard evidence, or the client said so; medium: its end was seen; low: silence only.',
    `is_troubled` Nullable(Bool) COMMENT 'It hit trouble, a proxy of the study\'s failure signal of 3 and more; null while it is open, and for 15 minutes after it closed.',
    `evidence` Array(String) COMMENT 'What the outcome rests on: names of schemas.evidence.Sign, as far as they are known.',
    `judged_outcome` LowCardinality(Nullable(String)) COMMENT 'Label: the outcome as a reader judged it.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Label: dominant work.',
    `expertise` Nullable(UInt8) COMMENT 'Label: 1 to 5.',
    `value` Nullable(Int64) COMMENT 'Label: ordinal only.',
    `occupation` LowCardinality(Nullable(String)) COMMENT 'Label: trade.',
    `success_signal` Nullable(UInt8) COMMENT 'Label: 1 to 5.',
    `failure_signal` Nullable(UInt8) COMMENT 'Label: 1 to 5.',
    `work_mode_proxy` LowCardinality(Nullable(String)) COMMENT 'Dominant work, the first that holds. orchestrate: 3 or more agents, a quarter of its calls; communicate: no tool was called; plan: nothing written, plans made; test: something written, as many runs of tests as edits; fix: something written, and a test failed or half as many lines went as came; build: something else written; operate: nothing written, half of the calls are commands; analyze: nothing written, more fetched than read; understand: nothing written, mostly reading.',
    `expertise_proxy` Nullable(UInt8) COMMENT '1 to 5, rounded from 1 + 4 log2(actions_per_prompt / 4.9) / log2(11.7 / 4.9): the study\'s means of its lowest and highest level. Null without turns.',
    `value_proxy` Nullable(UInt8) COMMENT '1 to 5, ordinal only: 1, and 1 each for 10 lines added, for 100, for 20,000 output tokens, and for a commit, pull request or passed test run.',
    `occupation_proxy` LowCardinality(Nullable(String)) COMMENT 'software: something was written, tested or committed; else other.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Sessions in which something happened, with the person.'
AS SELECT
    t.session_id AS session_id,
    t.source AS source,
    t.client_version AS client_version,
    t.entrypoint AS entrypoint,
    t.user_id AS user_id,
    t.user_id_kind AS user_id_kind,
    t.install_id AS install_id,
    t.started_at AS started_at,
    t.ended_at AS ended_at,
    t.end_reason AS end_reason,
    t.is_open AS is_open,
    t.closed_at AS closed_at,
    t.seen_at AS seen_at,
    t.has_end AS has_end,
    t.events AS events,
    t.prompts AS prompts,
    t.slash_commands AS slash_commands,
    t.injected_prompts AS injected_prompts,
    t.responses AS responses,
    t.turns AS turns,
    t.tool_calls AS tool_calls,
    t.tool_failures AS tool_failures,
    t.tool_accepts AS tool_accepts,
    t.tool_rejections AS tool_rejections,
    t.api_failures AS api_failures,
    t.api_retries_exhausted AS api_retries_exhausted,
    t.api_refusals AS api_refusals,
    t.input_tokens AS input_tokens,
    t.output_tokens AS output_tokens,
    t.cache_read_tokens AS cache_read_tokens,
    t.cache_creation_tokens AS cache_creation_tokens,
    t.cost_micros AS cost_micros,
    t.response_chars AS response_chars,
    t.lines_added AS lines_added,
    t.lines_removed AS lines_removed,
    t.commits AS commits,
    t.pull_requests AS pull_requests,
    t.edits_accepted AS edits_accepted,
    t.edits_rejected AS edits_rejected,
    t.active_user_ms AS active_user_ms,
    t.active_cli_ms AS active_cli_ms,
    t.compactions AS compactions,
    t.subagents AS subagents,
    t.mode_changes AS mode_changes,
    t.interrupts AS interrupts,
    t.model_ms AS model_ms,
    t.tool_ms AS tool_ms,
    t.unrecognised AS unrecognised,
    t.clock_clamped AS clock_clamped,
    t.reported_input_tokens AS reported_input_tokens,
    t.reported_output_tokens AS reported_output_tokens,
    t.reported_cache_read_tokens AS reported_cache_read_tokens,
    t.reported_cache_creation_tokens AS reported_cache_creation_tokens,
    t.reported_cost_micros AS reported_cost_micros,
    t.user_rejections AS user_rejections,
    t.tests_passed AS tests_passed,
    t.tests_failed AS tests_failed,
    t.commit_commands AS commit_commands,
    t.loops AS loops,
    t.log_actions AS log_actions,
    t.hook_events AS hook_events,
    t.repeats AS repeats,
    t.tool_durations AS tool_durations,
    t.turn_durations AS turn_durations,
    t.tool_kinds AS tool_kinds,
    t.cost_usd AS cost_usd,
    t.actions_per_prompt AS actions_per_prompt,
    t.output_per_prompt AS output_per_prompt,
    t.tool_duration_p50_ms AS tool_duration_p50_ms,
    t.tool_duration_p95_ms AS tool_duration_p95_ms,
    t.turn_duration_p50_ms AS turn_duration_p50_ms,
    t.turn_duration_p95_ms AS turn_duration_p95_ms,
    t.unreported_input_tokens AS unreported_input_tokens,
    t.unreported_output_tokens AS unreported_output_tokens,
    t.unreported_cache_read_tokens AS unreported_cache_read_tokens,
    t.unreported_cache_creation_tokens AS unreported_cache_creation_tokens,
    t.unreported_cost_micros AS unreported_cost_micros,
    t.team_id AS team_id,
    t.person_id AS person_id,
    t.directory_occupation AS directory_occupation,
    t.is_interactive AS is_interactive,
    t.came_back AS came_back,
    if((NOT t.is_open) AND isNotNull(t.closed_at) AND ((toUnixTimestamp64Milli(t.closed_at) + 900000) <= toUnixTimestamp64Milli(now64(3))), multiIf(t.told != '', toString(t.told), bitAnd(t.signs, 7) != 0, 'verified_success', ((t.prompts + t.responses) + t.tool_calls) = 0, 'unknown', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 8192) != 0), 'restarted', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 1008) != 0), 'abandoned_after_trouble', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)), 'abandoned', (NOT (bitAnd(t.signs, 3184) != 0)) AND (((t.marks[1]) > 0) OR ((t.marks[2]) > 0)), 'ended_clean', 'unknown'), NULL) AS outcome,
    if((NOT t.is_open) AND isNotNull(t.closed_at) AND ((toUnixTimestamp64Milli(t.closed_at) + 900000) <= toUnixTimestamp64Milli(now64(3))), multiIf((bitAnd(t.signs, 15) != 0) OR ((bitAnd(t.signs, 16384) != 0) AND (bitAnd(t.signs, 32) != 0)), 'high', (bitAnd(t.signs, 16384) != 0) OR ((multiIf(t.told != '', toString(t.told), bitAnd(t.signs, 7) != 0, 'verified_success', ((t.prompts + t.responses) + t.tool_calls) = 0, 'unknown', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 8192) != 0), 'restarted', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 1008) != 0), 'abandoned_after_trouble', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)), 'abandoned', (NOT (bitAnd(t.signs, 3184) != 0)) AND (((t.marks[1]) > 0) OR ((t.marks[2]) > 0)), 'ended_clean', 'unknown') = 'ended_clean') AND ((t.marks[1]) > 0) AND ((t.marks[1]) >= greatest(t.marks[0], t.marks[2], t.marks[3], t.marks[4], t.marks[5], t.marks[6], t.marks[7]))), 'medium', 'low'), NULL) AS outcome_confidence,
    if((NOT t.is_open) AND isNotNull(t.closed_at) AND ((toUnixTimestamp64Milli(t.closed_at) + 900000) <= toUnixTimestamp64Milli(now64(3))), toBool(bitAnd(t.signs, 1008) != 0), NULL) AS is_troubled,
    arrayFilter((name, bit) -> bitTest(t.signs, bit), ['commit', 'pull_request', 'tests_passed_last', 'told', 'final_tool_failure', 'final_api_failure', 'tests_failed_last', 'loop', 'pushback', 'many_failures', 'unanswered', 'stopped_last', 'wrote_code', 'came_back', 'end_seen'], range(15)) AS evidence,
    nullIf(l.outcome, '') AS judged_outcome,
    nullIf(l.work_mode, '') AS work_mode,
    nullIf(l.expertise, 0) AS expertise,
    nullIf(l.value, 0) AS value,
    nullIf(l.occupation, '') AS occupation,
    nullIf(l.success_signal, 0) AS success_signal,
    nullIf(l.failure_signal, 0) AS failure_signal,
    if(((t.prompts + t.responses) + t.tool_calls) > 0, multiIf(((t.tool_kinds[6]) >= 3) AND ((4 * (t.tool_kinds[6])) >= t.tool_calls), 'orchestrate', t.tool_calls = 0, 'communicate', (NOT ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0))) AND ((t.tool_kinds[7]) > 0) AND ((t.tool_kinds[7]) >= (t.tool_kinds[4])), 'plan', ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)) AND ((t.tests_passed + t.tests_failed) > 0) AND ((t.tests_passed + t.tests_failed) >= (t.tool_kinds[3])), 'test', ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)) AND ((t.tests_failed > 0) OR ((2 * t.lines_removed) >= t.lines_added)), 'fix', ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)), 'build', (2 * (t.tool_kinds[4])) >= t.tool_calls, 'operate', ((t.tool_kinds[5]) + (t.tool_kinds[8])) >= ((t.tool_kinds[1]) + (t.tool_kinds[2])), 'analyze', 'understand'), NULL) AS work_mode_proxy,
    if(t.turns > 0, toUInt8(least(5, greatest(1, round(1 + ((4 * log2(t.actions_per_prompt / 4.9)) / log2(11.7 / 4.9)))))), NULL) AS expertise_proxy,
    if(((t.prompts + t.responses) + t.tool_calls) > 0, toUInt8((((1 + (t.lines_added >= 10)) + (t.lines_added >= 100)) + (t.output_tokens >= 20000)) + ((((t.commits + t.commit_commands) + t.pull_requests) + t.tests_passed) > 0)), NULL) AS value_proxy,
    if(((t.prompts + t.responses) + t.tool_calls) > 0, if(((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)) OR ((t.tests_passed + t.tests_failed) > 0) OR ((t.commits + t.commit_commands) > 0), 'software', 'other'), NULL) AS occupation_proxy
FROM
(
    SELECT
        t.*,
        toUInt32((((((((((((((bitShiftLeft(toUInt32((t.commits > 0) OR (t.commit_commands > 0)), 0) + bitShiftLeft(toUInt32(t.pull_requests > 0), 1)) + bitShiftLeft(toUInt32(((t.marks[5]) > 0) AND ((t.marks[5]) >= (t.marks[6]))), 2)) + bitShiftLeft(toUInt32(t.told != ''), 3)) + bitShiftLeft(toUInt32((t.marks[3]) > (t.marks[2])), 4)) + bitShiftLeft(toUInt32((t.marks[4]) > (t.marks[1])), 5)) + bitShiftLeft(toUInt32((t.marks[6]) > (t.marks[5])), 6)) + bitShiftLeft(toUInt32(t.loops > 0), 7)) + bitShiftLeft(toUInt32((t.interrupts + t.user_rejections) >= 3), 8)) + bitShiftLeft(toUInt32((t.tool_failures >= 5) AND ((10 * t.tool_failures) >= (3 * t.tool_calls))), 9)) + bitShiftLeft(toUInt32((t.marks[0]) > greatest(t.marks[1], t.marks[2], t.marks[3], t.marks[5], t.marks[6])), 10)) + bitShiftLeft(toUInt32(((t.marks[7]) > 0) AND ((t.marks[7]) >= greatest(t.marks[0], t.marks[1], t.marks[2], t.marks[3], t.marks[4], t.marks[5], t.marks[6]))), 11)) + bitShiftLeft(toUInt32(t.lines_added > 0), 12)) + bitShiftLeft(toUInt32(t.came_back), 13)) + bitShiftLeft(toUInt32(t.has_end), 14)) AS signs
    FROM ammeter_private.all_sessions AS t
) AS t
LEFT JOIN
(
    SELECT *
    FROM ammeter_private.session_label_rows
    FINAL
) AS l ON l.session_id = t.session_id
WHERE (((((prompts + responses) + api_failures) + tool_calls) + tool_accepts) + tool_rejections) > 0;

CREATE VIEW ammeter_private.sessions_brief
(
    `session_id` String COMMENT 'The client\'s own id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'When the last event so far occurred.',
    `end_reason` Nullable(String) COMMENT 'The client\'s reason, \'idle\' after 30 minutes of silence, or null while it is open.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor, by the entrypoint.',
    `outcome` LowCardinality(Nullable(String)) COMMENT 'How it ended, by telemetry alone: verified_success, ended_clean, abandoned_after_trouble, abandoned, restarted, unknown; null while it is open, and for 15 minutes after it closed.',
    `outcome_confidence` LowCardinality(Nullable(String)) COMMENT 'high: hard evidence, or the client said so; medium: its end was seen; low: silence only.',
    `is_troubled` Nullable(Bool) COMMENT 'It hit trouble, a proxy of the study\'s failure signal of 3 and more; null while it is open, and for 15 minutes after it closed.',
    `evidence` Array(String) COMMENT 'What the outcome rests on: names of schemas.evidence.Sign, as far as they are known.',
    `judged_outcome` LowCardinality(Nullable(String)) COMMENT 'Label: the outcome as a reader judged it.',
    `work_mode` LowCardinality(Nullable(String)) COMMENT 'Label: dominant work.',
    `work_mode_proxy` LowCardinality(Nullable(String)) COMMENT 'Dominant work, the first that holds. orchestrate: 3 or more agents, a quarter of its calls; communicate: no tool was called; plan: nothing written, plans made; test: something written, as many runs of tests as edits; fix: something written, and a test failed or half as many lines went as came; build: something else written; operate: nothing written, half of the calls are commands; analyze: nothing written, more fetched than read; understand: nothing written, mostly reading.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'As sessions, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    t.session_id AS session_id,
    t.source AS source,
    t.user_id AS user_id,
    t.started_at AS started_at,
    t.ended_at AS ended_at,
    t.end_reason AS end_reason,
    t.is_open AS is_open,
    t.prompts AS prompts,
    t.tool_calls AS tool_calls,
    t.tool_failures AS tool_failures,
    t.lines_added AS lines_added,
    t.commits AS commits,
    t.tests_passed AS tests_passed,
    t.tests_failed AS tests_failed,
    t.cost_usd AS cost_usd,
    t.actions_per_prompt AS actions_per_prompt,
    t.team_id AS team_id,
    t.person_id AS person_id,
    t.is_interactive AS is_interactive,
    if((NOT t.is_open) AND isNotNull(t.closed_at) AND ((toUnixTimestamp64Milli(t.closed_at) + 900000) <= toUnixTimestamp64Milli(now64(3))), multiIf(t.told != '', toString(t.told), bitAnd(t.signs, 7) != 0, 'verified_success', ((t.prompts + t.responses) + t.tool_calls) = 0, 'unknown', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 8192) != 0), 'restarted', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 1008) != 0), 'abandoned_after_trouble', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)), 'abandoned', (NOT (bitAnd(t.signs, 3184) != 0)) AND (((t.marks[1]) > 0) OR ((t.marks[2]) > 0)), 'ended_clean', 'unknown'), NULL) AS outcome,
    if((NOT t.is_open) AND isNotNull(t.closed_at) AND ((toUnixTimestamp64Milli(t.closed_at) + 900000) <= toUnixTimestamp64Milli(now64(3))), multiIf((bitAnd(t.signs, 15) != 0) OR ((bitAnd(t.signs, 16384) != 0) AND (bitAnd(t.signs, 32) != 0)), 'high', (bitAnd(t.signs, 16384) != 0) OR ((multiIf(t.told != '', toString(t.told), bitAnd(t.signs, 7) != 0, 'verified_success', ((t.prompts + t.responses) + t.tool_calls) = 0, 'unknown', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 8192) != 0), 'restarted', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)) AND (bitAnd(t.signs, 1008) != 0), 'abandoned_after_trouble', (bitAnd(t.signs, 3184) != 0) AND (NOT (bitAnd(t.signs, 4096) != 0)), 'abandoned', (NOT (bitAnd(t.signs, 3184) != 0)) AND (((t.marks[1]) > 0) OR ((t.marks[2]) > 0)), 'ended_clean', 'unknown') = 'ended_clean') AND ((t.marks[1]) > 0) AND ((t.marks[1]) >= greatest(t.marks[0], t.marks[2], t.marks[3], t.marks[4], t.marks[5], t.marks[6], t.marks[7]))), 'medium', 'low'), NULL) AS outcome_confidence,
    if((NOT t.is_open) AND isNotNull(t.closed_at) AND ((toUnixTimestamp64Milli(t.closed_at) + 900000) <= toUnixTimestamp64Milli(now64(3))), toBool(bitAnd(t.signs, 1008) != 0), NULL) AS is_troubled,
    arrayFilter((name, bit) -> bitTest(t.signs, bit), ['commit', 'pull_request', 'tests_passed_last', 'told', 'final_tool_failure', 'final_api_failure', 'tests_failed_last', 'loop', 'pushback', 'many_failures', 'unanswered', 'stopped_last', 'wrote_code', 'came_back', 'end_seen'], range(15)) AS evidence,
    nullIf(l.outcome, '') AS judged_outcome,
    nullIf(l.work_mode, '') AS work_mode,
    if(((t.prompts + t.responses) + t.tool_calls) > 0, multiIf(((t.tool_kinds[6]) >= 3) AND ((4 * (t.tool_kinds[6])) >= t.tool_calls), 'orchestrate', t.tool_calls = 0, 'communicate', (NOT ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0))) AND ((t.tool_kinds[7]) > 0) AND ((t.tool_kinds[7]) >= (t.tool_kinds[4])), 'plan', ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)) AND ((t.tests_passed + t.tests_failed) > 0) AND ((t.tests_passed + t.tests_failed) >= (t.tool_kinds[3])), 'test', ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)) AND ((t.tests_failed > 0) OR ((2 * t.lines_removed) >= t.lines_added)), 'fix', ((t.lines_added > 0) OR ((t.tool_kinds[3]) > 0)), 'build', (2 * (t.tool_kinds[4])) >= t.tool_calls, 'operate', ((t.tool_kinds[5]) + (t.tool_kinds[8])) >= ((t.tool_kinds[1]) + (t.tool_kinds[2])), 'analyze', 'understand'), NULL) AS work_mode_proxy
FROM
(
    SELECT
        t.*,
        toUInt32((((((((((((((bitShiftLeft(toUInt32((t.commits > 0) OR (t.commit_commands > 0)), 0) + bitShiftLeft(toUInt32(t.pull_requests > 0), 1)) + bitShiftLeft(toUInt32(((t.marks[5]) > 0) AND ((t.marks[5]) >= (t.marks[6]))), 2)) + bitShiftLeft(toUInt32(t.told != ''), 3)) + bitShiftLeft(toUInt32((t.marks[3]) > (t.marks[2])), 4)) + bitShiftLeft(toUInt32((t.marks[4]) > (t.marks[1])), 5)) + bitShiftLeft(toUInt32((t.marks[6]) > (t.marks[5])), 6)) + bitShiftLeft(toUInt32(t.loops > 0), 7)) + bitShiftLeft(toUInt32((t.interrupts + t.user_rejections) >= 3), 8)) + bitShiftLeft(toUInt32((t.tool_failures >= 5) AND ((10 * t.tool_failures) >= (3 * t.tool_calls))), 9)) + bitShiftLeft(toUInt32((t.marks[0]) > greatest(t.marks[1], t.marks[2], t.marks[3], t.marks[5], t.marks[6])), 10)) + bitShiftLeft(toUInt32(((t.marks[7]) > 0) AND ((t.marks[7]) >= greatest(t.marks[0], t.marks[1], t.marks[2], t.marks[3], t.marks[4], t.marks[5], t.marks[6]))), 11)) + bitShiftLeft(toUInt32(t.lines_added > 0), 12)) + bitShiftLeft(toUInt32(t.came_back), 13)) + bitShiftLeft(toUInt32(t.has_end), 14)) AS signs
    FROM
    (
        SELECT
            t.session_id AS session_id,
            t.source AS source,
            t.user_id AS user_id,
            t.started_at AS started_at,
            t.ended_at AS ended_at,
            t.end_reason AS end_reason,
            t.is_open AS is_open,
            t.closed_at AS closed_at,
            t.has_end AS has_end,
            t.marks AS marks,
            t.told AS told,
            t.prompts AS prompts,
            t.responses AS responses,
            t.tool_calls AS tool_calls,
            t.tool_failures AS tool_failures,
            t.tool_accepts AS tool_accepts,
            t.tool_rejections AS tool_rejections,
            t.api_failures AS api_failures,
            t.lines_added AS lines_added,
            t.lines_removed AS lines_removed,
            t.commits AS commits,
            t.pull_requests AS pull_requests,
            t.interrupts AS interrupts,
            t.user_rejections AS user_rejections,
            t.tests_passed AS tests_passed,
            t.tests_failed AS tests_failed,
            t.commit_commands AS commit_commands,
            t.loops AS loops,
            t.tool_kinds AS tool_kinds,
            t.cost_usd AS cost_usd,
            t.actions_per_prompt AS actions_per_prompt,
            if(arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000)), d.valid_from)])) AS team_id,
            if(d.person = '', t.user_id, d.person) AS person_id,
            NOT (startsWith(t.entrypoint, 'sdk') OR startsWith(t.entrypoint, 'print') OR startsWith(t.entrypoint, 'headless') OR startsWith(t.entrypoint, 'github-action') OR startsWith(t.entrypoint, 'ci') OR startsWith(t.entrypoint, 'exec') OR startsWith(t.entrypoint, 'internal')) AS is_interactive,
            t.session_id IN (
                SELECT b.session_id
                FROM ammeter_private.session_outcome_rows AS b
                FINAL
                PREWHERE b.session_id IN (
                    SELECT w.session_id
                    FROM ammeter_private.session_outcome_rows AS w
                    WHERE bitAnd(w.signs, 8192) != 0
                )
                WHERE bitAnd(b.signs, 8192) != 0
            ) AS came_back
        FROM
        (
            SELECT
                r.session_id AS session_id,
                r.source AS source,
                r.entrypoint AS entrypoint,
                r.user_id AS user_id,
                r.began AS started_at,
                fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS ended_at,
                nullIf(toString(r.end_reason), '') AS end_reason,
                r.is_open AS is_open,
                if(r.closed_at = 0, NULL, fromUnixTimestamp64Milli(r.closed_at, 'UTC')) AS closed_at,
                r.team_hint AS hint,
                r.closing_at > 0 AS has_end,
                r.marks AS marks,
                r.told AS told,
                r.prompts AS prompts,
                r.responses AS responses,
                r.tool_calls AS tool_calls,
                r.tool_failures AS tool_failures,
                r.tool_accepts AS tool_accepts,
                r.tool_rejections AS tool_rejections,
                r.api_failures AS api_failures,
                r.lines_added AS lines_added,
                r.lines_removed AS lines_removed,
                r.commits AS commits,
                r.pull_requests AS pull_requests,
                r.interrupts AS interrupts,
                r.user_rejections AS user_rejections,
                r.tests_passed AS tests_passed,
                r.tests_failed AS tests_failed,
                r.commit_commands AS commit_commands,
                r.loops AS loops,
                r.tool_kinds AS tool_kinds,
                r.cost_micros / 1000000. AS cost_usd,
                pow(2, (r.log_actions / 1000) / nullIf(r.turns, 0)) AS actions_per_prompt
            FROM ammeter_private.session_state_rows AS r
            FINAL
            WHERE r.session_key NOT IN (
                SELECT w.session_key
                FROM ammeter_private.session_state_rows AS w
                GROUP BY w.session_key
                HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
            )
            UNION ALL
            SELECT
                r.session_id AS session_id,
                min(r.source) AS source,
                max(r.entrypoint) AS entrypoint,
                argMin(r.user_id, r.seen_at) AS user_id,
                fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS started_at,
                fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS ended_at,
                nullIf(toString(argMax(r.end_reason, r.seen_at)), '') AS end_reason,
                argMax(r.is_open, r.seen_at) AS is_open,
                if(argMax(r.closed_at, r.seen_at) = 0, NULL, fromUnixTimestamp64Milli(argMax(r.closed_at, r.seen_at), 'UTC')) AS closed_at,
                argMin(toString(r.team_hint), r.seen_at) AS hint,
                max(r.closing_at) > 0 AS has_end,
                maxMap(r.marks) AS marks,
                argMax(r.told, r.told_at) AS told,
                sum(r.prompts) AS prompts,
                sum(r.responses) AS responses,
                sum(r.tool_calls) AS tool_calls,
                sum(r.tool_failures) AS tool_failures,
                sum(r.tool_accepts) AS tool_accepts,
                sum(r.tool_rejections) AS tool_rejections,
                sum(r.api_failures) AS api_failures,
                sum(r.lines_added) AS lines_added,
                sum(r.lines_removed) AS lines_removed,
                sum(r.commits) AS commits,
                sum(r.pull_requests) AS pull_requests,
                sum(r.interrupts) AS interrupts,
                sum(r.user_rejections) AS user_rejections,
                sum(r.tests_passed) AS tests_passed,
                sum(r.tests_failed) AS tests_failed,
                sum(r.commit_commands) AS commit_commands,
                sum(r.loops) AS loops,
                mapFilter((k, n) -> (n != 0), sumMap(r.tool_kinds)) AS tool_kinds,
                sum(r.cost_micros) / 1000000. AS cost_usd,
                pow(2, (sum(r.log_actions) / 1000) / nullIf(sum(r.turns), 0)) AS actions_per_prompt
            FROM
            (
                SELECT *
                FROM ammeter_private.session_state_rows AS w
                WHERE w.session_key IN (
                    SELECT w.session_key
                    FROM ammeter_private.session_state_rows AS w
                    GROUP BY w.session_key
                    HAVING (min(w.segment) != max(w.segment)) OR (min(toDate(w.began)) != max(toDate(w.began)))
                )
                ORDER BY w.version DESC
                LIMIT 1 BY
                    w.session_id,
                    w.segment
            ) AS r
            GROUP BY r.session_id
        ) AS t
        LEFT JOIN
        (
            SELECT
                w.identity AS identity,
                w.person AS person,
                w.valid_from AS valid_from,
                w.teams AS teams,
                w.occupations AS occupations
            FROM ammeter_private.directory_rows AS w
            FINAL
        ) AS d ON d.identity = t.user_id
    ) AS t
) AS t
LEFT JOIN
(
    SELECT
        session_id,
        work_mode,
        outcome
    FROM ammeter_private.session_label_rows
    FINAL
) AS l ON l.session_id = t.session_id
WHERE (((((prompts + responses) + api_failures) + tool_calls) + tool_accepts) + tool_rejections) > 0;

CREATE VIEW ammeter_private.user_minutes
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `minute` DateTime('UTC') COMMENT 'Minute in which the events occurred.',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `interactive_cost_usd` Float64 COMMENT 'cost_micros in US dollars. Interactive use only.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.',
    `interactive_output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts. Interactive use only.',
    `interactive_tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'What one person did in one minute, by team as the directory has it.'
AS SELECT
    r.user_id AS user_id,
    any(r.person_id) AS person_id,
    r.placed_team AS team_id,
    r.minute AS minute,
    sum(r.events) AS events,
    sum(r.interactive_events) AS interactive_events,
    sum(r.prompts) AS prompts,
    sum(r.interactive_prompts) AS interactive_prompts,
    sum(r.slash_commands) AS slash_commands,
    sum(r.interactive_slash_commands) AS interactive_slash_commands,
    sum(r.injected_prompts) AS injected_prompts,
    sum(r.interactive_injected_prompts) AS interactive_injected_prompts,
    sum(r.responses) AS responses,
    sum(r.interactive_responses) AS interactive_responses,
    sum(r.turns) AS turns,
    sum(r.interactive_turns) AS interactive_turns,
    sum(r.tool_calls) AS tool_calls,
    sum(r.interactive_tool_calls) AS interactive_tool_calls,
    sum(r.tool_failures) AS tool_failures,
    sum(r.interactive_tool_failures) AS interactive_tool_failures,
    sum(r.tool_accepts) AS tool_accepts,
    sum(r.interactive_tool_accepts) AS interactive_tool_accepts,
    sum(r.tool_rejections) AS tool_rejections,
    sum(r.interactive_tool_rejections) AS interactive_tool_rejections,
    sum(r.api_failures) AS api_failures,
    sum(r.interactive_api_failures) AS interactive_api_failures,
    sum(r.api_retries_exhausted) AS api_retries_exhausted,
    sum(r.interactive_api_retries_exhausted) AS interactive_api_retries_exhausted,
    sum(r.api_refusals) AS api_refusals,
    sum(r.interactive_api_refusals) AS interactive_api_refusals,
    sum(r.input_tokens) AS input_tokens,
    sum(r.interactive_input_tokens) AS interactive_input_tokens,
    sum(r.output_tokens) AS output_tokens,
    sum(r.interactive_output_tokens) AS interactive_output_tokens,
    sum(r.cache_read_tokens) AS cache_read_tokens,
    sum(r.interactive_cache_read_tokens) AS interactive_cache_read_tokens,
    sum(r.cache_creation_tokens) AS cache_creation_tokens,
    sum(r.interactive_cache_creation_tokens) AS interactive_cache_creation_tokens,
    sum(r.cost_micros) AS cost_micros,
    sum(r.interactive_cost_micros) AS interactive_cost_micros,
    sum(r.response_chars) AS response_chars,
    sum(r.interactive_response_chars) AS interactive_response_chars,
    sum(r.lines_added) AS lines_added,
    sum(r.interactive_lines_added) AS interactive_lines_added,
    sum(r.lines_removed) AS lines_removed,
    sum(r.interactive_lines_removed) AS interactive_lines_removed,
    sum(r.commits) AS commits,
    sum(r.interactive_commits) AS interactive_commits,
    sum(r.pull_requests) AS pull_requests,
    sum(r.interactive_pull_requests) AS interactive_pull_requests,
    sum(r.edits_accepted) AS edits_accepted,
    sum(r.interactive_edits_accepted) AS interactive_edits_accepted,
    sum(r.edits_rejected) AS edits_rejected,
    sum(r.interactive_edits_rejected) AS interactive_edits_rejected,
    sum(r.active_user_ms) AS active_user_ms,
    sum(r.interactive_active_user_ms) AS interactive_active_user_ms,
    sum(r.active_cli_ms) AS active_cli_ms,
    sum(r.interactive_active_cli_ms) AS interactive_active_cli_ms,
    sum(r.compactions) AS compactions,
    sum(r.interactive_compactions) AS interactive_compactions,
    sum(r.subagents) AS subagents,
    sum(r.interactive_subagents) AS interactive_subagents,
    sum(r.mode_changes) AS mode_changes,
    sum(r.interactive_mode_changes) AS interactive_mode_changes,
    sum(r.interrupts) AS interrupts,
    sum(r.interactive_interrupts) AS interactive_interrupts,
    sum(r.model_ms) AS model_ms,
    sum(r.interactive_model_ms) AS interactive_model_ms,
    sum(r.tool_ms) AS tool_ms,
    sum(r.interactive_tool_ms) AS interactive_tool_ms,
    sum(r.unrecognised) AS unrecognised,
    sum(r.interactive_unrecognised) AS interactive_unrecognised,
    sum(r.clock_clamped) AS clock_clamped,
    sum(r.interactive_clock_clamped) AS interactive_clock_clamped,
    sum(r.user_rejections) AS user_rejections,
    sum(r.interactive_user_rejections) AS interactive_user_rejections,
    sum(r.tests_passed) AS tests_passed,
    sum(r.interactive_tests_passed) AS interactive_tests_passed,
    sum(r.tests_failed) AS tests_failed,
    sum(r.interactive_tests_failed) AS interactive_tests_failed,
    sum(r.commit_commands) AS commit_commands,
    sum(r.interactive_commit_commands) AS interactive_commit_commands,
    sum(r.loops) AS loops,
    sum(r.interactive_loops) AS interactive_loops,
    sum(r.log_actions) AS log_actions,
    sum(r.interactive_log_actions) AS interactive_log_actions,
    sum(r.hook_events) AS hook_events,
    sum(r.interactive_hook_events) AS interactive_hook_events,
    sum(r.repeats) AS repeats,
    sum(r.interactive_repeats) AS interactive_repeats,
    sum(r.sessions_judged) AS sessions_judged,
    sum(r.interactive_sessions_judged) AS interactive_sessions_judged,
    sum(r.sessions_troubled) AS sessions_troubled,
    sum(r.interactive_sessions_troubled) AS interactive_sessions_troubled,
    sum(r.sessions_verified) AS sessions_verified,
    sum(r.interactive_sessions_verified) AS interactive_sessions_verified,
    sum(r.sessions_clean) AS sessions_clean,
    sum(r.interactive_sessions_clean) AS interactive_sessions_clean,
    sum(r.sessions_given_up) AS sessions_given_up,
    sum(r.interactive_sessions_given_up) AS interactive_sessions_given_up,
    sum(r.sessions_left) AS sessions_left,
    sum(r.interactive_sessions_left) AS interactive_sessions_left,
    sum(r.sessions_restarted) AS sessions_restarted,
    sum(r.interactive_sessions_restarted) AS interactive_sessions_restarted,
    sum(r.sessions_coded) AS sessions_coded,
    sum(r.interactive_sessions_coded) AS interactive_sessions_coded,
    mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations)) AS tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations)) AS interactive_tool_durations,
    mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations)) AS turn_durations,
    mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations)) AS interactive_turn_durations,
    sum(r.cost_micros) / 1000000. AS cost_usd,
    pow(2, (sum(r.log_actions) / 1000) / nullIf(sum(r.turns), 0)) AS actions_per_prompt,
    sum(r.output_tokens) / nullIf(sum(r.prompts), 0) AS output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.tool_durations))])[1] AS tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.turn_durations))])[1] AS turn_duration_p95_ms,
    sum(r.interactive_cost_micros) / 1000000. AS interactive_cost_usd,
    pow(2, (sum(r.interactive_log_actions) / 1000) / nullIf(sum(r.interactive_turns), 0)) AS interactive_actions_per_prompt,
    sum(r.interactive_output_tokens) / nullIf(sum(r.interactive_prompts), 0) AS interactive_output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations))])[1] AS interactive_tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_tool_durations))])[1] AS interactive_tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations))])[1] AS interactive_turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> (n != 0), sumMap(r.interactive_turn_durations))])[1] AS interactive_turn_duration_p95_ms
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.user_minute_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
) AS r
GROUP BY
    r.user_id,
    r.placed_team,
    r.minute
HAVING (sum(r.events) != 0) OR (sum(r.sessions_judged) != 0);

CREATE VIEW ammeter_private.user_minutes_brief
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `minute` DateTime('UTC') COMMENT 'Minute in which the events occurred.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'As user_minutes, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    r.user_id AS user_id,
    any(r.person_id) AS person_id,
    r.placed_team AS team_id,
    r.minute AS minute,
    sum(r.prompts) AS prompts,
    sum(r.interactive_turns) AS interactive_turns,
    sum(r.tool_calls) AS tool_calls,
    sum(r.tool_failures) AS tool_failures,
    sum(r.interactive_log_actions) AS interactive_log_actions,
    sum(r.cost_micros) / 1000000. AS cost_usd
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.user_minute_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
) AS r
GROUP BY
    r.user_id,
    r.placed_team,
    r.minute
HAVING (sum(r.events) != 0) OR (sum(r.sessions_judged) != 0);

CREATE VIEW ammeter_private.user_sessions
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `session_id` String COMMENT 'The client\'s own id.',
    `state` LowCardinality(String) COMMENT 'opened, closed or reopened.',
    `at` DateTime64(3, 'UTC') COMMENT 'When.',
    `started_at` DateTime64(3, 'UTC') COMMENT 'When the first event occurred.',
    `end_reason` Nullable(String) COMMENT 'As in sessions.',
    `came_back` Bool COMMENT 'The person opened another session after this one closed.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'The last thing that happened to a person\'s session.'
AS SELECT
    r.user_id AS user_id,
    r.person_id AS person_id,
    r.placed_team AS team_id,
    r.session_id AS session_id,
    r.state AS state,
    fromUnixTimestamp64Milli(r.at, 'UTC') AS at,
    fromUnixTimestamp64Milli(r.started_at, 'UTC') AS started_at,
    nullIf(toString(r.end_reason), '') AS end_reason,
    r.came_back AS came_back
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (intDiv(a.started_at, 60000) * 60000)), d.valid_from) = 0, if(toString(a.team_id) = '', 'unassigned', toString(a.team_id)), if((d.teams[arrayLastIndex(since -> (since <= (intDiv(a.started_at, 60000) * 60000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (intDiv(a.started_at, 60000) * 60000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.user_session_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
) AS r;

CREATE VIEW ammeter_private.user_windows
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `as_of` DateTime('UTC') COMMENT 'Last minute of the window: it holds the minutes (as_of - span, as_of].',
    `events` Int64 COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.',
    `actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns.',
    `output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts.',
    `tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any.',
    `tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any.',
    `turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any.',
    `turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any.',
    `interactive_cost_usd` Float64 COMMENT 'cost_micros in US dollars. Interactive use only.',
    `interactive_actions_per_prompt` Nullable(Float64) COMMENT 'Geometric mean over turns of 1 + tool calls: 2^(log_actions / 1000 / turns); null without turns. Interactive use only.',
    `interactive_output_per_prompt` Nullable(Float64) COMMENT 'output_tokens / prompts: the calls of tools are in it; null without prompts. Interactive use only.',
    `interactive_tool_duration_p50_ms` Float64 COMMENT '50% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_tool_duration_p95_ms` Float64 COMMENT '95% of the finished tool calls took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p50_ms` Float64 COMMENT '50% of the turns took at most this long; NaN without any. Interactive use only.',
    `interactive_turn_duration_p95_ms` Float64 COMMENT '95% of the turns took at most this long; NaN without any. Interactive use only.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Rolling windows of a person.'
AS SELECT
    r.user_id AS user_id,
    if(d.person = '', r.user_id, d.person) AS person_id,
    r.span AS span,
    r.span_minutes AS span_minutes,
    r.as_of AS as_of,
    r.events AS events,
    r.interactive_events AS interactive_events,
    r.prompts AS prompts,
    r.interactive_prompts AS interactive_prompts,
    r.slash_commands AS slash_commands,
    r.interactive_slash_commands AS interactive_slash_commands,
    r.injected_prompts AS injected_prompts,
    r.interactive_injected_prompts AS interactive_injected_prompts,
    r.responses AS responses,
    r.interactive_responses AS interactive_responses,
    r.turns AS turns,
    r.interactive_turns AS interactive_turns,
    r.tool_calls AS tool_calls,
    r.interactive_tool_calls AS interactive_tool_calls,
    r.tool_failures AS tool_failures,
    r.interactive_tool_failures AS interactive_tool_failures,
    r.tool_accepts AS tool_accepts,
    r.interactive_tool_accepts AS interactive_tool_accepts,
    r.tool_rejections AS tool_rejections,
    r.interactive_tool_rejections AS interactive_tool_rejections,
    r.api_failures AS api_failures,
    r.interactive_api_failures AS interactive_api_failures,
    r.api_retries_exhausted AS api_retries_exhausted,
    r.interactive_api_retries_exhausted AS interactive_api_retries_exhausted,
    r.api_refusals AS api_refusals,
    r.interactive_api_refusals AS interactive_api_refusals,
    r.input_tokens AS input_tokens,
    r.interactive_input_tokens AS interactive_input_tokens,
    r.output_tokens AS output_tokens,
    r.interactive_output_tokens AS interactive_output_tokens,
    r.cache_read_tokens AS cache_read_tokens,
    r.interactive_cache_read_tokens AS interactive_cache_read_tokens,
    r.cache_creation_tokens AS cache_creation_tokens,
    r.interactive_cache_creation_tokens AS interactive_cache_creation_tokens,
    r.cost_micros AS cost_micros,
    r.interactive_cost_micros AS interactive_cost_micros,
    r.response_chars AS response_chars,
    r.interactive_response_chars AS interactive_response_chars,
    r.lines_added AS lines_added,
    r.interactive_lines_added AS interactive_lines_added,
    r.lines_removed AS lines_removed,
    r.interactive_lines_removed AS interactive_lines_removed,
    r.commits AS commits,
    r.interactive_commits AS interactive_commits,
    r.pull_requests AS pull_requests,
    r.interactive_pull_requests AS interactive_pull_requests,
    r.edits_accepted AS edits_accepted,
    r.interactive_edits_accepted AS interactive_edits_accepted,
    r.edits_rejected AS edits_rejected,
    r.interactive_edits_rejected AS interactive_edits_rejected,
    r.active_user_ms AS active_user_ms,
    r.interactive_active_user_ms AS interactive_active_user_ms,
    r.active_cli_ms AS active_cli_ms,
    r.interactive_active_cli_ms AS interactive_active_cli_ms,
    r.compactions AS compactions,
    r.interactive_compactions AS interactive_compactions,
    r.subagents AS subagents,
    r.interactive_subagents AS interactive_subagents,
    r.mode_changes AS mode_changes,
    r.interactive_mode_changes AS interactive_mode_changes,
    r.interrupts AS interrupts,
    r.interactive_interrupts AS interactive_interrupts,
    r.model_ms AS model_ms,
    r.interactive_model_ms AS interactive_model_ms,
    r.tool_ms AS tool_ms,
    r.interactive_tool_ms AS interactive_tool_ms,
    r.unrecognised AS unrecognised,
    r.interactive_unrecognised AS interactive_unrecognised,
    r.clock_clamped AS clock_clamped,
    r.interactive_clock_clamped AS interactive_clock_clamped,
    r.user_rejections AS user_rejections,
    r.interactive_user_rejections AS interactive_user_rejections,
    r.tests_passed AS tests_passed,
    r.interactive_tests_passed AS interactive_tests_passed,
    r.tests_failed AS tests_failed,
    r.interactive_tests_failed AS interactive_tests_failed,
    r.commit_commands AS commit_commands,
    r.interactive_commit_commands AS interactive_commit_commands,
    r.loops AS loops,
    r.interactive_loops AS interactive_loops,
    r.log_actions AS log_actions,
    r.interactive_log_actions AS interactive_log_actions,
    r.hook_events AS hook_events,
    r.interactive_hook_events AS interactive_hook_events,
    r.repeats AS repeats,
    r.interactive_repeats AS interactive_repeats,
    r.sessions_judged AS sessions_judged,
    r.interactive_sessions_judged AS interactive_sessions_judged,
    r.sessions_troubled AS sessions_troubled,
    r.interactive_sessions_troubled AS interactive_sessions_troubled,
    r.sessions_verified AS sessions_verified,
    r.interactive_sessions_verified AS interactive_sessions_verified,
    r.sessions_clean AS sessions_clean,
    r.interactive_sessions_clean AS interactive_sessions_clean,
    r.sessions_given_up AS sessions_given_up,
    r.interactive_sessions_given_up AS interactive_sessions_given_up,
    r.sessions_left AS sessions_left,
    r.interactive_sessions_left AS interactive_sessions_left,
    r.sessions_restarted AS sessions_restarted,
    r.interactive_sessions_restarted AS interactive_sessions_restarted,
    r.sessions_coded AS sessions_coded,
    r.interactive_sessions_coded AS interactive_sessions_coded,
    r.tool_durations AS tool_durations,
    r.interactive_tool_durations AS interactive_tool_durations,
    r.turn_durations AS turn_durations,
    r.interactive_turn_durations AS interactive_turn_durations,
    r.cost_micros / 1000000. AS cost_usd,
    pow(2, (r.log_actions / 1000) / nullIf(r.turns, 0)) AS actions_per_prompt,
    r.output_tokens / nullIf(r.prompts, 0) AS output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.tool_durations])[1] AS tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.tool_durations])[1] AS tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.turn_durations])[1] AS turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.turn_durations])[1] AS turn_duration_p95_ms,
    r.interactive_cost_micros / 1000000. AS interactive_cost_usd,
    pow(2, (r.interactive_log_actions / 1000) / nullIf(r.interactive_turns, 0)) AS interactive_actions_per_prompt,
    r.interactive_output_tokens / nullIf(r.interactive_prompts, 0) AS interactive_output_per_prompt,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_tool_durations])[1] AS interactive_tool_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_tool_durations])[1] AS interactive_tool_duration_p95_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.5 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.5 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_turn_durations])[1] AS interactive_turn_duration_p50_ms,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> (if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2)) + (((if((b.1) = 0, 1., pow(2, ((b.1) - ((b.1) = 63)) / 2)) - if((b.1) = 0, 0., pow(2, ((b.1) - 1) / 2))) * (((0.95 * arraySum(mapValues(d))) - (b.3)) + (b.2))) / (b.2))), [arrayFirst(b -> ((b.3) >= (0.95 * arraySum(mapValues(d)))), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [r.interactive_turn_durations])[1] AS interactive_turn_duration_p95_ms
FROM ammeter_private.user_window_rows AS r
FINAL
LEFT JOIN
(
    SELECT
        w.identity AS identity,
        w.person AS person,
        w.valid_from AS valid_from,
        w.teams AS teams,
        w.occupations AS occupations
    FROM ammeter_private.directory_rows AS w
    FINAL
) AS d ON d.identity = r.user_id;

CREATE VIEW ammeter_private.users
(
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.',
    `team_id` LowCardinality(String) COMMENT 'Team of the last minute.',
    `identities` Array(String) COMMENT 'Pseudonyms that were active.',
    `first_minute` DateTime('UTC') COMMENT 'The first with an event.',
    `last_minute` DateTime('UTC') COMMENT 'The last with an event.',
    `active_days` UInt64 COMMENT 'Days with an event, UTC.'
)
DEFINER = default SQL SECURITY DEFINER
COMMENT 'Each person: when they were active, in which team at the end, under how many identities.'
AS SELECT
    r.person_id AS person_id,
    argMax(r.placed_team, r.minute) AS team_id,
    groupUniqArray(r.user_id) AS identities,
    min(r.minute) AS first_minute,
    max(r.minute) AS last_minute,
    uniqExact(toDate(r.minute)) AS active_days
FROM
(
    SELECT
        a.*,
        if(arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if((d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)]) = '', 'unassigned', d.teams[arrayLastIndex(since -> (since <= (toUnixTimestamp(a.minute) * 1000)), d.valid_from)])) AS placed_team,
        if(d.person = '', a.user_id, d.person) AS person_id
    FROM ammeter_private.user_minute_rows AS a
    FINAL
    LEFT JOIN
    (
        SELECT
            w.identity AS identity,
            w.person AS person,
            w.valid_from AS valid_from,
            w.teams AS teams,
            w.occupations AS occupations
        FROM ammeter_private.directory_rows AS w
        FINAL
    ) AS d ON d.identity = a.user_id
) AS r
WHERE (r.user_id != 'unknown') AND (r.events > 0)
GROUP BY r.person_id;

CREATE TABLE ammeter_private.alert_delivery_rows
(
    `channel` LowCardinality(String) COMMENT 'Where messages go; a name, never an address.',
    `alert` String COMMENT 'Id of the alert; \'digest\': the weekly one.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `word` LowCardinality(String) COMMENT 'The last that it took: firing, resolved, or empty.',
    `told_at` Int64 COMMENT 'When it took it; milliseconds, 0: never.',
    `number` Int64 COMMENT 'Messages so far.',
    `sending` LowCardinality(String) COMMENT 'What is being sent: opened, again, resolved, digest, or empty.',
    `message` String COMMENT 'Id of the last message; the same when it is sent again.',
    `attempts` Int64 COMMENT 'Of the message that is being sent.',
    `failure` String COMMENT 'Why the last attempt failed.',
    `failed_at` Int64 COMMENT 'When it failed; milliseconds, 0: it did not.',
    `in_doubt` Bool COMMENT 'What is being sent may have been taken already.'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (channel, alert)
SETTINGS index_granularity = 8192
COMMENT 'What each channel has heard of an alert.';

CREATE TABLE ammeter_private.alert_note_rows
(
    `id` String COMMENT 'Of the alert; or mute:detector:team, where * is every one.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `detector` LowCardinality(String) COMMENT 'What is watched; *: everything.',
    `team_id` LowCardinality(String) COMMENT 'The team; empty: the organisation; of a mute *: everybody.',
    `acked_at` Int64 COMMENT 'When somebody took it on; milliseconds, 0: nobody has.',
    `acked_by` String COMMENT 'Who.',
    `muted_until` Int64 COMMENT 'Until when it is to be quiet; milliseconds, 0: it is not.',
    `useful` LowCardinality(String) COMMENT 'Was it useful: yes, no, or empty.',
    `useful_by` String COMMENT 'Who said so.',
    `comment` String COMMENT 'What they said.'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY id
SETTINGS index_granularity = 8192
COMMENT 'What people said of an alert, and which detectors are to be quiet.';

CREATE TABLE ammeter_private.anomaly_rows
(
    `id` String COMMENT 'Of the alert.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `detector` LowCardinality(String) COMMENT 'What is watched.',
    `scope` LowCardinality(String) COMMENT 'team, organisation, or bucket: of teams too small to be watched alone.',
    `team_id` LowCardinality(String) COMMENT 'The team; of a bucket its name; of the organisation empty.',
    `status` LowCardinality(String) COMMENT 'firing or resolved.',
    `severity` LowCardinality(String) COMMENT 'alert: to the team; pipeline: to those who run Ammeter; digest: once a week.',
    `direction` LowCardinality(String) COMMENT 'Where the figure went: up or down.',
    `opened_at` Int64 COMMENT 'When it fired first; milliseconds.',
    `changed_at` Int64 COMMENT 'When the status changed last; milliseconds.',
    `since` Int64 COMMENT 'About when the change began; milliseconds.',
    `n` Int64 COMMENT 'Observations since then.',
    `observed` Float64 COMMENT 'How many of them it happened in; of cost the sum.',
    `expected` Float64 COMMENT 'How many were to be expected.',
    `usual` Float64 COMMENT 'Usual level: a share, or micro-dollars.',
    `usual_low` Float64 COMMENT 'Of its 90 % interval.',
    `usual_high` Float64 COMMENT 'Of its 90 % interval.',
    `usual_n` Float64 COMMENT 'Observations behind it.',
    `now` Float64 COMMENT 'Level since the change.',
    `now_low` Float64 COMMENT 'Of its 90 % interval.',
    `now_high` Float64 COMMENT 'Of its 90 % interval.',
    `score` Float64 COMMENT 'The evidence.',
    `threshold` Float64 COMMENT 'What the evidence had to exceed.',
    `odds` Float64 COMMENT 'How many times likelier the change makes what was seen.',
    `people` Int64 COMMENT 'At least so many different people are behind it.',
    `detector_version` UInt32 COMMENT 'Rises when the same signals would give another verdict.',
    `calibrated` Bool COMMENT 'On the organisation\'s own record; else on assumptions.',
    `sentence` String COMMENT 'For a person.',
    `resolved_at` Int64 COMMENT 'When it ended; milliseconds, 0: it fires.',
    `reopened` Int64 COMMENT 'How often it came back soon and was merged.',
    `adopted_at` Int64 COMMENT 'When the new level was taken for the usual one; milliseconds, 0: it was not.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS index_granularity = 8192
COMMENT 'Alerts with the figures that decided them, newest by version.';

CREATE TABLE ammeter_private.arrival_rows
(
    `minute` DateTime('UTC') COMMENT 'Minute of receipt.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Version of the client.',
    `is_unrecognised` Bool COMMENT 'This version does not know the event.',
    `delay_ms` Int64 COMMENT 'From receipt to the store.',
    `rank` UInt64 COMMENT 'Higher for an earlier storing.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, event)
SETTINGS index_granularity = 8192
COMMENT 'When events were received and stored, in the order of receipt. One row an event and minute of receipt.';

CREATE MATERIALIZED VIEW ammeter_private.arrivals TO ammeter_private.arrival_rows
(
    `minute` DateTime('UTC'),
    `event` UInt64,
    `source` LowCardinality(String),
    `client_version` LowCardinality(String),
    `is_unrecognised` LowCardinality(UInt8),
    `delay_ms` Int64,
    `rank` Int64
)
AS SELECT
    toStartOfMinute(fromUnixTimestamp64Milli(e.received_at, 'UTC')) AS minute,
    cityHash64(e.event_id) AS event,
    e.source AS source,
    e.client_version AS client_version,
    e.type = 'unrecognised' AS is_unrecognised,
    toUnixTimestamp64Milli(e.stored_at) - e.received_at AS delay_ms,
    9223372036854775807 - toUnixTimestamp64Milli(e.stored_at) AS rank
FROM ammeter_private.session_events AS e;

CREATE TABLE ammeter_private.call_rows
(
    `type` LowCardinality(String) COMMENT 'What happened.',
    `minute` DateTime('UTC') COMMENT 'When it occurred.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'Its version.',
    `user_id` String COMMENT 'Pseudonym of the person; empty: the event names nobody.',
    `hint` LowCardinality(String) COMMENT 'Team as the client says it.',
    `name` LowCardinality(String) COMMENT 'The model, the tool, or the name that was not recognised.',
    `mcp_server` LowCardinality(String) COMMENT 'Of a tool; empty: none.',
    `result` LowCardinality(String) COMMENT 'Of a failed request its kind, of a finished call failed or empty, of a decision accept or reject.',
    `duration_ms` Int64 COMMENT 'How long it took.',
    `input_tokens` Int64 COMMENT 'Uncached input tokens of answered requests. Here of one.',
    `output_tokens` Int64 COMMENT 'Output tokens of answered requests. Here of one.',
    `cache_read_tokens` Int64 COMMENT 'Input tokens read from the prompt cache. Here of one.',
    `cache_creation_tokens` Int64 COMMENT 'Input tokens written to the prompt cache. Here of one.',
    `cost_micros` Int64 COMMENT 'Cost of answered requests, as the client computes it. Here of one.',
    `rank` UInt64 COMMENT 'Higher for an earlier message.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(minute)
ORDER BY (type, minute, event)
SETTINGS index_granularity = 8192
COMMENT 'Requests to models, calls of tools, and what was not recognised, by time: filled from session_events.';

CREATE MATERIALIZED VIEW ammeter_private.calls TO ammeter_private.call_rows
(
    `type` LowCardinality(String),
    `minute` DateTime('UTC'),
    `event` UInt64,
    `partition` UInt16,
    `offset` Int64,
    `source` LowCardinality(String),
    `client_version` LowCardinality(String),
    `user_id` String,
    `hint` LowCardinality(String),
    `name` String,
    `mcp_server` LowCardinality(String),
    `result` String,
    `duration_ms` Int64,
    `input_tokens` Int64,
    `output_tokens` Int64,
    `cache_read_tokens` Int64,
    `cache_creation_tokens` Int64,
    `cost_micros` Int64,
    `rank` Int64
)
AS SELECT
    e.type AS type,
    toStartOfMinute(fromUnixTimestamp64Milli(if((e.occurred_at > (e.received_at + 300000)) OR (e.occurred_at < 1577836800000), e.received_at, e.occurred_at), 'UTC')) AS minute,
    cityHash64(e.event_id) AS event,
    e.partition AS partition,
    e.offset AS offset,
    e.source AS source,
    e.client_version AS client_version,
    e.user_id AS user_id,
    e.team_hint AS hint,
    multiIf(startsWith(e.type, 'model'), toString(e.model), e.type = 'unrecognised', toString(e.name), toString(e.tool_name)) AS name,
    e.mcp_server AS mcp_server,
    multiIf(e.type = 'model_request_failed', toString(e.kind), e.type = 'tool_decided', toString(e.decision), (e.type = 'tool_finished') AND (NOT e.success), 'failed', '') AS result,
    e.duration_ms AS duration_ms,
    e.input_tokens AS input_tokens,
    e.output_tokens AS output_tokens,
    e.cache_read_tokens AS cache_read_tokens,
    e.cache_creation_tokens AS cache_creation_tokens,
    e.cost_micros AS cost_micros,
    9223372036854775807 - e.offset AS rank
FROM ammeter_private.session_events AS e
WHERE (e.via = '') AND (e.type IN ('model_responded', 'model_request_failed', 'tool_finished', 'tool_decided', 'unrecognised'));

CREATE MATERIALIZED VIEW ammeter_private.days_of_events TO ammeter_private.session_day_rows
(
    `session_key` UInt64,
    `first` Date,
    `last` Date
)
AS SELECT
    cityHash64(e.session_id) AS session_key,
    min(toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC'))) AS first,
    max(toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC'))) AS last
FROM ammeter_private.session_events AS e
GROUP BY session_key;

CREATE MATERIALIZED VIEW ammeter_private.days_of_states TO ammeter_private.session_day_rows
(
    `session_key` UInt64,
    `first` Date,
    `last` Date
)
AS SELECT
    cityHash64(e.session_id) AS session_key,
    toDate(fromUnixTimestamp64Milli(e.started_at, 'UTC')) AS first,
    toDate(fromUnixTimestamp64Milli(e.started_at, 'UTC')) AS last
FROM ammeter_private.session_state_rows AS e;

CREATE TABLE ammeter_private.dead_letter_rows
(
    `topic` LowCardinality(String) COMMENT 'Where the message lies.',
    `partition` UInt16 COMMENT 'Its partition.',
    `offset` Int64 COMMENT 'Its offset.',
    `at` Int64 COMMENT 'When it was set aside; milliseconds.',
    `reason` String COMMENT 'Which field, and why it could not be read.'
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset)
SETTINGS index_granularity = 8192
COMMENT 'Messages that could not be read.';

CREATE TABLE ammeter_private.directory_rows
(
    `identity` String COMMENT 'Pseudonym of an identity.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `person` String COMMENT 'Pseudonym of the person, the same for all their identities.',
    `valid_from` Array(Int64) COMMENT 'Since when each entry holds, rising; milliseconds.',
    `teams` Array(String) COMMENT 'Team of each entry; empty: none.',
    `roles` Array(String) COMMENT 'Role of each entry.',
    `occupations` Array(String) COMMENT 'Occupation of each entry.'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY identity
SETTINGS index_granularity = 8192
COMMENT 'Who stands behind an identity, and what holds of them from which moment on: lists of equal length.';

CREATE TABLE ammeter_private.edit_rows
(
    `day` Date COMMENT 'When it occurred, as the client says it, UTC.',
    `session_key` UInt64 COMMENT 'Hash of session_id.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message.',
    `at` Int64 COMMENT 'When it occurred, as the client says it; milliseconds.',
    `kind` LowCardinality(String) COMMENT 'accept or reject.',
    `tool_name` LowCardinality(String) COMMENT 'The tool.',
    `language` LowCardinality(String) COMMENT 'Of the file, as the client says it.',
    `decision_source` LowCardinality(String) COMMENT 'Who decided: config is a rule.',
    `temporality` LowCardinality(String) COMMENT 'delta, or cumulative: since started_at.',
    `series` String COMMENT 'What else tells the client\'s series apart.',
    `started_at` Int64 COMMENT 'Since when it counts; milliseconds.',
    `value` Int64 COMMENT 'Edits.',
    `rank` UInt64 COMMENT 'Higher for an earlier message.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(day)
ORDER BY (day, session_key, event)
SETTINGS index_granularity = 8192
COMMENT 'Decisions on edits that clients counted, by day: filled from session_events.';

CREATE MATERIALIZED VIEW ammeter_private.edits TO ammeter_private.edit_rows
(
    `day` Date,
    `session_key` UInt64,
    `event` UInt64,
    `partition` UInt16,
    `offset` Int64,
    `at` Int64,
    `kind` LowCardinality(String),
    `tool_name` LowCardinality(String),
    `language` LowCardinality(String),
    `decision_source` LowCardinality(String),
    `temporality` LowCardinality(String),
    `series` String,
    `started_at` Int64,
    `value` Int64,
    `rank` Int64
)
AS SELECT
    toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC')) AS day,
    cityHash64(e.session_id) AS session_key,
    cityHash64(e.event_id) AS event,
    e.partition AS partition,
    e.offset AS offset,
    e.occurred_at AS at,
    e.kind AS kind,
    e.tool_name AS tool_name,
    e.language AS language,
    e.decision_source AS decision_source,
    e.temporality AS temporality,
    e.series AS series,
    e.started_at AS started_at,
    e.value AS value,
    9223372036854775807 - e.offset AS rank
FROM ammeter_private.session_events AS e
WHERE (e.type = 'usage_reported') AND (e.name = 'claude_code.code_edit_tool.decision');

CREATE TABLE ammeter_private.intervention_rows
(
    `id` String COMMENT 'Of the intervention.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `kind` LowCardinality(String) COMMENT 'training, knowledge_base, review, tool or other.',
    `started_at` Int64 COMMENT 'When it began; milliseconds.',
    `title` String COMMENT 'What it was.',
    `team_id` LowCardinality(String) COMMENT 'For whom; empty: everybody.',
    `ended_at` Int64 COMMENT 'When it ended; milliseconds, 0: it goes on.'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY id
SETTINGS index_granularity = 8192
COMMENT 'What was done to help, when and for whom.';

CREATE TABLE ammeter_private.migrations
(
    `number` UInt32 COMMENT 'Of the migration.',
    `name` String COMMENT 'Of its file.',
    `digest` String COMMENT 'SHA-256 of its text, so that an edited one is noticed.',
    `applied_at` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it ran.'
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS index_granularity = 8192
COMMENT 'Migrations that ran.';

CREATE TABLE ammeter_private.number_rows
(
    `day` Date COMMENT 'When it occurred, as the client says it, UTC.',
    `session_key` UInt64 COMMENT 'Hash of session_id.',
    `event` UInt64 COMMENT 'Hash of the event_id.',
    `partition` UInt16 COMMENT 'Of session-events.',
    `offset` Int64 COMMENT 'Of the message.',
    `at` Int64 COMMENT 'When it occurred, as the client says it; milliseconds.',
    `low` Int64 COMMENT 'The first number of the client\'s count.',
    `high` Int64 COMMENT 'The last.',
    `number` Int64 COMMENT 'How many it stands for.',
    `rank` UInt64 COMMENT 'Higher for an earlier message.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(day)
ORDER BY (day, session_key, event)
SETTINGS index_granularity = 8192
COMMENT 'Numbers that clients gave to events, by day, from which lost ones are told: filled from session_events.';

CREATE MATERIALIZED VIEW ammeter_private.numbers TO ammeter_private.number_rows
(
    `day` Date,
    `session_key` UInt64,
    `event` UInt64,
    `partition` UInt16,
    `offset` Int64,
    `at` Int64,
    `low` Int64,
    `high` Int64,
    `number` Int64,
    `rank` Int64
)
AS SELECT
    toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC')) AS day,
    cityHash64(e.session_id) AS session_key,
    cityHash64(e.event_id) AS event,
    e.partition AS partition,
    e.offset AS offset,
    e.occurred_at AS at,
    if(e.type = 'sequence_seen', e.first, ifNull(e.sequence, 0)) AS low,
    if(e.type = 'sequence_seen', e.last, ifNull(e.sequence, 0)) AS high,
    if(e.type = 'sequence_seen', e.count, 1) AS number,
    9223372036854775807 - e.offset AS rank
FROM ammeter_private.session_events AS e
WHERE (e.via = '') AND (isNotNull(e.sequence) OR (e.type = 'sequence_seen'));

CREATE TABLE ammeter_private.pipeline_sample_rows
(
    `at` Int64 COMMENT 'When the sample was taken; milliseconds.',
    `part` LowCardinality(String) COMMENT 'A stage (sessions, users, teams, detect), or sink.',
    `partition` UInt16 COMMENT 'Of its source.',
    `lag` Int64 COMMENT 'Messages not yet read.',
    `watermark_age_ms` Int64 COMMENT 'How far the part\'s time is behind the clock.',
    `delay_ms` Int64 COMMENT 'Of the sink: from a flush of team-windows to its row in the store.'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(at, 'UTC'))
ORDER BY (at, part, partition)
TTL toDateTime(fromUnixTimestamp64Milli(at, 'UTC')) + toIntervalDay(30)
SETTINGS index_granularity = 8192
COMMENT 'How far each part of the pipeline was, about every 5 seconds.';

CREATE TABLE ammeter_private.policy
(
    `name` LowCardinality(String) COMMENT 'Of the rule.',
    `value` Int64 COMMENT 'What holds.',
    `version` UInt64 COMMENT 'Microseconds; the highest counts.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY name
SETTINGS index_granularity = 8192
COMMENT 'What the views obey: a name and its value. \'floor\': groups of fewer people are not shown.';

CREATE TABLE ammeter_private.session_day_rows
(
    `session_key` UInt64 COMMENT 'Hash of session_id.',
    `first` SimpleAggregateFunction(min, Date) COMMENT 'The first day.',
    `last` SimpleAggregateFunction(max, Date) COMMENT 'The last day.'
)
ENGINE = AggregatingMergeTree
ORDER BY session_key
SETTINGS index_granularity = 8192
COMMENT 'First and last day of all that is stored of a session: filled from session_events and session_state_rows.';

CREATE TABLE ammeter_private.session_events
(
    `type` LowCardinality(String) COMMENT 'What happened: session_started, prompt_submitted, model_responded, answer_given, model_request_failed, tool_decided, tool_finished, lines_changed, commit_made, pull_request_opened, usage_reported, permission_mode_changed, context_compacted, subagent_completed, turn_ended, turn_interrupted, session_ended, outcome_reported, sequence_seen, unrecognised.',
    `event_id` String COMMENT 'run-index: the same event has the same id however often it is sent.',
    `schema_version` UInt8 DEFAULT 1 COMMENT 'Of this contract.',
    `source` LowCardinality(String) COMMENT 'The client that said it.',
    `session_id` String COMMENT 'The client\'s own id of the session; also the record key.',
    `run` String COMMENT '16 hex digits: the request, file or stream that the event came in.',
    `index` Int64 COMMENT 'Place in the run; rises within it.',
    `occurred_at` Int64 COMMENT 'When it happened, by the client\'s clock. Epoch milliseconds.',
    `received_at` Int64 COMMENT 'When it was received; stamped once. Epoch milliseconds.',
    `user_id` String COMMENT 'Pseudonym of the person; empty where the source names nobody.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `team_hint` LowCardinality(String) COMMENT 'The team as the client says it.',
    `client_version` LowCardinality(String) COMMENT 'Version of the client.',
    `entrypoint` LowCardinality(String) COMMENT 'How the client was started: cli, sdk-cli, claude-vscode, ...',
    `prompt_id` String COMMENT 'Joins the events of one prompt.',
    `sequence` Nullable(Int64) COMMENT 'The client\'s own count, for loss detection only.',
    `start_type` LowCardinality(String) COMMENT 'fresh, resume, continue, ... Of session_started.',
    `prompt_length` Int64 COMMENT 'Characters. Of prompt_submitted.',
    `command_name` LowCardinality(String) COMMENT 'Of a slash command. Of prompt_submitted.',
    `command_source` LowCardinality(String) COMMENT 'builtin, custom, ... Of prompt_submitted.',
    `injected` Bool COMMENT 'Put in by the client itself; nobody typed it. Of prompt_submitted.',
    `model` LowCardinality(String) COMMENT 'Of model_responded, answer_given, model_request_failed, usage_reported, subagent_completed.',
    `request_id` String COMMENT 'Of model_responded, answer_given, model_request_failed, tool_decided, tool_finished.',
    `duration_ms` Int64 COMMENT 'Of model_responded, model_request_failed, tool_finished, context_compacted, subagent_completed. As the client measured it; 0: it did not. Of turn_ended.',
    `ttft_ms` Int64 COMMENT 'Time to the first token. Of model_responded.',
    `input_tokens` Int64 COMMENT 'Of model_responded.',
    `output_tokens` Int64 COMMENT 'Of model_responded.',
    `cache_read_tokens` Int64 COMMENT 'Of model_responded.',
    `cache_creation_tokens` Int64 COMMENT 'Of model_responded.',
    `cost_micros` Int64 COMMENT 'Micro-dollars, as the client computes them. Of model_responded.',
    `query_source` LowCardinality(String) COMMENT 'Of model_responded, answer_given, model_request_failed, usage_reported.',
    `agent_id` String COMMENT 'Of model_responded, answer_given, model_request_failed, tool_decided, tool_finished, subagent_completed.',
    `agent_name` LowCardinality(String) COMMENT 'Of model_responded, usage_reported.',
    `mcp_server` LowCardinality(String) COMMENT 'Of model_responded, tool_finished, usage_reported.',
    `mcp_tool` LowCardinality(String) COMMENT 'Of model_responded, tool_finished, usage_reported.',
    `speed` LowCardinality(String) COMMENT 'Of model_responded.',
    `effort` LowCardinality(String) COMMENT 'Of model_responded, usage_reported.',
    `response_length` Int64 COMMENT 'Characters. Of answer_given.',
    `kind` LowCardinality(String) DEFAULT if(type = 'model_request_failed', 'error', '') COMMENT 'retries_exhausted and refusal accompany an error; only error counts as a failure. Of model_request_failed. What it splits by: added, removed, input, user, accept, fresh, ... Of usage_reported.',
    `reason` LowCardinality(String) COMMENT 'From status and text; the text itself is dropped. Of model_request_failed. clear, resume, logout, prompt_input_exit, other, ... Of session_ended.',
    `status_code` Int64 COMMENT '0: none was given. Of model_request_failed.',
    `attempts` Int64 COMMENT 'Of model_request_failed.',
    `tool_name` LowCardinality(String) COMMENT 'Of tool_decided, tool_finished, usage_reported.',
    `tool_use_id` String COMMENT 'Of tool_decided, tool_finished.',
    `decision` LowCardinality(String) DEFAULT if(type = 'tool_decided', 'accept', '') COMMENT 'Of tool_decided.',
    `decision_source` LowCardinality(String) COMMENT 'config, hook, user_temporary, user_reject, ... Of tool_decided. Of tool_finished, usage_reported.',
    `tool_source` LowCardinality(String) COMMENT 'Of tool_decided.',
    `permission_mode` LowCardinality(String) COMMENT 'Of tool_decided.',
    `success` Bool DEFAULT type IN ('tool_finished', 'context_compacted') COMMENT 'Of tool_finished, context_compacted.',
    `error_type` LowCardinality(String) COMMENT 'Of tool_finished.',
    `input_bytes` Int64 COMMENT 'Of tool_finished.',
    `result_bytes` Int64 COMMENT 'Of tool_finished.',
    `decision_type` LowCardinality(String) COMMENT 'Of tool_finished.',
    `added` Int64 COMMENT 'Of lines_changed.',
    `removed` Int64 COMMENT 'Of lines_changed.',
    `language` LowCardinality(String) COMMENT 'Of lines_changed, usage_reported.',
    `name` LowCardinality(String) COMMENT 'The client\'s name of the metric. Of usage_reported. Of unrecognised.',
    `unit` LowCardinality(String) DEFAULT if(type = 'usage_reported', 'count', '') COMMENT 'Of the value; micro: millionths of the metric\'s own unit. Of usage_reported.',
    `value` Int64 COMMENT 'The increase, or for a cumulative counter all since started_at. Of usage_reported.',
    `temporality` LowCardinality(String) DEFAULT if(type = 'usage_reported', 'delta', '') COMMENT 'Of usage_reported.',
    `started_at` Int64 COMMENT 'From when the value counts. Of usage_reported.',
    `series` String COMMENT 'Names the series within the session; cumulative values compare by it. Of usage_reported.',
    `from_mode` LowCardinality(String) COMMENT 'Of permission_mode_changed.',
    `to_mode` LowCardinality(String) COMMENT 'Of permission_mode_changed.',
    `trigger` LowCardinality(String) COMMENT 'Of permission_mode_changed, context_compacted.',
    `pre_tokens` Int64 COMMENT 'Of context_compacted.',
    `post_tokens` Int64 COMMENT 'Of context_compacted.',
    `agent_type` LowCardinality(String) COMMENT 'Of subagent_completed.',
    `is_async` Bool COMMENT 'Of subagent_completed.',
    `total_tokens` Int64 COMMENT 'Of subagent_completed.',
    `tool_uses` Int64 COMMENT 'Of subagent_completed.',
    `failed` Bool COMMENT 'Of turn_ended.',
    `during_tool` Bool COMMENT 'Of turn_interrupted.',
    `first` Int64 COMMENT 'The lowest sequence among them. Of sequence_seen.',
    `last` Int64 COMMENT 'The highest. Of sequence_seen.',
    `count` Int64 COMMENT 'How many. Of sequence_seen.',
    `numbers` Map(String, Float64) COMMENT 'Of unrecognised.',
    `partition` UInt16 DEFAULT 0 COMMENT 'Of session-events, from which the message was read.',
    `offset` Int64 DEFAULT 0 COMMENT 'Of the message in its partition.',
    `stored_at` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When the row was stored.',
    `rank` UInt64 MATERIALIZED 9223372036854775807 - offset COMMENT 'Higher for a lower offset.',
    `via` LowCardinality(String) COMMENT 'hook: a hook told it, not telemetry.',
    `reasoning_tokens` Int64 COMMENT 'Of output_tokens: spent on thinking, where told. Of model_responded.',
    `target` String COMMENT 'Keyed hash of the file or command; empty where nobody shows it. Of tool_finished.',
    `command_kind` LowCardinality(String) COMMENT 'Of a shell command: what it does. Of tool_finished.',
    `interrupted` Bool COMMENT 'A person stopped it. Of tool_finished.',
    `outcome` LowCardinality(String) DEFAULT if(type = 'outcome_reported', 'unknown', '') COMMENT 'Of outcome_reported.'
)
ENGINE = ReplacingMergeTree(rank)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(occurred_at, 'UTC'))
ORDER BY (session_id, event_id)
SETTINGS index_granularity = 8192
COMMENT 'Canonical events as they came. FINAL leaves of an event_id the copy with the lowest offset: the counted one.';

CREATE TABLE ammeter_private.session_label_rows
(
    `session_id` String COMMENT 'The client\'s own id.',
    `version` UInt64 COMMENT 'Rises along the log that the row came from; the highest counts.',
    `is_deleted` UInt8 COMMENT '1: taken back.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `labelled_at` Int64 COMMENT 'When; milliseconds.',
    `labeller` LowCardinality(String) COMMENT 'Who or what read it.',
    `work_mode` LowCardinality(String) COMMENT 'Dominant work of the session.',
    `expertise` UInt8 COMMENT 'Of the person in this task, 1 to 5.',
    `outcome` LowCardinality(String) COMMENT 'As judged.',
    `success_signal` UInt8 COMMENT '1 to 5.',
    `failure_signal` UInt8 COMMENT '1 to 5.',
    `value` Int64 COMMENT 'Ordinal only.',
    `occupation` LowCardinality(String) COMMENT 'Of the person.'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY session_id
SETTINGS index_granularity = 8192
COMMENT 'What somebody who read a session says of it; empty or 0: nothing.';

CREATE TABLE ammeter_private.session_outcome_rows
(
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'The incarnation that was judged; milliseconds.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `is_interactive` Bool COMMENT 'At a person\'s terminal or editor.',
    `started_at` Int64 COMMENT 'First occurred_at; milliseconds.',
    `ended_at` Int64 COMMENT 'Last occurred_at; milliseconds.',
    `judged_at` Int64 COMMENT 'When the verdict was given; milliseconds.',
    `outcome` LowCardinality(String) COMMENT 'How it ended.',
    `is_troubled` Bool COMMENT 'It hit trouble.',
    `signs` UInt32 COMMENT 'Evidence, a bit each: 0 commit, 1 pull_request, 2 tests_passed_last, 3 told, 4 final_tool_failure, 5 final_api_failure, 6 tests_failed_last, 7 loop, 8 pushback, 9 many_failures, 10 unanswered, 11 stopped_last, 12 wrote_code, 13 came_back, 14 end_seen.',
    `confidence` LowCardinality(String) COMMENT 'high, medium or low.',
    `replaces` Bool COMMENT 'A correction of an earlier verdict.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (session_id, segment)
SETTINGS index_granularity = 8192
COMMENT 'Verdict on each session when its cohort closed, newest by version: a correction replaces it.';

CREATE TABLE ammeter_private.session_rows
(
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'When this incarnation came into being; milliseconds.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `entrypoint` LowCardinality(String) COMMENT 'The last in alphabetical order that it showed.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known, \'unknown\' when that was given up.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `team_hint` LowCardinality(String) COMMENT 'Of the event that identified the session.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `started_at` Int64 COMMENT 'First occurred_at; milliseconds.',
    `ended_at` Int64 COMMENT 'Last occurred_at; milliseconds.',
    `seen_at` Int64 COMMENT 'Latest of occurred_at and received_at; milliseconds.',
    `end_reason` LowCardinality(String) COMMENT 'The end event\'s reason, \'idle\', or empty.',
    `events` Int64 DEFAULT (sums[0]) + (sums[64]) COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 DEFAULT (sums[1]) + (sums[65]) COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `slash_commands` Int64 DEFAULT (sums[2]) + (sums[66]) COMMENT 'Slash commands. [count]',
    `injected_prompts` Int64 DEFAULT (sums[3]) + (sums[67]) COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `responses` Int64 DEFAULT (sums[4]) + (sums[68]) COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `turns` Int64 DEFAULT (sums[5]) + (sums[69]) COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `tool_calls` Int64 DEFAULT (sums[6]) + (sums[70]) COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 DEFAULT (sums[7]) + (sums[71]) COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 DEFAULT (sums[8]) + (sums[72]) COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 DEFAULT (sums[9]) + (sums[73]) COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `api_failures` Int64 DEFAULT (sums[10]) + (sums[74]) COMMENT 'Model requests that failed for good (api_error). [count]',
    `api_retries_exhausted` Int64 DEFAULT (sums[11]) + (sums[75]) COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `api_refusals` Int64 DEFAULT (sums[12]) + (sums[76]) COMMENT 'Model requests that the model refused. [count]',
    `input_tokens` Int64 DEFAULT (sums[13]) + (sums[77]) COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 DEFAULT (sums[14]) + (sums[78]) COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 DEFAULT (sums[15]) + (sums[79]) COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 DEFAULT (sums[16]) + (sums[80]) COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 DEFAULT (sums[17]) + (sums[81]) COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `response_chars` Int64 DEFAULT (sums[18]) + (sums[82]) COMMENT 'Length of the model\'s text answers. [characters]',
    `lines_added` Int64 DEFAULT (sums[19]) + (sums[83]) COMMENT 'Lines of code added, as the client counts them. [lines]',
    `lines_removed` Int64 DEFAULT (sums[20]) + (sums[84]) COMMENT 'Lines of code removed. [lines]',
    `commits` Int64 DEFAULT (sums[21]) + (sums[85]) COMMENT 'Commits made through the assistant. [count]',
    `pull_requests` Int64 DEFAULT (sums[22]) + (sums[86]) COMMENT 'Pull requests opened through the assistant. [count]',
    `edits_accepted` Int64 DEFAULT (sums[23]) + (sums[87]) COMMENT 'Edits accepted, by a person or by rule. [count]',
    `edits_rejected` Int64 DEFAULT (sums[24]) + (sums[88]) COMMENT 'Edits rejected. [count]',
    `active_user_ms` Int64 DEFAULT (sums[25]) + (sums[89]) COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `active_cli_ms` Int64 DEFAULT (sums[26]) + (sums[90]) COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `compactions` Int64 DEFAULT (sums[27]) + (sums[91]) COMMENT 'Compactions of the context. [count]',
    `subagents` Int64 DEFAULT (sums[28]) + (sums[92]) COMMENT 'Subagents that ran to their end. [count]',
    `mode_changes` Int64 DEFAULT (sums[29]) + (sums[93]) COMMENT 'Changes of the permission mode. [count]',
    `interrupts` Int64 DEFAULT (sums[30]) + (sums[94]) COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `model_ms` Int64 DEFAULT (sums[31]) + (sums[95]) COMMENT 'Duration of answered model requests. [ms]',
    `tool_ms` Int64 DEFAULT (sums[32]) + (sums[96]) COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `unrecognised` Int64 DEFAULT (sums[33]) + (sums[97]) COMMENT 'Events that this version does not know. [count]',
    `clock_clamped` Int64 DEFAULT (sums[34]) + (sums[98]) COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `tool_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)), mapApply((k, n) -> (toUInt16(k - 192), n), mapFilter((k, n) -> ((k >= 192) AND (k <= 255)), sums))) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `sums` Map(UInt16, Int64) EPHEMERAL COMMENT 'What the stream sends: number of a counter to amount.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (session_id, segment)
SETTINGS index_granularity = 8192
COMMENT 'Empty since the release that brought session_state_rows, where its rows are.';

CREATE TABLE ammeter_private.session_state_rows
(
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'When this incarnation came into being; milliseconds.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `source` LowCardinality(String) COMMENT 'The client.',
    `client_version` LowCardinality(String) COMMENT 'The highest that it showed.',
    `entrypoint` LowCardinality(String) COMMENT 'The last in alphabetical order that it showed.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known, \'unknown\' when that was given up.',
    `user_id_kind` LowCardinality(String) COMMENT 'What the pseudonym was made from.',
    `install_id` String COMMENT 'Pseudonym of the installation.',
    `team_hint` LowCardinality(String) COMMENT 'Of the event that identified the session.',
    `is_open` Bool COMMENT 'Neither ended nor idle for 30 minutes.',
    `started_at` Int64 COMMENT 'First occurred_at; milliseconds.',
    `began` DateTime64(3, 'UTC') MATERIALIZED fromUnixTimestamp64Milli(started_at, 'UTC') COMMENT 'started_at as a time.',
    `session_key` UInt64 MATERIALIZED cityHash64(session_id) COMMENT 'Hash of session_id.',
    `ended_at` Int64 COMMENT 'Last occurred_at; milliseconds.',
    `seen_at` Int64 COMMENT 'Latest of occurred_at and received_at; milliseconds.',
    `end_reason` LowCardinality(String) COMMENT 'The end event\'s reason, \'idle\', or empty.',
    `closed_at` Int64 COMMENT 'When it closed; milliseconds, 0 while open.',
    `closing_at` Int64 COMMENT 'Moment of the latest end event; milliseconds, 0: none was seen.',
    `marks` Map(UInt8, Int64) COMMENT 'Latest moment of each kind, milliseconds: 0 prompt, 1 answer, 2 tool_succeeded, 3 tool_failed, 4 api_failed, 5 test_passed, 6 test_failed, 7 stopped.',
    `told` LowCardinality(String) COMMENT 'Outcome as the client says it; empty where it says nothing.',
    `told_at` Int64 COMMENT 'When it said so; milliseconds.',
    `events` Int64 DEFAULT (sums[0]) + (sums[64]) COMMENT 'Canonical events of any type. [count]',
    `prompts` Int64 DEFAULT (sums[1]) + (sums[65]) COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `slash_commands` Int64 DEFAULT (sums[2]) + (sums[66]) COMMENT 'Slash commands. [count]',
    `injected_prompts` Int64 DEFAULT (sums[3]) + (sums[67]) COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `responses` Int64 DEFAULT (sums[4]) + (sums[68]) COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `turns` Int64 DEFAULT (sums[5]) + (sums[69]) COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `tool_calls` Int64 DEFAULT (sums[6]) + (sums[70]) COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 DEFAULT (sums[7]) + (sums[71]) COMMENT 'Finished tool calls that did not succeed. [count]',
    `tool_accepts` Int64 DEFAULT (sums[8]) + (sums[72]) COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `tool_rejections` Int64 DEFAULT (sums[9]) + (sums[73]) COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `api_failures` Int64 DEFAULT (sums[10]) + (sums[74]) COMMENT 'Model requests that failed for good (api_error). [count]',
    `api_retries_exhausted` Int64 DEFAULT (sums[11]) + (sums[75]) COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `api_refusals` Int64 DEFAULT (sums[12]) + (sums[76]) COMMENT 'Model requests that the model refused. [count]',
    `input_tokens` Int64 DEFAULT (sums[13]) + (sums[77]) COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `output_tokens` Int64 DEFAULT (sums[14]) + (sums[78]) COMMENT 'Output tokens of answered requests. [tokens]',
    `cache_read_tokens` Int64 DEFAULT (sums[15]) + (sums[79]) COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `cache_creation_tokens` Int64 DEFAULT (sums[16]) + (sums[80]) COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `cost_micros` Int64 DEFAULT (sums[17]) + (sums[81]) COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `response_chars` Int64 DEFAULT (sums[18]) + (sums[82]) COMMENT 'Length of the model\'s text answers. [characters]',
    `lines_added` Int64 DEFAULT (sums[19]) + (sums[83]) COMMENT 'Lines of code added, as the client counts them. [lines]',
    `lines_removed` Int64 DEFAULT (sums[20]) + (sums[84]) COMMENT 'Lines of code removed. [lines]',
    `commits` Int64 DEFAULT (sums[21]) + (sums[85]) COMMENT 'Commits made through the assistant. [count]',
    `pull_requests` Int64 DEFAULT (sums[22]) + (sums[86]) COMMENT 'Pull requests opened through the assistant. [count]',
    `edits_accepted` Int64 DEFAULT (sums[23]) + (sums[87]) COMMENT 'Edits accepted, by a person or by rule. [count]',
    `edits_rejected` Int64 DEFAULT (sums[24]) + (sums[88]) COMMENT 'Edits rejected. [count]',
    `active_user_ms` Int64 DEFAULT (sums[25]) + (sums[89]) COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `active_cli_ms` Int64 DEFAULT (sums[26]) + (sums[90]) COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `compactions` Int64 DEFAULT (sums[27]) + (sums[91]) COMMENT 'Compactions of the context. [count]',
    `subagents` Int64 DEFAULT (sums[28]) + (sums[92]) COMMENT 'Subagents that ran to their end. [count]',
    `mode_changes` Int64 DEFAULT (sums[29]) + (sums[93]) COMMENT 'Changes of the permission mode. [count]',
    `interrupts` Int64 DEFAULT (sums[30]) + (sums[94]) COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `model_ms` Int64 DEFAULT (sums[31]) + (sums[95]) COMMENT 'Duration of answered model requests. [ms]',
    `tool_ms` Int64 DEFAULT (sums[32]) + (sums[96]) COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `unrecognised` Int64 DEFAULT (sums[33]) + (sums[97]) COMMENT 'Events that this version does not know. [count]',
    `clock_clamped` Int64 DEFAULT (sums[34]) + (sums[98]) COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `reported_input_tokens` Int64 DEFAULT (sums[35]) + (sums[99]) COMMENT 'Uncached input tokens as the client\'s metrics count them. [tokens]',
    `reported_output_tokens` Int64 DEFAULT (sums[36]) + (sums[100]) COMMENT 'Output tokens as the client\'s metrics count them. [tokens]',
    `reported_cache_read_tokens` Int64 DEFAULT (sums[37]) + (sums[101]) COMMENT 'Cache reads as the client\'s metrics count them. [tokens]',
    `reported_cache_creation_tokens` Int64 DEFAULT (sums[38]) + (sums[102]) COMMENT 'Cache writes as the client\'s metrics count them. [tokens]',
    `reported_cost_micros` Int64 DEFAULT (sums[39]) + (sums[103]) COMMENT 'Cost as the client\'s metrics count it. [micro-dollars]',
    `user_rejections` Int64 DEFAULT (sums[40]) + (sums[104]) COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `tests_passed` Int64 DEFAULT (sums[41]) + (sums[105]) COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `tests_failed` Int64 DEFAULT (sums[42]) + (sums[106]) COMMENT 'Shell commands that ran tests and failed. [count]',
    `commit_commands` Int64 DEFAULT (sums[43]) + (sums[107]) COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `loops` Int64 DEFAULT (sums[44]) + (sums[108]) COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `log_actions` Int64 DEFAULT (sums[45]) + (sums[109]) COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `hook_events` Int64 DEFAULT (sums[46]) + (sums[110]) COMMENT 'Events that a hook told. [count]',
    `repeats` Int64 DEFAULT (sums[47]) + (sums[111]) COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `tool_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)), mapApply((k, n) -> (toUInt16(k - 192), n), mapFilter((k, n) -> ((k >= 192) AND (k <= 255)), sums))) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `turn_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)), mapApply((k, n) -> (toUInt16(k - 320), n), mapFilter((k, n) -> ((k >= 320) AND (k <= 383)), sums))) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `tool_kinds` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 384), n), mapFilter((k, n) -> ((k >= 384) AND (k <= 447)), sums)), mapApply((k, n) -> (toUInt16(k - 448), n), mapFilter((k, n) -> ((k >= 448) AND (k <= 511)), sums))) COMMENT 'Finished tool calls by kind: 0 other, 1 read, 2 search, 3 edit, 4 shell, 5 web, 6 agent, 7 plan, 8 mcp.',
    `sums` Map(UInt16, Int64) EPHEMERAL COMMENT 'What the stream sends: number of a counter to amount.',
    INDEX by_session session_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(began)
ORDER BY (toDate(began), session_id, segment)
SETTINGS index_granularity = 8192
COMMENT 'State of a session by the day on which it began, newest by version. Segments of one session add up.';

CREATE TABLE ammeter_private.team_window_rows
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `as_of` DateTime('UTC') COMMENT 'Last minute of the window: it holds the minutes (as_of - span, as_of].',
    `people` Int64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `events` Int64 DEFAULT (sums[0]) + (sums[64]) COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 DEFAULT sums[0] COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 DEFAULT (sums[1]) + (sums[65]) COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 DEFAULT sums[1] COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 DEFAULT (sums[2]) + (sums[66]) COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 DEFAULT sums[2] COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 DEFAULT (sums[3]) + (sums[67]) COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 DEFAULT sums[3] COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 DEFAULT (sums[4]) + (sums[68]) COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 DEFAULT sums[4] COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 DEFAULT (sums[5]) + (sums[69]) COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 DEFAULT sums[5] COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 DEFAULT (sums[6]) + (sums[70]) COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 DEFAULT sums[6] COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 DEFAULT (sums[7]) + (sums[71]) COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 DEFAULT sums[7] COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 DEFAULT (sums[8]) + (sums[72]) COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 DEFAULT sums[8] COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 DEFAULT (sums[9]) + (sums[73]) COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 DEFAULT sums[9] COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 DEFAULT (sums[10]) + (sums[74]) COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 DEFAULT sums[10] COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 DEFAULT (sums[11]) + (sums[75]) COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 DEFAULT sums[11] COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 DEFAULT (sums[12]) + (sums[76]) COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 DEFAULT sums[12] COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 DEFAULT (sums[13]) + (sums[77]) COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 DEFAULT sums[13] COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 DEFAULT (sums[14]) + (sums[78]) COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 DEFAULT sums[14] COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 DEFAULT (sums[15]) + (sums[79]) COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 DEFAULT sums[15] COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 DEFAULT (sums[16]) + (sums[80]) COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 DEFAULT sums[16] COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 DEFAULT (sums[17]) + (sums[81]) COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 DEFAULT sums[17] COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 DEFAULT (sums[18]) + (sums[82]) COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 DEFAULT sums[18] COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 DEFAULT (sums[19]) + (sums[83]) COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 DEFAULT sums[19] COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 DEFAULT (sums[20]) + (sums[84]) COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 DEFAULT sums[20] COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 DEFAULT (sums[21]) + (sums[85]) COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 DEFAULT sums[21] COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 DEFAULT (sums[22]) + (sums[86]) COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 DEFAULT sums[22] COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 DEFAULT (sums[23]) + (sums[87]) COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 DEFAULT sums[23] COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 DEFAULT (sums[24]) + (sums[88]) COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 DEFAULT sums[24] COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 DEFAULT (sums[25]) + (sums[89]) COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 DEFAULT sums[25] COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 DEFAULT (sums[26]) + (sums[90]) COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 DEFAULT sums[26] COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 DEFAULT (sums[27]) + (sums[91]) COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 DEFAULT sums[27] COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 DEFAULT (sums[28]) + (sums[92]) COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 DEFAULT sums[28] COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 DEFAULT (sums[29]) + (sums[93]) COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 DEFAULT sums[29] COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 DEFAULT (sums[30]) + (sums[94]) COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 DEFAULT sums[30] COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 DEFAULT (sums[31]) + (sums[95]) COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 DEFAULT sums[31] COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 DEFAULT (sums[32]) + (sums[96]) COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 DEFAULT sums[32] COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 DEFAULT (sums[33]) + (sums[97]) COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 DEFAULT sums[33] COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 DEFAULT (sums[34]) + (sums[98]) COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 DEFAULT sums[34] COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)), mapApply((k, n) -> (toUInt16(k - 192), n), mapFilter((k, n) -> ((k >= 192) AND (k <= 255)), sums))) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) DEFAULT mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `sums` Map(UInt16, Int64) EPHEMERAL COMMENT 'What the stream sends: number of a counter to amount.',
    `user_rejections` Int64 DEFAULT (sums[40]) + (sums[104]) COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 DEFAULT sums[40] COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 DEFAULT (sums[41]) + (sums[105]) COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 DEFAULT sums[41] COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 DEFAULT (sums[42]) + (sums[106]) COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 DEFAULT sums[42] COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 DEFAULT (sums[43]) + (sums[107]) COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 DEFAULT sums[43] COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 DEFAULT (sums[44]) + (sums[108]) COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 DEFAULT sums[44] COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 DEFAULT (sums[45]) + (sums[109]) COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 DEFAULT sums[45] COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 DEFAULT (sums[46]) + (sums[110]) COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 DEFAULT sums[46] COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 DEFAULT (sums[47]) + (sums[111]) COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 DEFAULT sums[47] COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 DEFAULT (sums[48]) + (sums[112]) COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 DEFAULT sums[48] COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 DEFAULT (sums[49]) + (sums[113]) COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 DEFAULT sums[49] COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 DEFAULT (sums[50]) + (sums[114]) COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 DEFAULT sums[50] COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 DEFAULT (sums[51]) + (sums[115]) COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 DEFAULT sums[51] COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 DEFAULT (sums[52]) + (sums[116]) COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 DEFAULT sums[52] COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 DEFAULT (sums[53]) + (sums[117]) COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 DEFAULT sums[53] COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 DEFAULT (sums[54]) + (sums[118]) COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 DEFAULT sums[54] COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 DEFAULT (sums[55]) + (sums[119]) COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 DEFAULT sums[55] COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `turn_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)), mapApply((k, n) -> (toUInt16(k - 320), n), mapFilter((k, n) -> ((k >= 320) AND (k <= 383)), sums))) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) DEFAULT mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (team_id, span)
SETTINGS index_granularity = 8192
COMMENT 'Rolling windows of a team, newest by version; a team that emptied has zeros.';

CREATE TABLE ammeter_private.user_minute_rows
(
    `minute` DateTime('UTC') COMMENT 'Minute in which the events occurred.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `segment` Int64 COMMENT '0 while the stream remembers the minute, else the version of a late flush.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `events` Int64 DEFAULT (sums[0]) + (sums[64]) COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 DEFAULT sums[0] COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 DEFAULT (sums[1]) + (sums[65]) COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 DEFAULT sums[1] COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 DEFAULT (sums[2]) + (sums[66]) COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 DEFAULT sums[2] COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 DEFAULT (sums[3]) + (sums[67]) COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 DEFAULT sums[3] COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 DEFAULT (sums[4]) + (sums[68]) COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 DEFAULT sums[4] COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 DEFAULT (sums[5]) + (sums[69]) COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 DEFAULT sums[5] COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 DEFAULT (sums[6]) + (sums[70]) COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 DEFAULT sums[6] COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 DEFAULT (sums[7]) + (sums[71]) COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 DEFAULT sums[7] COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 DEFAULT (sums[8]) + (sums[72]) COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 DEFAULT sums[8] COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 DEFAULT (sums[9]) + (sums[73]) COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 DEFAULT sums[9] COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 DEFAULT (sums[10]) + (sums[74]) COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 DEFAULT sums[10] COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 DEFAULT (sums[11]) + (sums[75]) COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 DEFAULT sums[11] COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 DEFAULT (sums[12]) + (sums[76]) COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 DEFAULT sums[12] COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 DEFAULT (sums[13]) + (sums[77]) COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 DEFAULT sums[13] COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 DEFAULT (sums[14]) + (sums[78]) COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 DEFAULT sums[14] COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 DEFAULT (sums[15]) + (sums[79]) COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 DEFAULT sums[15] COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 DEFAULT (sums[16]) + (sums[80]) COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 DEFAULT sums[16] COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 DEFAULT (sums[17]) + (sums[81]) COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 DEFAULT sums[17] COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 DEFAULT (sums[18]) + (sums[82]) COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 DEFAULT sums[18] COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 DEFAULT (sums[19]) + (sums[83]) COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 DEFAULT sums[19] COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 DEFAULT (sums[20]) + (sums[84]) COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 DEFAULT sums[20] COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 DEFAULT (sums[21]) + (sums[85]) COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 DEFAULT sums[21] COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 DEFAULT (sums[22]) + (sums[86]) COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 DEFAULT sums[22] COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 DEFAULT (sums[23]) + (sums[87]) COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 DEFAULT sums[23] COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 DEFAULT (sums[24]) + (sums[88]) COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 DEFAULT sums[24] COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 DEFAULT (sums[25]) + (sums[89]) COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 DEFAULT sums[25] COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 DEFAULT (sums[26]) + (sums[90]) COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 DEFAULT sums[26] COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 DEFAULT (sums[27]) + (sums[91]) COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 DEFAULT sums[27] COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 DEFAULT (sums[28]) + (sums[92]) COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 DEFAULT sums[28] COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 DEFAULT (sums[29]) + (sums[93]) COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 DEFAULT sums[29] COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 DEFAULT (sums[30]) + (sums[94]) COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 DEFAULT sums[30] COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 DEFAULT (sums[31]) + (sums[95]) COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 DEFAULT sums[31] COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 DEFAULT (sums[32]) + (sums[96]) COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 DEFAULT sums[32] COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 DEFAULT (sums[33]) + (sums[97]) COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 DEFAULT sums[33] COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 DEFAULT (sums[34]) + (sums[98]) COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 DEFAULT sums[34] COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)), mapApply((k, n) -> (toUInt16(k - 192), n), mapFilter((k, n) -> ((k >= 192) AND (k <= 255)), sums))) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) DEFAULT mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `sums` Map(UInt16, Int64) EPHEMERAL COMMENT 'What the stream sends: number of a counter to amount.',
    `hint` LowCardinality(String) COMMENT 'Team as the clients say it, whichever the directory has.',
    `user_rejections` Int64 DEFAULT (sums[40]) + (sums[104]) COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 DEFAULT sums[40] COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 DEFAULT (sums[41]) + (sums[105]) COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 DEFAULT sums[41] COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 DEFAULT (sums[42]) + (sums[106]) COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 DEFAULT sums[42] COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 DEFAULT (sums[43]) + (sums[107]) COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 DEFAULT sums[43] COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 DEFAULT (sums[44]) + (sums[108]) COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 DEFAULT sums[44] COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 DEFAULT (sums[45]) + (sums[109]) COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 DEFAULT sums[45] COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 DEFAULT (sums[46]) + (sums[110]) COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 DEFAULT sums[46] COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 DEFAULT (sums[47]) + (sums[111]) COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 DEFAULT sums[47] COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 DEFAULT (sums[48]) + (sums[112]) COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 DEFAULT sums[48] COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 DEFAULT (sums[49]) + (sums[113]) COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 DEFAULT sums[49] COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 DEFAULT (sums[50]) + (sums[114]) COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 DEFAULT sums[50] COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 DEFAULT (sums[51]) + (sums[115]) COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 DEFAULT sums[51] COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 DEFAULT (sums[52]) + (sums[116]) COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 DEFAULT sums[52] COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 DEFAULT (sums[53]) + (sums[117]) COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 DEFAULT sums[53] COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 DEFAULT (sums[54]) + (sums[118]) COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 DEFAULT sums[54] COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 DEFAULT (sums[55]) + (sums[119]) COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 DEFAULT sums[55] COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `turn_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)), mapApply((k, n) -> (toUInt16(k - 320), n), mapFilter((k, n) -> ((k >= 320) AND (k <= 383)), sums))) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) DEFAULT mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, team_id, user_id, segment)
SETTINGS index_granularity = 8192
COMMENT 'Sums of one minute of one person in one team, newest by version. Segments of one minute add up.';

CREATE TABLE ammeter_private.user_session_rows
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `session_id` String COMMENT 'The client\'s own id.',
    `segment` Int64 COMMENT 'The incarnation it is about; milliseconds.',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `state` LowCardinality(String) COMMENT 'opened, closed or reopened.',
    `at` Int64 COMMENT 'When; milliseconds.',
    `started_at` Int64 COMMENT 'First occurred_at; milliseconds.',
    `end_reason` LowCardinality(String) COMMENT 'The end event\'s reason, \'idle\', or empty.',
    `came_back` Bool COMMENT 'The person opened another session after this one closed.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (user_id, session_id)
SETTINGS index_granularity = 8192
COMMENT 'Last notice of a person\'s session, newest by version.';

CREATE TABLE ammeter_private.user_window_rows
(
    `user_id` String COMMENT 'Pseudonym of the person; \'unknown\' where nobody was named in time.',
    `span` LowCardinality(String) COMMENT 'Length of the window: 5m, 1h or 24h.',
    `span_minutes` UInt16 COMMENT 'Length of the window in minutes.',
    `as_of` DateTime('UTC') COMMENT 'Last minute of the window: it holds the minutes (as_of - span, as_of].',
    `version` UInt64 COMMENT 'Of the flush that wrote the row; the highest counts.',
    `definitions` UInt32 COMMENT 'Version of the definitions it was counted by.',
    `events` Int64 DEFAULT (sums[0]) + (sums[64]) COMMENT 'Canonical events of any type. [count]',
    `interactive_events` Int64 DEFAULT sums[0] COMMENT 'Canonical events of any type. [count] Interactive use only.',
    `prompts` Int64 DEFAULT (sums[1]) + (sums[65]) COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `interactive_prompts` Int64 DEFAULT sums[1] COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count] Interactive use only.',
    `slash_commands` Int64 DEFAULT (sums[2]) + (sums[66]) COMMENT 'Slash commands. [count]',
    `interactive_slash_commands` Int64 DEFAULT sums[2] COMMENT 'Slash commands. [count] Interactive use only.',
    `injected_prompts` Int64 DEFAULT (sums[3]) + (sums[67]) COMMENT 'Prompts that the client put in itself (a finished background task). [count]',
    `interactive_injected_prompts` Int64 DEFAULT sums[3] COMMENT 'Prompts that the client put in itself (a finished background task). [count] Interactive use only.',
    `responses` Int64 DEFAULT (sums[4]) + (sums[68]) COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count]',
    `interactive_responses` Int64 DEFAULT sums[4] COMMENT 'Answers of the model API (api_request); interrupted ones leave no event. [count] Interactive use only.',
    `turns` Int64 DEFAULT (sums[5]) + (sums[69]) COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count]',
    `interactive_turns` Int64 DEFAULT sums[5] COMMENT 'Distinct prompts of a session that got an answer, a tool result or an API failure. [count] Interactive use only.',
    `tool_calls` Int64 DEFAULT (sums[6]) + (sums[70]) COMMENT 'Finished tool calls (tool_result). [count]',
    `interactive_tool_calls` Int64 DEFAULT sums[6] COMMENT 'Finished tool calls (tool_result). [count] Interactive use only.',
    `tool_failures` Int64 DEFAULT (sums[7]) + (sums[71]) COMMENT 'Finished tool calls that did not succeed. [count]',
    `interactive_tool_failures` Int64 DEFAULT sums[7] COMMENT 'Finished tool calls that did not succeed. [count] Interactive use only.',
    `tool_accepts` Int64 DEFAULT (sums[8]) + (sums[72]) COMMENT 'Tool calls allowed, by a person or by rule. [count]',
    `interactive_tool_accepts` Int64 DEFAULT sums[8] COMMENT 'Tool calls allowed, by a person or by rule. [count] Interactive use only.',
    `tool_rejections` Int64 DEFAULT (sums[9]) + (sums[73]) COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count]',
    `interactive_tool_rejections` Int64 DEFAULT sums[9] COMMENT 'Tool calls refused, by a person or by rule; not in tool_calls. [count] Interactive use only.',
    `api_failures` Int64 DEFAULT (sums[10]) + (sums[74]) COMMENT 'Model requests that failed for good (api_error). [count]',
    `interactive_api_failures` Int64 DEFAULT sums[10] COMMENT 'Model requests that failed for good (api_error). [count] Interactive use only.',
    `api_retries_exhausted` Int64 DEFAULT (sums[11]) + (sums[75]) COMMENT 'Failed model requests that had been retried; also in api_failures. [count]',
    `interactive_api_retries_exhausted` Int64 DEFAULT sums[11] COMMENT 'Failed model requests that had been retried; also in api_failures. [count] Interactive use only.',
    `api_refusals` Int64 DEFAULT (sums[12]) + (sums[76]) COMMENT 'Model requests that the model refused. [count]',
    `interactive_api_refusals` Int64 DEFAULT sums[12] COMMENT 'Model requests that the model refused. [count] Interactive use only.',
    `input_tokens` Int64 DEFAULT (sums[13]) + (sums[77]) COMMENT 'Uncached input tokens of answered requests. [tokens]',
    `interactive_input_tokens` Int64 DEFAULT sums[13] COMMENT 'Uncached input tokens of answered requests. [tokens] Interactive use only.',
    `output_tokens` Int64 DEFAULT (sums[14]) + (sums[78]) COMMENT 'Output tokens of answered requests. [tokens]',
    `interactive_output_tokens` Int64 DEFAULT sums[14] COMMENT 'Output tokens of answered requests. [tokens] Interactive use only.',
    `cache_read_tokens` Int64 DEFAULT (sums[15]) + (sums[79]) COMMENT 'Input tokens read from the prompt cache. [tokens]',
    `interactive_cache_read_tokens` Int64 DEFAULT sums[15] COMMENT 'Input tokens read from the prompt cache. [tokens] Interactive use only.',
    `cache_creation_tokens` Int64 DEFAULT (sums[16]) + (sums[80]) COMMENT 'Input tokens written to the prompt cache. [tokens]',
    `interactive_cache_creation_tokens` Int64 DEFAULT sums[16] COMMENT 'Input tokens written to the prompt cache. [tokens] Interactive use only.',
    `cost_micros` Int64 DEFAULT (sums[17]) + (sums[81]) COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars]',
    `interactive_cost_micros` Int64 DEFAULT sums[17] COMMENT 'Cost of answered requests, as the client computes it. [micro-dollars] Interactive use only.',
    `response_chars` Int64 DEFAULT (sums[18]) + (sums[82]) COMMENT 'Length of the model\'s text answers. [characters]',
    `interactive_response_chars` Int64 DEFAULT sums[18] COMMENT 'Length of the model\'s text answers. [characters] Interactive use only.',
    `lines_added` Int64 DEFAULT (sums[19]) + (sums[83]) COMMENT 'Lines of code added, as the client counts them. [lines]',
    `interactive_lines_added` Int64 DEFAULT sums[19] COMMENT 'Lines of code added, as the client counts them. [lines] Interactive use only.',
    `lines_removed` Int64 DEFAULT (sums[20]) + (sums[84]) COMMENT 'Lines of code removed. [lines]',
    `interactive_lines_removed` Int64 DEFAULT sums[20] COMMENT 'Lines of code removed. [lines] Interactive use only.',
    `commits` Int64 DEFAULT (sums[21]) + (sums[85]) COMMENT 'Commits made through the assistant. [count]',
    `interactive_commits` Int64 DEFAULT sums[21] COMMENT 'Commits made through the assistant. [count] Interactive use only.',
    `pull_requests` Int64 DEFAULT (sums[22]) + (sums[86]) COMMENT 'Pull requests opened through the assistant. [count]',
    `interactive_pull_requests` Int64 DEFAULT sums[22] COMMENT 'Pull requests opened through the assistant. [count] Interactive use only.',
    `edits_accepted` Int64 DEFAULT (sums[23]) + (sums[87]) COMMENT 'Edits accepted, by a person or by rule. [count]',
    `interactive_edits_accepted` Int64 DEFAULT sums[23] COMMENT 'Edits accepted, by a person or by rule. [count] Interactive use only.',
    `edits_rejected` Int64 DEFAULT (sums[24]) + (sums[88]) COMMENT 'Edits rejected. [count]',
    `interactive_edits_rejected` Int64 DEFAULT sums[24] COMMENT 'Edits rejected. [count] Interactive use only.',
    `active_user_ms` Int64 DEFAULT (sums[25]) + (sums[89]) COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms]',
    `interactive_active_user_ms` Int64 DEFAULT sums[25] COMMENT 'Time in which the person was active (typing, reading), as the client counts it. [ms] Interactive use only.',
    `active_cli_ms` Int64 DEFAULT (sums[26]) + (sums[90]) COMMENT 'Time in which the assistant worked, as the client counts it. [ms]',
    `interactive_active_cli_ms` Int64 DEFAULT sums[26] COMMENT 'Time in which the assistant worked, as the client counts it. [ms] Interactive use only.',
    `compactions` Int64 DEFAULT (sums[27]) + (sums[91]) COMMENT 'Compactions of the context. [count]',
    `interactive_compactions` Int64 DEFAULT sums[27] COMMENT 'Compactions of the context. [count] Interactive use only.',
    `subagents` Int64 DEFAULT (sums[28]) + (sums[92]) COMMENT 'Subagents that ran to their end. [count]',
    `interactive_subagents` Int64 DEFAULT sums[28] COMMENT 'Subagents that ran to their end. [count] Interactive use only.',
    `mode_changes` Int64 DEFAULT (sums[29]) + (sums[93]) COMMENT 'Changes of the permission mode. [count]',
    `interactive_mode_changes` Int64 DEFAULT sums[29] COMMENT 'Changes of the permission mode. [count] Interactive use only.',
    `interrupts` Int64 DEFAULT (sums[30]) + (sums[94]) COMMENT 'Turns that a person interrupted, where the source says so. [count]',
    `interactive_interrupts` Int64 DEFAULT sums[30] COMMENT 'Turns that a person interrupted, where the source says so. [count] Interactive use only.',
    `model_ms` Int64 DEFAULT (sums[31]) + (sums[95]) COMMENT 'Duration of answered model requests. [ms]',
    `interactive_model_ms` Int64 DEFAULT sums[31] COMMENT 'Duration of answered model requests. [ms] Interactive use only.',
    `tool_ms` Int64 DEFAULT (sums[32]) + (sums[96]) COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms]',
    `interactive_tool_ms` Int64 DEFAULT sums[32] COMMENT 'Duration of finished tool calls, waiting for a permission included. [ms] Interactive use only.',
    `unrecognised` Int64 DEFAULT (sums[33]) + (sums[97]) COMMENT 'Events that this version does not know. [count]',
    `interactive_unrecognised` Int64 DEFAULT sums[33] COMMENT 'Events that this version does not know. [count] Interactive use only.',
    `clock_clamped` Int64 DEFAULT (sums[34]) + (sums[98]) COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count]',
    `interactive_clock_clamped` Int64 DEFAULT sums[34] COMMENT 'Events whose own time was impossible and was replaced by the time of receipt. [count] Interactive use only.',
    `tool_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)), mapApply((k, n) -> (toUInt16(k - 192), n), mapFilter((k, n) -> ((k >= 192) AND (k <= 255)), sums))) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b.',
    `interactive_tool_durations` Map(UInt16, Int64) DEFAULT mapApply((k, n) -> (toUInt16(k - 128), n), mapFilter((k, n) -> ((k >= 128) AND (k <= 191)), sums)) COMMENT 'Finished tool calls by half octave of their duration: bucket b holds 2^(b-1) <= ms^2 < 2^b. Interactive use only.',
    `sums` Map(UInt16, Int64) EPHEMERAL COMMENT 'What the stream sends: number of a counter to amount.',
    `user_rejections` Int64 DEFAULT (sums[40]) + (sums[104]) COMMENT 'Tool calls that a person refused; also in tool_rejections. [count]',
    `interactive_user_rejections` Int64 DEFAULT sums[40] COMMENT 'Tool calls that a person refused; also in tool_rejections. [count] Interactive use only.',
    `tests_passed` Int64 DEFAULT (sums[41]) + (sums[105]) COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count]',
    `interactive_tests_passed` Int64 DEFAULT sums[41] COMMENT 'Shell commands that ran tests and succeeded; only where commands are shown. [count] Interactive use only.',
    `tests_failed` Int64 DEFAULT (sums[42]) + (sums[106]) COMMENT 'Shell commands that ran tests and failed. [count]',
    `interactive_tests_failed` Int64 DEFAULT sums[42] COMMENT 'Shell commands that ran tests and failed. [count] Interactive use only.',
    `commit_commands` Int64 DEFAULT (sums[43]) + (sums[107]) COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count]',
    `interactive_commit_commands` Int64 DEFAULT sums[43] COMMENT 'Shell commands that committed and succeeded; commits counts what is told. [count] Interactive use only.',
    `loops` Int64 DEFAULT (sums[44]) + (sums[108]) COMMENT 'Files or commands of a session that failed three times or more. [count]',
    `interactive_loops` Int64 DEFAULT sums[44] COMMENT 'Files or commands of a session that failed three times or more. [count] Interactive use only.',
    `log_actions` Int64 DEFAULT (sums[45]) + (sums[109]) COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves]',
    `interactive_log_actions` Int64 DEFAULT sums[45] COMMENT 'Per turn, 1000 log2(1 + tool calls); for the geometric mean of actions. [milli-octaves] Interactive use only.',
    `hook_events` Int64 DEFAULT (sums[46]) + (sums[110]) COMMENT 'Events that a hook told. [count]',
    `interactive_hook_events` Int64 DEFAULT sums[46] COMMENT 'Events that a hook told. [count] Interactive use only.',
    `repeats` Int64 DEFAULT (sums[47]) + (sums[111]) COMMENT 'Events that another source had told before; counted as nothing else. [count]',
    `interactive_repeats` Int64 DEFAULT sums[47] COMMENT 'Events that another source had told before; counted as nothing else. [count] Interactive use only.',
    `sessions_judged` Int64 DEFAULT (sums[48]) + (sums[112]) COMMENT 'Closed sessions with a verdict, in the minute of their start. [count]',
    `interactive_sessions_judged` Int64 DEFAULT sums[48] COMMENT 'Closed sessions with a verdict, in the minute of their start. [count] Interactive use only.',
    `sessions_troubled` Int64 DEFAULT (sums[49]) + (sums[113]) COMMENT 'Judged sessions that hit trouble. [count]',
    `interactive_sessions_troubled` Int64 DEFAULT sums[49] COMMENT 'Judged sessions that hit trouble. [count] Interactive use only.',
    `sessions_verified` Int64 DEFAULT (sums[50]) + (sums[114]) COMMENT 'Judged sessions with a verified success. [count]',
    `interactive_sessions_verified` Int64 DEFAULT sums[50] COMMENT 'Judged sessions with a verified success. [count] Interactive use only.',
    `sessions_clean` Int64 DEFAULT (sums[51]) + (sums[115]) COMMENT 'Judged sessions that ended clean. [count]',
    `interactive_sessions_clean` Int64 DEFAULT sums[51] COMMENT 'Judged sessions that ended clean. [count] Interactive use only.',
    `sessions_given_up` Int64 DEFAULT (sums[52]) + (sums[116]) COMMENT 'Judged sessions that were abandoned after trouble. [count]',
    `interactive_sessions_given_up` Int64 DEFAULT sums[52] COMMENT 'Judged sessions that were abandoned after trouble. [count] Interactive use only.',
    `sessions_left` Int64 DEFAULT (sums[53]) + (sums[117]) COMMENT 'Judged sessions that were abandoned without trouble. [count]',
    `interactive_sessions_left` Int64 DEFAULT sums[53] COMMENT 'Judged sessions that were abandoned without trouble. [count] Interactive use only.',
    `sessions_restarted` Int64 DEFAULT (sums[54]) + (sums[118]) COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count]',
    `interactive_sessions_restarted` Int64 DEFAULT sums[54] COMMENT 'Judged sessions that were given up and begun anew within 15 minutes. [count] Interactive use only.',
    `sessions_coded` Int64 DEFAULT (sums[55]) + (sums[119]) COMMENT 'Judged sessions that added at least one line. [count]',
    `interactive_sessions_coded` Int64 DEFAULT sums[55] COMMENT 'Judged sessions that added at least one line. [count] Interactive use only.',
    `turn_durations` Map(UInt16, Int64) DEFAULT mapAdd(mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)), mapApply((k, n) -> (toUInt16(k - 320), n), mapFilter((k, n) -> ((k >= 320) AND (k <= 383)), sums))) COMMENT 'Turns by half octave of the time from their first event to their last.',
    `interactive_turn_durations` Map(UInt16, Int64) DEFAULT mapApply((k, n) -> (toUInt16(k - 256), n), mapFilter((k, n) -> ((k >= 256) AND (k <= 319)), sums)) COMMENT 'Turns by half octave of the time from their first event to their last. Interactive use only.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (user_id, span)
SETTINGS index_granularity = 8192
COMMENT 'Rolling windows of a person, newest by version.';
