"""Amounts of money, exact in every client."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import strawberry

from counterfoil.api.enums import AccountType, BalanceKind
from counterfoil.api.scalars import CurrencyCode
from counterfoil.kit.money import decimal_string, exponent_of

_OWED = {AccountType.CREDIT_CARD.value, AccountType.LOAN.value}


@strawberry.type(
    description="An amount: + is money into the company's account, − is out; owed is negative."
)
class Money:
    amount: Decimal = strawberry.field(
        description="In units of the currency (not minor units), with exactly its digits."
    )
    currency: CurrencyCode = strawberry.field(description="The currency.")


@strawberry.type(description="What a bank reported as the state of an account.")
class Balance:
    amount: Money = strawberry.field(description="+ is the company's money, − is owed.")
    kind: BalanceKind = strawberry.field(description="Whether it says what is held or owed.")
    as_of: datetime | None = strawberry.field(
        description="When it was true, where the bank says so."
    )
    received_at: datetime | None = strawberry.field(description="When we were told.")


def money(amount_minor: int | None, currency: str, exponent: int) -> Money | None:
    """Minor units as `Money`; None stays None."""
    if amount_minor is None:
        return None
    exact: Any = decimal_string(amount_minor, exponent)
    return Money(amount=exact, currency=CurrencyCode(currency))


def official_money(amount_minor: int, currency: str) -> Money:
    """Minor units of a currency of ISO 4217, as all in the books are."""
    return cast(Money, money(amount_minor, currency, exponent_of(currency)))


def balance(
    amount_minor: int | None,
    currency: str,
    exponent: int,
    account_type: str,
    as_of: datetime | None,
    received_at: datetime | None,
) -> Balance | None:
    """A reported balance; None where it was never reported."""
    amount = money(amount_minor, currency, exponent)
    if amount is None:
        return None
    kind = BalanceKind.OWED if account_type in _OWED else BalanceKind.HELD
    return Balance(amount=amount, kind=kind, as_of=as_of, received_at=cast(datetime, received_at))


def available(
    amount_minor: int | None,
    currency: str,
    exponent: int,
    as_of: datetime | None,
    received_at: datetime | None,
) -> Balance | None:
    """What can be spent: held on every kind of account, a card's free credit too."""
    return balance(amount_minor, currency, exponent, AccountType.BANK.value, as_of, received_at)
