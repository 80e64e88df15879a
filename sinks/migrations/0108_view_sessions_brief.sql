CREATE OR REPLACE VIEW ${private}.sessions_brief
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
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'As sessions, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    t.`session_id` AS `session_id`,
    t.`source` AS `source`,
    t.`user_id` AS `user_id`,
    t.`started_at` AS `started_at`,
    t.`ended_at` AS `ended_at`,
    t.`end_reason` AS `end_reason`,
    t.`is_open` AS `is_open`,
    t.`prompts` AS `prompts`,
    t.`tool_calls` AS `tool_calls`,
    t.`tool_failures` AS `tool_failures`,
    t.`lines_added` AS `lines_added`,
    t.`commits` AS `commits`,
    t.`tests_passed` AS `tests_passed`,
    t.`tests_failed` AS `tests_failed`,
    t.`cost_usd` AS `cost_usd`,
    t.`actions_per_prompt` AS `actions_per_prompt`,
    t.`team_id` AS `team_id`,
    t.`person_id` AS `person_id`,
    t.`is_interactive` AS `is_interactive`,
    if(NOT t.is_open AND isNotNull(t.closed_at) AND toUnixTimestamp64Milli(t.closed_at) + 900000 <= toUnixTimestamp64Milli(now64(3)), multiIf(t.told != '', toString(t.told), bitAnd(t.signs, 7) != 0, 'verified_success', t.prompts + t.responses + t.tool_calls = 0, 'unknown', bitAnd(t.signs, 3184) != 0 AND NOT (bitAnd(t.signs, 4096) != 0) AND bitAnd(t.signs, 8192) != 0, 'restarted', bitAnd(t.signs, 3184) != 0 AND NOT (bitAnd(t.signs, 4096) != 0) AND bitAnd(t.signs, 1008) != 0, 'abandoned_after_trouble', bitAnd(t.signs, 3184) != 0 AND NOT (bitAnd(t.signs, 4096) != 0), 'abandoned', NOT (bitAnd(t.signs, 3184) != 0) AND (t.marks[1] > 0 OR t.marks[2] > 0), 'ended_clean', 'unknown'), NULL) AS `outcome`,
    if(NOT t.is_open AND isNotNull(t.closed_at) AND toUnixTimestamp64Milli(t.closed_at) + 900000 <= toUnixTimestamp64Milli(now64(3)), multiIf(bitAnd(t.signs, 15) != 0 OR (bitAnd(t.signs, 16384) != 0 AND bitAnd(t.signs, 32) != 0), 'high', bitAnd(t.signs, 16384) != 0 OR (multiIf(t.told != '', toString(t.told), bitAnd(t.signs, 7) != 0, 'verified_success', t.prompts + t.responses + t.tool_calls = 0, 'unknown', bitAnd(t.signs, 3184) != 0 AND NOT (bitAnd(t.signs, 4096) != 0) AND bitAnd(t.signs, 8192) != 0, 'restarted', bitAnd(t.signs, 3184) != 0 AND NOT (bitAnd(t.signs, 4096) != 0) AND bitAnd(t.signs, 1008) != 0, 'abandoned_after_trouble', bitAnd(t.signs, 3184) != 0 AND NOT (bitAnd(t.signs, 4096) != 0), 'abandoned', NOT (bitAnd(t.signs, 3184) != 0) AND (t.marks[1] > 0 OR t.marks[2] > 0), 'ended_clean', 'unknown') = 'ended_clean' AND t.marks[1] > 0 AND t.marks[1] >= greatest(t.marks[0], t.marks[2], t.marks[3], t.marks[4], t.marks[5], t.marks[6], t.marks[7])), 'medium', 'low'), NULL) AS `outcome_confidence`,
    if(NOT t.is_open AND isNotNull(t.closed_at) AND toUnixTimestamp64Milli(t.closed_at) + 900000 <= toUnixTimestamp64Milli(now64(3)), toBool(bitAnd(t.signs, 1008) != 0), NULL) AS `is_troubled`,
    arrayFilter((name, bit) -> bitTest(t.signs, bit), ['commit', 'pull_request', 'tests_passed_last', 'told', 'final_tool_failure', 'final_api_failure', 'tests_failed_last', 'loop', 'pushback', 'many_failures', 'unanswered', 'stopped_last', 'wrote_code', 'came_back', 'end_seen'], range(15)) AS `evidence`,
    nullIf(l.outcome, '') AS `judged_outcome`,
    nullIf(l.work_mode, '') AS `work_mode`,
    if(t.prompts + t.responses + t.tool_calls > 0, multiIf((t.tool_kinds[6]) >= 3 AND 4 * (t.tool_kinds[6]) >= t.tool_calls, 'orchestrate', t.tool_calls = 0, 'communicate', NOT (t.lines_added > 0 OR (t.tool_kinds[3]) > 0) AND (t.tool_kinds[7]) > 0 AND (t.tool_kinds[7]) >= (t.tool_kinds[4]), 'plan', (t.lines_added > 0 OR (t.tool_kinds[3]) > 0) AND (t.tests_passed + t.tests_failed) > 0 AND (t.tests_passed + t.tests_failed) >= (t.tool_kinds[3]), 'test', (t.lines_added > 0 OR (t.tool_kinds[3]) > 0) AND (t.tests_failed > 0 OR 2 * t.lines_removed >= t.lines_added), 'fix', (t.lines_added > 0 OR (t.tool_kinds[3]) > 0), 'build', 2 * (t.tool_kinds[4]) >= t.tool_calls, 'operate', (t.tool_kinds[5] + t.tool_kinds[8]) >= (t.tool_kinds[1] + t.tool_kinds[2]), 'analyze', 'understand'), NULL) AS `work_mode_proxy`
