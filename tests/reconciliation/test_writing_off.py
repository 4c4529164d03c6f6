"""Writing off what a match leaves, in the same act."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.errors import InvalidInput
from counterfoil.ledger.completing import LedgerAccountInactive
from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.models import Books as BooksRow
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.reconciliation.coding import CodedToItself
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act, EntryOrigin
from counterfoil.reconciliation.undoing import preview, undo
from counterfoil.reconciliation.writing_off import NothingToWriteOff, WriteOff, WriteOffTooLarge
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import Books

LIMIT = 50


@pytest.fixture
async def lenient(books: Books) -> Books:
    """Books of an organization that writes off up to 0.50."""
    await BooksRow.create(organization_id=books.organization.id, write_off_limit_minor=LIMIT)
    return books


async def matched(books: Books, line: BankTransaction | None, *entries: Entry, **given: Any) -> Act:
    """Match a line with the bank's sides of these entries, writing off what is left."""
    who = given.get("viewer", books.viewer)
    account = given.get("account", books.supplies)
    async with books.begin() as uow:
        return await match(
            uow,
            who,
            bank_items=[BankItem(line.id)] if line else [],
            journal_items=[JournalItem(entry.lines[0].id) for entry in entries],
            write_off=WriteOff(ledger_account_id=account.id, memo=given.get("memo")),
            key=None,
        )


async def written_off() -> list[tuple[int, int]]:
    """Amount and what is cleared, of the lines of the newest entry."""
    newest = await JournalEntry.all().order_by("-number").first()
    assert newest is not None
    rows = await JournalLine.filter(journal_entry_id=newest.id).order_by("position")
    return [(row.amount_minor, row.cleared_minor) for row in rows]


class TestWriteOff:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, lenient: Books
    ) -> None:
        line, entry = await lenient.line(-1005), await lenient.entry(-1000)
        before = await lenient.written()
        with pytest.raises(Forbidden):
            await matched(lenient, line, entry, viewer=await lenient.clerk(Right.CODE))
        assert await lenient.written() == before

    @pytest.mark.parametrize(
        ("bank", "booked"), [(-1005, -1000), (-1000, -1005), (995, 1000), (1000, 950)]
    )
    async def test_both_sides_are_settled_whichever_is_more(
        self, lenient: Books, bank: int, booked: int
    ) -> None:
        line, entry = await lenient.line(bank), await lenient.entry(booked)
        await matched(lenient, line, entry)
        assert (await lenient.reread(line)).reconciled_minor == bank
        assert await lenient.cleared(entry.lines[0]) == booked
        assert await written_off() == [(bank - booked, bank - booked), (booked - bank, 0)]

    async def test_the_entry_names_where_it_came_from(self, lenient: Books) -> None:
        line, entry = await lenient.line(-1005), await lenient.entry(-1000)
        act = await matched(lenient, line, entry)
        [origin] = await EntryOrigin.all()
        posted = await JournalEntry.get(id=origin.journal_entry_id)
        assert (posted.act_id, posted.posted_on) == (act.id, line.dated_on)
        assert posted.memo == "Difference: Elm Street Coffee"

    async def test_undoing_takes_the_entry_back_too(self, lenient: Books) -> None:
        line, entry = await lenient.line(-1005), await lenient.entry(-1000)
        act = await matched(lenient, line, entry)
        shown = await preview(lenient.viewer, act.id)
        async with lenient.begin() as uow:
            await undo(uow, lenient.viewer, act_id=act.id, token=shown.token, key=None)
        assert (await lenient.reread(line)).reconciled_minor == 0
        assert await lenient.cleared(entry.lines[0]) == 0
        assert await JournalEntry.exclude(reverses_id=None).count() == 1


class TestWriteOffRefuses:
    async def test_more_than_the_organization_allows(self, lenient: Books) -> None:
        line, entry = await lenient.line(-1051), await lenient.entry(-1000)
        before = await lenient.written()
        with pytest.raises(WriteOffTooLarge, match=r"0.51 USD is left, .* at most 0.50") as refused:
            await matched(lenient, line, entry)
        assert refused.value.field == ("write_off",)
        assert await lenient.written() == before

    async def test_anything_where_no_limit_is_set(self, books: Books) -> None:
        line, entry = await books.line(-1001), await books.entry(-1000)
        with pytest.raises(WriteOffTooLarge):
            await matched(books, line, entry)

    async def test_nothing(self, lenient: Books) -> None:
        line, entry = await lenient.line(-1000), await lenient.entry(-1000)
        with pytest.raises(NothingToWriteOff):
            await matched(lenient, line, entry)

    async def test_a_difference_between_entries_alone(self, lenient: Books) -> None:
        entries = await lenient.entry(-1000), await lenient.entry(1005)
        with pytest.raises(InvalidInput):
            await matched(lenient, None, *entries)

    async def test_an_inactive_account(self, lenient: Books) -> None:
        old = await make_ledger_account(lenient.organization, inactive_at=NOW)
        line, entry = await lenient.line(-1005), await lenient.entry(-1000)
        with pytest.raises(LedgerAccountInactive) as refused:
            await matched(lenient, line, entry, account=old)
        assert refused.value.field == ("write_off",)

    async def test_the_banks_own_account(self, lenient: Books) -> None:
        line, entry = await lenient.line(-1005), await lenient.entry(-1000)
        before = await lenient.written()
        with pytest.raises(CodedToItself) as refused:
            await matched(lenient, line, entry, account=lenient.checking)
        assert refused.value.field == ("write_off", "ledger_account_id")
        assert await lenient.written() == before
