-- Own sessions of the range by kind of work: as labelled, else the proxy.
SELECT
    ifNull(toString(s.work_mode), toString(s.work_mode_proxy)) AS `work mode`,
    toFloat64(count()) AS sessions
FROM ${private}.sessions_brief AS s
WHERE $__timeFilter_ms(s.started_at) AND isNotNull(`work mode`)
GROUP BY `work mode`
ORDER BY sessions DESC, `work mode`
