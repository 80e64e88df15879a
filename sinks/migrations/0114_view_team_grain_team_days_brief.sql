CREATE OR REPLACE VIEW ${public}.team_days_brief
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'As team_days, with the figures that boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    part.1 AS `team_id`,
    part.2 AS `day`,
    toUInt16(if(part.1 = '*', 1, max(c.day) - part.2 + 1)) AS `days`,
    toUInt64(length(groupUniqArrayArray(c.who))) AS `people`,
    sum(c.prompts) AS `prompts`,
    sum(c.turns) AS `turns`,
    sum(c.interactive_turns) AS `interactive_turns`,
    sum(c.tool_calls) AS `tool_calls`,
    sum(c.tool_failures) AS `tool_failures`,
    sum(c.tool_accepts) AS `tool_accepts`,
    sum(c.tool_rejections) AS `tool_rejections`,
    sum(c.input_tokens) AS `input_tokens`,
    sum(c.output_tokens) AS `output_tokens`,
    sum(c.cache_read_tokens) AS `cache_read_tokens`,
    sum(c.cache_creation_tokens) AS `cache_creation_tokens`,
    sum(c.cost_micros) AS `cost_micros`,
    sum(c.user_rejections) AS `user_rejections`,
    sum(c.interactive_sessions_judged) AS `interactive_sessions_judged`,
    sum(c.interactive_sessions_troubled) AS `interactive_sessions_troubled`,
    sum(c.sessions_verified) AS `sessions_verified`,
    sum(c.interactive_sessions_verified) AS `interactive_sessions_verified`,
    sum(c.sessions_clean) AS `sessions_clean`,
    sum(c.interactive_sessions_clean) AS `interactive_sessions_clean`,
    sum(c.interactive_sessions_given_up) AS `interactive_sessions_given_up`,
    sum(c.interactive_sessions_left) AS `interactive_sessions_left`,
    sum(c.interactive_sessions_restarted) AS `interactive_sessions_restarted`,
    sum(c.cost_micros) / 1e6 AS `cost_usd`,
    pow(2, sum(c.interactive_log_actions) / 1000 / nullIf(sum(c.interactive_turns), 0)) AS `interactive_actions_per_prompt`
