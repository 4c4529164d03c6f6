"""Which ledger accounts a bank account may be tied to: pure."""

from __future__ import annotations

from enum import Enum

from counterfoil.aggregators.port import AccountType
from counterfoil.ledger.models import LedgerAccountType


class Unsuitable(Enum):
    """Why a ledger account cannot stand for a bank account, as it is told to a person."""

    INACTIVE = "This ledger account is inactive. Choose an active one."
    CONTROL = "This is a control account of a subledger. Choose one that stands for a bank account."
    NOT_AN_ASSET = "A bank account needs an asset account. Choose one of that type."
    NOT_A_LIABILITY = "A card or loan needs a liability account. Choose one of that type."


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
