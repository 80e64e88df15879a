"""Detectors under test, on simulated organisations and on an organisation's own record. Rule: the rules that run are
the stream's own; nothing here decides what is an alert but the rivals."""
