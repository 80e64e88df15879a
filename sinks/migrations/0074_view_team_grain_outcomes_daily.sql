CREATE OR REPLACE VIEW ${public}.outcomes_daily
(
    `day` Date COMMENT 'On which the sessions began, UTC.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none. \'*\' is the whole organisation, as far as shown.',
    `people` UInt64 COMMENT 'Distinct people whose sessions were judged.',
    `judged` Int64 COMMENT 'Closed sessions with a verdict.',
    `troubled` Int64 COMMENT 'Of them: hit trouble.',
    `verified` Int64 COMMENT 'Ended with a commit, a pull request, or tests that passed.',
    `clean` Int64 COMMENT 'Ended clean.',
    `given_up` Int64 COMMENT 'Abandoned after trouble, no line added.',
    `left` Int64 COMMENT 'Abandoned without trouble, no line added.',
    `restarted` Int64 COMMENT 'Given up and begun anew within 15 minutes.',
    `coded` Int64 COMMENT 'Added at least one line.',
    `unknown` Int64 COMMENT 'Nothing tells how they ended.',
    `trouble_rate` Nullable(Float64) COMMENT 'troubled / judged.',
    `abandonment_rate` Nullable(Float64) COMMENT 'given_up / troubled: of troubled sessions.',
    `success_rate` Nullable(Float64) COMMENT '(verified + clean) / (judged - unknown).',
    `verified_rate` Nullable(Float64) COMMENT 'verified / (judged - unknown).',
    `wrote_code_rate` Nullable(Float64) COMMENT 'coded / judged.',
    `interactive_judged` Int64 COMMENT 'Closed sessions with a verdict. Interactive use only.',
    `interactive_troubled` Int64 COMMENT 'Of them: hit trouble. Interactive use only.',
    `interactive_verified` Int64 COMMENT 'Ended with a commit, a pull request, or tests that passed. Interactive use only.',
    `interactive_clean` Int64 COMMENT 'Ended clean. Interactive use only.',
    `interactive_given_up` Int64 COMMENT 'Abandoned after trouble, no line added. Interactive use only.',
    `interactive_left` Int64 COMMENT 'Abandoned without trouble, no line added. Interactive use only.',
    `interactive_restarted` Int64 COMMENT 'Given up and begun anew within 15 minutes. Interactive use only.',
    `interactive_coded` Int64 COMMENT 'Added at least one line. Interactive use only.',
    `interactive_unknown` Int64 COMMENT 'Nothing tells how they ended. Interactive use only.',
    `interactive_trouble_rate` Nullable(Float64) COMMENT 'troubled / judged. Interactive use only.',
    `interactive_abandonment_rate` Nullable(Float64) COMMENT 'given_up / troubled: of troubled sessions. Interactive use only.',
    `interactive_success_rate` Nullable(Float64) COMMENT '(verified + clean) / (judged - unknown). Interactive use only.',
    `interactive_verified_rate` Nullable(Float64) COMMENT 'verified / (judged - unknown). Interactive use only.',
    `interactive_wrote_code_rate` Nullable(Float64) COMMENT 'coded / judged. Interactive use only.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'How the sessions that began on a day went, by team: proxies from telemetry, counted when a cohort closes.'
AS SELECT
    g.day AS `day`,
    g.shown_team AS `team_id`,
    finalizeAggregation(g.who) AS `people`,
    g.judged AS `judged`,
    g.troubled AS `troubled`,
    g.verified AS `verified`,
    g.clean AS `clean`,
    g.given_up AS `given_up`,
    g.left AS `left`,
    g.restarted AS `restarted`,
    g.coded AS `coded`,
    judged - (verified + clean + given_up + left + restarted) AS `unknown`,
    troubled / nullIf(judged, 0) AS `trouble_rate`,
    given_up / nullIf(troubled, 0) AS `abandonment_rate`,
    (verified + clean) / nullIf(judged - unknown, 0) AS `success_rate`,
    verified / nullIf(judged - unknown, 0) AS `verified_rate`,
    coded / nullIf(judged, 0) AS `wrote_code_rate`,
    g.interactive_judged AS `interactive_judged`,
    g.interactive_troubled AS `interactive_troubled`,
    g.interactive_verified AS `interactive_verified`,
    g.interactive_clean AS `interactive_clean`,
    g.interactive_given_up AS `interactive_given_up`,
    g.interactive_left AS `interactive_left`,
    g.interactive_restarted AS `interactive_restarted`,
    g.interactive_coded AS `interactive_coded`,
    interactive_judged - (interactive_verified + interactive_clean + interactive_given_up + interactive_left + interactive_restarted) AS `interactive_unknown`,
    interactive_troubled / nullIf(interactive_judged, 0) AS `interactive_trouble_rate`,
    interactive_given_up / nullIf(interactive_troubled, 0) AS `interactive_abandonment_rate`,
    (interactive_verified + interactive_clean) / nullIf(interactive_judged - interactive_unknown, 0) AS `interactive_success_rate`,
    interactive_verified / nullIf(interactive_judged - interactive_unknown, 0) AS `interactive_verified_rate`,
    interactive_coded / nullIf(interactive_judged, 0) AS `interactive_wrote_code_rate`
FROM (
    SELECT s.day AS day, shown_team, uniqExactMergeState(s.who) AS who, sum(s.judged) AS judged, sum(s.troubled) AS troubled, sum(s.verified) AS verified, sum(s.clean) AS clean, sum(s.given_up) AS given_up, sum(s.left) AS left, sum(s.restarted) AS restarted, sum(s.coded) AS coded, sum(s.interactive_judged) AS interactive_judged, sum(s.interactive_troubled) AS interactive_troubled, sum(s.interactive_verified) AS interactive_verified, sum(s.interactive_clean) AS interactive_clean, sum(s.interactive_given_up) AS interactive_given_up, sum(s.interactive_left) AS interactive_left, sum(s.interactive_restarted) AS interactive_restarted, sum(s.interactive_coded) AS interactive_coded
    FROM (
        SELECT *, (finalizeAggregation(who) = 0 OR finalizeAggregation(who) >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor')) AS is_shown,
            uniqExactMergeIf(who, NOT is_shown) OVER (PARTITION BY day) AS rest
        FROM (
            SELECT toDate(r.minute) AS day, r.placed_team AS team, uniqExactStateIf(r.person_id, r.user_id != 'unknown' AND r.sessions_judged != 0) AS who, sum(r.sessions_judged) AS judged, sum(r.sessions_troubled) AS troubled, sum(r.sessions_verified) AS verified, sum(r.sessions_clean) AS clean, sum(r.sessions_given_up) AS given_up, sum(r.sessions_left) AS left, sum(r.sessions_restarted) AS restarted, sum(r.sessions_coded) AS coded, sum(r.interactive_sessions_judged) AS interactive_judged, sum(r.interactive_sessions_troubled) AS interactive_troubled, sum(r.interactive_sessions_verified) AS interactive_verified, sum(r.interactive_sessions_clean) AS interactive_clean, sum(r.interactive_sessions_given_up) AS interactive_given_up, sum(r.interactive_sessions_left) AS interactive_left, sum(r.interactive_sessions_restarted) AS interactive_restarted, sum(r.interactive_sessions_coded) AS interactive_coded
            FROM (
                SELECT a.*, if(arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from) = 0, if(if(a.hint = '', toString(a.team_id), toString(a.hint)) = '', 'unassigned', if(a.hint = '', toString(a.team_id), toString(a.hint))), if(d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)] = '', 'unassigned', d.teams[arrayLastIndex(since -> since <= toUnixTimestamp(a.minute) * 1000, d.valid_from)])) AS placed_team, if(d.person = '', a.user_id, d.person) AS person_id
                FROM ${private}.user_minute_rows AS a FINAL
                LEFT JOIN (
                    SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
                        w.occupations AS occupations
                    FROM ${private}.directory_rows AS w FINAL
                ) AS d ON d.identity = a.user_id
            ) AS r
            WHERE r.sessions_judged != 0
            GROUP BY day, team
        )
    ) AS s
    ARRAY JOIN multiIf(s.is_shown, [toString(s.team), '*'], s.rest >= (SELECT if(count() = 0, 5, max(value)) FROM ${private}.policy FINAL WHERE name = 'floor'), ['*'], []) AS shown_team
    GROUP BY day, shown_team
) AS g
WHERE g.judged != 0
