"""What a bank reports of one account, written into its row."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from counterfoil.accounts.models import BalanceReport, BankAccount, FeedState
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.unit_of_work import ChangeType, UnitOfWork


def discovered(uow: UnitOfWork, bank_link_id: UUID, snapshot: AccountSnapshot) -> BankAccount:
    """The row, not saved yet, of an account that was never here."""
    return BankAccount(
        id=new_id(),
        organization_id=uow.organization_id,
        bank_link_id=bank_link_id,
        aggregator_id=snapshot.aggregator_id,
        name=snapshot.name,
        bank_name=snapshot.name,
        type=snapshot.type,
        currency=snapshot.currency,
        exponent=snapshot.exponent,
        created_at=uow.now,
        revision=0,
    )


async def take(
    uow: UnitOfWork, account: BankAccount, snapshot: AccountSnapshot, *, moved: bool
) -> None:
    """Bring an account to what the bank reports, and save it.

    It is told of where something changed; that a balance was received once more is no change.
    `moved` says that it changed otherwise.
    """
    facts = _facts(snapshot, account)
    is_new = account.revision == 0
    differs = any(getattr(account, name) != value for name, value in facts.items())
    account.update_from_dict(facts)
    account.balance_received_at = uow.now
    if is_new or moved or differs:
        account.revision += 1
        uow.upserted(ChangeType.BANK_ACCOUNT, account.id, account.revision)
    await account.save()


async def keep_balances(
    uow: UnitOfWork, accounts: Iterable[BankAccount], *, refresh_id: UUID
) -> None:
    """Keep the balances of these accounts as a pull received them."""
    await BalanceReport.bulk_create(
        [
            BalanceReport(
                id=new_id(),
                bank_account_id=account.id,
                refresh_id=refresh_id,
                current_minor=account.current_minor,
                available_minor=account.available_minor,
                limit_minor=account.limit_minor,
                as_of=account.balance_as_of,
                received_at=uow.now,
            )
            for account in accounts
        ]
    )


def _facts(snapshot: AccountSnapshot, account: BankAccount) -> dict[str, object]:
    """The columns that the bank decides. The name is the bank's until a person renames it."""
    return {
        "bank_name": snapshot.name,
        "name": account.name if account.renamed_at else snapshot.name,
        "number": snapshot.number,
        "type": snapshot.type,
        "subtype": snapshot.subtype,
        "currency": snapshot.currency,
        "exponent": snapshot.exponent,
        "feed_state": FeedState.OPEN,
        "current_minor": snapshot.current_minor,
        "available_minor": snapshot.available_minor,
        "limit_minor": snapshot.limit_minor,
        "balance_as_of": snapshot.as_of,
    }
