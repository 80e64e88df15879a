-- Messages of this time range that a stage could not read.
SELECT $__toTime AS time, toFloat64(count()) AS value
FROM ${database}.dead_letters
WHERE $__timeFilter(at)
