-- Cost of the days of the range by team, dearest first, and for each session (proxy) that went well.
SELECT
    team_id AS team,
    avg(d.people) AS `people a day`,
    sum(d.cost_usd) AS cost,
    sum(d.cost_usd) / nullIf(sum(d.prompts), 0) AS `per prompt`,
    if(sum(d.sessions_verified + d.sessions_clean) < 10, NULL, ${database}_cost_per_success(
        sum(d.cost_micros), sum(d.sessions_verified), sum(d.sessions_clean))) AS `per success (proxy)`,
    sum(d.cache_read_tokens)
        / nullIf(sum(d.cache_read_tokens + d.cache_creation_tokens + d.input_tokens), 0) AS `read from cache`
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(d.day)
  AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
GROUP BY team
HAVING sum(d.cost_usd) > 0
ORDER BY cost DESC, team
