"""What a unit of another currency is worth in the base currency: pure."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.kit.money import exponent_of
from counterfoil.ledger.drafting import Rate
from counterfoil.ledger.models import RateSource

_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_DIGITS_AFTER = 12
_STEP = Decimal((0, (1,), -_DIGITS_AFTER))
_LIMIT = Decimal(10) ** 12


class RateMissing(CounterfoilError):
    """A line is in another currency than the base, and nobody said what that is worth."""

    code = "RATE_MISSING"
    field = ("rates",)

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(
            f"What {currency} is worth in your base currency is not given. Type a rate with its "
            "date."
        )


class RateUnusable(InvalidInput):
    """A rate that is no positive number of at most twelve digits before and after the point."""

    def __init__(self, currency: str, *, field: tuple[str, ...]) -> None:
        self.currency = currency
        super().__init__(
            f"The rate of {currency} must be more than 0 and less than {_LIMIT:,}, with at most "
            f"{_DIGITS_AFTER} digits after the point.",
            field=field,
        )


def rate_between(currency: str, amount_minor: int, *, base: str, base_minor: int, on: date) -> Rate:
    """The rate at which a bank exchanged one amount for the other; signs do not matter.

    Lines that carry both amounts agree with it, so that nothing is left over.

    Raises:
        RateUnusable: one of the amounts is 0, or they are too far apart for any rate.
    """
    if not amount_minor or not base_minor:
        raise RateUnusable(currency, field=("rates",))
    foreign = _major(abs(amount_minor), currency)
    rate = _EXACT.divide(_major(abs(base_minor), base), foreign).quantize(_STEP, context=_EXACT)
    if not 0 < rate < _LIMIT:
        raise RateUnusable(currency, field=("rates",))
    return Rate(currency=currency, rate=rate, rate_on=on, source=RateSource.BANK_AMOUNTS)


def refuse_unusable(rate: Rate, *, field: tuple[str, ...]) -> None:
    """Pass silently when the rate can be stored as it is.

    Raises:
        RateUnusable.
    """
    if not (rate.rate.is_finite() and 0 < rate.rate < _LIMIT and _fits(rate.rate)):
        raise RateUnusable(rate.currency, field=field)


def _fits(rate: Decimal) -> bool:
    _, digits, power = rate.as_tuple()
    return int(power) >= -_DIGITS_AFTER or not any(digits[int(power) + _DIGITS_AFTER :])


def exact_minor(amount_minor: int, rate: Rate, *, base: str) -> Decimal:
    """An amount in minor units of the base currency, not rounded yet."""
    worth = _EXACT.multiply(_major(amount_minor, rate.currency), rate.rate)
    return _EXACT.scaleb(worth, exponent_of(base))


def rounded(minor: Decimal) -> int:
    """To whole minor units, half of one away from zero."""
    return int(minor.to_integral_value(ROUND_HALF_UP))


def slack(amount_minor: int, rate: Rate, *, base: str) -> Decimal:
    """How many minor units of base lie in the last digit that a stored rate can have."""
    smallest = Rate(currency=rate.currency, rate=_STEP, rate_on=rate.rate_on, source=rate.source)
    return abs(exact_minor(amount_minor, smallest, base=base))


def _major(amount_minor: int, currency: str) -> Decimal:
    return _EXACT.scaleb(Decimal(amount_minor), -exponent_of(currency))
