TRUNCATE TABLE ${private}.session_rows
