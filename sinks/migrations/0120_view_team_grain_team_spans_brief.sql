CREATE OR REPLACE VIEW ${public}.team_spans_brief
(
    `week` Date COMMENT 'Its Monday: give a range of it too, then the store reads no more.',
    `day` Date COMMENT 'In which it lies: give a range of it.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `started_at` DateTime('UTC') COMMENT 'Where the span begins.',
    `ended_at` DateTime('UTC') COMMENT 'Where it ends: after its last 5 minutes with anything in them.',
    `span_minutes` UInt16 COMMENT 'Its length.',
    `people` UInt64 COMMENT 'Distinct people active; \'unknown\' is nobody.',
    `prompts` Int64 COMMENT 'Prompts that a person typed: no slash command, no injected notice. [count]',
    `tool_calls` Int64 COMMENT 'Finished tool calls (tool_result). [count]',
    `tool_failures` Int64 COMMENT 'Finished tool calls that did not succeed. [count]',
    `cost_usd` Float64 COMMENT 'cost_micros in US dollars.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'As team_spans, with what boards show: a view is worked out as a whole, whatever is asked of it, and this one is small. It takes no parameters, for which the store would work it out twice.'
AS SELECT
    c.week AS `week`,
    c.day AS `day`,
    c.team AS `team_id`,
    arrayLast(s -> s <= c.at, p.starts) AS `started_at`,
    max(c.at) + INTERVAL 5 MINUTE AS `ended_at`,
    toUInt16(dateDiff('minute', started_at, ended_at)) AS `span_minutes`,
    toUInt64(length(groupUniqArrayArray(c.who))) AS `people`,
    sum(c.prompts) AS `prompts`,
    sum(c.tool_calls) AS `tool_calls`,
    sum(c.tool_failures) AS `tool_failures`,
    sum(c.cost_micros) / 1e6 AS `cost_usd`
FROM (
    SELECT r.placed_team AS team, toMonday(r.minute) AS week, toDate(r.minute) AS day, toStartOfInterval(r.minute, INTERVAL 5 MINUTE) AS at, groupUniqArrayIf(cityHash64(r.person_id), r.user_id != 'unknown' AND r.events > 0) AS who, sum(r.prompts) AS `prompts`, sum(r.tool_calls) AS `tool_calls`, sum(r.tool_failures) AS `tool_failures`, sum(r.cost_micros) AS `cost_micros`
    FROM (
        SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
        FROM ${private}.user_minute_rows AS a FINAL
        LEFT JOIN (
            SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                w.occupations AS occupations
            FROM ${private}.directory_rows AS w FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, week, day, at
) AS c
INNER JOIN (
    SELECT q.team AS team, q.week AS week, q.day AS day, arrayMap(f -> if((length(f.2) = 0 OR length(f.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) OR length(f.1) = 1, f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if((length(a.2) = 0 OR length(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), q.cells, (arraySlice([CAST(0 AS DateTime('UTC'))], 2), emptyArrayUInt64()))])[1] AS starts
    FROM (
    SELECT *, arrayLast(s -> s[1].1 <= day, arraySplit(c -> has(arrayMap(f -> if((length(f.2) = 0 OR length(f.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) OR length(f.1) = 1, f.1, arrayPopBack(f.1)), [arrayFold((a, c) -> if((length(a.2) = 0 OR length(a.2) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')), (arrayPushBack(a.1, c.1), c.2), (a.1, arrayDistinct(arrayConcat(a.2, c.2)))), days, (arraySlice([CAST(0 AS Date)], 2), emptyArrayUInt64()))])[1], c.1), days)) AS span,
        (arrayUniq(arrayFlatten(span.2)) = 0 OR arrayUniq(arrayFlatten(span.2)) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown
    FROM (
        SELECT *, arraySort(groupArray((day, who)) OVER (PARTITION BY team, week)) AS days FROM (
            SELECT team, week, day, arraySort(groupArray((at, p.who))) AS cells, groupUniqArrayArray(p.who) AS who
            FROM (
    SELECT r.placed_team AS team, toMonday(r.minute) AS week, toDate(r.minute) AS day, toStartOfInterval(r.minute, INTERVAL 5 MINUTE) AS at, groupUniqArrayIf(cityHash64(r.person_id), r.user_id != 'unknown' AND r.events > 0) AS who
    FROM (
        SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
        FROM ${private}.user_minute_rows AS a FINAL
        LEFT JOIN (
            SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                w.occupations AS occupations
            FROM ${private}.directory_rows AS w FINAL
        ) AS d ON d.identity = a.user_id
    ) AS r
    WHERE (r.events != 0 OR r.sessions_judged != 0)
    GROUP BY team, week, day, at
) AS p GROUP BY team, week, day
        )
    )
) AS q
    WHERE q.is_shown AND length(q.span) = 1
) AS p ON p.team = c.team AND p.week = c.week AND p.day = c.day
GROUP BY c.team, c.week, c.day, started_at
HAVING (people = 0 OR people >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'))
