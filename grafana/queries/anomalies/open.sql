-- Alerts that are firing now.
SELECT $__toTime AS time, toFloat64(count()) AS value
FROM ${database}.anomalies
WHERE status = 'firing' AND severity != 'digest'
