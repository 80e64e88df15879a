-- What was not recognised on the days of the range, by client: names that this version does not know.
SELECT name, source AS client, client_version AS version, toFloat64(sum(u.events)) AS events
FROM ${database}.unrecognised_daily AS u
WHERE $__dateFilter(day)
GROUP BY name, client, version
ORDER BY events DESC, name, client, version
LIMIT 100
