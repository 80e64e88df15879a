-- How it went by telemetry alone, on which evidence, and what somebody who read it says.
SELECT
    if(s.is_open, 'open', ifNull(replaceAll(toString(s.outcome), '_', ' '), 'not judged yet')) AS `outcome (proxy)`,
    ifNull(toString(s.outcome_confidence), '') AS confidence,
    multiIf(isNull(s.is_troubled), '', s.is_troubled, 'yes', 'no') AS `hit trouble (proxy)`,
    arrayStringConcat(arrayMap(sign -> replaceAll(lower(sign), '_', ' '), s.evidence), ', ') AS evidence,
    ifNull(toString(s.judged_outcome), '') AS `as a reader judged`,
    ifNull(toString(s.end_reason), '') AS `ended by`,
    toFloat64(s.commits) AS commits,
    toFloat64(s.tests_passed) AS `tests passed`,
    toFloat64(s.tests_failed) AS `tests failed`
FROM ${private}.sessions_brief AS s
WHERE s.session_id IN (${session:singlequote})
  AND s.started_at >= $__fromTime_ms - INTERVAL 1 DAY AND s.started_at <= $__toTime_ms
