-- Half of the alerts that opened in the range did so this long after the change that they tell of, milliseconds.
SELECT
    $__toTime AS time,
    toFloat64(quantileExact(0.5)(dateDiff('millisecond', since, opened_at))) AS value
FROM ${database}.anomalies
WHERE $__timeFilter_ms(opened_at) AND severity != 'digest'
HAVING count() > 0
