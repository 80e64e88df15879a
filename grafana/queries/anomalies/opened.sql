-- Alerts that opened in the range.
SELECT $__toTime AS time, toFloat64(count()) AS value
FROM ${database}.anomalies
WHERE $__timeFilter_ms(opened_at) AND severity != 'digest'
