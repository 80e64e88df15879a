-- Of each team the shortest window, from the chosen one up, in which enough people were active to show it.
SELECT
    w.team_id AS team,
    toFloat64(a.alerts) AS alerts,
    toFloat64(w.people) AS people,
    toFloat64(w.prompts) AS prompts,
    w.interactive_actions_per_prompt AS `actions per prompt`,
    ${database}_tool_failure_rate(w.tool_failures, w.tool_calls) AS `tool failures`,
    w.api_failures / nullIf(w.api_failures + w.responses, 0) AS `API failures`,
    w.cost_usd AS cost,
    w.span AS window
FROM (
    SELECT * FROM ${database}.team_windows_brief
    WHERE span_minutes >= toUInt16(${span:singlequote}) AND events > 0
    ORDER BY span_minutes
    LIMIT 1 BY team_id
) AS w
LEFT JOIN (
    SELECT team_id, count() AS alerts FROM ${database}.anomalies
    WHERE status = 'firing' AND severity = 'alert'
    GROUP BY team_id
) AS a ON a.team_id = w.team_id
ORDER BY alerts DESC, prompts DESC, team
