ALTER TABLE ${private}.session_rows
    MODIFY COMMENT 'Empty since the release that brought session_state_rows, where its rows are.'
