-- Own minutes of the range added up; actions per prompt are the geometric mean over turns at a terminal or editor.
SELECT
    $__toTime AS time,
    toFloat64(sum(m.prompts)) AS prompts,
    ${database}_actions_per_prompt(sum(m.interactive_log_actions), sum(m.interactive_turns)) AS actions,
    ${database}_tool_failure_rate(sum(m.tool_failures), sum(m.tool_calls)) AS failures,
    sum(m.cost_usd) AS cost
FROM ${private}.user_minutes_brief AS m
WHERE $__timeFilter(m.minute)
HAVING count() > 0
