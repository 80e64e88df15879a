-- Events a minute of each kind of client; the last, unfinished minute is left out.
SELECT
    $__timeInterval(minute) AS time,
    source AS client,
    sum(events) / greatest(toFloat64(uniqExact(minute)), $__interval_s / 60) AS value
FROM ${database}.event_minutes
WHERE $__timeFilter(minute) AND minute < toStartOfMinute($__toTime)
GROUP BY time, client
ORDER BY time, client
