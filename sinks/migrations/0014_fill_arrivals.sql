-- Fills arrival_rows with every insert.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${private}.arrivals TO ${private}.arrival_rows AS
SELECT
    toStartOfMinute(fromUnixTimestamp64Milli(e.received_at, 'UTC')) AS minute,
    cityHash64(e.event_id) AS event,
    e.source AS source,
    e.client_version AS client_version,
    e.type = 'unrecognised' AS is_unrecognised,
    toUnixTimestamp64Milli(e.stored_at) - e.received_at AS delay_ms,
    9223372036854775807 - toUnixTimestamp64Milli(e.stored_at) AS rank
FROM ${private}.session_events AS e
