-- Tool calls of the chosen window by where the session ran, most first.
SELECT
    team_id AS team,
    toFloat64(interactive_tool_calls) AS `terminal or editor`,
    toFloat64(tool_calls - interactive_tool_calls) AS automated
FROM ${database}.team_windows
WHERE span_minutes = toUInt32(${span:singlequote})
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
  AND tool_calls > 0
ORDER BY tool_calls DESC, team
