"""What a verdict says to each rule for proportions. Rule: the metrics' own definitions (docs/metrics.md)."""

from schemas import wire


def observations(verdict: wire.SessionVerdict) -> list[tuple[str, int, int]]:
    """Of each detector that it says something to: in how many it happened, of how many."""
    found = [
        ("trouble", int(verdict.is_troubled), 1),
        ("restarts", int(verdict.outcome == "restarted"), 1),
    ]
    if verdict.is_troubled:
        found.append(("abandonment", int(verdict.outcome == "abandoned_after_trouble"), 1))
    if verdict.outcome != "unknown":
        found.append(("success", int(verdict.outcome != "verified_success"), 1))
    if verdict.tool_calls > 0:
        found.append(("tool_failures", min(verdict.tool_failures, verdict.tool_calls), verdict.tool_calls))
    if verdict.tool_decisions > 0:
        found.append(("rejections", min(verdict.user_rejections, verdict.tool_decisions), verdict.tool_decisions))
    return found
