"""OTLP over HTTP, from bytes to canonical events. Rule: pure; content is dropped here, by an allow-list."""
