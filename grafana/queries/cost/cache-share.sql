-- Share of input tokens that were read from the prompt cache, days of the range.
SELECT
    $__toTime AS time,
    sum(d.cache_read_tokens) / sum(d.cache_read_tokens + d.cache_creation_tokens + d.input_tokens) AS value
FROM ${database}.team_days_brief(since = $__fromTime, until = $__toTime) AS d
WHERE team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
HAVING sum(d.cache_read_tokens + d.cache_creation_tokens + d.input_tokens) > 0
