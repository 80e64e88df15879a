CREATE OR REPLACE VIEW ${public}.model_hours
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
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Requests to models by hour, team, client and model.'
AS SELECT
    g.hour AS `hour`,
    g.shown_team AS `team_id`,
    finalizeAggregation(g.who) AS `people`,
    g.source AS `source`,
    g.model AS `model`,
    g.requests AS `requests`,
    g.failures AS `failures`,
    g.retries_exhausted AS `retries_exhausted`,
    g.refusals AS `refusals`,
    g.input_tokens AS `input_tokens`,
    g.output_tokens AS `output_tokens`,
    g.cache_read_tokens AS `cache_read_tokens`,
    g.cache_creation_tokens AS `cache_creation_tokens`,
    g.cost_micros AS `cost_micros`,
    g.durations AS `durations`
FROM (
    SELECT s.hour AS hour, s.source AS source, s.model AS model,
        if((finalizeAggregation(s.who) = 0 OR finalizeAggregation(s.who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), toString(s.team), 'others') AS shown_team,
        uniqExactMergeState(s.who) AS who, sum(s.requests) AS requests, sum(s.failures) AS failures, sum(s.retries_exhausted) AS retries_exhausted, sum(s.refusals) AS refusals, sum(s.input_tokens) AS input_tokens, sum(s.output_tokens) AS output_tokens, sum(s.cache_read_tokens) AS cache_read_tokens, sum(s.cache_creation_tokens) AS cache_creation_tokens, sum(s.cost_micros) AS cost_micros, sumMap(s.durations) AS durations
    FROM (
        SELECT toStartOfHour(r.minute) AS hour, r.source AS source, r.name AS model, r.placed_team AS team, uniqExactStateIf(r.person_id, r.user_id NOT IN ('', 'unknown')) AS who, countIf(r.type = 'model_responded') AS requests, countIf(r.type = 'model_request_failed' AND r.result != 'refusal') AS failures, countIf(r.type = 'model_request_failed' AND r.result = 'retries_exhausted') AS retries_exhausted, countIf(r.type = 'model_request_failed' AND r.result = 'refusal') AS refusals, sumIf(r.input_tokens, r.type = 'model_responded') AS input_tokens, sumIf(r.output_tokens, r.type = 'model_responded') AS output_tokens, sumIf(r.cache_read_tokens, r.type = 'model_responded') AS cache_read_tokens, sumIf(r.cache_creation_tokens, r.type = 'model_responded') AS cache_creation_tokens, sumIf(r.cost_micros, r.type = 'model_responded') AS cost_micros, sumMapIf(map(toUInt16(least(length(trimLeft(bin(toUInt128(r.duration_ms) * toUInt128(r.duration_ms)), '0')), 63)), toInt64(1)), r.type = 'model_responded') AS durations
        FROM (
            SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(toString(a.hint) = '', 'unassigned', toString(a.hint)), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
            FROM ${private}.call_rows AS a FINAL
            LEFT JOIN (
                SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                    w.occupations AS occupations
                FROM ${private}.directory_rows AS w FINAL
            ) AS d ON d.identity = a.user_id
            PREWHERE (a.partition, a.offset) NOT IN (
            SELECT d.partition, d.offset FROM ${private}.dead_letter_rows AS d WHERE d.topic = 'session-events'
        )
        ) AS r
        WHERE r.type IN ('model_responded', 'model_request_failed')
        GROUP BY hour, source, model, team
    ) AS s
    GROUP BY hour, source, model, shown_team
    HAVING (finalizeAggregation(who) = 0 OR finalizeAggregation(who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
) AS g
