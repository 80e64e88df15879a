-- Own actions per prompt at a terminal or editor, the geometric mean over turns of the range.
SELECT
    $__toTime AS time,
    ${database}_actions_per_prompt(sum(m.interactive_log_actions), sum(m.interactive_turns)) AS value
FROM ${private}.user_minutes AS m
WHERE $__timeFilter(m.minute)
HAVING sum(m.interactive_turns) > 0
