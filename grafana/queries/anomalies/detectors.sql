-- Each detector: what it told in the range, how soon, and what people thought of it.
SELECT
    detector,
    toFloat64(count()) AS alerts,
    toFloat64(countIf(status = 'firing')) AS open,
    toFloat64(quantileExact(0.5)(dateDiff('millisecond', since, opened_at))) AS `time to detect`,
    toFloat64(countIf(a.useful = 'yes')) AS useful,
    toFloat64(countIf(a.useful = 'no')) AS `false alarms`
FROM ${database}.anomalies AS a
WHERE $__timeFilter_ms(opened_at)
GROUP BY detector
ORDER BY alerts DESC, detector
