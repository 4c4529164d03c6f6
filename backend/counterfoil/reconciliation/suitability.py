"""Which ledger accounts a bank account may be tied to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.viewer import Viewer

_FIELD = ("ledger_account_id",)


class Unsuitable(Enum):
    """Why a ledger account cannot stand for a bank account, as it is told to a person."""

    INACTIVE = "This ledger account is inactive. Choose an active one."
    CONTROL = "This is a control account of a subledger. Choose one that stands for a bank account."
    NOT_AN_ASSET = "A bank account needs an asset account. Choose one of that type."
    NOT_A_LIABILITY = "A card or loan needs a liability account. Choose one of that type."


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
    """The ledger account is inactive, a control account, or of a type that no bank account is."""

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


_OWED = frozenset({AccountType.CREDIT_CARD, AccountType.LOAN})


def obstacle(
    bank: AccountType, ledger: LedgerAccountType, *, inactive: bool, control: bool = False
) -> Unsuitable | None:
    """What stands against tying a bank account of this type to such a ledger account, if anything.

    Money that the company holds is an asset, money that it owes a liability.
    """
    if inactive:
        return Unsuitable.INACTIVE
    if control:
        return Unsuitable.CONTROL
    if bank in _OWED:
        return None if ledger is LedgerAccountType.LIABILITY else Unsuitable.NOT_A_LIABILITY
    return None if ledger is LedgerAccountType.ASSET else Unsuitable.NOT_AN_ASSET


async def suitable(
    viewer: Viewer,
    account: BankAccount,
    ledger_account_id: UUID,
    predecessor: BankAccount | None,
) -> LedgerAccount:
    """The viewer's ledger account, if this bank account may be tied to it.

    It may be the one of `predecessor`, which makes way.

    Raises:
        NotFound, LedgerAccountUnsuitable, CurrencyMismatch, LedgerAccountTaken.
    """
    ledger = await LedgerAccount.filter(
        id=ledger_account_id, organization_id=viewer.organization_id
    ).first()
    if ledger is None:
        raise NotFound(field=_FIELD)
    reason = obstacle(
        account.type,
        ledger.type,
        inactive=ledger.inactive_at is not None,
        control=ledger.control,
    )
    if reason is not None:
        raise LedgerAccountUnsuitable(reason)
    if ledger.currency != account.currency:
        raise CurrencyMismatch(bank=account.currency, ledger=ledger.currency)
    await _require_free([account, predecessor or account], ledger)
    return ledger


async def _require_free(own: Sequence[BankAccount], ledger: LedgerAccount) -> None:
    holder = await (
        BankAccount.filter(ledger_account_id=ledger.id, deleted_at=None, hidden_at=None)
        .exclude(id__in=[account.id for account in own])
        .first()
    )
    if holder is not None:
        raise LedgerAccountTaken(number=ledger.number, holder=holder.name)
