-- Share of tool calls that failed, a day a step: this team and everybody. None below 50.
SELECT
    arrayJoin([greatest(toDateTime(day), $__fromTime), least(toDateTime(day + days) - 1, $__toTime)]) AS time,
    anyIf(figure, team_id != '*') AS `this team`,
    anyIf(figure, team_id = '*') AS organisation
FROM (
    SELECT team_id, day, days, if(tool_calls < 50, NULL, ${database}_tool_failure_rate(tool_failures, tool_calls)) AS figure
    FROM ${database}.team_days_brief
    WHERE week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(day)
      AND team_id IN ('*', ${team:singlequote})
)
WHERE $__timeFilter(time)
GROUP BY time
ORDER BY time
