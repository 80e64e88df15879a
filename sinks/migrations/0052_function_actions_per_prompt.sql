CREATE OR REPLACE FUNCTION ${public}_actions_per_prompt AS (log_actions, turns) -> pow(2, log_actions / 1000 / nullIf(turns, 0))
