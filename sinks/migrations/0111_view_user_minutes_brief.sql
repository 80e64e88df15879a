CREATE OR REPLACE VIEW ${private}.user_minutes_brief
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
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'As user_minutes, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    r.user_id AS `user_id`,
    any(r.person_id) AS `person_id`,
    r.placed_team AS `team_id`,
    r.`minute` AS `minute`,
    sum(r.prompts) AS `prompts`,
    sum(r.interactive_turns) AS `interactive_turns`,
    sum(r.tool_calls) AS `tool_calls`,
    sum(r.tool_failures) AS `tool_failures`,
    sum(r.interactive_log_actions) AS `interactive_log_actions`,
    sum(r.cost_micros) / 1e6 AS `cost_usd`
FROM (
    SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
    FROM ${private}.user_minute_rows AS a FINAL
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = a.user_id
) AS r
GROUP BY r.user_id, r.placed_team, r.minute
HAVING sum(r.events) != 0 OR sum(r.sessions_judged) != 0
