"""Committed offsets that are never mistaken. Rule: "no offset" is believed only of an answer without an error.

aiokafka 0.14 reads the errors of the partitions in an answer to OffsetFetch and not the answer's own. A coordinator
that is loading or has moved says so there and lists no partition, which aiokafka takes for "nothing was ever
committed": the consumer then begins at its reset position, and reads again or skips.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest


class CheckedCoordinator(GroupCoordinator):  # type: ignore[misc] # aiokafka has no types
    """aiokafka's group coordinator, whose fetch of offsets raises the error of the whole answer.

    aiokafka itself asks again after each error that may pass; the others reach the reader of the offset.
    """

    async def _send_req(self, request: Any) -> Any:
        response = await super()._send_req(request)
        if request.API_KEY == OffsetFetchRequest.API_KEY:
            self._raise_error_of(response)
        return response

    def _raise_error_of(self, response: Any) -> None:
        # Answers of brokers before 0.10.2 have no error of their own.
        code = getattr(response, "error_code", 0)
        if code == 0:
            return
        kind = for_code(code)
        if kind in (NotCoordinatorForGroupError, GroupCoordinatorNotAvailableError):
            self.coordinator_dead()
        if kind is GroupAuthorizationFailedError:
            raise kind(self.group_id)
        raise kind()


class OffsetsConsumer(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no types
    """A consumer of a group whose committed offsets are right while its coordinator loads or moves.

    Used like AIOKafkaConsumer; where that one reports no offset after such an answer, this one asks again.
    """

    @property
    def _coordinator(self) -> Any:
        return self._checked_coordinator

    @_coordinator.setter
    def _coordinator(self, coordinator: Any) -> None:
        # `start` makes the coordinator and waits for the assignment at once: here is the only moment before its first
        # request. The class adds no state, so an instance of the one is an instance of the other.
        if type(coordinator) is GroupCoordinator:
            coordinator.__class__ = CheckedCoordinator
        self._checked_coordinator = coordinator
