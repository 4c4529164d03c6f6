"""Bringing many ledger accounts to what another system, or a file, says they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.text import clean
from counterfoil.kit.unset import UNSET, Unset
from counterfoil.ledger.chart import Wanted, create, revise
from counterfoil.ledger.given import AccountRef, known_accounts, names_of
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.ledger.rows import (
    Outcome,
    RowResult,
    RowStatus,
    TakenBack,
    all_or_none,
    bounded_rows,
    refused_row,
)
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer


class RowsInACircle(InvalidInput):
    """A row whose parent is the row itself, or a part of a part of it."""

    def __init__(self, circle: Sequence[AccountRow]) -> None:
        number, parent = circle[0].number, circle[1 % len(circle)].number
        super().__init__(
            f"Account {number} is its own parent. Give it another one, or none."
            if len(circle) == 1
            else f"Account {number} cannot be a part of {parent}: by these rows {parent} is a "
            f"part of {number}. Give one of them another parent, or none.",
            field=("parent",),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """A ledger account as another system knows it. What is not given stays as it is.

    It is the account with the same external id, else the one with the same number.
    """

    number: str
    name: str
    type: LedgerAccountType
    currency: str | Unset | None = UNSET
    parent: AccountRef | Unset | None = UNSET
    control: bool | Unset = UNSET
    active: bool | Unset = UNSET
    external_id: str | None = None

    def wanted(self, account: LedgerAccount | None, parent_id: UUID | Unset | None) -> Wanted:
        """What the account, or a new one, shall be."""
        facts: dict[str, Any] = {"number": self.number, "name": self.name, "type": self.type}
        optional = {
            "currency": self.currency,
            "parent_id": parent_id,
            "control": self.control,
            "active": self.active,
        }
        facts.update({name: value for name, value in optional.items() if value is not UNSET})
        if self.external_id is not None:
            facts["external_id"] = self.external_id
        return replace(Wanted.like(account), **facts) if account else Wanted(**facts)


async def upsert_accounts(
    uow: UnitOfWork, viewer: Viewer, rows: Sequence[AccountRow], *, atomic: bool
) -> Outcome:
    """Create the accounts that are new, change those that are not as given. Each row by itself.

    A row's parent may come after it. With `atomic`, one refused row keeps all from being written.

    Raises:
        Forbidden, TooManyRows. What one row is refused for is in its result.
    """
    viewer.require(Right.ACCOUNTS)
    bounded_rows(len(rows))
    await uow.position()
    try:
        async with uow.part():
            results = await _Chart(uow, viewer, await _known(viewer, rows)).take(rows)
            if atomic and any(result.errors for result in results):
                raise TakenBack(results)
            return Outcome(results)
    except TakenBack as back:
        return all_or_none(back.results)


async def _known(viewer: Viewer, rows: Sequence[AccountRow]) -> dict[object, LedgerAccount]:
    """The accounts that the rows, or their parents, may mean."""
    refs = [ref for row in rows for ref in (*_own_refs(row), _parent_ref(row)) if ref is not None]
    return dict((await known_accounts(viewer, refs)).accounts)


def _own_refs(row: AccountRow) -> Sequence[AccountRef]:
    """What the row's own account may be known by, the surest first."""
    by_number = AccountRef(number=clean(row.number, limit=200))
    if row.external_id is None:
        return [by_number]
    return [AccountRef(external_id=clean(row.external_id, limit=200)), by_number]


def _parent_ref(row: AccountRow) -> AccountRef | None:
    return None if isinstance(row.parent, Unset) else row.parent


class _Chart:
    """Writes rows, and knows the accounts that it has written."""

    def __init__(self, uow: UnitOfWork, viewer: Viewer, known: dict[object, LedgerAccount]) -> None:
        self._uow, self._viewer, self._known = uow, viewer, known

    async def take(self, rows: Sequence[AccountRow]) -> Sequence[RowResult]:
        """What became of each row, in the order of `rows`."""
        found: dict[int, RowResult] = {}
        circular = circles(rows)
        for place in wholes_first(rows):
            try:
                if place in circular:
                    raise RowsInACircle([rows[one] for one in circular[place]])
                found[place] = await self._row(rows[place])
            except CounterfoilError as refused:
                found[place] = refused_row(place, refused, renamed={"parent_id": "parent"})
        return [found[place] for place in range(len(rows))]

    async def _row(self, row: AccountRow) -> RowResult:
        account = self._own(row)
        wanted = row.wanted(account, self._parent_id(row))
        if account is None:
            created = await create(self._uow, self._viewer, wanted)
            self._learn(created)
            return RowResult(created.id, RowStatus.CREATED)
        before = account.revision
        await revise(self._uow, self._viewer, account, wanted)
        self._learn(account)
        changed = account.revision != before
        return RowResult(account.id, RowStatus.UPDATED if changed else RowStatus.UNCHANGED)

    def _own(self, row: AccountRow) -> LedgerAccount | None:
        """The row's own account. One that another system calls otherwise is not taken for it."""
        for ref in _own_refs(row):
            account = self._known.get(ref.name)
            if account is None:
                continue
            if ref.external_id or row.external_id is None or account.external_id is None:
                return account
        return None

    def _parent_id(self, row: AccountRow) -> UUID | Unset | None:
        if row.parent is None or isinstance(row.parent, Unset):
            return row.parent
        parent = self._known.get(row.parent.name)
        if parent is None:
            raise NotFound(field=("parent",))
        return parent.id

    def _learn(self, account: LedgerAccount) -> None:
        self._known.update(dict.fromkeys(names_of(account), account))


def wholes_first(rows: Sequence[AccountRow]) -> Sequence[int]:
    """The places of the rows, each after the row of its parent; a circle in the order given."""
    above = _places_above(rows)
    ordered: dict[int, None] = {}
    for start in range(len(rows)):
        path: list[int] = []
        place: int | None = start
        while place is not None and place not in ordered and place not in path:
            path.append(place)
            place = above[place]
        ordered.update(dict.fromkeys(reversed(path)))
    return list(ordered)


def _places_above(rows: Sequence[AccountRow]) -> Sequence[int | None]:
    """For each row, the place of the row of its parent, if that is among them."""
    places: Mapping[object, int] = {
        ref.name: place for place, row in enumerate(rows) for ref in _own_refs(row)
    }
    refs = [_parent_ref(row) for row in rows]
    return [places.get(ref.name) if ref is not None else None for ref in refs]


def circles(rows: Sequence[AccountRow]) -> Mapping[int, Sequence[int]]:
    """The places of the rows that are above themselves, each with its circle, itself first."""
    above = _places_above(rows)
    found: dict[int, Sequence[int]] = {}
    seen: set[int] = set()
    for start in range(len(rows)):
        path: list[int] = []
        place: int | None = start
        while place is not None and place not in seen:
            seen.add(place)
            path.append(place)
            place = above[place]
        if place in path:
            circle = path[path.index(place) :]
            found |= {one: [*circle[at:], *circle[:at]] for at, one in enumerate(circle)}
    return found
