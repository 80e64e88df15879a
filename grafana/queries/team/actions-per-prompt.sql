-- Actions per prompt of this team at a terminal or editor, in the shortest window that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window, interactive_actions_per_prompt AS value
FROM ${database}.team_windows_brief
WHERE team_id IN (${team:singlequote}) AND span_minutes >= toUInt16(${span:singlequote}) AND interactive_turns > 0
ORDER BY span_minutes
LIMIT 1
