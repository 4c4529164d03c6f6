"""Reversing entries: bank lines reopen, both entries clear against each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from counterfoil.errors import Conflict, NotFound
from counterfoil.ledger import models as ledger
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.ledger.reversing import AlreadyReversed
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.models import (
    AccountStart,
    ActKind,
    ClearingOrigin,
    HandClearing,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from counterfoil.reconciliation.reversing import OpeningEntry, ReversalOfReversal
from counterfoil.viewer import Forbidden, Right
from tests.reconciliation.acting import booked, cleared_by_hand, matched, reversed_by_hand
from tests.reconciliation.conftest import DAY, START, Books, make_books


async def reversal_of(entry_id: object) -> JournalEntry:
    return await JournalEntry.get(reverses_id=entry_id)


async def own_line(entry: JournalEntry, books: Books) -> JournalLine:
    """The entry's line on the bank's ledger account."""
    return await JournalLine.get(journal_entry_id=entry.id, ledger_account_id=books.checking.id)


class TestReverse:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, books: Books
    ) -> None:
        entry, reader = await books.entry(), await books.clerk(Right.CODE)
        before = await books.written()
        with pytest.raises(Forbidden):
            await reversed_by_hand(books, entry, viewer=reader)
        assert await books.written() == before

    async def test_another_organizations_entry_is_not_found(self, books: Books) -> None:
        with pytest.raises(NotFound):
            await reversed_by_hand(books, await (await make_books()).entry())

    async def test_somebody_elses_entry_takes_the_right_close(self, books: Books) -> None:
        entry, clerk = await books.entry(), await books.clerk(Right.CLOSE)
        before = await books.written()
        with pytest.raises(Forbidden) as refused:
            await reversed_by_hand(books, entry, viewer=clerk)
        assert refused.value.right is Right.CLOSE
        assert await books.written() == before
        await reversed_by_hand(books, entry, viewer=await books.clerk())

    @pytest.mark.parametrize("done", ["matched", "cleared by hand"])
    async def test_so_does_ones_own_that_somebody_else_reconciled(
        self, books: Books, done: str
    ) -> None:
        clerk = await books.clerk(Right.CLOSE)
        entry = await replace(books, viewer=clerk).entry(-1234)
        if done == "matched":
            await matched(books, [await books.line(-1234)], [entry.lines[0]])
        else:
            await cleared_by_hand(books, entry.lines[0])
        before = await books.written()
        with pytest.raises(Forbidden) as refused:
            await reversed_by_hand(books, entry, viewer=clerk)
        assert refused.value.right is Right.CLOSE
        assert await books.written() == before

    async def test_ones_own_does_not(self, books: Books) -> None:
        clerk = await books.clerk(Right.CLOSE)
        act = await booked(books, await books.line(-1234), viewer=clerk)
        [entry_id] = act.details["journal_entry_ids"]
        done = await reversed_by_hand(books, await JournalEntry.get(id=entry_id), viewer=clerk)
        assert done.kind is ActKind.REVERSE

    async def test_both_entries_clear_against_each_other(self, books: Books) -> None:
        entry = await books.entry(-1234)
        act = await reversed_by_hand(books, entry)
        reversal = await reversal_of(entry.entry.id)
        line = await own_line(reversal, books)
        assert (line.amount_minor, line.cleared_minor) == (1234, 1234)
        assert await books.cleared(entry.lines[0]) == -1234
        pair = await Match.get(act_id=act.id)
        assert (pair.sealed, pair.cleared_on, pair.ledger_account_id) == (
            True,
            DAY,
            books.checking.id,
        )
        assert await MatchBankItem.all().count() == 0
        assert act.kind is ActKind.REVERSE
        assert act.details["journal_entry_ids"] == sorted([str(entry.entry.id), str(reversal.id)])

    async def test_nothing_clears_on_accounts_of_no_bank(self, books: Books) -> None:
        entry = await books.entry()
        await reversed_by_hand(books, entry)
        assert await books.cleared(entry.lines[1]) == 0

    async def test_its_bank_line_is_open_again_and_told_of(self, books: Books) -> None:
        line = await books.line(-1234)
        act = await booked(books, line)
        [entry_id] = act.details["journal_entry_ids"]
        await reversed_by_hand(books, await JournalEntry.get(id=entry_id))
        stored = await books.reread(line)
        assert (stored.reconciled_minor, stored.revision) == (0, 3)
        pairs = await MatchJournalItem.all()
        assert sorted(item.amount_minor for item in pairs) == [-1234, 1234]

    async def test_a_group_ends_whole_and_its_other_lines_are_open_too(self, books: Books) -> None:
        line = await books.line(-1000)
        one, other = await books.entry(-400), await books.entry(-600)
        match = await matched(books, [line], [one.lines[0], other.lines[0]])
        act = await reversed_by_hand(books, one)
        assert (await books.reread(line)).reconciled_minor == 0
        assert await books.cleared(other.lines[0]) == 0
        assert act.details["unmatched"] == [
            {
                "act_id": str(match.id),
                "cleared_on": "2026-03-09",
                "bank_transaction_ids": [str(line.id)],
                "journal_items": [[str(one.lines[0].id), -400], [str(other.lines[0].id), -600]],
            }
        ]

    async def test_a_partly_matched_entry_clears_whole(self, books: Books) -> None:
        entry = await books.entry(-1000)
        await matched(books, [await books.line(-400)], [(entry.lines[0], -400)])
        await reversed_by_hand(books, entry)
        assert await books.cleared(entry.lines[0]) == -1000

    async def test_a_clearing_by_hand_ends_with_it(self, books: Books) -> None:
        entry = await books.entry(-1234)
        await cleared_by_hand(books, entry.lines[0])
        act = await reversed_by_hand(books, entry)
        assert await HandClearing.all().count() == 0
        assert await books.cleared(entry.lines[0]) == -1234
        assert [one["amount_minor"] for one in act.details["hand_clearings"]] == [-1234]

    async def test_what_the_start_cleared_stays_and_the_reversal_is_outstanding(
        self, books: Books
    ) -> None:
        entry = await books.entry(-1234, on=START)
        act = await cleared_by_hand(books, (await books.entry(5)).lines[0])
        await HandClearing.create(
            organization_id=books.organization.id,
            journal_line_id=entry.lines[0].id,
            amount_minor=-1234,
            cleared_on=START,
            origin=ClearingOrigin.START,
            act_id=act.id,
        )
        await reversed_by_hand(books, entry)
        outstanding = await own_line(await reversal_of(entry.entry.id), books)
        assert (outstanding.amount_minor, outstanding.cleared_minor) == (1234, 0)
        assert await books.cleared(entry.lines[0]) == -1234

    async def test_after_a_lock_it_is_dated_on_the_first_open_day(self, books: Books) -> None:
        entry = await books.entry()
        await ledger.Books.create(organization_id=books.organization.id, hard_lock_on=DAY)
        act = await reversed_by_hand(books, entry)
        assert (await reversal_of(entry.entry.id)).posted_on == DAY + timedelta(days=1)
        assert (await Match.get(act_id=act.id)).cleared_on == DAY + timedelta(days=1)

    async def test_the_same_key_twice_is_one_reversal(self, books: Books) -> None:
        entry, key = await books.entry(), Key("reverseJournalEntry", "key-0001", 1)
        first = await reversed_by_hand(books, entry, key=key)
        again = await reversed_by_hand(books, entry, key=key)
        assert again.id == first.id
        assert await JournalEntry.all().count() == 2

    async def test_a_second_time_is_refused_and_nothing_changes(self, books: Books) -> None:
        entry = await books.entry()
        await reversed_by_hand(books, entry)
        before = await books.written()
        with pytest.raises(AlreadyReversed):
            await reversed_by_hand(books, entry)
        assert await books.written() == before

    async def test_a_reversal_is_not_reversed(self, books: Books) -> None:
        entry = await books.entry()
        await reversed_by_hand(books, entry)
        before = await books.written()
        with pytest.raises(ReversalOfReversal):
            await reversed_by_hand(books, await reversal_of(entry.entry.id))
        assert await books.written() == before

    async def test_an_opening_entry_is_not_reversed(self, books: Books) -> None:
        entry = await books.entry(on=date(2026, 2, 28), against=books.equity)
        await AccountStart.filter(bank_account_id=books.account.id).update(
            opening_entry_id=entry.entry.id
        )
        with pytest.raises(OpeningEntry, match="Untie that account"):
            await reversed_by_hand(books, entry)

    async def test_that_of_an_ended_start_neither(self, books: Books) -> None:
        entry = await books.entry(on=date(2026, 2, 28), against=books.equity)
        await AccountStart.filter(bank_account_id=books.account.id).update(
            opening_entry_id=entry.entry.id, ended_on=DAY
        )
        before = await books.written()
        with pytest.raises(OpeningEntry, match="Post an entry that corrects it instead"):
            await reversed_by_hand(books, entry)
        assert await books.written() == before

    async def test_an_entry_that_changed_since_it_was_read_is_a_conflict(
        self, books: Books
    ) -> None:
        entry = await books.entry()
        await matched(books, [await books.line()], [entry.lines[0]])
        before = await books.written()
        with pytest.raises(Conflict):
            await reversed_by_hand(books, entry, expected_revision=entry.entry.revision)
        assert await books.written() == before
