-- Tools of the range, most failures first.
SELECT
    tool_name AS tool,
    toFloat64(sum(t.calls)) AS calls,
    toFloat64(sum(t.failures)) AS failures,
    sum(t.failures) / sum(t.calls) AS failed,
    sum(t.rejections) / sum(t.calls + t.rejections) AS refused,
    ${database}_quantile(sumMap(t.durations), 0.5) AS p50,
    ${database}_quantile(sumMap(t.durations), 0.95) AS p95
FROM ${database}.tool_hours AS t
WHERE $__timeFilter(hour) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY tool
HAVING sum(t.calls) > 0
ORDER BY failures DESC, calls DESC, tool
LIMIT 50
