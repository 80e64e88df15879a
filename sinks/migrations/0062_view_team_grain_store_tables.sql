CREATE OR REPLACE VIEW ${public}.store_tables
(
    `table` String COMMENT 'Its name.',
    `rows` UInt64 COMMENT 'Rows, older versions included until they are merged away.',
    `bytes` UInt64 COMMENT 'On disk, compressed.'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
COMMENT 'Size of our tables.'
AS SELECT
    p.table AS `table`,
    sum(p.rows) AS `rows`,
    sum(p.bytes_on_disk) AS `bytes`
FROM system.parts AS p
WHERE p.active AND p.database = '${private}'
GROUP BY p.table
