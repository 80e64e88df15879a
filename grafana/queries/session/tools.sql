-- Tools of this session: how often, how often in vain, how long.
SELECT
    e.tool_name AS tool,
    toFloat64(countIf(e.success)) AS ok,
    toFloat64(countIf(NOT e.success)) AS failed
FROM ${private}.events AS e
WHERE e.session_id IN (${session:singlequote}) AND e.type = 'tool_finished'
GROUP BY tool
ORDER BY count() DESC, tool
