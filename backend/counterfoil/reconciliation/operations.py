"""Tying bank accounts to the books."""

from __future__ import annotations

from uuid import UUID

from counterfoil.accounts import operations as accounts
from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.ledger.models import LedgerAccount
from counterfoil.reconciliation.tying import Unsuitable, obstacle
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

_FIELD = ("ledger_account_id",)


class CurrencyMismatch(CounterfoilError):
    """The ledger account keeps another currency than the bank account."""

    code = "CURRENCY_MISMATCH"
    field = _FIELD

    def __init__(self, *, bank: str, ledger: str | None) -> None:
        self.bank, self.ledger = bank, ledger
        kept = f"is kept in {ledger}" if ledger else "has no currency of its own"
        super().__init__(
            f"The bank account is in {bank}, this ledger account {kept}. Choose one in {bank}."
        )


class LedgerAccountUnsuitable(CounterfoilError):
    """The ledger account is inactive or of a type that no bank account can be."""

    code = "LEDGER_ACCOUNT_UNSUITABLE"
    field = _FIELD

    def __init__(self, reason: Unsuitable) -> None:
        self.reason = reason
        super().__init__(reason.value)


class LedgerAccountTaken(CounterfoilError):
    """Another open bank account has this ledger account for itself."""

    code = "LEDGER_ACCOUNT_TAKEN"
    field = _FIELD

    def __init__(self, *, number: str, holder: str | None) -> None:
        self.number, self.holder = number, holder
        by = f"“{holder}”" if holder else "another bank account"
        super().__init__(
            f"Ledger account {number} already belongs to {by}. Free it there, or choose another."
        )


async def assign_ledger_account(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    ledger_account_id: UUID | None,
    expected_revision: int,
) -> BankAccount:
    """Tie a bank account to a ledger account, or (null) untie it.

    Nothing of the account is bookable until a start is given, which this does not do.

    Raises:
        NotFound, Forbidden, Conflict, CurrencyMismatch, LedgerAccountUnsuitable,
        LedgerAccountTaken.
    """
    account = await accounts.locked(viewer, bank_account_id, expected_revision=expected_revision)
    viewer.require(Right.ACCOUNTS)
    if ledger_account_id is not None:
        await _require_suitable(viewer, account, ledger_account_id)
    return await accounts.set_ledger_account(uow, account, ledger_account_id)


async def _require_suitable(viewer: Viewer, account: BankAccount, ledger_account_id: UUID) -> None:
    ledger = await (
        LedgerAccount.filter(id=ledger_account_id, organization_id=viewer.organization_id)
        .select_for_update()
        .first()
    )
    if ledger is None:
        raise NotFound(field=_FIELD)
    if reason := obstacle(account.type, ledger.type, inactive=ledger.inactive_at is not None):
        raise LedgerAccountUnsuitable(reason)
    if ledger.currency != account.currency:
        raise CurrencyMismatch(bank=account.currency, ledger=ledger.currency)
    holder = await (
        BankAccount.filter(ledger_account_id=ledger.id, deleted_at=None, hidden_at=None)
        .exclude(id=account.id)
        .first()
    )
    if holder is not None:
        raise LedgerAccountTaken(number=ledger.number, holder=holder.name)
