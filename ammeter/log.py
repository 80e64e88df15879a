"""The log: one line an event on standard error. Rule: no content, no identity, no secret."""

import logging
import sys

import structlog


def quiet_libraries() -> None:
    """What a library both logs and raises is said once, by us."""
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)


def configure(level: str) -> None:
    """Plain lines on a terminal, JSON lines otherwise; libraries' own warnings go the same way."""
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )
