"""What a channel has heard of an alert, step by step. Rule: a doubt stays until the channel has taken the message.

Before an attempt it is written down as begun; after it as refused or taken.
"""

from msgspec.structs import replace

from schemas.derived import DEFINITIONS
from schemas.wire import AlertDelivery
from sinks.due import Due

NOTHING = AlertDelivery(version=0, definitions=DEFINITIONS, word="", told_at=0, number=0)


def begun(before: AlertDelivery, item: Due, message: str) -> AlertDelivery:
    """While it is being sent: should nothing more be written, it may have been taken."""
    again = before.sending == item.kind and before.number == item.number
    return replace(
        before,
        number=item.number,
        sending=item.kind,
        message=message,
        attempts=before.attempts + 1 if again else 1,
        in_doubt=True,
    )


def refused(before: AlertDelivery, sent: AlertDelivery, why: str, in_doubt: bool, now: int) -> AlertDelivery:
    """It was not taken; yet an earlier attempt of the same message may have been."""
    again = before.sending == sent.sending and before.number == sent.number
    return replace(sent, failure=why, failed_at=now, in_doubt=in_doubt or (again and before.in_doubt))


def taken(sent: AlertDelivery, at: int) -> AlertDelivery:
    """The channel has it."""
    word = "resolved" if sent.sending == "resolved" else "firing"
    return replace(sent, word=word, told_at=at, sending="", failure="", failed_at=0, in_doubt=False)
