-- The largest tables by bytes on disk.
SELECT table, toFloat64(store_tables.bytes) AS bytes
FROM ${database}.store_tables AS store_tables
ORDER BY bytes DESC, table
LIMIT 12
