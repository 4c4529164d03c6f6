"""The register of a ledger account, on both databases, against a plain running sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.kit.keyset import Slice, read_page
from counterfoil.kit.table import Row
from counterfoil.ledger.balances import Balance
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import LedgerAccount
from counterfoil.ledger.register import RUNNING, held_at, lines_of, running
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
from tests.api.asking import statements
from tests.factories import make_ledger_account, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
Moves = Sequence[tuple[int, int, int]]
"""Entries as (days after `DAY`, what the first line moves, what a second line moves)."""


class Books:
    """A company with the account that is looked at, and another one for the other side."""

    def __init__(self, viewer: Viewer, cash: LedgerAccount, sales: LedgerAccount) -> None:
        self.viewer, self.cash, self.sales = viewer, cash, sales
        self._transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())

    @classmethod
    async def fresh(cls, currency: str | None = "USD") -> Books:
        organization = await make_organization()
        cash = await make_ledger_account(organization, number="1000", currency=currency)
        sales = await make_ledger_account(organization, number="4000", currency=None)
        return cls(await make_viewer(organization), cash, sales)

    async def post(self, moves: Moves, *, post: bool = True) -> None:
        for day, first, second in moves:
            amounts = [first, second] if second else [first]
            mine = [LineDraft(ledger_account_id=self.cash.id, amount_minor=a) for a in amounts]
            other = LineDraft(ledger_account_id=self.sales.id, amount_minor=-sum(amounts))
            lines = [*mine, other] if other.amount_minor else mine
            draft = EntryDraft(posted_on=DAY + timedelta(days=day), lines=lines)
            async with self._transactions.begin(self.viewer.organization_id) as uow:
                await create_entry(uow, self.viewer, draft, post=post)

    async def page(self, part: Slice, first: date | None = None) -> tuple[Sequence[Row], str]:
        question = lines_of(self.viewer, self.cash.id, first=first)
        page = await read_page(question, part, names=RUNNING, with_keys=True)
        return page.rows, page.cursor(page.rows[-1]) if page.rows else ""

    async def register(self, size: int, first: date | None = None) -> list[tuple[date, int, int]]:
        """The whole register, read in pages: day, movement, what was held after it."""
        found: list[tuple[date, int, int]] = []
        after: str | None = None
        while True:
            rows, cursor = await self.page(Slice(size, after), first)
            held = await running(self.viewer, self.cash.id, rows)
            for row in rows:
                balance = held[row["journal_line.id"]]
                assert balance.amount_minor == balance.base_minor
                movement = row["journal_line.amount_minor"]
                found.append((row["journal_line.posted_on"], movement, balance.amount_minor))
            if len(rows) < size:
                return found
            after = cursor


def _summed(moves: Moves) -> list[tuple[date, int, int]]:
    """What the register should be, by adding up from the beginning."""
    found, held = [], 0
    for day, first, second in sorted(moves, key=lambda move: move[0]):
        for amount in (first, second) if second else (first,):
            held += amount
            found.append((DAY + timedelta(days=day), amount, held))
    return found


_AMOUNT = st.integers(-(10**6), 10**6)
_MOVES = st.lists(
    st.tuples(st.integers(0, 5), _AMOUNT.filter(bool), _AMOUNT), min_size=1, max_size=12
).map(lambda moves: [(day, a, 0 if a + b == 0 else b) for day, a, b in moves])


class TestRegister:
    async def test_denied(self) -> None:
        books = await Books.fresh()
        await books.post([(0, 100, 0)])
        blind = Viewer(
            books.viewer.organization_id, ActorKind.USER, None, frozenset({Right.EXPORT})
        )
        with pytest.raises(Forbidden):
            lines_of(blind, books.cash.id)
        other = await make_viewer(await make_organization())
        question = lines_of(other, books.cash.id)
        page = await read_page(question, Slice(10), names=RUNNING, with_keys=False)
        assert page.rows == []

    @settings(suppress_health_check=list(HealthCheck), max_examples=15)
    @given(moves=_MOVES, size=st.integers(1, 6), skipped=st.integers(0, 6))
    async def test_it_is_the_running_sum(self, moves: Moves, size: int, skipped: int) -> None:
        books = await Books.fresh()
        await books.post(moves)
        whole = _summed(moves)
        assert await books.register(size) == whole
        first = DAY + timedelta(days=skipped)
        assert await books.register(size, first) == [row for row in whole if row[0] >= first]

    async def test_by_day_then_number_then_line(self) -> None:
        books = await Books.fresh()
        await books.post([(1, 5, 7), (0, 100, 0), (1, -1, 0)])
        assert await books.register(10) == [
            (DAY, 100, 100),
            (DAY + timedelta(days=1), 5, 105),
            (DAY + timedelta(days=1), 7, 112),
            (DAY + timedelta(days=1), -1, 111),
        ]

    async def test_line_1_of_entry_1_can_be_gone_on_from(self) -> None:
        books = await Books.fresh()
        await books.post([(0, 5, 7), (0, 1, 0)])
        assert await books.register(2) == [(DAY, 5, 5), (DAY, 7, 12), (DAY, 1, 13)]

    async def test_drafts_are_not_in_it(self) -> None:
        books = await Books.fresh()
        await books.post([(0, 100, 0)], post=False)
        assert await books.register(10) == []

    async def test_an_account_that_takes_any_currency_runs_in_base(self) -> None:
        books = await Books.fresh(currency=None)
        await books.post([(0, 100, 0), (3, -30, 0)])
        rows, _ = await books.page(Slice(1, None), DAY + timedelta(days=3))
        held = await running(books.viewer, books.cash.id, rows)
        assert list(held.values()) == [Balance(70, 70)]

    async def test_a_page_far_down_sums_no_history(self) -> None:
        books = await Books.fresh()
        await books.post([(day, 1, 0) for day in range(20)])
        rows, _ = await books.page(Slice(5), DAY + timedelta(days=15))
        with statements() as seen:
            held = await running(books.viewer, books.cash.id, rows)
        assert [balance.amount_minor for balance in held.values()] == [16, 17, 18, 19, 20]
        assert len(seen) == 2


class TestHeldAt:
    async def test_what_never_moved_holds_nothing(self) -> None:
        books = await Books.fresh()
        await books.post([(1, 100, 0)])
        ids: list[UUID] = [books.cash.id, books.sales.id]
        assert await held_at(books.viewer, ids, DAY) == dict.fromkeys(ids, Balance(0, 0))
        held = await held_at(books.viewer, ids, DAY + timedelta(days=1))
        assert held == {books.cash.id: Balance(100, 100), books.sales.id: Balance(-100, -100)}
