"""What was reconciled before the running start of its bank account stays so."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil import verifying
from counterfoil.accounts.models import BankAccount
from counterfoil.ledger.models import JournalEntry, JournalLine, LedgerAccount
from counterfoil.reconciliation.models import Act, Match, MatchBankItem
from counterfoil.reconciliation.reopening import SettledByStart
from counterfoil.reconciliation.starting import Start
from counterfoil.reconciliation.tying import tie, untie
from counterfoil.reconciliation.undo_steps import EffectKind
from counterfoil.reconciliation.undoing import NotUndoable
from tests.factories import make_ledger_account
from tests.reconciliation.acting import booked, matched, reversed_by_hand, shown, undone
from tests.reconciliation.conftest import Books

EARLY = date(2026, 3, 2)
MOVED = date(2026, 3, 3)
LATE = date(2026, 3, 5)


async def moved(books: Books, balance_minor: int) -> LedgerAccount:
    """The bank account goes on in another ledger account."""
    account = await BankAccount.get(id=books.account.id)
    other = await make_ledger_account(books.organization, name="Second account")
    async with books.begin() as uow:
        await tie(
            uow,
            books.viewer,
            bank_account_id=account.id,
            expected_revision=account.revision,
            ledger_account_id=other.id,
            start=Start(start_on=MOVED, balance_minor=balance_minor),
            key=None,
        )
    return other


async def parted(books: Books) -> None:
    account = await BankAccount.get(id=books.account.id)
    async with books.begin() as uow:
        await untie(
            uow,
            books.viewer,
            bank_account_id=account.id,
            expected_revision=account.revision,
            key=None,
        )


async def stays(books: Books, act: Act, reason: str) -> None:
    """Undoing is refused for this reason, beforehand and then, and nothing changes."""
    seen, before = await shown(books, act), await books.written()
    assert reason in (seen.blocked or "")
    with pytest.raises(NotUndoable, match=reason):
        await undone(books, act)
    assert await books.written() == before


async def entry_of(act: Act) -> JournalEntry:
    return await JournalEntry.get(act_id=act.id)


async def require_whole_books() -> None:
    assert [one.sentence async for one in verifying.findings() if not one.holds] == []


class TestAfterAMove:
    async def test_a_booking_is_not_undone(self, books: Books) -> None:
        act = await booked(books, await books.line(-500, dated_on=EARLY))
        await moved(books, -500)
        await stays(books, act, "has a new start since, on 2026-03-03")

    async def test_its_entry_is_not_reversed(self, books: Books) -> None:
        act = await booked(books, await books.line(-500, dated_on=EARLY))
        await moved(books, -500)
        before = await books.written()
        with pytest.raises(SettledByStart) as refused:
            await reversed_by_hand(books, await entry_of(act))
        assert refused.value.field == ("journal_entry_id",)
        assert await books.written() == before

    async def test_a_match_is_not_undone(self, books: Books) -> None:
        entry = await books.entry(-500, on=EARLY)
        act = await matched(books, [await books.line(-500, dated_on=EARLY)], [entry.lines[0]])
        await moved(books, -500)
        await stays(books, act, "has a new start since, on 2026-03-03")

    async def test_what_was_outstanding_and_moved_along_is_not_reversed(self, books: Books) -> None:
        entry = await books.entry(-500, on=EARLY)
        await moved(books, 0)
        before = await books.written()
        with pytest.raises(SettledByStart, match="moved along"):
            await reversed_by_hand(books, entry)
        assert await books.written() == before

    async def test_what_was_booked_there_later_is_undone(self, books: Books) -> None:
        other = await moved(books, 0)
        line = await books.line(-500, dated_on=LATE)
        await undone(books, await booked(books, line))
        assert (await books.reread(line)).reconciled_minor == 0
        assert await JournalLine.filter(ledger_account_id=other.id).count() == 2
        await require_whole_books()

    async def test_a_reversal_is_undone_without_the_match_in_the_other_account(
        self, books: Books
    ) -> None:
        line, entry = await books.line(-500, dated_on=LATE), await books.entry(-500, on=EARLY)
        await matched(books, [line], [entry.lines[0]])
        reversal = await reversed_by_hand(books, entry)
        await moved(books, 0)
        seen = await shown(books, reversal)
        assert [one.kind for one in seen.effects] == [EffectKind.POST_AGAIN]
        await undone(books, reversal)
        assert (await books.reread(line)).reconciled_minor == 0
        assert await MatchBankItem.all().count() == 0
        await require_whole_books()


class TestAfterUntying:
    async def test_a_booking_is_not_undone(self, books: Books) -> None:
        act = await booked(books, await books.line(-500, dated_on=EARLY))
        await parted(books)
        await stays(books, act, "has been parted from its ledger account")


class TestClearedTogether:
    async def test_a_pair_from_before_the_start_clears_on_the_day_after_it(
        self, books: Books
    ) -> None:
        act = await reversed_by_hand(books, await books.entry(-800, on=date(2026, 2, 10)))
        [pair] = await Match.filter(act_id=act.id)
        assert pair.cleared_on == date(2026, 3, 1)
