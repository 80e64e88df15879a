"""Changes as records. Rule: no record exceeds what the broker takes, however much one flush has to say.

Changes add up, so one that is too large is told in parts.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from schemas import wire
from schemas.counters import Sums

PARTS = 2_000
"""Minutes, or notices, in one record: some 200 KB, and 1 MB is refused."""

_encode = msgspec.msgpack.Encoder().encode


def split_user_change(change: wire.UserChange) -> Iterator[bytes]:
    """One record, or several whose sum it is; notices keep their order."""
    if sum(map(len, change.panes.values())) <= PARTS and len(change.notices) <= PARTS:
        yield _encode(change)
        return
    for team, minutes in change.panes.items():
        for part in _parts(minutes):
            yield _encode(wire.UserChange(change.user_id, {team: part}, []))
    for at in range(0, len(change.notices), PARTS):
        yield _encode(wire.UserChange(change.user_id, {}, change.notices[at : at + PARTS]))


def split_team_change(change: wire.TeamChange) -> Iterator[bytes]:
    """One record, or several whose sum it is; people move with the first."""
    if len(change.minutes) <= PARTS:
        yield _encode(change)
        return
    people = change.people
    for part in _parts(change.minutes):
        yield _encode(wire.TeamChange(change.team_id, part, people))
        people = [0] * len(people)


def _parts(minutes: dict[int, Sums]) -> Iterator[dict[int, Sums]]:
    items = iter(minutes.items())
    while part := dict(islice(items, PARTS)):
        yield part