FROM (
    SELECT *, is_alone OR (arrayUniq(arrayFlatten(arrayMap(c -> c.2, arrayFilter(c -> arrayLast(s -> s <= c.1, starts) = start, cells)))) = 0 OR arrayUniq(arrayFlatten(arrayMap(c -> c.2, arrayFilter(c -> arrayLast(s -> s <= c.1, starts) = start, cells)))) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown,
        length(groupUniqArrayArrayIf(who, NOT is_shown) OVER (PARTITION BY day)) AS rest
    FROM (
    SELECT *, if(arrayAll(c -> empty(c.2) OR length(c.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), cells), arrayMap(c -> c.1, cells), arrayMap(f -> if(f.2 = 0 OR bitCount(f.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor') OR countSubstrings(f.1, '1') = 1, arrayFilter((c, b) -> b = '1', arrayMap(c -> c.1, cells), extractAll(f.1, '.')), arrayPopBack(arrayFilter((c, b) -> b = '1', arrayMap(c -> c.1, cells), extractAll(f.1, '.')))), [arrayFold((a, m) -> (concat(a.1, if((a.2 = 0 OR bitCount(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), '1', '0')), if((a.2 = 0 OR bitCount(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), toUInt64(m), toUInt64(bitOr(a.2, m)))), arrayMap(e -> arrayMap(c -> arrayReduce('groupBitOr', arrayMap(w -> bitShiftLeft(toUInt64(1), (indexOf(e, w) - 1) % 64), c.2)), cells), [arrayDistinct(arrayFlatten(arrayMap(c -> c.2, cells)))])[1], ('', toUInt64(0)))])[1]) AS starts, arrayLast(s -> s <= day, starts) AS start,
        start = day AND NOT arrayExists(c -> c.1 > day AND arrayLast(s -> s <= c.1, starts) = start, cells)
            AND (empty(who) OR length(who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_alone
    FROM (
        SELECT *, arraySort(groupArray((day, who)) OVER (PARTITION BY team, toMonday(day))) AS cells FROM (
    SELECT r.placed_team AS team, toDate(r.minute) AS day, day AS at, groupUniqArrayIf(cityHash64(r.person_id), r.user_id != 'unknown' AND r.events > 0) AS who, sum(r.events) AS `events`, sum(r.interactive_events) AS `interactive_events`, sum(r.prompts) AS `prompts`, sum(r.interactive_prompts) AS `interactive_prompts`, sum(r.slash_commands) AS `slash_commands`, sum(r.interactive_slash_commands) AS `interactive_slash_commands`, sum(r.injected_prompts) AS `injected_prompts`, sum(r.interactive_injected_prompts) AS `interactive_injected_prompts`, sum(r.responses) AS `responses`, sum(r.interactive_responses) AS `interactive_responses`, sum(r.turns) AS `turns`, sum(r.interactive_turns) AS `interactive_turns`, sum(r.tool_calls) AS `tool_calls`, sum(r.interactive_tool_calls) AS `interactive_tool_calls`, sum(r.tool_failures) AS `tool_failures`, sum(r.interactive_tool_failures) AS `interactive_tool_failures`, sum(r.tool_accepts) AS `tool_accepts`, sum(r.interactive_tool_accepts) AS `interactive_tool_accepts`, sum(r.tool_rejections) AS `tool_rejections`, sum(r.interactive_tool_rejections) AS `interactive_tool_rejections`, sum(r.api_failures) AS `api_failures`, sum(r.interactive_api_failures) AS `interactive_api_failures`, sum(r.api_retries_exhausted) AS `api_retries_exhausted`, sum(r.interactive_api_retries_exhausted) AS `interactive_api_retries_exhausted`, sum(r.api_refusals) AS `api_refusals`, sum(r.interactive_api_refusals) AS `interactive_api_refusals`, sum(r.input_tokens) AS `input_tokens`, sum(r.interactive_input_tokens) AS `interactive_input_tokens`, sum(r.output_tokens) AS `output_tokens`, sum(r.interactive_output_tokens) AS `interactive_output_tokens`, sum(r.cache_read_tokens) AS `cache_read_tokens`, sum(r.interactive_cache_read_tokens) AS `interactive_cache_read_tokens`, sum(r.cache_creation_tokens) AS `cache_creation_tokens`, sum(r.interactive_cache_creation_tokens) AS `interactive_cache_creation_tokens`, sum(r.cost_micros) AS `cost_micros`, sum(r.interactive_cost_micros) AS `interactive_cost_micros`, sum(r.response_chars) AS `response_chars`, sum(r.interactive_response_chars) AS `interactive_response_chars`, sum(r.lines_added) AS `lines_added`, sum(r.interactive_lines_added) AS `interactive_lines_added`, sum(r.lines_removed) AS `lines_removed`, sum(r.interactive_lines_removed) AS `interactive_lines_removed`, sum(r.commits) AS `commits`, sum(r.interactive_commits) AS `interactive_commits`, sum(r.pull_requests) AS `pull_requests`, sum(r.interactive_pull_requests) AS `interactive_pull_requests`, sum(r.edits_accepted) AS `edits_accepted`, sum(r.interactive_edits_accepted) AS `interactive_edits_accepted`, sum(r.edits_rejected) AS `edits_rejected`, sum(r.interactive_edits_rejected) AS `interactive_edits_rejected`, sum(r.active_user_ms) AS `active_user_ms`, sum(r.interactive_active_user_ms) AS `interactive_active_user_ms`, sum(r.active_cli_ms) AS `active_cli_ms`, sum(r.interactive_active_cli_ms) AS `interactive_active_cli_ms`, sum(r.compactions) AS `compactions`, sum(r.interactive_compactions) AS `interactive_compactions`, sum(r.subagents) AS `subagents`, sum(r.interactive_subagents) AS `interactive_subagents`, sum(r.mode_changes) AS `mode_changes`, sum(r.interactive_mode_changes) AS `interactive_mode_changes`, sum(r.interrupts) AS `interrupts`, sum(r.interactive_interrupts) AS `interactive_interrupts`, sum(r.model_ms) AS `model_ms`, sum(r.interactive_model_ms) AS `interactive_model_ms`, sum(r.tool_ms) AS `tool_ms`, sum(r.interactive_tool_ms) AS `interactive_tool_ms`, sum(r.unrecognised) AS `unrecognised`, sum(r.interactive_unrecognised) AS `interactive_unrecognised`, sum(r.clock_clamped) AS `clock_clamped`, sum(r.interactive_clock_clamped) AS `interactive_clock_clamped`, sum(r.user_rejections) AS `user_rejections`, sum(r.interactive_user_rejections) AS `interactive_user_rejections`, sum(r.tests_passed) AS `tests_passed`, sum(r.interactive_tests_passed) AS `interactive_tests_passed`, sum(r.tests_failed) AS `tests_failed`, sum(r.interactive_tests_failed) AS `interactive_tests_failed`, sum(r.commit_commands) AS `commit_commands`, sum(r.interactive_commit_commands) AS `interactive_commit_commands`, sum(r.loops) AS `loops`, sum(r.interactive_loops) AS `interactive_loops`, sum(r.log_actions) AS `log_actions`, sum(r.interactive_log_actions) AS `interactive_log_actions`, sum(r.hook_events) AS `hook_events`, sum(r.interactive_hook_events) AS `interactive_hook_events`, sum(r.repeats) AS `repeats`, sum(r.interactive_repeats) AS `interactive_repeats`, sum(r.sessions_judged) AS `sessions_judged`, sum(r.interactive_sessions_judged) AS `interactive_sessions_judged`, sum(r.sessions_troubled) AS `sessions_troubled`, sum(r.interactive_sessions_troubled) AS `interactive_sessions_troubled`, sum(r.sessions_verified) AS `sessions_verified`, sum(r.interactive_sessions_verified) AS `interactive_sessions_verified`, sum(r.sessions_clean) AS `sessions_clean`, sum(r.interactive_sessions_clean) AS `interactive_sessions_clean`, sum(r.sessions_given_up) AS `sessions_given_up`, sum(r.interactive_sessions_given_up) AS `interactive_sessions_given_up`, sum(r.sessions_left) AS `sessions_left`, sum(r.interactive_sessions_left) AS `interactive_sessions_left`, sum(r.sessions_restarted) AS `sessions_restarted`, sum(r.interactive_sessions_restarted) AS `interactive_sessions_restarted`, sum(r.sessions_coded) AS `sessions_coded`, sum(r.interactive_sessions_coded) AS `interactive_sessions_coded`, mapFilter((k, n) -> n != 0, sumMap(r.tool_durations)) AS `tool_durations`, mapFilter((k, n) -> n != 0, sumMap(r.interactive_tool_durations)) AS `interactive_tool_durations`, mapFilter((k, n) -> n != 0, sumMap(r.turn_durations)) AS `turn_durations`, mapFilter((k, n) -> n != 0, sumMap(r.interactive_turn_durations)) AS `interactive_turn_durations`
    FROM (
        SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
        FROM ${private}.user_minute_rows AS a FINAL
        LEFT JOIN (
            SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                w.occupations AS occupations
            FROM ${private}.directory_rows AS w FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE r.minute >= toDateTime(toStartOfWeek({since:DateTime64(3, 'UTC')}, 1), 'UTC') AND r.minute < toDateTime(toStartOfWeek({until:DateTime64(3, 'UTC')}, 1), 'UTC') + INTERVAL 7 DAY AND (r.events != 0 OR r.sessions_judged != 0) AND (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, day, at
)
    )
)
) AS c
ARRAY JOIN multiIf(c.is_shown, [(toString(c.team), c.start), ('*', c.start)], c.rest >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), [('*', c.day)], []) AS part
GROUP BY part
HAVING part.2 >= toDate({since:DateTime64(3, 'UTC')}) AND part.2 <= toDate({until:DateTime64(3, 'UTC')}) AND (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
