-- Installations by client and version: how many are heard, and how many have stopped.
SELECT
    source AS client,
    client_version AS version,
    toFloat64(c.people) AS people,
    toFloat64(c.installs) AS installs,
    toFloat64(c.stopped) AS stopped,
    c.last_heard_at AS `last heard`
FROM ${database}.client_versions AS c
ORDER BY stopped DESC, installs DESC, client, version
LIMIT 100
