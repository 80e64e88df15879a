CREATE OR REPLACE FUNCTION ${public}_success_rate AS (verified, clean, judged, unknown) -> (verified + clean) / nullIf(judged - unknown, 0)
