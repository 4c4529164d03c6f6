"""From the lines that are asked for to lines as the books keep them: pure.

`sketch` does for a draft what can be done; `complete` refuses what can't be posted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.money import decimal_string, exponent_of
from counterfoil.ledger.drafting import LineDraft, Rate
from counterfoil.ledger.rates import (
    RateMissing,
    exact_minor,
    refuse_unusable,
    rounded,
    slack,
)

AMOUNT_LIMIT = 10**15
"""Amounts in the books stay below this many minor units."""
MOST_LINES = 1000


class LedgerAccountInactive(CounterfoilError):
    """Nothing more is posted to this ledger account."""

    code = "LEDGER_ACCOUNT_INACTIVE"

    def __init__(self, number: str, *, field: tuple[str, ...]) -> None:
        self.number, self.field = number, field
        super().__init__(
            f"Ledger account {number} is inactive. Choose another one, or make it active again."
        )


class LineCurrencyMismatch(CounterfoilError):
    """The ledger account keeps another currency than the line."""

    code = "CURRENCY_MISMATCH"

    def __init__(self, *, number: str, kept: str, given: str, field: tuple[str, ...]) -> None:
        self.number, self.kept, self.given, self.field = number, kept, given, field
        super().__init__(
            f"Ledger account {number} is kept in {kept}, this line is in {given}. Choose an "
            f"account for {given}."
        )


class JournalEntryUnbalanced(CounterfoilError):
    """Debits and credits differ, by `difference_minor` (+ too much debit) of `currency`."""

    code = "JOURNAL_ENTRY_UNBALANCED"
    field = ("lines",)

    def __init__(self, difference_minor: int, currency: str) -> None:
        self.difference_minor, self.currency = difference_minor, currency
        side = "debits" if difference_minor > 0 else "credits"
        amount = decimal_string(abs(difference_minor), exponent_of(currency))
        super().__init__(
            f"The {side} are {amount} {currency} too much. Debits and credits must be equal."
        )


class LineRefused(InvalidInput):
    """A line that no entry can have; `place` counts from 0."""

    def __init__(self, message: str, *, place: int, part: str) -> None:
        self.place = place
        super().__init__(message, field=_path(place, part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a line needs to know of its ledger account."""

    number: str
    currency: str | None
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The books that an entry is for: base currency, and the accounts that may be meant."""

    base: str
    accounts: Mapping[UUID, Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it is stored; `base_minor` is 0 as long as it is not known."""

    ledger_account_id: UUID
    amount_minor: int
    currency: str
    base_minor: int
    memo: str | None

    def mirrored(self) -> Line:
        """The line that takes this one back."""
        return replace(self, amount_minor=-self.amount_minor, base_minor=-self.base_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """A line that was asked for, and what is known of it; `exact` is its worth in base."""

    place: int
    draft: LineDraft
    account: Account
    currency: str
    rate: Rate | None
    exact: Decimal | None

    @property
    def line(self) -> Line:
        return Line(
            ledger_account_id=self.draft.ledger_account_id,
            amount_minor=self.draft.amount_minor,
            currency=self.currency,
            base_minor=rounded(self.exact) if self.exact is not None else 0,
            memo=self.draft.memo,
        )

    @property
    def converted(self) -> bool:
        """Whether its base amount is our own arithmetic."""
        return self.rate is not None and self.draft.base_minor is None


def sketch(lines: Sequence[LineDraft], rates: Sequence[Rate], ledger: Ledger) -> tuple[Line, ...]:
    """The lines of a draft: they need not balance, and rates may be missing.

    Raises:
        NotFound, LineCurrencyMismatch, RateUnusable, InvalidInput: each with its path.
    """
    return _settled(_all_meant(lines, rates, ledger), ledger)


def complete(lines: Sequence[LineDraft], rates: Sequence[Rate], ledger: Ledger) -> tuple[Line, ...]:
    """Lines that can be posted: they balance, and each has its base amount.

    A base amount is rounded half up; what rounding leaves over goes to the largest of the lines
    that were converted.

    Raises:
        as `sketch`; LedgerAccountInactive, RateMissing, JournalEntryUnbalanced.
    """
    if len(lines) < 2:
        raise InvalidInput("An entry needs at least two lines.", field=("lines",))
    meant = _all_meant(lines, rates, ledger)
    for each in meant:
        _refuse_unpostable(each, ledger)
    made = _settled(meant, ledger)
    _refuse_unbalanced(made, ledger)
    return made


def _all_meant(
    lines: Sequence[LineDraft], rates: Sequence[Rate], ledger: Ledger
) -> Sequence[_Meant]:
    if len(lines) > MOST_LINES:
        raise InvalidInput(f"An entry has at most {MOST_LINES} lines.", field=("lines",))
    placed = [_placed(place, line, ledger) for place, line in enumerate(lines)]
    used = {currency for _, currency in placed} - {ledger.base}
    known = _by_currency(rates, used)
    return [
        _meant(place, line, account, currency, known.get(currency), ledger)
        for place, (line, (account, currency)) in enumerate(zip(lines, placed, strict=True))
    ]


def _placed(place: int, line: LineDraft, ledger: Ledger) -> tuple[Account, str]:
    """The line's account, and its currency, which that account can take."""
    account = ledger.accounts.get(line.ledger_account_id)
    if account is None:
        raise NotFound(field=_path(place, "ledger_account_id"))
    currency = line.currency or account.currency or ledger.base
    if account.currency is not None and account.currency != currency:
        raise LineCurrencyMismatch(
            number=account.number,
            kept=account.currency,
            given=currency,
            field=_path(place, "currency"),
        )
    if currency not in EXPONENTS:
        message = f"“{currency[:20]}” is not a currency in use. Give its ISO 4217 code."
        raise LineRefused(message, place=place, part="currency")
    return account, currency


def _by_currency(rates: Sequence[Rate], used: Collection[str]) -> Mapping[str, Rate]:
    """The rates by their currency: one each, none that no line uses."""
    known: dict[str, Rate] = {}
    for place, rate in enumerate(rates):
        refuse_unusable(rate, field=("rates", str(place), "rate"))
        if rate.currency not in used or rate.currency in known:
            raise InvalidInput(
                "Give one rate for each foreign currency of the lines, and no others: "
                f"{rate.currency[:20]} is one too many.",
                field=("rates", str(place), "currency"),
            )
        known[rate.currency] = rate
    return known


def _meant(
    place: int,
    draft: LineDraft,
    account: Account,
    currency: str,
    rate: Rate | None,
    ledger: Ledger,
) -> _Meant:
    _refuse_large(draft.amount_minor, currency, place, "amount")
    base_minor = draft.amount_minor if currency == ledger.base else draft.base_minor
    if draft.base_minor not in (None, base_minor):
        message = f"The base amount of a line in {ledger.base} is its amount."
        raise LineRefused(message, place=place, part="base_amount")
    exact = Decimal(base_minor) if base_minor is not None else None
    if exact is None and rate is not None:
        exact = exact_minor(draft.amount_minor, rate, base=ledger.base)
    return _Meant(
        place=place, draft=draft, account=account, currency=currency, rate=rate, exact=exact
    )


def _settled(meant: Sequence[_Meant], ledger: Ledger) -> tuple[Line, ...]:
    """The lines, with what rounding left over on the largest one that was converted."""
    _refuse_untrue(meant, ledger)
    lines = [each.line for each in meant]
    if residue := _residue(meant, lines):
        largest = max((each for each in meant if each.converted), key=_size).place
        line = lines[largest]
        lines[largest] = replace(line, base_minor=line.base_minor - residue)
    for place, line in enumerate(lines):
        _refuse_large(line.base_minor, ledger.base, place, "base_amount")
    return tuple(lines)


def _size(meant: _Meant) -> Decimal:
    return abs(meant.exact or Decimal(0))


def _residue(meant: Sequence[_Meant], lines: Sequence[Line]) -> int:
    """What rounding left over: nothing where the entry would not have balanced without it."""
    exact = [each.exact for each in meant if each.exact is not None]
    if len(exact) < len(meant) or rounded(sum(exact, Decimal(0))):
        return 0
    return sum(line.base_minor for line in lines)


def _refuse_untrue(meant: Sequence[_Meant], ledger: Ledger) -> None:
    """Base amounts that were given may differ from their rates by rounding only.

    That is a unit at most, however one rounds. One line beside may have what the others left: half
    a unit of each.
    """
    off = {each.place: _off(each, ledger) for each in meant}
    apart = sorted((each for each in meant if off[each.place] > 1), key=lambda one: off[one.place])
    if apart and off[apart[-1].place] <= Decimal(len(meant) + 1) / 2:
        apart.pop()
    if apart:
        message = f"The base amount does not agree with the rate of {apart[0].currency}."
        raise LineRefused(message, place=apart[0].place, part="base_amount")


def _off(meant: _Meant, ledger: Ledger) -> Decimal:
    """How many units a given base amount is from its rate, past what no rate could say."""
    if meant.rate is None or meant.converted or meant.draft.carried:
        return Decimal(0)
    amount_minor = meant.draft.amount_minor
    told = abs(meant.line.base_minor - exact_minor(amount_minor, meant.rate, base=ledger.base))
    return told - slack(amount_minor, meant.rate, base=ledger.base)


def _refuse_unpostable(meant: _Meant, ledger: Ledger) -> None:
    if not meant.account.active:
        field = _path(meant.place, "ledger_account_id")
        raise LedgerAccountInactive(meant.account.number, field=field)
    amount_minor, foreign = meant.draft.amount_minor, meant.currency != ledger.base
    if amount_minor and foreign and meant.rate is None:
        raise RateMissing(meant.currency)
    if not amount_minor and not meant.draft.base_minor:
        raise LineRefused("A line of 0 says nothing. Remove it.", place=meant.place, part="amount")


def _refuse_large(minor: int, currency: str, place: int, part: str) -> None:
    if not -AMOUNT_LIMIT < minor < AMOUNT_LIMIT:
        limit = decimal_string(AMOUNT_LIMIT, exponent_of(currency))
        message = f"An amount must be smaller than {limit} {currency}."
        raise LineRefused(message, place=place, part=part)


def _refuse_unbalanced(lines: Sequence[Line], ledger: Ledger) -> None:
    currencies = {line.currency for line in lines}
    if len(currencies) == 1 and (off := sum(line.amount_minor for line in lines)):
        raise JournalEntryUnbalanced(off, currencies.pop())
    if off := sum(line.base_minor for line in lines):
        raise JournalEntryUnbalanced(off, ledger.base)


def _path(place: int, part: str) -> tuple[str, ...]:
    return ("lines", str(place), part)
