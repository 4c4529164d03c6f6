"""Money as integer minor units with a currency; no float ever holds it.

A currency is an ISO 4217 code, or `X:` and an aggregator's own code. The digits of an ISO
currency are known here; those of an `X:` currency are given by whoever names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from counterfoil.errors import CounterfoilError
from counterfoil.kit.currencies import EXPONENTS

UNOFFICIAL = "X:"
_LIMIT_DIGITS = 18
LIMIT_MINOR = 10**_LIMIT_DIGITS
"""Amounts stay below this many minor units, so that sums of a few still fit a signed 64-bit."""


class UnknownCurrency(CounterfoilError):
    """Not an ISO 4217 code that is in use, nor an `X:` code whose digits were given."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(f"“{currency[:20]}” is not a currency in use. Give its ISO 4217 code.")


class AmountTooPrecise(CounterfoilError):
    """More digits after the point than the currency has."""

    def __init__(self, currency: str, exponent: int) -> None:
        self.currency, self.exponent = currency, exponent
        digits = "no digits" if exponent == 0 else f"at most {exponent} digits"
        super().__init__(f"An amount in {currency} has {digits} after the point.")


class AmountNotFinite(CounterfoilError):
    """NaN or infinity."""

    def __init__(self) -> None:
        super().__init__("An amount must be a number.")


class AmountOutOfRange(CounterfoilError):
    """As many minor units as no account holds (10^18 or more)."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(f"The amount in {currency} is too large.")


def exponent_of(currency: str, exponent: int | None = None) -> int:
    """The digits of `currency` after the point; an `X:` currency takes those that are given.

    Raises:
        UnknownCurrency: no such ISO code, or an `X:` code without digits.
    """
    known = EXPONENTS.get(currency)
    if known is None and currency.startswith(UNOFFICIAL):
        known = exponent
    if known is None:
        raise UnknownCurrency(currency)
    return known


def decimal_string(amount_minor: int, exponent: int) -> str:
    """`amount_minor` with exactly `exponent` digits after the point: "-0.05", "1200", "0.00"."""
    sign = "-" if amount_minor < 0 else ""
    digits = str(abs(amount_minor))
    if exponent == 0:
        return sign + digits
    digits = digits.rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units: + is money into the company's account, − is out.

    Raises:
        AmountOutOfRange: |amount_minor| is 10^18 or more.
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if not -LIMIT_MINOR < self.amount_minor < LIMIT_MINOR:
            raise AmountOutOfRange(self.currency)

    @classmethod
    def from_decimal(cls, value: Decimal, currency: str, *, exponent: int | None = None) -> Money:
        """Exactly `value` of `currency`; zeros past the currency's digits are no digits.

        Raises:
            UnknownCurrency: see `exponent_of`.
            AmountNotFinite: NaN or infinity.
            AmountTooPrecise: it would have to be rounded.
            AmountOutOfRange: it would not fit.
        """
        digits = exponent_of(currency, exponent)
        _refuse_unbounded(value, digits, currency)
        return cls(_shifted(value, digits, currency), currency)

    @classmethod
    def from_valuation(cls, value: Decimal, currency: str, *, exponent: int | None = None) -> Money:
        """`value` rounded half-even to the currency's digits.

        Only for what a holding is worth (shares and funds have fractions of a cent): nobody pays
        or books such a number. Raises as `from_decimal`, except AmountTooPrecise.
        """
        digits = exponent_of(currency, exponent)
        _refuse_unbounded(value, digits, currency)
        unit = Decimal((0, (1,), -digits))
        rounded = value.quantize(unit, rounding=ROUND_HALF_EVEN, context=Context(prec=40))
        return cls.from_decimal(rounded, currency, exponent=exponent)

    def to_decimal_string(self, *, exponent: int | None = None) -> str:
        """The plain decimal number with exactly the currency's digits.

        Never "-0.00", never an exponent.
        Raises:
            UnknownCurrency: see `exponent_of`.
        """
        return decimal_string(self.amount_minor, exponent_of(self.currency, exponent))


def minor_units(amount: Decimal, currency: str, *, field: tuple[str, ...]) -> int:
    """An amount in minor units of its currency, exactly; `field` is where a client put it.

    Raises:
        UnknownCurrency, AmountNotFinite, AmountTooPrecise, AmountOutOfRange: with the field.
    """
    try:
        return Money.from_decimal(amount, currency).amount_minor
    except CounterfoilError as error:
        error.field = field
        raise


def _refuse_unbounded(value: Decimal, digits: int, currency: str) -> None:
    if not value.is_finite():
        raise AmountNotFinite
    if value and value.adjusted() + digits >= _LIMIT_DIGITS:
        raise AmountOutOfRange(currency)


def _shifted(value: Decimal, digits: int, currency: str) -> int:
    """`value` times 10^digits by whole-number arithmetic: Decimal's own would round at 28."""
    sign, figures, power = value.as_tuple()
    shift = int(power) + digits
    if shift < 0:
        if any(figures[shift:]):
            raise AmountTooPrecise(currency, digits)
        figures, shift = figures[:shift], 0
    if not any(figures):
        return 0
    whole = int("".join(map(str, figures))) * int(10**shift)
    return -whole if sign else whole
