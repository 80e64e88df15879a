CREATE MATERIALIZED VIEW IF NOT EXISTS ${private}.days_of_events TO ${private}.session_day_rows AS
SELECT
    cityHash64(e.session_id) AS `session_key`,
    min(toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC'))) AS `first`,
    max(toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC'))) AS `last`
FROM ${private}.session_events AS e
GROUP BY session_key
