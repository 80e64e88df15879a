-- Own sessions that began in the range.
SELECT $__toTime AS time, toFloat64(count()) AS value
FROM ${private}.sessions AS s
WHERE $__timeFilter_ms(s.started_at)
