CREATE OR REPLACE FUNCTION ${public}_abandonment_rate AS (given_up, troubled) -> given_up / nullIf(troubled, 0)
