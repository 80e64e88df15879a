SELECT team_id AS value, team_id AS text
FROM ${database}.teams
ORDER BY team_id
