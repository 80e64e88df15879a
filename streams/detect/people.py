"""Who sends, and on which days. Rule: hashes only, and nobody longer than a baseline reaches.

From it follow how many people a team has, who usually sends, and whether it is another team than its baseline knows.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import msgspec

LATELY = 28
"""Days in which a team's people are counted."""

KEPT = 84
"""Days after which somebody who sends nothing is forgotten."""

BASELINE = 28
"""Days after which somebody is part of what is usual; a team is whoever it had in its first so many days."""

_RECENT = (1 << 31) - 1


class Person(msgspec.Struct, array_like=True):
    """One of a team."""

    first: int
    last: int
    days: int = 1
    """Bit k: active k days before `last`; 31 of them."""

    def was_active(self, day: int) -> bool:
        """Whether anything came on a day, of the last 31 before the last one."""
        return 0 <= self.last - day < 31 and bool(self.days >> (self.last - day) & 1)


class People(msgspec.Struct, array_like=True):
    """Those of one team."""

    first: int = -1
    """The first day of the team, or of what became of it."""
    each: dict[int, Person] = {}

    def seen(self, person: int, day: int) -> bool:
        """Somebody was active on a day, in any order; says whether nobody knew of them."""
        if self.first < 0:
            self.first = day
        known = self.each.get(person)
        if known is None:
            self.each[person] = Person(day, day)
            return True
        if day > known.last:
            known.days = (known.days << (day - known.last) | 1) & _RECENT if day - known.last < 31 else 1
            known.last = day
        elif known.last - day < 31:
            known.days |= 1 << (known.last - day)
        known.first = min(known.first, day)
        return False

    def forget(self, day: int) -> None:
        """Those who have sent nothing for long."""
        gone = [person for person, known in self.each.items() if known.last < day - KEPT]
        for person in gone:
            del self.each[person]

    def lately(self, day: int) -> int:
        """How many were active in the last four weeks."""
        return sum(known.last > day - LATELY for known in self.each.values())

    def unknown(self, day: int, since: int) -> tuple[int, int]:
        """Of those active since a day: how many the baseline does not know, and how many there are."""
        there = [known for known in self.each.values() if known.last >= since]
        bound = max(day - BASELINE, self.first + BASELINE)
        return sum(known.first >= bound for known in there), len(there)

    def begin_anew(self, day: int) -> None:
        """The team is another one: whoever is there, is known from now on."""
        self.first = day
        for known in self.each.values():
            known.first = day

    def regulars(self, day: int, days: Sequence[int], least: float = 0.6) -> dict[int, float]:
        """Who was active on six in ten of these earlier days, or more: in which part of them they were not."""
        if not days:
            return {}
        found = {}
        for person, known in self.each.items():
            if known.first > days[-1] or known.last < days[-1]:
                continue
            sent = sum(known.was_active(each) for each in days)
            if sent >= least * len(days):
                found[person] = 1 - sent / len(days)
        return found


@lru_cache(maxsize=1 << 16)
def of_user(user_id: str) -> int:
    """A person's number: 32 bits that do not lead back."""
    return int.from_bytes(blake2b(user_id.encode(), digest_size=4).digest(), "big")
