"""How a worker ends when something is wrong. Rule: nothing is repaired in place; the supervisor starts it again.

    EndWorker
     +- code 70, RESTART   fenced, a failed flush, a fold that raised, a checkpoint that its log has outrun
     +- code 71, STOP      a flood of unreadable messages: starting again would read the same flood

A process that may have been succeeded must do nothing more, not even tidy up: hence os._exit.
"""

import logging
import os
import sys
from collections.abc import Awaitable
from typing import NoReturn, TypeVar

import structlog

RESTART = 70
STOP = 71

T = TypeVar("T")
log = structlog.get_logger()


class EndWorker(Exception):
    """This process must end, with this exit code and for this reason."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code, self.why = code, why


def end_process(code: int, why: str) -> NoReturn:
    """Says why and ends the process at once; open transactions are the successor's to abort."""
    log.critical("worker ends", code=code, why=why)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


async def or_end(step: Awaitable[T], what: str) -> T:
    """Awaits a step of the engine; an exception in it ends the process."""
    try:
        return await step
    except EndWorker as exc:
        end_process(exc.code, f"{what}: {exc.why}")
    except Exception as exc:  # what it was does not matter: nobody knows the state after it
        end_process(RESTART, f"{what}: {exc!r}")
