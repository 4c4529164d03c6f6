"""Which of the accounts that a login hands over were here before. Knows no database.

Told apart in this order: by the aggregator's own id, by what no two accounts share, by likeness
where it leaves no choice, by the history that both have. What stays doubtful is asked, and counts
as new until a person has answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar
from uuid import UUID

from counterfoil.accounts.alike import (
    Incoming,
    Known,
    by_any,
    by_exact,
    by_maybe,
    by_own_and_name,
    by_strong,
    by_weak,
    by_weak_and_name,
)
from counterfoil.accounts.keys import folded

_K = TypeVar("_K")
_V = TypeVar("_V")

ENOUGH_LINES = 5
"""With so many kept lines a common history alone tells that two accounts are the same."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many lines were `kept` within the span that is delivered, and how many of these were
    `found` among the delivered ones. `theirs` is how many were delivered from the oldest kept
    line to the newest: what is said of a hidden one alone, since all its lines are kept."""

    kept: int
    found: int
    theirs: int = 0

    @property
    def mostly(self) -> bool:
        """At least four of five kept lines occur, or there is none to ask for."""
        return self.found * 5 >= self.kept * 4

    @property
    def convincing(self) -> bool:
        """Enough lines to tell, and most of them occur."""
        return self.kept >= ENOUGH_LINES and self.mostly

    @property
    def mutual(self) -> bool:
        """Most of what is delivered in the span of the kept lines is among these."""
        return self.found * 2 > self.theirs

    @property
    def likely(self) -> bool:
        """More than one line occurs, and most lines of both do."""
        return self.found > 1 and self.mostly and self.mutual

    @property
    def partial(self) -> bool:
        """Some lines occur, and at least half of the kept ones."""
        return self.found > 0 and self.found * 2 >= self.kept


@dataclass(frozen=True, slots=True)
class Same:
    """It is this account."""

    id: UUID


@dataclass(frozen=True, slots=True)
class New:
    """It was never here."""


@dataclass(frozen=True, slots=True)
class Ask:
    """It may be one of these, and only a person can tell: new until then. Never a hidden one."""

    candidates: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """It may be this hidden one, and nobody is told of that: neither shown nor asked about."""

    id: UUID


Recognised: TypeAlias = Same | New | Ask | Withheld
Overlaps: TypeAlias = Mapping[tuple[str, UUID], Overlap]


def recognise(
    incoming: Sequence[Incoming], known: Sequence[Known], *, overlap: Overlaps, whole: bool = False
) -> Mapping[str, Recognised]:
    """What each incoming account is, by its aggregator's id. No account is taken twice.

    `overlap` has the pairs that `to_compare` names; a pair that lacks there is not known to have
    lines in common. What was withheld before, since it may be a hidden account, is withheld again,
    whoever that account is by now, unless lines tell the two apart that are compared as a `whole`.
    """
    search = _Search(incoming, known)
    search.settle(by_exact)
    search.settle(by_strong)
    if not whole:
        search.withhold_again()
    doubtful = search.pairs(by_any) | search.pairs(by_maybe)
    search.settle(by_own_and_name, agrees=lambda one, row: _agrees(one, row, overlap))
    search.settle(by_weak, agrees=lambda one, row: _agrees(one, row, overlap))
    search.settle(by_weak_and_name, agrees=lambda one, row: _agrees(one, row, overlap))
    search.settle(lambda one, row: _has_history(one, row, overlap))
    search.keep_hidden()
    historic = search.pairs(lambda one, row: _may_have_history(one, row, overlap))
    likely = search.pairs(lambda one, row: _is_likely(one, row, overlap))
    search.withhold_again(besides=lambda one, row: _is_told_apart(one, row, overlap))
    search.withhold(search.pairs(by_any) | likely, historic)
    doubtful |= historic
    return search.answers(doubtful)


def to_compare(
    incoming: Sequence[Incoming], known: Sequence[Known], *, whole: bool = False
) -> Collection[tuple[str, UUID]]:
    """The pairs whose lines must be compared before `recognise` can tell.

    `whole`: all lines are delivered; else what was withheld before is not compared again.
    """
    search = _Search(incoming, known)
    search.settle(by_exact)
    search.settle(by_strong)
    if not whole:
        search.withhold_again()
    pairs = search.pairs(_is_comparable) | search.before(_is_comparable)
    return {(one, row) for one, row in pairs if one not in search.withheld}


_Test: TypeAlias = Callable[[Incoming, Known], bool]


class _Search:
    """Who is still to be recognised, and which accounts nobody has taken yet."""

    def __init__(self, incoming: Sequence[Incoming], known: Sequence[Known]) -> None:
        self.all, self.known = incoming, known
        self.left = {one.aggregator_id: one for one in incoming}
        self.free = {row.id: row for row in known if not row.attached}
        self.same: dict[str, UUID] = {}
        self.withheld: dict[str, UUID] = {}

    def pairs(self, test: _Test) -> set[tuple[str, UUID]]:
        """All pairs of what is left that pass the test."""
        left, free = self.left.values(), self.free.values()
        return {(one.aggregator_id, row.id) for one in left for row in free if test(one, row)}

    def settle(self, test: _Test, *, agrees: _Test | None = None) -> None:
        """Take the pairs that pass the test where neither side has another to choose from.

        What is withheld takes nothing, and leaves a hidden account to nobody else either.
        `agrees` is asked afterwards: a pair that it refuses is no choice for anybody else either.
        """
        found = self.pairs(test)
        found = {
            (one, row) for one, row in found if one not in self.withheld or self.free[row].hidden
        }
        rows, askers = _grouped(found), _grouped((row, one) for one, row in found)
        for one, row in found:
            unique = len(rows[one]) == len(askers[row]) == 1 and one not in self.withheld
            if unique and (agrees is None or agrees(self.left[one], self.free[row])):
                self.take(one, row)

    def keep_hidden(self) -> None:
        """Of accounts that look alike and are all hidden it does not matter which is which.

        So they are taken in order rather than asked about, where there is one for everybody: what
        was hidden is shown to nobody.
        """
        hidden = {row.id for row in self.free.values() if row.hidden}
        found = self.pairs(by_weak)
        rows, askers = _grouped(found), _grouped((row, one) for one, row in found)
        for one in sorted(rows):
            everybody = set().union(*(askers[row] for row in rows[one]))
            free = sorted(rows[one] & self.free.keys())
            if one in self.withheld:
                continue
            if free and len(everybody) <= len(rows[one]) and rows[one] <= hidden:
                self.take(one, free[0])

    def before(self, test: _Test) -> set[tuple[str, UUID]]:
        """The pairs of what is left and of what it was withheld for, or has the id of, taken and
        attached ones too, that pass the test."""
        return {
            (one.aggregator_id, row.id)
            for one in self.left.values()
            for row in self.known
            if row.hidden and (by_maybe(one, row) or by_exact(one, row)) and test(one, row)
        }

    def withhold_again(self, *, besides: _Test = lambda _, __: False) -> None:
        """Withhold what was withheld before, `besides` the pairs that pass this test."""
        for one, row in sorted(self.before(lambda one, row: not besides(one, row))):
            self.withheld.setdefault(one, row)

    def withhold(
        self, alike: Collection[tuple[str, UUID]], historic: Collection[tuple[str, UUID]]
    ) -> None:
        """Show nothing of what is `alike` a hidden one that nobody took: it may be that one.

        Unless its history speaks for another account and not for the hidden one.
        """
        for one, row in sorted(alike):
            told = {other for who, other in historic if who == one}
            elsewhere = row not in told and any(not self.free[other].hidden for other in told)
            if self.free[row].hidden and not elsewhere:
                self.withheld.setdefault(one, row)

    def take(self, one: str, row: UUID) -> None:
        """Settle that `one` is `row`."""
        self.same[one] = row
        del self.left[one], self.free[row]

    def answers(self, doubtful: Collection[tuple[str, UUID]]) -> Mapping[str, Recognised]:
        """What everybody is; of the doubtful pairs only what nobody took is asked."""
        may_be: dict[str, list[UUID]] = defaultdict(list)
        for one, row in sorted(doubtful):
            if row in self.free and not self.free[row].hidden:
                may_be[one].append(row)
        return {one.aggregator_id: self._answer(one.aggregator_id, may_be) for one in self.all}

    def _answer(self, one: str, may_be: Mapping[str, list[UUID]]) -> Recognised:
        if one in self.same:
            return Same(self.same[one])
        if one in self.withheld:
            return Withheld(self.withheld[one])
        return Ask(tuple(may_be[one])) if one in may_be else New()


def _grouped(pairs: Iterable[tuple[_K, _V]]) -> Mapping[_K, set[_V]]:
    groups: dict[_K, set[_V]] = defaultdict(set)
    for key, value in pairs:
        groups[key].add(value)
    return groups


def _agrees(one: Incoming, row: Known, overlap: Overlaps) -> bool:
    """Whether what was kept of the row occurs in what is delivered; where nothing can tell, they
    have the same name. A hidden one is not asked for: it stays hidden."""
    common = overlap.get((one.aggregator_id, row.id))
    if row.hidden:
        return True
    if common is not None and common.kept:
        return common.mostly
    untold = common is not None or not row.kept_lines
    return untold and folded(one.name) == folded(row.name)


def _has_history(one: Incoming, row: Known, overlap: Overlaps) -> bool:
    common = overlap.get((one.aggregator_id, row.id))
    if common is None or not common.convincing:
        return False
    return common.mutual or not row.hidden


def _is_likely(one: Incoming, row: Known, overlap: Overlaps) -> bool:
    common = overlap.get((one.aggregator_id, row.id))
    return common is not None and common.likely


def _is_comparable(one: Incoming, row: Known) -> bool:
    return row.kept_lines and one.currency == row.currency


def _is_told_apart(one: Incoming, row: Known, overlap: Overlaps) -> bool:
    """Whether there is something to compare, and most of what either has is not the other's."""
    common = overlap.get((one.aggregator_id, row.id))
    return common is not None and common.kept > 0 and not (common.mostly and common.mutual)


def _may_have_history(one: Incoming, row: Known, overlap: Overlaps) -> bool:
    common = overlap.get((one.aggregator_id, row.id))
    return common is not None and common.partial
