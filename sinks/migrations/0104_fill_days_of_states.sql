CREATE MATERIALIZED VIEW IF NOT EXISTS ${private}.days_of_states TO ${private}.session_day_rows AS
SELECT
    cityHash64(e.session_id) AS `session_key`,
    toDate(fromUnixTimestamp64Milli(e.started_at, 'UTC')) AS `first`,
    toDate(fromUnixTimestamp64Milli(e.started_at, 'UTC')) AS `last`
FROM ${private}.session_state_rows AS e
