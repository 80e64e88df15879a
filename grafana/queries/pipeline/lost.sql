-- Share of numbered events that clients counted and that never came, sessions begun on the days of the range.
SELECT $__toTime AS time, sum(s.lost) / nullIf(sum(s.lost + s.numbered), 0) AS value
FROM ${database}.silence AS s
WHERE $__dateFilter(day)
HAVING sum(s.lost + s.numbered) > 0
