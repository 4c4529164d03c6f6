"""Deleting an account: its row lives on without a login, and by its keys it is known again."""

from __future__ import annotations

from collections.abc import Iterable

from tortoise.expressions import F

from counterfoil.accounts.keys import digests_of
from counterfoil.accounts.known import keep_keys
from counterfoil.accounts.models import BankAccount
from counterfoil.accounts.placing import LinkFacts
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.unit_of_work import ChangeType, UnitOfWork


async def remember(
    uow: UnitOfWork, accounts: Iterable[BankAccount], *, link: LinkFacts, key: bytes
) -> None:
    """Keep the keys of accounts that are about to leave this login, as their rows tell them.

    One that no pull has brought since keys are kept has none yet; without them nobody could tell
    that it is the same when it comes again, not even the very next pull of the same login.
    """
    seen = {
        account.id: digests_of(key, link.aggregator, link.institution_name, _as_reported(account))
        for account in accounts
        if account.aggregator_id is not None
    }
    await keep_keys(uow, seen.items())


def _as_reported(account: BankAccount) -> AccountSnapshot:
    return AccountSnapshot(
        aggregator_id=str(account.aggregator_id),
        name=account.bank_name,
        official_name=None,
        type=account.type,
        subtype=account.subtype,
        number=account.number,
        currency=account.currency,
        exponent=account.exponent,
        current_minor=account.current_minor,
        available_minor=account.available_minor,
        limit_minor=account.limit_minor,
        as_of=account.balance_as_of,
    )


async def mark_deleted(uow: UnitOfWork, accounts: Iterable[BankAccount]) -> None:
    """Take locked accounts from their logins and from everybody's sight. Name, memo, keys and
    ledger account stay on each row, which is the same when the account is added again."""
    ids = [account.id for account in accounts]
    await BankAccount.filter(id__in=ids).update(
        deleted_at=uow.now,
        bank_link_id=None,
        aggregator_id=None,
        wanted_at=None,
        revision=F("revision") + 1,
    )
    for bank_account_id in ids:
        uow.gone(ChangeType.BANK_ACCOUNT, bank_account_id)
