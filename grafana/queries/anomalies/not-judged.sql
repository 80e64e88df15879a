-- Alerts of the range that are over and that nobody has judged.
SELECT $__toTime AS time, toFloat64(count()) AS value
FROM ${database}.anomalies
WHERE $__timeFilter_ms(opened_at) AND status = 'resolved' AND useful = '' AND severity != 'digest'
