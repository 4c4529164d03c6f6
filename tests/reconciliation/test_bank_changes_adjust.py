"""Posting what a booked line is more or less by now."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.models import Books as BooksRow
from counterfoil.ledger.models import LedgerAccountType, RateSource
from counterfoil.reconciliation.adjusting import NothingToAdjust, adjusted_minor
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import CodedToItself, Coding, CodingLine
from counterfoil.reconciliation.grouping import MatchOfTwoCurrencies
from counterfoil.reconciliation.models import EntryOrigin
from counterfoil.reconciliation.regrouping import within
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import BankTransaction, ReviewItem
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_ledger_account
from tests.reconciliation.acting import booked, matched, reversed_by_hand, shown, undone
from tests.reconciliation.bank_changing import (
    adjusted,
    facts,
    matched_now,
    newest_entry,
    reports,
    uncleared,
)
from tests.reconciliation.conftest import Books
from tests.reconciliation.failing import fail_at


class TestAdjust:
    async def test_without_the_right_nothing_changes(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        with pytest.raises(Forbidden):
            await adjusted(books, item, viewer=await books.clerk(Right.CODE))
        assert await books.written() == before

    @pytest.mark.parametrize(
        ("reported", "amount", "items"),
        [
            ({"amount_minor": -12000}, -12000, ([-12000], [-10000, -2000])),
            ({"amount_minor": -7000}, -7000, ([-7000], [-10000, 3000])),
            ({"amount_minor": 500}, 500, ([500], [-10000, 10500])),
            ({"amount_minor": 0}, 0, ([], [-10000, 10000])),
            ({}, -10000, ([], [-10000, 10000])),
        ],
    )
    async def test_the_difference_is_posted_and_matched(
        self, books: Books, reported: dict[str, Any], amount: int, items: object
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, **reported)
        act = await adjusted(books, item, to=books.sales, memo="A tip")
        entry, lines = await newest_entry()
        difference = (0 if not reported else amount) + 10000
        assert lines == [
            ("Operating Account", difference, difference),
            ("Sales", -difference, -difference),
        ]
        assert (entry.memo, entry.act_id, entry.posted_on) == ("A tip", act.id, date(2026, 3, 9))
        assert (await facts(line))[:2] == (amount, amount if reported else 0)
        assert await matched_now() == [items]
        assert await uncleared(books.checking) == []
        assert (await ReviewItem.get(id=item.id)).resolution == Resolution.ADJUSTED
        assert await EntryOrigin.exists(journal_entry_id=entry.id, bank_transaction_id=line.id)

    async def test_of_many_items_all_stay(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        entries = [await books.entry(-7000), await books.entry(-3000)]
        await matched(books, lines, [entry.lines[0] for entry in entries])
        await adjusted(books, await reports(books, lines[0], amount_minor=-5500))
        assert await matched_now() == [([-5500, -4000], [-7000, -3000, 500])]

    async def test_what_was_open_takes_the_difference_first(self, books: Books) -> None:
        line = await books.line(-10000)
        entry = await books.entry(-6000)
        await matched(books, [(line, -6000)], [entry.lines[0]])
        item = await reports(books, line, amount_minor=-8000)
        with pytest.raises(NothingToAdjust):
            await adjusted(books, item)
        await ReviewItem.filter(id=item.id).update(
            reported={**(item.reported or {}), "amount_minor": -4000}
        )
        await adjusted(books, item)
        assert await matched_now() == [([-4000], [-6000, 2000])]

    async def test_a_date_alone_is_nothing_to_post(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, dated_on="2026-03-13")
        before = await books.written()
        with pytest.raises(NothingToAdjust):
            await adjusted(books, item)
        assert await books.written() == before

    async def test_what_is_pending_or_history_cannot_be_compared(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        for reported in ({"pending": True}, {"dated_on": "2026-02-01"}):
            item = await reports(books, line, **reported)
            with pytest.raises(NotBookable) as refused:
                await adjusted(books, item)
            assert refused.value.field == ("review_item_id",)

    async def test_another_currency_cannot_be_compared(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, currency="EUR")
        with pytest.raises(MatchOfTwoCurrencies):
            await adjusted(books, item)

    async def test_the_banks_own_ledger_account_says_nothing(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        with pytest.raises(CodedToItself) as refused:
            await adjusted(books, item, to=books.checking)
        assert refused.value.field == ("ledger_account_id",)

    async def test_behind_a_lock_it_is_dated_after_it(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        await BooksRow.create(organization_id=books.organization.id, hard_lock_on=date(2026, 3, 31))
        await adjusted(books, item)
        entry, _ = await newest_entry()
        assert entry.posted_on == date(2026, 4, 1)

    @pytest.mark.parametrize("statement", ["review_item UPDATE", "match_bank_item INSERT"])
    async def test_a_failure_in_the_middle_leaves_nothing(
        self, books: Books, statement: str
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        await fail_at(statement)
        with pytest.raises(Exception, match="x"):
            await adjusted(books, item)
        assert await books.written() == before


class TestInAForeignCurrency:
    async def _booked(self, books: Books) -> BankTransaction:
        """100.00 EUR out, booked at 1.10."""
        ledger = await make_ledger_account(books.organization, name="Euro", currency="EUR")
        travel = await make_ledger_account(
            books.organization, name="Travel", currency=None, type=LedgerAccountType.EXPENSE
        )
        account = await books.tied_account(ledger, currency="EUR", name="Euro account")
        line = await books.line(-10000, account=account)
        part = CodingLine(ledger_account_id=travel.id, amount_minor=-10000)
        async with books.begin() as uow:
            await book(
                uow,
                books.viewer,
                bank_transaction_id=line.id,
                expected_revision=None,
                coding=Coding(lines=[part], rates=[_rate("1.10")]),
                duplicate_reason=None,
                key=None,
            )
        self.travel = travel
        return line

    async def test_the_difference_has_the_rate_of_the_entry(self, books: Books) -> None:
        line = await self._booked(books)
        await adjusted(books, await reports(books, line, amount_minor=-12000), to=self.travel)
        _, lines = await newest_entry()
        assert lines == [("Euro", -2000, -2200), ("Travel", 2000, 2200)]
        assert await matched_now() == [([-12000], [-10000, -2000])]

    async def test_or_the_one_that_is_given(self, books: Books) -> None:
        line = await self._booked(books)
        item = await reports(books, line, amount_minor=-12000)
        act = await adjusted(books, item, to=self.travel, rates=[_rate("1.20")])
        _, lines = await newest_entry()
        assert lines == [("Euro", -2000, -2400), ("Travel", 2000, 2400)]
        await undone(books, act)
        _, lines = await newest_entry()
        assert lines == [("Euro", 2000, 2400), ("Travel", -2000, -2400)]


def _rate(rate: str) -> Rate:
    return Rate(
        currency="EUR", rate=Decimal(rate), rate_on=date(2026, 3, 9), source=RateSource.TYPED
    )


class TestUndoingIt:
    @pytest.mark.parametrize("reported", [{"amount_minor": -7000}, {"amount_minor": 500}, {}])
    async def test_the_difference_is_reversed_and_the_line_as_booked(
        self, books: Books, reported: dict[str, Any]
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        act = await adjusted(books, await reports(books, line, **reported))
        did = "changed" if reported else "withdrew"
        assert [one.text for one in (await shown(books, act)).effects] == [
            "The bank line is -100.00 USD of 2026-03-09 again, as it was booked.",
            "Entry 2026-0002 is reversed, dated 2026-03-09.",
            f"That the bank {did} it waits for a decision again.",
        ]
        await undone(books, act)
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)
        assert (await matched_now())[0] == ([-10000], [-10000])
        assert await uncleared(books.checking) == []

    async def test_once_the_booking_is_undone_the_difference_alone_is_reversed(
        self, books: Books
    ) -> None:
        line = await books.line(-10000)
        booking = await booked(books, line)
        act = await adjusted(books, await reports(books, line, amount_minor=-12000))
        await undone(books, booking)
        assert await facts(line) == (-12000, 0, "2026-03-09", False, False)
        assert await uncleared(books.checking) == [-2000]
        await undone(books, act)
        assert await uncleared(books.checking) == []
        assert await facts(line) == (-12000, 0, "2026-03-09", False, False)

    async def test_nor_is_anything_left_when_it_was_reversed_by_hand(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        act = await adjusted(books, await reports(books, line, amount_minor=-12000))
        entry, _ = await newest_entry()
        await reversed_by_hand(books, entry)
        assert await facts(line) == (-12000, 0, "2026-03-09", False, False)
        blocked = (await shown(books, act)).blocked
        assert blocked is not None
        assert blocked.startswith("Nothing of this is left")


AMOUNTS = st.integers(min_value=-500, max_value=500)


@given(reconciled=AMOUNTS, was=AMOUNTS, now=AMOUNTS)
def test_what_is_booked_after_it_is_of_the_line_as_it_is_now(
    reconciled: int, was: int, now: int
) -> None:
    reconciled = within(reconciled, was)
    after = adjusted_minor(reconciled, was=was, now=now)
    assert after in (now, reconciled)
    assert within(after, now) == after
