"""The errors of the embedded broker."""


class BrokerError(Exception):
    """The broker cannot be had, started or kept: one sentence that says what to do."""


class JarsUnavailable(BrokerError):
    """Kafka's jars are not on this machine and cannot be fetched."""
