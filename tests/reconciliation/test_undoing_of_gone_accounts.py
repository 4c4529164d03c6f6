"""Acts about bank accounts that were hidden or deleted since: nothing of them is undone."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import NotFound
from counterfoil.ledger.models import LedgerAccountType
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.undo_obstacles import OF_A_DELETED_ACCOUNT
from counterfoil.reconciliation.undoing import NotUndoable
from counterfoil.transactions.models import BankTransaction
from tests.factories import make_ledger_account, make_line
from tests.fakes import NOW
from tests.reconciliation.acting import excluded, shown, undone
from tests.reconciliation.conftest import DAY, Books


@pytest.fixture
async def other(books: Books) -> BankAccount:
    """A second bank account in the books."""
    ledger = await make_ledger_account(
        books.organization, name="Savings", type=LedgerAccountType.ASSET
    )
    return await books.tied_account(ledger)


@pytest.fixture
async def act(books: Books, other: BankAccount) -> Act:
    """What was done at once to a line of the first account and one of the second."""
    return await excluded(
        books, await books.line(), await make_line(other, amount_minor=-500, dated_on=DAY)
    )


class TestAHiddenAccount:
    async def test_what_was_done_to_its_lines_is_not_found(
        self, books: Books, act: Act, other: BankAccount
    ) -> None:
        await BankAccount.filter(id=other.id).update(hidden_at=NOW)
        before = await books.written()
        for attempt in (shown, undone):
            with pytest.raises(NotFound):
                await attempt(books, act)
        assert await books.written() == before


class TestADeletedAccount:
    async def test_what_was_done_to_its_lines_says_why_it_stays(
        self, books: Books, act: Act, other: BankAccount
    ) -> None:
        await BankAccount.filter(id=other.id).update(deleted_at=NOW)
        seen, before = await shown(books, act), await books.written()
        assert (seen.blocked, seen.effects) == (OF_A_DELETED_ACCOUNT, ())
        with pytest.raises(NotUndoable, match="was deleted"):
            await undone(books, act)
        assert await books.written() == before
        assert await BankTransaction.filter(excluded_at__not_isnull=True).count() == 2
