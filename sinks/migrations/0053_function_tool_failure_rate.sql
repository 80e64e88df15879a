CREATE OR REPLACE FUNCTION ${public}_tool_failure_rate AS (tool_failures, tool_calls) -> tool_failures / nullIf(tool_calls, 0)
