-- Share of the model's requests that failed for good, in the shortest window that may be shown.
SELECT $__toTime AS time, concat('last ', span) AS window,
    sum(api_failures) / sum(api_failures + responses) AS value
FROM ${database}.team_windows_brief
WHERE span_minutes >= toUInt16(${span:singlequote}) AND api_failures + responses > 0
GROUP BY span, span_minutes
ORDER BY span_minutes
LIMIT 1
