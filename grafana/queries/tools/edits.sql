-- Edits by language and who decided, days of the range, where the client says so.
SELECT
    language,
    if(decision_source = 'config', 'a rule', 'a person') AS `decided by`,
    toFloat64(sum(e.accepted + e.rejected)) AS edits,
    sum(e.rejected) / sum(e.accepted + e.rejected) AS rejected
FROM ${database}.edit_decisions AS e
WHERE $__dateFilter(day) AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY language, `decided by`
HAVING sum(e.accepted + e.rejected) > 0
ORDER BY edits DESC, language, `decided by`
LIMIT 50
