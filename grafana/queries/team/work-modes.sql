-- Share of each kind of work (proxy where nobody labelled) in this team's sessions and in everybody's.
SELECT
    work_mode AS `work mode`,
    sumIf(m.sessions, team_id != '*') / nullIf(sum(sumIf(m.sessions, team_id != '*')) OVER (), 0) AS `this team`,
    sumIf(m.sessions, team_id = '*') / nullIf(sum(sumIf(m.sessions, team_id = '*')) OVER (), 0) AS organisation
FROM ${database}.work_modes_daily AS m
WHERE $__dateFilter(day) AND team_id IN ('*', ${team:singlequote})
GROUP BY work_mode
ORDER BY organisation DESC, work_mode
