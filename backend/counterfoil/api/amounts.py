"""Amounts that a client sends, as the rooms take them."""

from __future__ import annotations

from decimal import Decimal

from counterfoil.errors import CounterfoilError
from counterfoil.kit.money import Money


def minor_units(amount: Decimal, currency: str, *, field: tuple[str, ...]) -> int:
    """An amount in minor units of its currency, exactly; `field` is where the client put it.

    Raises:
        UnknownCurrency, AmountNotFinite, AmountTooPrecise, AmountOutOfRange: with the field.
    """
    try:
        return Money.from_decimal(amount, currency).amount_minor
    except CounterfoilError as error:
        error.field = field
        raise
