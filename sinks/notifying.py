"""Figures of the notifiers. Rule: channels are called as the routes call them, never by their addresses."""

from ammeter import telemetry

_CHANNEL = ("channel",)

MESSAGES = telemetry.counter("ammeter_notifier_messages_total", "Messages that a channel took.", _CHANNEL)
FAILURES = telemetry.counter("ammeter_notifier_failures_total", "Attempts that a channel did not take.", _CHANNEL)
FAILING = telemetry.gauge("ammeter_notifier_failing", "1 while a channel did not take the last attempt.", _CHANNEL)
WAITING = telemetry.gauge("ammeter_notifier_waiting", "Alerts that a channel has yet to be told of.", _CHANNEL)
UNROUTED = telemetry.gauge("ammeter_notifier_unrouted", "Alerts that fire and that no route takes.")
SECONDS = telemetry.histogram("ammeter_notifier_seconds", "From an alert's record to its being taken.", _CHANNEL)
