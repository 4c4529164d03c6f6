"""Which matches may end: those whose lines could be booked and matched anew where they were."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError
from counterfoil.reconciliation.models import Act, ActKind, Match, MatchBankItem
from counterfoil.transactions.models import BankTransaction

_INSTEAD = "Post an entry that corrects it instead."


class SettledByStart(CounterfoilError):
    """A start stands on this match, so that its lines could never be reconciled again."""

    code = "NOT_UNDOABLE"
    field = ("journal_entry_id",)

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{reason} {_INSTEAD}")


async def require_reopenable(matches: Collection[Match]) -> None:
    """Pass silently when none of these matches lies behind the start of its bank account.

    Raises:
        SettledByStart.
    """
    if await Act.filter(id__in=[group.act_id for group in matches], kind=ActKind.TIE).exists():
        raise SettledByStart(
            "This was outstanding when its bank account moved to another ledger account, and "
            "moved along."
        )
    kept_in = {group.id: group.ledger_account_id for group in matches}
    items = await MatchBankItem.filter(match_id__in=list(kept_in))
    lines = await _by_id([item.bank_transaction_id for item in items])
    accounts = await _accounts(lines.values())
    for item in items:
        line = lines[item.bank_transaction_id]
        _require_after_start(line, accounts[line.bank_account_id], kept_in[item.match_id])


async def _by_id(bank_transaction_ids: Collection[UUID]) -> dict[UUID, BankTransaction]:
    rows = await BankTransaction.filter(id__in=list(bank_transaction_ids))
    return {row.id: row for row in rows}


async def _accounts(lines: Collection[BankTransaction]) -> dict[UUID, BankAccount]:
    rows = await BankAccount.filter(id__in=list({line.bank_account_id for line in lines}))
    return {row.id: row for row in rows}


def _require_after_start(
    line: BankTransaction, account: BankAccount, ledger_account_id: UUID
) -> None:
    if account.ledger_account_id is None:
        raise SettledByStart(
            f"{_called(account)} has been parted from its ledger account since, so that nothing of "
            "it could be booked again."
        )
    if account.start_on is not None and (
        line.dated_on <= account.start_on or account.ledger_account_id != ledger_account_id
    ):
        raise SettledByStart(
            f"{_called(account)} has a new start since, on {account.start_on.isoformat()}. What "
            "was reconciled before stays so."
        )


def _called(account: BankAccount) -> str:
    """What a refusal calls the account; a hidden one is named to nobody."""
    return f"“{account.name}”" if account.hidden_at is None else "Its bank account"
