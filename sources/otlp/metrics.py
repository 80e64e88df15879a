"""Metric points to canonical events. Rule: a counter is UsageReported as the client counts; nothing is summed."""

from schemas import wire
from sources.otlp.attributes import label, name, number, whole
from sources.otlp.conversation import Fields
from sources.otlp.envelope import Envelopes, Request, happened_at
from sources.otlp.records import Point
from sources.otlp.unknown import unrecognised

_SCALES: dict[str, tuple[int, str]] = {"USD": (1_000_000, "micro_usd"), "s": (1_000, "ms"), "ms": (1, "ms")}
"""By the metric's unit: what one of it is in ours."""

_KINDS = ("type", "decision", "start_type")
"""The attribute by which a metric splits; the first that a point has."""


def read(envelopes: Envelopes, request: Request, envelope: Fields, point: Point) -> wire.Event:
    """The event of one point."""
    a = point.attributes
    envelope["occurred_at"] = happened_at(request, point.time)
    metric = name(point.metric)
    if not point.temporality or point.value is None or not metric:
        return unrecognised(envelope, metric, point.numbers)
    scale, unit = _SCALES.get(point.unit, (1, "count"))
    if unit == "count" and point.value != int(point.value):
        scale, unit = 1_000_000, "micro"
    cumulative = point.temporality == "cumulative"
    return wire.UsageReported(
        **envelope,
        name=metric,
        kind=next((kind for kind in (name(a.get(key)) for key in _KINDS) if kind), ""),
        unit=unit,  # type: ignore[arg-type]  # one of the names above
        value=whole(point.value, scale),
        temporality=point.temporality,  # type: ignore[arg-type]  # not empty, so one of the two
        started_at=happened_at(request, point.start) if number(point.start) else 0,
        series=envelopes.series(envelope, metric, a) if cumulative else "",
        model=name(a.get("model")),
        query_source=name(a.get("query_source")),
        tool_name=name(a.get("tool_name")),
        decision_source=name(a.get("source")),
        language=label(a.get("language")),
        agent_name=label(a.get("agent.name")),
        mcp_server=label(a.get("mcp_server.name")),
        mcp_tool=label(a.get("mcp_tool.name")),
        effort=name(a.get("effort")),
    )
