-- The cost of the whole month, and the range that it is in 8 times of 10 if days go on as in the 8 weeks before.
-- A day to come, today too, costs what its weekday did on average; the spread of days and of the average add up.
WITH toDate($__toTime) AS today, toDate(toStartOfMonth(addMonths(today, 1))) AS next_month
SELECT
    $__toTime AS time,
    sum(spent + days * mean) AS forecast,
    greatest(sum(spent), forecast - 1.2816 * sqrt(sum(days * (1 + days / n) * spread))) AS low,
    forecast + 1.2816 * sqrt(sum(days * (1 + days / n) * spread)) AS high
FROM (
    SELECT
        toDayOfWeek(day) AS weekday,
        sumIf(cost, day >= toStartOfMonth(today)) AS spent,
        avg(cost) AS mean,
        varSamp(cost) AS spread,
        count() AS n,
        arrayCount(ahead -> toDayOfWeek(today + ahead) = weekday, range(toUInt32(next_month - today))) AS days
    FROM (
        SELECT d.day + nth AS day, sum(d.cost_usd / d.days) AS cost
        FROM ${database}.team_days_brief AS d
        ARRAY JOIN range(toUInt32(d.days)) AS nth
        WHERE d.week BETWEEN toMonday(today - 56) AND today AND d.day BETWEEN today - 56 AND today - 1
          AND day < today AND team_id != '*' AND $__conditionalAll(team_id IN (${team:singlequote}), $team)
        GROUP BY day
        ORDER BY day WITH FILL TO today
    )
    GROUP BY weekday
)
HAVING count() = 7 AND min(n) >= 2
