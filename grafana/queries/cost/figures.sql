-- Estimated cost of the days of the range, US dollars; for each session (proxy) that was verified or ended clean, none
-- below 10; and the share of input tokens that were read from the prompt cache.
SELECT
    $__toTime AS time,
    sum(d.cost_usd) AS cost,
    if(sum(d.sessions_verified + d.sessions_clean) < 10, NULL, ${database}_cost_per_success(
        sum(d.cost_micros), sum(d.sessions_verified), sum(d.sessions_clean))) AS `success (proxy)`,
    sum(d.cache_read_tokens)
        / nullIf(sum(d.cache_read_tokens + d.cache_creation_tokens + d.input_tokens), 0) AS cached
FROM ${database}.team_days_brief AS d
WHERE d.week BETWEEN toMonday($__fromTime) AND toDate($__toTime) AND $__dateFilter(d.day)
  AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING count() > 0
