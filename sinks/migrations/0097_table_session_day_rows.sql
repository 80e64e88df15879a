CREATE TABLE IF NOT EXISTS ${private}.session_day_rows
(
    `session_key` UInt64 COMMENT 'Hash of session_id.',
    `first` SimpleAggregateFunction(min, Date) COMMENT 'The first day.',
    `last` SimpleAggregateFunction(max, Date) COMMENT 'The last day.'
)
ENGINE = AggregatingMergeTree ORDER BY session_key
COMMENT 'First and last day of all that is stored of a session: filled from session_events and session_state_rows.'
