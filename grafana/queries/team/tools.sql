-- Tools of this team in the last 7 days of the range, most failures first, beside how often they fail for everybody.
SELECT
    tool_name AS tool,
    toFloat64(sumIf(t.calls, mine)) AS calls,
    toFloat64(sumIf(t.failures, mine)) AS failures,
    sumIf(t.failures, mine) / sumIf(t.calls, mine) AS `this team`,
    sum(t.failures) / sum(t.calls) AS everybody
FROM (
    SELECT *, team_id IN (${team:singlequote}) AS mine
    FROM ${database}.tool_hours
    WHERE $__timeFilter(hour) AND hour >= $__toTime - INTERVAL 7 DAY
) AS t
GROUP BY tool_name
HAVING sumIf(t.calls, mine) > 0
ORDER BY failures DESC, calls DESC, tool
LIMIT 30
