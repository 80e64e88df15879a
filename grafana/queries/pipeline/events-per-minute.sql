-- Events received in each whole minute: the last, unfinished one is left out.
SELECT minute AS time, toFloat64(sum(events)) AS value
FROM ${database}.event_minutes
WHERE $__timeFilter(minute) AND minute < toStartOfMinute($__toTime)
GROUP BY minute
ORDER BY minute
