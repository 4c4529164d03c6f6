"""Tying an account that was deleted and came back, when its place in the books is not free."""

from __future__ import annotations

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.returning import bring_back
from counterfoil.ledger.models import LedgerAccount
from counterfoil.reconciliation.models import AccountStart
from tests.factories import make_account
from tests.fakes import NOW
from tests.reconciliation.test_tying import DAY, EMPTY, Desk, desk

__all__ = ["desk"]


async def delete(account: BankAccount) -> None:
    await BankAccount.filter(id=account.id).update(
        deleted_at=NOW, bank_link_id=None, aggregator_id=None
    )


async def come_back(account: BankAccount) -> BankAccount:
    row = await BankAccount.get(id=account.id)
    await bring_back(row)
    await row.save()
    return row


@pytest.fixture
async def ledger(desk: Desk) -> LedgerAccount:
    """The ledger account that the desk's account was kept in when it was deleted."""
    ledger = await desk.ledger()
    await desk.tie(ledger)
    await delete(desk.account)
    return ledger


class TestAPlaceThatAnotherTook:
    async def test_the_start_of_the_deleted_one_ends_there(
        self, desk: Desk, ledger: LedgerAccount
    ) -> None:
        other = await make_account(desk.link)
        await desk.tie(ledger, account=other)
        [running] = await AccountStart.filter(ledger_account_id=ledger.id, ended_on=None)
        assert running.bank_account_id == other.id
        assert (await AccountStart.get(bank_account_id=desk.account.id)).ended_on == DAY

    async def test_the_one_that_came_back_can_be_kept_elsewhere(
        self, desk: Desk, ledger: LedgerAccount
    ) -> None:
        other = await make_account(desk.link)
        await desk.tie(ledger, account=other)
        account = await come_back(desk.account)
        assert (account.ledger_account_id, account.start_on) == (None, None)
        elsewhere = await desk.ledger()
        await desk.tie(elsewhere, expected_revision=account.revision)
        after = await BankAccount.get(id=account.id)
        assert (after.ledger_account_id, after.untied_because) == (elsewhere.id, None)
        assert await AccountStart.filter(ended_on=None).count() == 2


class TestAPlaceThatIsInactive:
    async def test_it_can_be_kept_there_again_once_it_is_active(
        self, desk: Desk, ledger: LedgerAccount
    ) -> None:
        await LedgerAccount.filter(id=ledger.id).update(inactive_at=NOW)
        account = await come_back(desk.account)
        assert account.untied_because == f"The ledger account {ledger.number} is inactive."
        await LedgerAccount.filter(id=ledger.id).update(inactive_at=None)
        await desk.tie(ledger, EMPTY, expected_revision=account.revision)
        after = await BankAccount.get(id=account.id)
        assert (after.ledger_account_id, after.start_on) == (ledger.id, DAY)
        assert await AccountStart.filter(ended_on=None).count() == 1
