-- Prompts an hour and the share of tool calls that failed (none below 20 calls), all teams, each span of a team spread
-- over its five minutes; the unfinished interval is left out.
SELECT
    $__timeInterval(s.started_at + nth * 300) AS time,
    sum(s.prompts * 5 / s.span_minutes) * 3600 / $__interval_s AS prompts,
    if(sum(s.tool_calls * 5 / s.span_minutes) < 20, NULL, sum(s.tool_failures / s.span_minutes)
        / sum(s.tool_calls / s.span_minutes)) AS `tool failures`
FROM ${database}.team_spans_brief AS s
ARRAY JOIN range(toUInt32(intDiv(s.span_minutes, 5))) AS nth
WHERE s.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(s.day)
  AND $__timeFilter(s.started_at) AND $__timeFilter(time) AND time < toStartOfInterval($__toTime, toIntervalSecond($__interval_s))
GROUP BY time
ORDER BY time
