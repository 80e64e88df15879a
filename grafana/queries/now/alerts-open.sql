-- Alerts that are firing now, and are about work rather than the pipeline.
SELECT $__toTime AS time, toFloat64(count()) AS value
FROM ${database}.anomalies
WHERE status = 'firing' AND severity = 'alert'
