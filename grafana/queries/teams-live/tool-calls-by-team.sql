-- Tool calls of the chosen window by how they ended, most first.
SELECT
    team_id AS team,
    toFloat64(tool_calls - tool_failures) AS ok,
    toFloat64(tool_failures) AS failed,
    toFloat64(tool_rejections) AS rejected
FROM ${database}.team_windows
WHERE span_minutes = toUInt32(${span:singlequote})
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
  AND tool_calls + tool_rejections > 0
ORDER BY tool_calls DESC, team
