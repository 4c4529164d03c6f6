"""Why an entry stays that a line of a hidden account was booked with: told without its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.ledger.models import LedgerAccount
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.reopening import SettledByStart
from tests.fakes import NOW
from tests.reconciliation.acting import booked, reversed_by_hand
from tests.reconciliation.conftest import Books
from tests.reconciliation.test_reopening import EARLY, entry_of, moved, parted


async def moved_on(books: Books) -> LedgerAccount:
    return await moved(books, -500)


@pytest.fixture
async def act(books: Books) -> Act:
    """A booked line of an account called Secret."""
    await BankAccount.filter(id=books.account.id).update(name="Secret")
    return await booked(books, await books.line(-500, dated_on=EARLY))


async def refusal(books: Books, act: Act) -> str:
    """Why its entry is not reversed; and nothing changes."""
    before = await books.written()
    with pytest.raises(SettledByStart) as refused:
        await reversed_by_hand(books, await entry_of(act))
    assert await books.written() == before
    return str(refused.value)


@pytest.mark.parametrize(
    ("settle", "said"),
    [
        (parted, "has been parted from its ledger account since"),
        (moved_on, "has a new start since, on 2026-03-03"),
    ],
)
async def test_the_account_is_named_only_while_it_is_shown(
    books: Books, act: Act, settle: Callable[[Books], Awaitable[object]], said: str
) -> None:
    await settle(books)
    assert f"“Secret” {said}" in await refusal(books, act)
    await BankAccount.filter(id=books.account.id).update(hidden_at=NOW)
    told = await refusal(books, act)
    assert told.startswith(f"Its bank account {said}")
    assert "Secret" not in told
