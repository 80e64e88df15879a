-- Versions of clients that sent something in this time range, most events first.
SELECT
    source AS client,
    client_version AS version,
    toFloat64(sum(event_minutes.events)) AS events,
    sum(event_minutes.unrecognised) / nullIf(sum(event_minutes.events), 0) AS unrecognised
FROM ${database}.event_minutes AS event_minutes
WHERE $__timeFilter(minute)
GROUP BY client, version
ORDER BY events DESC, client, version
LIMIT 200
