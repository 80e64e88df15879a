-- Installations that were heard once and have been silent for 3 days.
SELECT $__toTime AS time, toFloat64(sum(stopped)) AS value
FROM ${database}.client_versions
HAVING count() > 0
