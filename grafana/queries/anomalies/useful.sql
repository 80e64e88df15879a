-- Of the alerts that opened in the range and that somebody judged: the share that was of use.
SELECT $__toTime AS time, countIf(useful = 'yes') / count() AS value
FROM ${database}.anomalies
WHERE $__timeFilter_ms(opened_at) AND useful != ''
HAVING count() > 0
