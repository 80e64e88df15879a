CREATE OR REPLACE VIEW ${public}.team_days_brief
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
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'As team_days, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small. It takes no parameters, for which the store would work it out twice.'
AS SELECT
    c.week AS `week`,
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
    SELECT *, length(groupUniqArrayArrayIf(who, NOT is_shown) OVER (PARTITION BY week, day)) AS rest
    FROM (
    SELECT *, arrayLast(s -> s[1].1 <= day, arraySplit(c -> has(arrayMap(f -> if((length(f.2) = 0 OR length(f.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) OR length(f.1) = 1, f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if((length(a.2) = 0 OR length(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0 AS Date)], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
        (arrayUniq(arrayFlatten(span.2)) = 0 OR arrayUniq(arrayFlatten(span.2)) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown
    FROM (
        SELECT *, arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days FROM (
    SELECT r.placed_team AS team, toMonday(r.minute) AS week, toDate(r.minute) AS day, groupUniqArrayIf(cityHash64(r.person_id), r.user_id != 'unknown' AND r.events > 0) AS who, sum(r.prompts) AS `prompts`, sum(r.turns) AS `turns`, sum(r.interactive_turns) AS `interactive_turns`, sum(r.tool_calls) AS `tool_calls`, sum(r.tool_failures) AS `tool_failures`, sum(r.tool_accepts) AS `tool_accepts`, sum(r.tool_rejections) AS `tool_rejections`, sum(r.input_tokens) AS `input_tokens`, sum(r.output_tokens) AS `output_tokens`, sum(r.cache_read_tokens) AS `cache_read_tokens`, sum(r.cache_creation_tokens) AS `cache_creation_tokens`, sum(r.cost_micros) AS `cost_micros`, sum(r.user_rejections) AS `user_rejections`, sum(r.interactive_log_actions) AS `interactive_log_actions`, sum(r.interactive_sessions_judged) AS `interactive_sessions_judged`, sum(r.interactive_sessions_troubled) AS `interactive_sessions_troubled`, sum(r.sessions_verified) AS `sessions_verified`, sum(r.interactive_sessions_verified) AS `interactive_sessions_verified`, sum(r.sessions_clean) AS `sessions_clean`, sum(r.interactive_sessions_clean) AS `interactive_sessions_clean`, sum(r.interactive_sessions_given_up) AS `interactive_sessions_given_up`, sum(r.interactive_sessions_left) AS `interactive_sessions_left`, sum(r.interactive_sessions_restarted) AS `interactive_sessions_restarted`
    FROM (
        SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
        FROM ${private}.user_minute_rows AS a FINAL
        LEFT JOIN (
            SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                w.occupations AS occupations
            FROM ${private}.directory_rows AS w FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, week, day
)
    )
)
) AS c
ARRAY JOIN multiIf(c.is_shown, [(toString(c.team), c.span[1].1), ('*', c.span[1].1)], c.rest >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), [('*', c.day)], []) AS part
GROUP BY c.week, part
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
