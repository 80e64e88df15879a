-- Sessions at a terminal or editor that began in the time range and were judged, by how they ended, most first.
SELECT
    team_id AS team,
    toFloat64(sum(interactive_sessions_verified)) AS verified,
    toFloat64(sum(interactive_sessions_clean)) AS `ended clean`,
    toFloat64(sum(interactive_sessions_restarted)) AS `begun anew`,
    toFloat64(sum(interactive_sessions_left)) AS abandoned,
    toFloat64(sum(interactive_sessions_given_up)) AS `abandoned after trouble`,
    toFloat64(sum(interactive_sessions_judged)) - verified - `ended clean` - `begun anew` - abandoned
        - `abandoned after trouble` AS unknown
FROM ${database}.team_minutes
WHERE $__timeFilter(minute)
  AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY team
HAVING sum(interactive_sessions_judged) > 0
ORDER BY sum(interactive_sessions_judged) DESC, team
