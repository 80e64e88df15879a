CREATE OR REPLACE VIEW ${private}.session_people
(
    `session_id` String COMMENT 'The client\'s own id.',
    `user_id` String COMMENT 'Pseudonym; empty while nobody is known.',
    `person_id` String COMMENT 'The person by the directory, else the pseudonym.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Whose a session is, those too in which nothing happened.'
AS SELECT
    s.`session_id` AS `session_id`,
    s.`user_id` AS `user_id`,
    s.`person_id` AS `person_id`
FROM (
    SELECT t.`session_id` AS `session_id`, t.`user_id` AS `user_id`, if(d.person = '', t.user_id, d.person) AS `person_id`
    FROM (
    SELECT r.session_id AS `session_id`, r.user_id AS `user_id`
    FROM ${private}.session_state_rows AS r FINAL
    WHERE r.session_key NOT IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
    UNION ALL
    SELECT r.session_id AS `session_id`, argMin(r.user_id, r.seen_at) AS `user_id`
    FROM (
        SELECT * FROM ${private}.session_state_rows AS w WHERE w.session_key IN (
        SELECT w.session_key FROM ${private}.session_state_rows AS w GROUP BY w.session_key
        HAVING min(w.segment) != max(w.segment) OR min(toDate(w.began)) != max(toDate(w.began))
    )
        ORDER BY w.version DESC LIMIT 1 BY w.session_id, w.segment
    ) AS r
    GROUP BY r.session_id
) AS t
    LEFT JOIN (
        SELECT w.identity AS identity, w.person AS person, w.valid_from AS valid_from, w.teams AS teams,
            w.occupations AS occupations
        FROM ${private}.directory_rows AS w FINAL
    ) AS d ON d.identity = t.user_id
) AS s
