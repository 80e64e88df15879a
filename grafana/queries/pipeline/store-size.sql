-- Bytes on disk of all tables.
SELECT $__toTime AS time, toFloat64(sum(bytes)) AS value
FROM ${database}.store_tables
HAVING count() > 0
