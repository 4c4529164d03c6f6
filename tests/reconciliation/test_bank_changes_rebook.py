"""Booking a line anew that the bank changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from counterfoil.ledger.models import Books as BooksRow
from counterfoil.reconciliation.bookable import NotBookable
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import Coding, CodingIncomplete, CodingLine
from counterfoil.reconciliation.models import CodingExample
from counterfoil.reconciliation.rebooking import CodingNeeded, EntryShared, NothingToBook
from counterfoil.transactions.deciding import Resolution
from counterfoil.transactions.models import BankTransaction, ReviewItem
from counterfoil.viewer import Forbidden, Right
from tests.reconciliation.acting import booked, matched, shown, undone
from tests.reconciliation.bank_changing import (
    facts,
    matched_now,
    newest_entry,
    rebooked,
    reports,
    uncleared,
)
from tests.reconciliation.conftest import Books
from tests.reconciliation.failing import fail_at


async def with_fee(books: Books, line: BankTransaction) -> None:
    """All but 10.00 of the line is for sales, the rest a fee."""
    parts = [
        CodingLine(ledger_account_id=books.sales.id, amount_minor=line.amount_minor + 1000),
        CodingLine(ledger_account_id=books.supplies.id, amount_minor=-1000),
    ]
    async with books.begin() as uow:
        await book(
            uow,
            books.viewer,
            bank_transaction_id=line.id,
            expected_revision=None,
            coding=Coding(lines=parts, memo="Order 7", contact="Globex"),
            duplicate_reason=None,
            key=None,
        )


class TestRebook:
    async def test_without_the_right_nothing_changes(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        with pytest.raises(Forbidden):
            await rebooked(books, item, viewer=await books.clerk(Right.CODE))
        assert await books.written() == before

    async def test_what_somebody_else_booked_takes_the_right_close(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        with pytest.raises(Forbidden) as refused:
            await rebooked(books, item, viewer=await books.clerk(Right.CLOSE))
        assert refused.value.right is Right.CLOSE
        assert await books.written() == before

    @pytest.mark.parametrize("amount_minor", [-12000, -7000, 500])
    async def test_the_new_amount_goes_where_the_old_one_went(
        self, books: Books, amount_minor: int
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=amount_minor, dated_on="2026-03-11")
        act = await rebooked(books, item)
        assert await facts(line) == (amount_minor, amount_minor, "2026-03-11", False, False)
        entry, lines = await newest_entry()
        assert lines == [
            ("Operating Account", amount_minor, amount_minor),
            ("Office Supplies", -amount_minor, -amount_minor),
        ]
        assert (entry.number, entry.posted_on) == (3, date(2026, 3, 11))
        assert await matched_now() == [([], [-10000, 10000]), ([amount_minor], [amount_minor])]
        assert await uncleared(books.checking) == []
        decided = await ReviewItem.get(id=item.id)
        assert (decided.resolution, decided.act_id) == (Resolution.REBOOKED, act.id)

    async def test_a_date_alone_moves_the_entry(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        await rebooked(books, await reports(books, line, dated_on="2026-03-11"))
        assert (await newest_entry())[0].posted_on == date(2026, 3, 11)

    async def test_a_withdrawn_line_is_not_booked_anew(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        await rebooked(books, await reports(books, line))
        assert await facts(line) == (-10000, 0, "2026-03-09", True, False)
        assert await matched_now() == [([], [-10000, 10000])]

    async def test_nor_with_accounts(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line)
        with pytest.raises(NothingToBook):
            await rebooked(books, item, (books.sales, -10000))

    async def test_a_fee_line_needs_the_accounts_anew(self, books: Books) -> None:
        line = await books.line(9000)
        await with_fee(books, line)
        item = await reports(books, line, amount_minor=8500)
        before = await books.written()
        with pytest.raises(CodingNeeded):
            await rebooked(books, item)
        assert await books.written() == before
        await rebooked(books, item, (books.sales, 10000), (books.supplies, -1500))
        entry, lines = await newest_entry()
        assert lines == [
            ("Operating Account", 8500, 8500),
            ("Sales", -10000, -10000),
            ("Office Supplies", 1500, 1500),
        ]
        assert (entry.memo, entry.contact) == ("Order 7", "Globex")

    async def test_accounts_must_take_all_of_the_new_amount(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        with pytest.raises(CodingIncomplete):
            await rebooked(books, item, (books.sales, -10000))
        assert await books.written() == before

    async def test_what_is_pending_again_is_not_booked(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, pending=True)
        with pytest.raises(NotBookable):
            await rebooked(books, item)

    async def test_a_match_of_many_does_not_come_apart(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        entry = await books.entry(-10000)
        await matched(books, lines, [entry.lines[0]])
        item = await reports(books, lines[0], amount_minor=-5000)
        before = await books.written()
        with pytest.raises(EntryShared):
            await rebooked(books, item)
        assert await books.written() == before

    async def test_nor_an_entry_of_which_another_line_has_a_part(self, books: Books) -> None:
        lines = [await books.line(-6000), await books.line(-4000)]
        entry = await books.entry(-10000)
        for line in lines:
            await matched(books, [line], [(entry.lines[0], line.amount_minor)])
        item = await reports(books, lines[0], amount_minor=-5000)
        with pytest.raises(EntryShared):
            await rebooked(books, item)

    async def test_behind_a_lock_both_are_dated_after_it(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        await BooksRow.create(organization_id=books.organization.id, hard_lock_on=date(2026, 3, 31))
        await rebooked(books, item)
        assert (await newest_entry())[0].posted_on == date(2026, 4, 1)

    @pytest.mark.parametrize("statement", ["review_item UPDATE", "coding_example INSERT"])
    async def test_a_failure_in_the_middle_leaves_nothing(
        self, books: Books, statement: str
    ) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line, amount_minor=-12000)
        before = await books.written()
        await fail_at(statement)
        with pytest.raises(Exception, match="x"):
            await rebooked(books, item)
        assert await books.written() == before


class TestUndoingIt:
    async def test_the_old_entry_stands_again_and_the_line_waits(self, books: Books) -> None:
        line = await books.line(-10000)
        booking = await booked(books, line)
        act = await rebooked(books, await reports(books, line, amount_minor=-12000))
        books.clock.advance(timedelta(days=9))
        assert [one.text for one in (await shown(books, act)).effects] == [
            "Entry 2026-0003 is reversed, dated 2026-03-09.",
            "The bank line is -100.00 USD of 2026-03-09 again, as it was booked.",
            "Entry 2026-0001 is posted again, dated 2026-03-09.",
            "1 bank line is matched with it again.",
            "That the bank changed it waits for a decision again.",
            "What was chosen here is no longer proposed for similar lines.",
        ]
        await undone(books, act)
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)
        assert ([-10000], [-10000]) in await matched_now()
        assert await uncleared(books.checking) == []
        assert not await CodingExample.exists(act_id=act.id)
        await undone(books, booking)
        assert await facts(line) == (-12000, 0, "2026-03-09", False, False)

    async def test_of_a_withdrawn_line(self, books: Books) -> None:
        line = await books.line(-10000)
        await booked(books, line)
        item = await reports(books, line)
        await undone(books, await rebooked(books, item))
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)
        await rebooked(books, item)
        assert await facts(line) == (-10000, 0, "2026-03-09", True, False)

    async def test_of_a_matched_entry(self, books: Books) -> None:
        line = await books.line(-10000)
        entry = await books.entry(-10000)
        match = await matched(books, [line], [entry.lines[0]])
        act = await rebooked(books, await reports(books, line, amount_minor=-12000))
        await undone(books, act)
        assert await facts(line) == (-10000, -10000, "2026-03-09", False, True)
        await undone(books, match)
        assert await facts(line) == (-12000, 0, "2026-03-09", False, False)

    async def test_not_once_the_booking_itself_was_undone(self, books: Books) -> None:
        line = await books.line(-10000)
        booking = await booked(books, line)
        act = await rebooked(books, await reports(books, line, amount_minor=-12000))
        await undone(books, booking)
        blocked = (await shown(books, act)).blocked
        assert blocked is not None
        assert blocked.startswith("What posted entry 2026-0001 was undone since")
