CREATE OR REPLACE VIEW ${public}.team_windows_brief
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
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'As team_windows, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small.'
AS SELECT
    r.`team_id` AS `team_id`,
    r.`span` AS `span`,
    r.`span_minutes` AS `span_minutes`,
    r.`as_of` AS `as_of`,
    r.`people` AS `people`,
    r.events AS `events`,
    r.prompts AS `prompts`,
    r.responses AS `responses`,
    r.interactive_turns AS `interactive_turns`,
    r.tool_calls AS `tool_calls`,
    r.tool_failures AS `tool_failures`,
    r.api_failures AS `api_failures`,
    r.cost_micros / 1e6 AS `cost_usd`,
    pow(2, r.interactive_log_actions / 1000 / nullIf(r.interactive_turns, 0)) AS `interactive_actions_per_prompt`
FROM ${private}.team_window_rows AS r FINAL
LEFT JOIN (
        SELECT w.team_id AS team_id, uniqExactIf(m.person_id, m.user_id != 'unknown' AND m.events > 0 AND m.minute <= w.as_of - INTERVAL 5 MINUTE AND m.minute > w.as_of - INTERVAL 60 MINUTE) AS before_5, uniqExactIf(m.person_id, m.user_id != 'unknown' AND m.events > 0 AND m.minute <= w.as_of - INTERVAL 60 MINUTE AND m.minute > w.as_of - INTERVAL 1440 MINUTE) AS before_60
        FROM (
            SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
            FROM ${private}.user_minute_rows AS a FINAL
            LEFT JOIN (
                SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                    w.occupations AS occupations
                FROM ${private}.directory_rows AS w FINAL
            ) AS d ON d.identity = a.user_id
        ) AS m
        INNER JOIN (
            SELECT team_id, max(as_of) AS as_of FROM ${private}.team_window_rows FINAL GROUP BY team_id
        ) AS w ON w.team_id = m.placed_team
        WHERE (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor') > 1 AND m.minute > (SELECT max(as_of) - INTERVAL 1 DAY FROM ${private}.team_window_rows)
        GROUP BY w.team_id
    ) AS b ON b.team_id = r.team_id
WHERE (r.people = 0 OR r.people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AND (r.span_minutes > 5 OR (b.before_5 = 0 OR b.before_5 >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))) AND (r.span_minutes > 60 OR (b.before_60 = 0 OR b.before_60 >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')))
