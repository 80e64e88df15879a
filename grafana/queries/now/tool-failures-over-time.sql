-- Share of tool calls that failed, all teams, each span spread over its five minutes; none below 20 calls.
SELECT
    $__timeInterval(s.started_at + nth * 300) AS time,
    sum(s.tool_failures / s.span_minutes) / sum(s.tool_calls / s.span_minutes) AS value
FROM ${database}.team_spans_brief AS s
ARRAY JOIN range(toUInt32(intDiv(s.span_minutes, 5))) AS nth
WHERE s.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(s.day)
  AND $__timeFilter(s.started_at) AND $__timeFilter(time) AND time < toStartOfInterval($__toTime, toIntervalSecond($__interval_s))
GROUP BY time
HAVING sum(s.tool_calls * 5 / s.span_minutes) >= 20
ORDER BY time
