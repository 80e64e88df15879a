CREATE OR REPLACE FUNCTION ${public}_rate AS (hits, of) -> hits / nullIf(of, 0)
