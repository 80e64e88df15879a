-- Share of events whose name this version does not know.
SELECT $__timeInterval(minute) AS time, sum(unrecognised) / nullIf(sum(events), 0) AS value
FROM ${database}.event_minutes
WHERE $__timeFilter(minute)
GROUP BY time
ORDER BY time
