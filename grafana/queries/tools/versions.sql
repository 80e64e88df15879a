-- Versions of clients that sent something in the range, and how much of it was not understood.
SELECT
    source AS client,
    client_version AS version,
    toFloat64(sum(e.events)) AS events,
    sum(e.unrecognised) / sum(e.events) AS `not recognised`
FROM ${database}.event_minutes AS e
WHERE $__timeFilter(minute)
GROUP BY client, version
ORDER BY events DESC, client, version
LIMIT 100
