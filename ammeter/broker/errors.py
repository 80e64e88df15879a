"""The one error of the embedded broker."""


class BrokerError(Exception):
    """The broker cannot be had, started or kept: one sentence that says what to do."""
