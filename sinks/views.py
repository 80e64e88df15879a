"""All views, each after those that it reads. Rule: who reads needs to know nothing of FINAL, segments or privacy."""

from sinks import views_groups, views_outside, views_pipeline, views_sessions

VIEWS = (*views_pipeline.VIEWS, *views_sessions.VIEWS, *views_groups.VIEWS, *views_outside.VIEWS)
