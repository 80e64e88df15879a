CREATE OR REPLACE VIEW ${public}.team_spans
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'What teams did, cut into the shortest spans of 5 minutes and more that hold enough people, within a day, UTC.'
AS SELECT
    c.team AS `team_id`,
    arrayLast(s -> s <= c.at, p.starts) AS `started_at`,
    max(c.at) + INTERVAL 5 MINUTE AS `ended_at`,
    toUInt16(dateDiff('minute', started_at, ended_at)) AS `span_minutes`,
    toUInt64(length(groupUniqArrayArray(c.who))) AS `people`,
    sum(c.events) AS `events`,
    sum(c.interactive_events) AS `interactive_events`,
    sum(c.prompts) AS `prompts`,
    sum(c.interactive_prompts) AS `interactive_prompts`,
    sum(c.slash_commands) AS `slash_commands`,
    sum(c.interactive_slash_commands) AS `interactive_slash_commands`,
    sum(c.injected_prompts) AS `injected_prompts`,
    sum(c.interactive_injected_prompts) AS `interactive_injected_prompts`,
    sum(c.responses) AS `responses`,
    sum(c.interactive_responses) AS `interactive_responses`,
    sum(c.turns) AS `turns`,
    sum(c.interactive_turns) AS `interactive_turns`,
    sum(c.tool_calls) AS `tool_calls`,
    sum(c.interactive_tool_calls) AS `interactive_tool_calls`,
    sum(c.tool_failures) AS `tool_failures`,
    sum(c.interactive_tool_failures) AS `interactive_tool_failures`,
    sum(c.tool_accepts) AS `tool_accepts`,
    sum(c.interactive_tool_accepts) AS `interactive_tool_accepts`,
    sum(c.tool_rejections) AS `tool_rejections`,
    sum(c.interactive_tool_rejections) AS `interactive_tool_rejections`,
    sum(c.api_failures) AS `api_failures`,
    sum(c.interactive_api_failures) AS `interactive_api_failures`,
    sum(c.api_retries_exhausted) AS `api_retries_exhausted`,
    sum(c.interactive_api_retries_exhausted) AS `interactive_api_retries_exhausted`,
    sum(c.api_refusals) AS `api_refusals`,
    sum(c.interactive_api_refusals) AS `interactive_api_refusals`,
    sum(c.input_tokens) AS `input_tokens`,
    sum(c.interactive_input_tokens) AS `interactive_input_tokens`,
    sum(c.output_tokens) AS `output_tokens`,
    sum(c.interactive_output_tokens) AS `interactive_output_tokens`,
    sum(c.cache_read_tokens) AS `cache_read_tokens`,
    sum(c.interactive_cache_read_tokens) AS `interactive_cache_read_tokens`,
    sum(c.cache_creation_tokens) AS `cache_creation_tokens`,
    sum(c.interactive_cache_creation_tokens) AS `interactive_cache_creation_tokens`,
    sum(c.cost_micros) AS `cost_micros`,
    sum(c.interactive_cost_micros) AS `interactive_cost_micros`,
    sum(c.response_chars) AS `response_chars`,
    sum(c.interactive_response_chars) AS `interactive_response_chars`,
    sum(c.lines_added) AS `lines_added`,
    sum(c.interactive_lines_added) AS `interactive_lines_added`,
    sum(c.lines_removed) AS `lines_removed`,
    sum(c.interactive_lines_removed) AS `interactive_lines_removed`,
    sum(c.commits) AS `commits`,
    sum(c.interactive_commits) AS `interactive_commits`,
    sum(c.pull_requests) AS `pull_requests`,
    sum(c.interactive_pull_requests) AS `interactive_pull_requests`,
    sum(c.edits_accepted) AS `edits_accepted`,
    sum(c.interactive_edits_accepted) AS `interactive_edits_accepted`,
    sum(c.edits_rejected) AS `edits_rejected`,
    sum(c.interactive_edits_rejected) AS `interactive_edits_rejected`,
    sum(c.active_user_ms) AS `active_user_ms`,
    sum(c.interactive_active_user_ms) AS `interactive_active_user_ms`,
    sum(c.active_cli_ms) AS `active_cli_ms`,
    sum(c.interactive_active_cli_ms) AS `interactive_active_cli_ms`,
    sum(c.compactions) AS `compactions`,
    sum(c.interactive_compactions) AS `interactive_compactions`,
    sum(c.subagents) AS `subagents`,
    sum(c.interactive_subagents) AS `interactive_subagents`,
    sum(c.mode_changes) AS `mode_changes`,
    sum(c.interactive_mode_changes) AS `interactive_mode_changes`,
    sum(c.interrupts) AS `interrupts`,
    sum(c.interactive_interrupts) AS `interactive_interrupts`,
    sum(c.model_ms) AS `model_ms`,
    sum(c.interactive_model_ms) AS `interactive_model_ms`,
    sum(c.tool_ms) AS `tool_ms`,
    sum(c.interactive_tool_ms) AS `interactive_tool_ms`,
    sum(c.unrecognised) AS `unrecognised`,
    sum(c.interactive_unrecognised) AS `interactive_unrecognised`,
    sum(c.clock_clamped) AS `clock_clamped`,
    sum(c.interactive_clock_clamped) AS `interactive_clock_clamped`,
    sum(c.user_rejections) AS `user_rejections`,
    sum(c.interactive_user_rejections) AS `interactive_user_rejections`,
    sum(c.tests_passed) AS `tests_passed`,
    sum(c.interactive_tests_passed) AS `interactive_tests_passed`,
    sum(c.tests_failed) AS `tests_failed`,
    sum(c.interactive_tests_failed) AS `interactive_tests_failed`,
    sum(c.commit_commands) AS `commit_commands`,
    sum(c.interactive_commit_commands) AS `interactive_commit_commands`,
    sum(c.loops) AS `loops`,
    sum(c.interactive_loops) AS `interactive_loops`,
    sum(c.log_actions) AS `log_actions`,
    sum(c.interactive_log_actions) AS `interactive_log_actions`,
    sum(c.hook_events) AS `hook_events`,
    sum(c.interactive_hook_events) AS `interactive_hook_events`,
    sum(c.repeats) AS `repeats`,
    sum(c.interactive_repeats) AS `interactive_repeats`,
    sum(c.sessions_judged) AS `sessions_judged`,
    sum(c.interactive_sessions_judged) AS `interactive_sessions_judged`,
    sum(c.sessions_troubled) AS `sessions_troubled`,
    sum(c.interactive_sessions_troubled) AS `interactive_sessions_troubled`,
    sum(c.sessions_verified) AS `sessions_verified`,
    sum(c.interactive_sessions_verified) AS `interactive_sessions_verified`,
    sum(c.sessions_clean) AS `sessions_clean`,
    sum(c.interactive_sessions_clean) AS `interactive_sessions_clean`,
    sum(c.sessions_given_up) AS `sessions_given_up`,
    sum(c.interactive_sessions_given_up) AS `interactive_sessions_given_up`,
    sum(c.sessions_left) AS `sessions_left`,
    sum(c.interactive_sessions_left) AS `interactive_sessions_left`,
    sum(c.sessions_restarted) AS `sessions_restarted`,
    sum(c.interactive_sessions_restarted) AS `interactive_sessions_restarted`,
    sum(c.sessions_coded) AS `sessions_coded`,
    sum(c.interactive_sessions_coded) AS `interactive_sessions_coded`,
    mapFilter((k, n) -> n != 0, sumMap(c.tool_durations)) AS `tool_durations`,
    mapFilter((k, n) -> n != 0, sumMap(c.interactive_tool_durations)) AS `interactive_tool_durations`,
    mapFilter((k, n) -> n != 0, sumMap(c.turn_durations)) AS `turn_durations`,
    mapFilter((k, n) -> n != 0, sumMap(c.interactive_turn_durations)) AS `interactive_turn_durations`,
    sum(c.cost_micros) / 1e6 AS `cost_usd`,
    pow(2, sum(c.log_actions) / 1000 / nullIf(sum(c.turns), 0)) AS `actions_per_prompt`,
    sum(c.output_tokens) / nullIf(sum(c.prompts), 0) AS `output_per_prompt`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.5 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.5 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.tool_durations))])[1] AS `tool_duration_p50_ms`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.95 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.95 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.tool_durations))])[1] AS `tool_duration_p95_ms`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.5 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.5 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.turn_durations))])[1] AS `turn_duration_p50_ms`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.95 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.95 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.turn_durations))])[1] AS `turn_duration_p95_ms`,
    sum(c.interactive_cost_micros) / 1e6 AS `interactive_cost_usd`,
    pow(2, sum(c.interactive_log_actions) / 1000 / nullIf(sum(c.interactive_turns), 0)) AS `interactive_actions_per_prompt`,
    sum(c.interactive_output_tokens) / nullIf(sum(c.interactive_prompts), 0) AS `interactive_output_per_prompt`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.5 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.5 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.interactive_tool_durations))])[1] AS `interactive_tool_duration_p50_ms`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.95 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.95 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.interactive_tool_durations))])[1] AS `interactive_tool_duration_p95_ms`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.5 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.5 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.interactive_turn_durations))])[1] AS `interactive_turn_duration_p50_ms`,
    arrayMap(d -> if(empty(d), nan, arrayMap(b -> if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2)) + (if(b.1 = 0, 1., pow(2, (b.1 - (b.1 = 63)) / 2)) - if(b.1 = 0, 0., pow(2, (b.1 - 1) / 2))) * (0.95 * arraySum(mapValues(d)) - b.3 + b.2) / b.2, [arrayFirst(b -> b.3 >= 0.95 * arraySum(mapValues(d)), arrayZip(mapKeys(mapSort(d)), mapValues(mapSort(d)), arrayCumSum(mapValues(mapSort(d)))))])[1]), [mapFilter((k, n) -> n != 0, sumMap(c.interactive_turn_durations))])[1] AS `interactive_turn_duration_p95_ms`
