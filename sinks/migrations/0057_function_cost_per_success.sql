CREATE OR REPLACE FUNCTION ${public}_cost_per_success AS (cost_micros, verified, clean) -> cost_micros / 1e6 / nullIf(verified + clean, 0)
