"""Which of the lines that a login delivers are lines that are there under other ids: pure.

Lines that say the same are counted: the first min(n, m) of them are the same lines, so that two
equal purchases stay two. What is left is paired by its amount alone where that is unmistakable.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from counterfoil.transactions.applying import POSTING_WINDOW
from counterfoil.transactions.fingerprint import Said

NEARBY_DAYS = 3
"""A bank that is linked anew may date a posted line so many days away from where it was."""
POSTING_DAYS = POSTING_WINDOW.days
"""A pending line may have posted meanwhile, or be dated as another feed dates it."""

Key = TypeVar("Key", UUID, str)


@dataclass(frozen=True, slots=True)
class Line(Generic[Key]):
    """A line of one account; its id is ours (kept) or the aggregator's (offered).

    `weight` is how much hangs on it: of equal ones the weightier are the first.
    """

    id: Key
    said: Said
    weight: int = 0


Kept = Line[UUID]
Offered = Line[str]


def pair(kept: Iterable[Kept], offered: Iterable[Offered]) -> Mapping[UUID, str]:
    """Which offered line each kept one is: {kept id: offered id}, each in one pair at most.

    First those that say the same; then those of the same amount whose dates lie within
    `NEARBY_DAYS`, where neither side has a second candidate among what is left.
    """
    lines, theirs = list(kept), list(offered)
    pairs = _equal(lines, theirs)
    taken = set(pairs.values())
    left = [line for line in lines if line.id not in pairs]
    free = [line for line in theirs if line.id not in taken]
    return {**pairs, **_nearby(left, free, within=NEARBY_DAYS)}


def pair_pending(kept: Iterable[Kept], offered: Iterable[Offered]) -> Mapping[UUID, str]:
    """Which offered line, pending or posted by now, each kept pending one is, as in `pair`.

    Its text and date change when it posts: the amount alone tells, within `POSTING_DAYS`, where
    neither side has a second candidate.
    """
    return _nearby(list(kept), list(offered), within=POSTING_DAYS)


def _equal(kept: Iterable[Kept], offered: Iterable[Offered]) -> dict[UUID, str]:
    theirs = _by_saying(offered)
    return {
        line.id: other.id
        for saying, lines in _by_saying(kept).items()
        for line, other in zip(lines, theirs.get(saying, ()), strict=False)
    }


def _by_saying(lines: Iterable[Line[Key]]) -> Mapping[Said, Sequence[Line[Key]]]:
    """The lines by what they say; equal ones in an order that does not hang on that of `lines`."""
    groups: defaultdict[Said, list[Line[Key]]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (-line.weight, line.id)):
        groups[line.said.cleaned()].append(line)
    return groups


_Place = tuple[int, str, int]
"""An amount on a day, which is a number here."""


def _nearby(kept: Sequence[Kept], offered: Sequence[Offered], *, within: int) -> Mapping[UUID, str]:
    theirs = _by_place(offered)
    candidates = {line.id: _near(line, theirs, within) for line in kept}
    wanted = Counter(other for others in candidates.values() for other in others)
    return {
        line: others[0]
        for line, others in candidates.items()
        if len(others) == 1 and wanted[others[0]] == 1
    }


def _by_place(lines: Iterable[Offered]) -> Mapping[_Place, Sequence[str]]:
    groups: defaultdict[_Place, list[str]] = defaultdict(list)
    for line in lines:
        said = line.said
        groups[said.amount_minor, said.currency, said.dated_on.toordinal()].append(line.id)
    return groups


def _near(line: Kept, theirs: Mapping[_Place, Sequence[str]], within: int) -> Sequence[str]:
    said, day = line.said, line.said.dated_on.toordinal()
    days = range(day - within, day + within + 1)
    places = ((said.amount_minor, said.currency, near) for near in days)
    return [other for place in places for other in theirs.get(place, ())]


def ordinals(lines: Iterable[Hashable]) -> Sequence[int]:
    """Of each thing, the how many-th of its equals it is, from 1 on, in the order given."""
    seen: Counter[Hashable] = Counter()
    counted = []
    for line in lines:
        seen[line] += 1
        counted.append(seen[line])
    return counted