FROM (
    SELECT r.placed_team AS team, toMonday(r.minute) AS week, toDate(r.minute) AS day, toStartOfInterval(r.minute, INTERVAL 5 MINUTE) AS at, groupUniqArrayIf(cityHash64(r.person_id), r.user_id != 'unknown' AND r.events > 0) AS who, sum(r.events) AS `events`, sum(r.interactive_events) AS `interactive_events`, sum(r.prompts) AS `prompts`, sum(r.interactive_prompts) AS `interactive_prompts`, sum(r.slash_commands) AS `slash_commands`, sum(r.interactive_slash_commands) AS `interactive_slash_commands`, sum(r.injected_prompts) AS `injected_prompts`, sum(r.interactive_injected_prompts) AS `interactive_injected_prompts`, sum(r.responses) AS `responses`, sum(r.interactive_responses) AS `interactive_responses`, sum(r.turns) AS `turns`, sum(r.interactive_turns) AS `interactive_turns`, sum(r.tool_calls) AS `tool_calls`, sum(r.interactive_tool_calls) AS `interactive_tool_calls`, sum(r.tool_failures) AS `tool_failures`, sum(r.interactive_tool_failures) AS `interactive_tool_failures`, sum(r.tool_accepts) AS `tool_accepts`, sum(r.interactive_tool_accepts) AS `interactive_tool_accepts`, sum(r.tool_rejections) AS `tool_rejections`, sum(r.interactive_tool_rejections) AS `interactive_tool_rejections`, sum(r.api_failures) AS `api_failures`, sum(r.interactive_api_failures) AS `interactive_api_failures`, sum(r.api_retries_exhausted) AS `api_retries_exhausted`, sum(r.interactive_api_retries_exhausted) AS `interactive_api_retries_exhausted`, sum(r.api_refusals) AS `api_refusals`, sum(r.interactive_api_refusals) AS `interactive_api_refusals`, sum(r.input_tokens) AS `input_tokens`, sum(r.interactive_input_tokens) AS `interactive_input_tokens`, sum(r.output_tokens) AS `output_tokens`, sum(r.interactive_output_tokens) AS `interactive_output_tokens`, sum(r.cache_read_tokens) AS `cache_read_tokens`, sum(r.interactive_cache_read_tokens) AS `interactive_cache_read_tokens`, sum(r.cache_creation_tokens) AS `cache_creation_tokens`, sum(r.interactive_cache_creation_tokens) AS `interactive_cache_creation_tokens`, sum(r.cost_micros) AS `cost_micros`, sum(r.interactive_cost_micros) AS `interactive_cost_micros`, sum(r.response_chars) AS `response_chars`, sum(r.interactive_response_chars) AS `interactive_response_chars`, sum(r.lines_added) AS `lines_added`, sum(r.interactive_lines_added) AS `interactive_lines_added`, sum(r.lines_removed) AS `lines_removed`, sum(r.interactive_lines_removed) AS `interactive_lines_removed`, sum(r.commits) AS `commits`, sum(r.interactive_commits) AS `interactive_commits`, sum(r.pull_requests) AS `pull_requests`, sum(r.interactive_pull_requests) AS `interactive_pull_requests`, sum(r.edits_accepted) AS `edits_accepted`, sum(r.interactive_edits_accepted) AS `interactive_edits_accepted`, sum(r.edits_rejected) AS `edits_rejected`, sum(r.interactive_edits_rejected) AS `interactive_edits_rejected`, sum(r.active_user_ms) AS `active_user_ms`, sum(r.interactive_active_user_ms) AS `interactive_active_user_ms`, sum(r.active_cli_ms) AS `active_cli_ms`, sum(r.interactive_active_cli_ms) AS `interactive_active_cli_ms`, sum(r.compactions) AS `compactions`, sum(r.interactive_compactions) AS `interactive_compactions`, sum(r.subagents) AS `subagents`, sum(r.interactive_subagents) AS `interactive_subagents`, sum(r.mode_changes) AS `mode_changes`, sum(r.interactive_mode_changes) AS `interactive_mode_changes`, sum(r.interrupts) AS `interrupts`, sum(r.interactive_interrupts) AS `interactive_interrupts`, sum(r.model_ms) AS `model_ms`, sum(r.interactive_model_ms) AS `interactive_model_ms`, sum(r.tool_ms) AS `tool_ms`, sum(r.interactive_tool_ms) AS `interactive_tool_ms`, sum(r.unrecognised) AS `unrecognised`, sum(r.interactive_unrecognised) AS `interactive_unrecognised`, sum(r.clock_clamped) AS `clock_clamped`, sum(r.interactive_clock_clamped) AS `interactive_clock_clamped`, sum(r.user_rejections) AS `user_rejections`, sum(r.interactive_user_rejections) AS `interactive_user_rejections`, sum(r.tests_passed) AS `tests_passed`, sum(r.interactive_tests_passed) AS `interactive_tests_passed`, sum(r.tests_failed) AS `tests_failed`, sum(r.interactive_tests_failed) AS `interactive_tests_failed`, sum(r.commit_commands) AS `commit_commands`, sum(r.interactive_commit_commands) AS `interactive_commit_commands`, sum(r.loops) AS `loops`, sum(r.interactive_loops) AS `interactive_loops`, sum(r.log_actions) AS `log_actions`, sum(r.interactive_log_actions) AS `interactive_log_actions`, sum(r.hook_events) AS `hook_events`, sum(r.interactive_hook_events) AS `interactive_hook_events`, sum(r.repeats) AS `repeats`, sum(r.interactive_repeats) AS `interactive_repeats`, sum(r.sessions_judged) AS `sessions_judged`, sum(r.interactive_sessions_judged) AS `interactive_sessions_judged`, sum(r.sessions_troubled) AS `sessions_troubled`, sum(r.interactive_sessions_troubled) AS `interactive_sessions_troubled`, sum(r.sessions_verified) AS `sessions_verified`, sum(r.interactive_sessions_verified) AS `interactive_sessions_verified`, sum(r.sessions_clean) AS `sessions_clean`, sum(r.interactive_sessions_clean) AS `interactive_sessions_clean`, sum(r.sessions_given_up) AS `sessions_given_up`, sum(r.interactive_sessions_given_up) AS `interactive_sessions_given_up`, sum(r.sessions_left) AS `sessions_left`, sum(r.interactive_sessions_left) AS `interactive_sessions_left`, sum(r.sessions_restarted) AS `sessions_restarted`, sum(r.interactive_sessions_restarted) AS `interactive_sessions_restarted`, sum(r.sessions_coded) AS `sessions_coded`, sum(r.interactive_sessions_coded) AS `interactive_sessions_coded`, mapFilter((k, n) -> n != 0, sumMap(r.tool_durations)) AS `tool_durations`, mapFilter((k, n) -> n != 0, sumMap(r.interactive_tool_durations)) AS `interactive_tool_durations`, mapFilter((k, n) -> n != 0, sumMap(r.turn_durations)) AS `turn_durations`, mapFilter((k, n) -> n != 0, sumMap(r.interactive_turn_durations)) AS `interactive_turn_durations`
    FROM (
        SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
        FROM ${private}.user_minute_rows AS a FINAL
        LEFT JOIN (
            SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                w.occupations AS occupations
            FROM ${private}.directory_rows AS w FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE toDate(r.minute) >= toDate({since:DateTime64(3, 'UTC')}) AND toDate(r.minute) <= toDate({until:DateTime64(3, 'UTC')}) AND (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, week, day, at
) AS c
INNER JOIN (
    SELECT q.team AS team, q.week AS week, q.day AS day, arrayMap(f -> if((length(f.2) = 0 OR length(f.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) OR length(f.1) = 1, f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if((length(a.2) = 0 OR length(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), q.cells, (arraySlice([CAST(0 AS DateTime('UTC'))], 2), emptyArrayUInt64()))])[1] AS starts
    FROM (
    SELECT *, arrayLast(s -> s[1].1 <= day, arraySplit(c -> has(arrayMap(f -> if((length(f.2) = 0 OR length(f.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) OR length(f.1) = 1, f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if((length(a.2) = 0 OR length(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0 AS Date)], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
        (arrayUniq(arrayFlatten(span.2)) = 0 OR arrayUniq(arrayFlatten(span.2)) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown
    FROM (
        SELECT *, arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days FROM (
            SELECT team, week, day, arraySort(groupArray((at, p.who))) AS cells, groupUniqArrayArray(p.who) AS who
            FROM (
    SELECT r.placed_team AS team, toMonday(r.minute) AS week, toDate(r.minute) AS day, toStartOfInterval(r.minute, INTERVAL 5 MINUTE) AS at, groupUniqArrayIf(cityHash64(r.person_id), r.user_id != 'unknown' AND r.events > 0) AS who
    FROM (
        SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
        FROM ${private}.user_minute_rows AS a FINAL
        LEFT JOIN (
            SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                w.occupations AS occupations
            FROM ${private}.directory_rows AS w FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE toMonday(r.minute) >= toMonday({since:DateTime64(3, 'UTC')}) AND toMonday(r.minute) <= toDate({until:DateTime64(3, 'UTC')}) AND (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, week, day, at
) AS p GROUP BY team, week, day
        )
    )
) AS q
    WHERE q.is_shown AND length(q.span) = 1
) AS p ON p.team = c.team AND p.week = c.week AND p.day = c.day
GROUP BY c.team, c.week, c.day, started_at
HAVING started_at >= {since:DateTime64(3, 'UTC')} AND started_at <= {until:DateTime64(3, 'UTC')} AND (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
