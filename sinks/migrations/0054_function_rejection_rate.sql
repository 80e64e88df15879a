CREATE OR REPLACE FUNCTION ${public}_rejection_rate AS (tool_rejections, tool_accepts) -> tool_rejections / nullIf(tool_rejections + tool_accepts, 0)
