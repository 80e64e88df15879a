-- The chosen window of each team that did anything in it, busiest first.
SELECT
    team_id AS team,
    toFloat64(people) AS people,
    toFloat64(prompts) AS prompts,
    interactive_tool_calls / nullIf(interactive_prompts, 0) AS `actions per prompt`,
    toFloat64(tool_calls) AS `tool calls`,
    tool_failures / nullIf(tool_calls, 0) AS `tool failures`,
    tool_rejections / nullIf(tool_accepts + tool_rejections, 0) AS rejections,
    toFloat64(api_failures) AS `API failures`,
    toFloat64(input_tokens + output_tokens + cache_read_tokens + cache_creation_tokens) AS tokens,
    cost_usd AS cost,
    toFloat64(lines_added) AS `lines added`,
    toFloat64(lines_removed) AS `lines removed`,
    toFloat64(commits) AS commits
FROM ${database}.team_windows
WHERE span_minutes = toUInt32(${span:singlequote})
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
  AND events > 0
ORDER BY prompts DESC, team
