-- Prompts of each team in each interval; a span that had to be longer is spread over its five minutes.
SELECT
    $__timeInterval(s.started_at + nth * 300) AS time,
    team_id AS team,
    sum(s.prompts * 5 / s.span_minutes) AS value
FROM ${database}.team_spans_brief AS s
ARRAY JOIN range(toUInt32(intDiv(s.span_minutes, 5))) AS nth
WHERE s.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(s.day)
  AND $__timeFilter(s.started_at) AND $__timeFilter(time)
GROUP BY time, team
ORDER BY time, team
