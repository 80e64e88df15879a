-- What could not be read in this time range, by topic and reason, most first.
SELECT topic, reason, toFloat64(count()) AS messages, max(at) AS last
FROM ${database}.dead_letters
WHERE $__timeFilter(at)
GROUP BY topic, reason
ORDER BY messages DESC, topic, reason
LIMIT 100