FROM (SELECT t.*, toUInt32(bitShiftLeft(toUInt32(t.commits > 0 OR t.commit_commands > 0), 0) + bitShiftLeft(toUInt32(t.pull_requests > 0), 1) + bitShiftLeft(toUInt32(t.marks[5] > 0 AND t.marks[5] >= t.marks[6]), 2) + bitShiftLeft(toUInt32(t.told != ''), 3) + bitShiftLeft(toUInt32(t.marks[3] > t.marks[2]), 4) + bitShiftLeft(toUInt32(t.marks[4] > t.marks[1]), 5) + bitShiftLeft(toUInt32(t.marks[6] > t.marks[5]), 6) + bitShiftLeft(toUInt32(t.loops > 0), 7) + bitShiftLeft(toUInt32(t.interrupts + t.user_rejections >= 3), 8) + bitShiftLeft(toUInt32(t.tool_failures >= 5 AND 10 * t.tool_failures >= 3 * t.tool_calls), 9) + bitShiftLeft(toUInt32(t.marks[0] > greatest(t.marks[1], t.marks[2], t.marks[3], t.marks[5], t.marks[6])), 10) + bitShiftLeft(toUInt32(t.marks[7] > 0 AND t.marks[7] >= greatest(t.marks[0], t.marks[1], t.marks[2], t.marks[3], t.marks[4], t.marks[5], t.marks[6])), 11) + bitShiftLeft(toUInt32(t.lines_added > 0), 12) + bitShiftLeft(toUInt32(t.came_back), 13) + bitShiftLeft(toUInt32(t.has_end), 14)) AS signs FROM (
    SELECT t.`session_id` AS `session_id`, t.`source` AS `source`, t.`user_id` AS `user_id`, t.`started_at` AS `started_at`, t.`ended_at` AS `ended_at`, t.`end_reason` AS `end_reason`, t.`is_open` AS `is_open`, t.`closed_at` AS `closed_at`, t.`has_end` AS `has_end`, t.`marks` AS `marks`, t.`told` AS `told`, t.`prompts` AS `prompts`, t.`responses` AS `responses`, t.`tool_calls` AS `tool_calls`, t.`tool_failures` AS `tool_failures`, t.`tool_accepts` AS `tool_accepts`, t.`tool_rejections` AS `tool_rejections`, t.`api_failures` AS `api_failures`, t.`lines_added` AS `lines_added`, t.`lines_removed` AS `lines_removed`, t.`commits` AS `commits`, t.`pull_requests` AS `pull_requests`, t.`interrupts` AS `interrupts`, t.`user_rejections` AS `user_rejections`, t.`tests_passed` AS `tests_passed`, t.`tests_failed` AS `tests_failed`, t.`commit_commands` AS `commit_commands`, t.`loops` AS `loops`, t.`tool_kinds` AS `tool_kinds`, t.`cost_usd` AS `cost_usd`, t.`actions_per_prompt` AS `actions_per_prompt`, if(arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from) = 0, if(toString(t.hint) = '', 'unassigned', toString(t.hint)), if(d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= intDiv(toUnixTimestamp64Milli(t.started_at), 60000) * 60000, d.valid_from)])) AS `team_id`, if(d.person = '', t.user_id, d.person) AS `person_id`, NOT (startsWith(t.entrypoint, 'sdk') OR startsWith(t.entrypoint, 'print') OR startsWith(t.entrypoint, 'headless') OR startsWith(t.entrypoint, 'github-action') OR startsWith(t.entrypoint, 'ci') OR startsWith(t.entrypoint, 'exec') OR startsWith(t.entrypoint, 'internal')) AS `is_interactive`, t.session_id IN (
        SELECT b.session_id FROM ${private}.session_outcome_rows AS b FINAL
        PREWHERE b.session_id IN (SELECT w.session_id FROM ${private}.session_outcome_rows AS w WHERE bitAnd(w.signs, 8192) != 0)
        WHERE bitAnd(b.signs, 8192) != 0
    ) AS `came_back`
    FROM (
    SELECT r.session_id AS `session_id`, r.source AS `source`, r.entrypoint AS `entrypoint`, r.user_id AS `user_id`, r.began AS `started_at`, fromUnixTimestamp64Milli(r.ended_at, 'UTC') AS `ended_at`, nullIf(toString(r.end_reason), '') AS `end_reason`, r.is_open AS `is_open`, if(r.closed_at = 0, NULL, fromUnixTimestamp64Milli(r.closed_at, 'UTC')) AS `closed_at`, r.team_hint AS `hint`, r.closing_at > 0 AS `has_end`, r.marks AS `marks`, r.told AS `told`, r.prompts AS `prompts`, r.responses AS `responses`, r.tool_calls AS `tool_calls`, r.tool_failures AS `tool_failures`, r.tool_accepts AS `tool_accepts`, r.tool_rejections AS `tool_rejections`, r.api_failures AS `api_failures`, r.lines_added AS `lines_added`, r.lines_removed AS `lines_removed`, r.commits AS `commits`, r.pull_requests AS `pull_requests`, r.interrupts AS `interrupts`, r.user_rejections AS `user_rejections`, r.tests_passed AS `tests_passed`, r.tests_failed AS `tests_failed`, r.commit_commands AS `commit_commands`, r.loops AS `loops`, r.tool_kinds AS `tool_kinds`, r.cost_micros / 1e6 AS `cost_usd`, pow(2, r.log_actions / 1000 / nullIf(r.turns, 0)) AS `actions_per_prompt`
    FROM ${private}.session_state_rows AS r FINAL
    WHERE r.session_key NOT IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
    UNION ALL
    SELECT r.session_id AS `session_id`, min(r.source) AS `source`, max(r.entrypoint) AS `entrypoint`, argMin(r.user_id, r.seen_at) AS `user_id`, fromUnixTimestamp64Milli(min(r.started_at), 'UTC') AS `started_at`, fromUnixTimestamp64Milli(max(r.ended_at), 'UTC') AS `ended_at`, nullIf(toString(argMax(r.end_reason, r.seen_at)), '') AS `end_reason`, argMax(r.is_open, r.seen_at) AS `is_open`, if(argMax(r.closed_at, r.seen_at) = 0, NULL, fromUnixTimestamp64Milli(argMax(r.closed_at, r.seen_at), 'UTC')) AS `closed_at`, argMin(toString(r.team_hint), r.seen_at) AS `hint`, max(r.closing_at) > 0 AS `has_end`, maxMap(r.marks) AS `marks`, argMax(r.told, r.told_at) AS `told`, sum(r.prompts) AS `prompts`, sum(r.responses) AS `responses`, sum(r.tool_calls) AS `tool_calls`, sum(r.tool_failures) AS `tool_failures`, sum(r.tool_accepts) AS `tool_accepts`, sum(r.tool_rejections) AS `tool_rejections`, sum(r.api_failures) AS `api_failures`, sum(r.lines_added) AS `lines_added`, sum(r.lines_removed) AS `lines_removed`, sum(r.commits) AS `commits`, sum(r.pull_requests) AS `pull_requests`, sum(r.interrupts) AS `interrupts`, sum(r.user_rejections) AS `user_rejections`, sum(r.tests_passed) AS `tests_passed`, sum(r.tests_failed) AS `tests_failed`, sum(r.commit_commands) AS `commit_commands`, sum(r.loops) AS `loops`, mapFilter((k, n) -> n != 0, sumMap(r.tool_kinds)) AS `tool_kinds`, sum(r.cost_micros) / 1e6 AS `cost_usd`, pow(2, sum(r.log_actions) / 1000 / nullIf(sum(r.turns), 0)) AS `actions_per_prompt`
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
) AS t) AS t
LEFT JOIN (SELECT session_id, work_mode, outcome FROM ${private}.session_label_rows FINAL) AS l ON l.session_id = t.session_id
WHERE prompts + responses + api_failures + tool_calls + tool_accepts + tool_rejections > 0
