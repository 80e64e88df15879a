ALTER TABLE ${private}.pipeline_sample_rows
    COMMENT COLUMN `part` 'A stage (sessions, users, teams, detect), or sink.'
