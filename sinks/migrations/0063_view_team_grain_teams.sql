CREATE OR REPLACE VIEW ${public}.teams
(
    `team_id` LowCardinality(String) COMMENT 'Team; \'unassigned\' where there is none.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Every team that was ever seen, or that the directory names.'
AS SELECT
    r.team_id AS `team_id`
FROM (
    SELECT DISTINCT team_id FROM ${private}.user_minute_rows
    UNION DISTINCT
    SELECT DISTINCT team_id FROM ${private}.team_window_rows
    UNION DISTINCT
    SELECT DISTINCT if(team = '', 'unassigned', team) FROM (
        SELECT arrayJoin(teams) AS team FROM ${private}.directory_rows FINAL
    )
) AS r
