INSERT INTO ${private}.number_rows (`day`, `session_key`, `event`, `partition`, `offset`, `at`, `low`, `high`, `number`, `rank`)
SELECT
    toDate(fromUnixTimestamp64Milli(e.occurred_at, 'UTC')) AS `day`,
    cityHash64(e.session_id) AS `session_key`,
    cityHash64(e.event_id) AS `event`,
    e.partition AS `partition`,
    e.offset AS `offset`,
    e.occurred_at AS `at`,
    if(e.type = 'sequence_seen', e.first, ifNull(e.sequence, 0)) AS `low`,
    if(e.type = 'sequence_seen', e.last, ifNull(e.sequence, 0)) AS `high`,
    if(e.type = 'sequence_seen', e.count, 1) AS `number`,
    9223372036854775807 - e.offset AS `rank`
FROM ${private}.session_events AS e
WHERE e.via = '' AND (isNotNull(e.sequence) OR e.type = 'sequence_seen')
