"""The lines of a transfer between two ledger accounts, in one or two currencies: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.kit.money import Money
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.rates import RateMissing, exact_minor, rate_between, rounded
from counterfoil.reconciliation.coding import CodingLine, contra_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One side of a transfer: + is money into the account. `amount_minor` is of `currency`."""

    ledger_account_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """The lines of a transfer: both legs, the fees, what the rates left over; and its rates."""

    lines: tuple[LineDraft, ...]
    rates: tuple[Rate, ...]


class LegsOfOneSign(CounterfoilError):
    """Money went into both accounts, or out of both."""

    code = "TRANSFER_UNBALANCED"

    def __init__(self, *, field: tuple[str, ...]) -> None:
        self.field = field
        super().__init__(
            "Both sides move money the same way. A transfer leaves one account and reaches the "
            "other."
        )


class TransferUnbalanced(CounterfoilError):
    """What left one account is not what reached the other, less the fees."""

    code = "TRANSFER_UNBALANCED"
    field = ("fees",)

    def __init__(self, *, left_minor: int, fees_minor: int, currency: str) -> None:
        self.left_minor, self.fees_minor, self.currency = left_minor, fees_minor, currency
        left, fees = (
            Money(minor, currency).to_decimal_string() for minor in (left_minor, fees_minor)
        )
        super().__init__(
            f"The two sides differ by {left} {currency}, the fees are {fees}. Make the fees what "
            "the two sides differ by."
        )


class ExchangeAccountMissing(InvalidInput):
    """Two rates left something over, and no account was named for it."""

    def __init__(self, *, left_minor: int, base: str) -> None:
        self.left_minor = left_minor
        left = Money(left_minor, base).to_decimal_string()
        super().__init__(
            f"The two rates leave {left} {base}. Name the account for exchange gains and losses.",
            field=("exchange_account_id",),
        )


class RateNotAsked(InvalidInput):
    """A rate was typed for a currency whose rate the two bank amounts already say."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(
            f"The rate of {currency} follows from the two amounts. Leave it out.",
            field=("rates",),
        )


def crossing(
    first: Leg,
    second: Leg,
    *,
    fees: Sequence[CodingLine],
    rates: Sequence[Rate],
    base: str,
    on: date,
    exchange_account_id: UUID | None,
) -> Crossing:
    """The lines of a transfer from or to `first`: its line, that of `second`, then the fees.

    Fees are in the currency of `first` and of the bank's sign (−: they cost). In one currency the
    two sides differ by the fees. Where one side is in `base`, the two amounts are the rate, dated
    `on`, and nothing is left. Where neither is, each takes its rate from `rates`, and what they
    leave goes to `exchange_account_id`, on a line of its own in base.

    Raises:
        LegsOfOneSign, TransferUnbalanced, RateMissing, RateNotAsked, ExchangeAccountMissing.
        RateUnusable: the two amounts are too far apart for a rate.
    """
    if first.amount_minor * second.amount_minor >= 0:
        raise LegsOfOneSign(field=("other",))
    lines = (_line(first), _line(second), *contra_lines(fees, first.currency))
    if first.currency == second.currency:
        _refuse_difference(first, second, fees)
        return Crossing(lines, tuple(rates))
    if base in (first.currency, second.currency):
        return _at_the_banks_rate(lines, first, second, fees, rates=rates, base=base, on=on)
    return _at_two_rates(lines, rates, base=base, exchange_account_id=exchange_account_id)


def other_amount(first: Leg, fees: Sequence[CodingLine]) -> int:
    """What the other side of a transfer in one currency must be, once the fees are known."""
    return _fees_minor(fees) - first.amount_minor


def _line(leg: Leg) -> LineDraft:
    return LineDraft(
        ledger_account_id=leg.ledger_account_id,
        amount_minor=leg.amount_minor,
        currency=leg.currency,
    )


def _fees_minor(fees: Sequence[CodingLine]) -> int:
    return sum(fee.amount_minor for fee in fees)


def _refuse_difference(first: Leg, second: Leg, fees: Sequence[CodingLine]) -> None:
    left_minor, fees_minor = first.amount_minor + second.amount_minor, _fees_minor(fees)
    if left_minor != fees_minor:
        raise TransferUnbalanced(
            left_minor=left_minor, fees_minor=fees_minor, currency=first.currency
        )


def _at_the_banks_rate(
    lines: Sequence[LineDraft],
    first: Leg,
    second: Leg,
    fees: Sequence[CodingLine],
    *,
    rates: Sequence[Rate],
    base: str,
    on: date,
) -> Crossing:
    """Fees are no part of what was exchanged: they left `first` beside it, or stayed out of it."""
    exchanged = first.amount_minor - _fees_minor(fees)
    if (exchanged > 0) != (first.amount_minor > 0) or not exchanged:
        raise TransferUnbalanced(
            left_minor=first.amount_minor, fees_minor=_fees_minor(fees), currency=first.currency
        )
    home_minor, foreign_minor, foreign = (
        (exchanged, second.amount_minor, second.currency)
        if first.currency == base
        else (second.amount_minor, exchanged, first.currency)
    )
    if rates:
        raise RateNotAsked(foreign)
    rate = rate_between(foreign, foreign_minor, base=base, base_minor=home_minor, on=on)
    return Crossing(_without_rest(_in_base(lines, {foreign: rate}, base), foreign), (rate,))


def _at_two_rates(
    lines: Sequence[LineDraft],
    rates: Sequence[Rate],
    *,
    base: str,
    exchange_account_id: UUID | None,
) -> Crossing:
    valued = _in_base(lines, {rate.currency: rate for rate in rates}, base)
    rest = -sum(line.base_minor or 0 for line in valued)
    if not rest:
        return Crossing(valued, tuple(rates))
    if exchange_account_id is None:
        raise ExchangeAccountMissing(left_minor=rest, base=base)
    exchange = LineDraft(ledger_account_id=exchange_account_id, amount_minor=rest, currency=base)
    return Crossing((*valued, exchange), tuple(rates))


def _in_base(
    lines: Sequence[LineDraft], rates: Mapping[str, Rate], base: str
) -> tuple[LineDraft, ...]:
    return tuple(replace(line, base_minor=_worth(line, rates, base)) for line in lines)


def _worth(line: LineDraft, rates: Mapping[str, Rate], base: str) -> int:
    currency = line.currency or base
    if currency == base:
        return line.amount_minor
    if currency not in rates:
        raise RateMissing(currency)
    return rounded(exact_minor(line.amount_minor, rates[currency], base=base))


def _without_rest(lines: Sequence[LineDraft], foreign: str) -> tuple[LineDraft, ...]:
    """Put what rounding left over on the largest line in the foreign currency."""
    rest = sum(line.base_minor or 0 for line in lines)
    converted = [line for line in lines if line.currency == foreign]
    largest = max(converted, key=lambda line: abs(line.amount_minor))
    return tuple(
        replace(line, base_minor=(line.base_minor or 0) - rest) if line is largest else line
        for line in lines
    )
