"""What a bank line may already be booked as, and the question before a second entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest

from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.models import JournalEntry
from counterfoil.ledger.reversing import post_reversal
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.duplicates import PossibleDuplicate, possible_duplicates
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import (
    Act,
    ActKind,
    ClearingOrigin,
    HandClearing,
)
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, Books, make_books


async def found(books: Books, line: BankTransaction) -> Sequence[UUID]:
    """The journal lines that a bank line may already be booked as."""
    by_line = await possible_duplicates(books.viewer, [line.id])
    return [one.journal_line_id for one in by_line.get(line.id, ())]


async def cleared_by(books: Books, entry: Entry, origin: ClearingOrigin) -> None:
    """Clear the bank's side of an entry without a bank line."""
    act = await Act.create(
        organization_id=books.organization.id,
        kind=ActKind.CLEAR_BY_HAND,
        actor=books.viewer.actor,
        acted_at=NOW,
        details={},
    )
    await HandClearing.create(
        organization_id=books.organization.id,
        journal_line_id=entry.lines[0].id,
        amount_minor=entry.lines[0].amount_minor,
        cleared_on=DAY,
        origin=origin,
        act_id=act.id,
    )


async def matched(books: Books, line: BankTransaction, entry: Entry, amount: int) -> None:
    async with books.begin() as uow:
        await match(
            uow,
            books.viewer,
            bank_items=[BankItem(line.id, amount)],
            journal_items=[JournalItem(entry.lines[0].id, amount)],
            key=None,
        )


async def booked(books: Books, line: BankTransaction, *, reason: str | None = None) -> Act:
    amount = line.amount_minor - line.reconciled_minor
    part = CodingLine(ledger_account_id=books.supplies.id, amount_minor=amount)
    async with books.begin() as uow:
        return await book(
            uow,
            books.viewer,
            bank_transaction_id=line.id,
            expected_revision=line.revision,
            coding=Coding(lines=[part]),
            duplicate_reason=reason,
            key=None,
        )


class TestPossibleDuplicates:
    async def test_without_the_right_to_read_it_is_forbidden(self, books: Books) -> None:
        line = await books.line()
        with pytest.raises(Forbidden):
            await possible_duplicates(await books.clerk(Right.READ), [line.id])

    async def test_another_organization_learns_nothing(self, books: Books) -> None:
        line, _ = await books.line(), await books.entry()
        other = await make_books()
        assert await possible_duplicates(other.viewer, [line.id]) == {}

    async def test_of_no_lines_there_are_none(self, books: Books) -> None:
        assert await possible_duplicates(books.viewer, []) == {}

    @pytest.mark.parametrize(
        ("days", "there"), [(-15, False), (-14, True), (0, True), (14, True), (15, False)]
    )
    async def test_an_open_line_within_fourteen_days(
        self, books: Books, days: int, there: bool
    ) -> None:
        entry = await books.entry(on=DAY + timedelta(days=days))
        assert await found(books, await books.line()) == [entry.lines[0].id] * there

    @pytest.mark.parametrize(("reference", "there"), [("1043", True), ("1044", False)])
    async def test_with_the_cheque_number_at_any_date(
        self, books: Books, reference: str, there: bool
    ) -> None:
        entry = await books.entry(on=date(2024, 1, 5), reference=reference)
        line = await books.line(check_number="1043")
        assert await found(books, line) == [entry.lines[0].id] * there

    async def test_another_amount_sign_or_account_is_none(self, books: Books) -> None:
        other = await make_ledger_account(books.organization)
        await books.entry(-1235)
        await books.entry(1234)
        await books.entry(-1234, account=other)
        assert await found(books, await books.line(-1234)) == []

    async def test_one_that_the_bank_has_cleared_is_none(self, books: Books) -> None:
        entry, line = await books.entry(), await books.line()
        await matched(books, line, entry, -1234)
        assert await found(books, await books.line()) == []

    @pytest.mark.parametrize("origin", list(ClearingOrigin))
    async def test_one_that_a_person_has_cleared_is_one(
        self, books: Books, origin: ClearingOrigin
    ) -> None:
        entry = await books.entry()
        await cleared_by(books, entry, origin)
        there = origin is ClearingOrigin.PERSON
        assert await found(books, await books.line()) == [entry.lines[0].id] * there

    async def test_what_is_open_of_the_line_counts(self, books: Books) -> None:
        line, taken = await books.line(-1000), await books.entry(-400)
        await matched(books, line, taken, -400)
        same = await books.entry(-600)
        await books.entry(-1000)
        assert await found(books, line) == [same.lines[0].id]

    async def test_a_reversed_entry_and_its_reversal_are_none(self, books: Books) -> None:
        entry = await books.entry(1234)
        async with books.begin() as uow:
            await post_reversal(uow, books.viewer, journal_entry_id=entry.entry.id, act_id=None)
        assert await found(books, await books.line(1234)) == []
        assert await found(books, await books.line(-1234)) == []

    async def test_many_lines_are_asked_for_at_once(self, books: Books) -> None:
        near, far = await books.entry(on=DAY), await books.entry(on=DAY + timedelta(days=3))
        first = await books.line()
        second = await books.line(dated_on=DAY + timedelta(days=4))
        third = await books.line(-99)
        by_line = await possible_duplicates(books.viewer, [first.id, second.id, third.id])
        ids = {one: [each.journal_line_id for each in many] for one, many in by_line.items()}
        assert ids == {
            first.id: [near.lines[0].id, far.lines[0].id],
            second.id: [far.lines[0].id, near.lines[0].id],
        }


class TestBeforeASecondEntry:
    async def test_it_is_asked_and_nothing_changes(self, books: Books) -> None:
        entry, line = await books.entry(), await books.line()
        before = await books.written()
        with pytest.raises(PossibleDuplicate, match="booked as 2026-0001") as refused:
            await booked(books, line)
        assert refused.value.journal_line_ids == (entry.lines[0].id,)
        assert refused.value.field == ("duplicate_reason",)
        assert await books.written() == before

    @pytest.mark.parametrize("reason", ["", "   "])
    async def test_no_words_are_no_reason(self, books: Books, reason: str) -> None:
        await books.entry()
        with pytest.raises(PossibleDuplicate):
            await booked(books, await books.line(), reason=reason)

    async def test_with_a_reason_it_is_booked_and_the_act_keeps_why(self, books: Books) -> None:
        await books.entry()
        act = await booked(books, await books.line(), reason=" Paid\ttwice ")
        assert (await Act.get(id=act.id)).details["duplicate_reason"] == "Paid twice"
        assert await JournalEntry.all().count() == 2

    async def test_a_reason_for_nothing_is_not_kept(self, books: Books) -> None:
        act = await booked(books, await books.line(), reason="Paid twice")
        assert "duplicate_reason" not in (await Act.get(id=act.id)).details

    async def test_two_bank_lines_of_one_amount_are_two_entries(self, books: Books) -> None:
        first, second = await books.line(), await books.line()
        await booked(books, first)
        await booked(books, second)
        assert await JournalEntry.all().count() == 2
