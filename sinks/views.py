"""All views, each after those that it reads. Rule: who reads needs to know nothing of FINAL, segments or privacy."""

from sinks import views_alerts, views_calls, views_groups, views_outside, views_pipeline, views_sessions, views_spans

VIEWS = (
    *views_pipeline.VIEWS,
    *views_sessions.VIEWS,
    *views_groups.VIEWS,
    *views_spans.VIEWS,
    *views_calls.VIEWS,
    *views_outside.VIEWS,
    *views_alerts.VIEWS,
)
