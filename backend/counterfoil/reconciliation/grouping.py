"""What makes a group of items a match: pure. Amounts are minor units, signed as their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.reconciliation.models import HandClearing

MOST_ITEMS = 1_000
"""How many items one match may have, of both sides together."""

Path = tuple[str, ...]


class MatchUnbalanced(CounterfoilError):
    """The bank items and the journal items add up to different sums."""

    code = "MATCH_UNBALANCED"
    field = ("journal_items",)

    def __init__(self, *, bank_minor: int, journal_minor: int, currency: str) -> None:
        self.bank_minor, self.journal_minor, self.currency = bank_minor, journal_minor, currency
        super().__init__(
            "The two sides add up to different amounts. Change what the items give, or add one."
        )


class MatchTooMuch(CounterfoilError):
    """An item would give more than what is open of its line (`open_minor`, in minor units)."""

    code = "MATCH_TOO_MUCH"

    def __init__(self, *, open_minor: int, field: Path) -> None:
        self.open_minor, self.field = open_minor, field
        still = "no more than what is open of this line" if open_minor else "nothing: none is open"
        super().__init__(f"This item can give {still}. Look at the line again.")


class MatchOfTwoCurrencies(CounterfoilError):
    """An item is in another currency than the rest of the match."""

    code = "CURRENCY_MISMATCH"

    def __init__(self, *, currency: str, other: str, field: Path) -> None:
        self.currency, self.other, self.field = currency, other, field
        super().__init__(
            f"This line is in {other}, the match in {currency}. Match within one currency."
        )


@dataclass(frozen=True, slots=True)
class Share:
    """What a journal line gives to a match, and the hand clearings whose place it takes."""

    amount_minor: int
    displaced: tuple[HandClearing, ...] = ()


def require_group(bank: Sequence[UUID], journal: Sequence[UUID]) -> None:
    """Pass silently when the items can be a group at all.

    Raises:
        InvalidInput: there are too few or too many, or a line is named twice.
    """
    count = len(bank) + len(journal)
    if count < 2:
        raise InvalidInput("A match takes at least two items.", field=("journal_items",))
    if count > MOST_ITEMS:
        raise InvalidInput(f"A match takes at most {MOST_ITEMS} items.", field=("journal_items",))
    for name, ids in (("bank_items", bank), ("journal_items", journal)):
        if len(set(ids)) < len(ids):
            raise InvalidInput("A line is named twice. Name each once.", field=(name,))


def share(asked: int | None, open_minor: int, *, field: Path) -> int:
    """What an item gives: what is asked for, or (null) all that is open of its line.

    Raises:
        MatchTooMuch: that is more than is open. InvalidInput: 0, or against the line's sign.
    """
    if open_minor == 0:
        raise MatchTooMuch(open_minor=0, field=field)
    amount = open_minor if asked is None else asked
    if amount == 0 or (amount > 0) is not (open_minor > 0):
        raise InvalidInput("An item's amount has the sign of its line, and is not 0.", field=field)
    if abs(amount) > abs(open_minor):
        raise MatchTooMuch(open_minor=open_minor, field=field)
    return amount


def journal_share(
    asked: int | None, open_minor: int, clearings: Sequence[HandClearing], *, field: Path
) -> Share:
    """As `share`, where what is not open may be hand clearings that a bank line replaces.

    It takes the place of one of them, or of all that have one date, exactly.

    Raises:
        MatchTooMuch, InvalidInput.
    """
    displaced = _displaced(asked, open_minor, clearings)
    if displaced:
        return Share(sum(clearing.amount_minor for clearing in displaced), displaced)
    return Share(share(asked, open_minor, field=field))


def _displaced(
    asked: int | None, open_minor: int, clearings: Sequence[HandClearing]
) -> tuple[HandClearing, ...]:
    if open_minor and (asked is None or abs(asked) <= abs(open_minor)):
        return ()
    alone = [one for one in clearings if asked == one.amount_minor]
    if alone:
        return (alone[0],)
    total = sum(clearing.amount_minor for clearing in clearings)
    of_one_day = len({clearing.cleared_on for clearing in clearings}) == 1
    return tuple(clearings) if of_one_day and asked in (None, total) else ()


def cleared_on(shares: Collection[Share]) -> date | None:
    """The date that a match inherits from the hand clearings whose place it takes, if any.

    Raises:
        InvalidInput: other lines would inherit it too, or there are several dates.
    """
    dates = {clearing.cleared_on for share in shares for clearing in share.displaced}
    if not dates:
        return None
    if len(dates) > 1 or not all(share.displaced for share in shares):
        raise InvalidInput(
            "A line that was cleared by hand keeps its date. Match it apart from the others.",
            field=("journal_items",),
        )
    return dates.pop()


def require_balance(bank: Collection[int], journal: Collection[int], *, currency: str) -> None:
    """Pass silently when both sides add up to the same.

    Raises:
        MatchUnbalanced.
    """
    if sum(bank) != sum(journal):
        raise MatchUnbalanced(bank_minor=sum(bank), journal_minor=sum(journal), currency=currency)
