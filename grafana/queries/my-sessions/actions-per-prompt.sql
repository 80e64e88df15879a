-- Own actions per prompt at a terminal or editor, the geometric mean over turns of the range.
SELECT
    $__toTime AS time,
    pow(2, sum(m.interactive_log_actions) / 1000 / sum(m.interactive_turns)) AS value
FROM ${private}.user_minutes AS m
WHERE $__timeFilter(m.minute)
HAVING sum(m.interactive_turns) > 0
