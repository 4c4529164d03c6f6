"""Finding in many open journal lines the few that one bank line may be: pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from heapq import nsmallest
from operator import attrgetter

from counterfoil.reconciliation.combining import MOST_AMOUNTS
from counterfoil.reconciliation.evidence import BankSide, JournalSide
from counterfoil.reconciliation.likeness import reference_of
from counterfoil.reconciliation.proposing import GROUP_DAYS

MOST_ALIKE = 25
"""Of more lines of one amount, or of one number, only the nearest in time are looked at."""


class Pool:
    """The open journal lines of one ledger account, found by amount, by number and by date."""

    def __init__(self, sides: Iterable[JournalSide]) -> None:
        self._by_date = sorted(sides, key=attrgetter("posted_on"))
        self._by_amount: defaultdict[int, list[JournalSide]] = defaultdict(list)
        self._by_reference: defaultdict[str, list[JournalSide]] = defaultdict(list)
        for side in self._by_date:
            self._by_amount[side.open_minor].append(side)
            if (reference := reference_of(side.reference)) is not None:
                self._by_reference[reference].append(side)

    def for_line(self, line: BankSide) -> Sequence[JournalSide]:
        """What the line may be: of its amount, of a number that it names, or a part of it."""
        near = partial(_distance, line)
        whole = nsmallest(MOST_ALIKE, self._by_amount.get(line.open_minor, ()), key=near)
        named = [
            side for reference in line.references for side in self._by_reference.get(reference, ())
        ]
        parts = [] if whole else nsmallest(MOST_AMOUNTS, self._parts(line), key=near)
        chosen = [*whole, *nsmallest(MOST_ALIKE, named, key=near), *parts]
        return list({side.id: side for side in chosen}.values())

    def _parts(self, line: BankSide) -> Iterable[JournalSide]:
        day, target = line.dated_on.toordinal(), line.open_minor
        begin, end = map(date.fromordinal, (day - GROUP_DAYS, day + GROUP_DAYS))
        first = bisect_left(self._by_date, begin, key=attrgetter("posted_on"))
        last = bisect_right(self._by_date, end, key=attrgetter("posted_on"))
        if target > 0:
            return (side for side in self._by_date[first:last] if 0 < side.open_minor < target)
        return (side for side in self._by_date[first:last] if target < side.open_minor < 0)


def _distance(line: BankSide, side: JournalSide) -> tuple[int, str]:
    return (abs((line.dated_on - side.posted_on).days), str(side.id))
