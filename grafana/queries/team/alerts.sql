-- Alerts about this team that were open at some time of the range, newest first.
SELECT opened_at AS opened, resolved_at AS resolved, sentence AS what
FROM ${database}.anomalies
WHERE team_id IN (${team:singlequote}) AND scope = 'team'
  AND opened_at <= $__toTime AND ifNull(resolved_at, now64(3)) >= $__fromTime
ORDER BY opened_at DESC
LIMIT 50
