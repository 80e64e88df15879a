CREATE OR REPLACE VIEW ${private}.directory
(
    `identity` String COMMENT 'Pseudonym of an identity.',
    `person_id` String COMMENT 'Pseudonym of the person, the same for all identities.',
    `valid_from` DateTime64(3, 'UTC') COMMENT 'Since when it holds; 1970: ever.',
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.',
    `role` LowCardinality(String) COMMENT 'Role.',
    `occupation` LowCardinality(String) COMMENT 'Occupation.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Who stands behind an identity, and in which team since when: a row an entry.'
AS SELECT
    r.identity AS `identity`,
    r.person AS `person_id`,
    fromUnixTimestamp64Milli(entry.1, 'UTC') AS `valid_from`,
    if(entry.2 = '', 'unassigned', entry.2) AS `team_id`,
    entry.3 AS `role`,
    entry.4 AS `occupation`
FROM ${private}.directory_rows AS r FINAL
ARRAY JOIN arrayZip(r.valid_from, r.teams, r.roles, r.occupations) AS entry
