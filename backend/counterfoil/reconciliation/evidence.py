"""What speaks for it that a bank line is what is booked, or the other side of a transfer: pure.

Evidence only adds points, so that more of it never lowers a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from counterfoil.kit.money import decimal_string
from counterfoil.reconciliation.examples import words_of
from counterfoil.reconciliation.likeness import (
    common_words,
    names,
    reference_of,
    references_in,
    telling_words,
)
from counterfoil.reconciliation.suggest import Reason, ReasonCode

CLOSE_DAYS = 3
"""So near, the date is a sign of its own beside the amount."""
_POINTS_BY_DAYS = ((1, 20), (CLOSE_DAYS, 15), (7, 8), (14, 4))
_REFERENCE = 25
_CHECK_NUMBER = 30
_COUNTERPARTY = 15
_SIMILAR_TEXT = 15


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a pair. A `sign` may, beside the amount, tick it by itself."""

    points: int
    reason: Reason
    sign: bool = True


@dataclass(frozen=True, kw_only=True)
class BankSide:
    """A bank line that waits: `open_minor` is what no match has taken, with its sign.

    `account` and `number` are how people know its account, and the last digits of that.
    """

    id: UUID
    amount_minor: int
    open_minor: int
    currency: str
    exponent: int
    dated_on: date
    key: str = ""
    texts: tuple[str | None, ...] = ()
    check_number: str | None = None
    counterparty: str | None = None
    account: str = ""
    number: str | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        return telling_words(*self.texts, self.counterparty)

    @cached_property
    def references(self) -> frozenset[str]:
        return references_in(*self.texts, self.check_number)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(
            word for text in self.texts if text for word in words_of(text) if word[-1].isdecimal()
        )


@dataclass(frozen=True, kw_only=True)
class JournalSide:
    """An open journal line: `open_minor` is what is not cleared, with its sign (debit +).

    Of one that a person cleared by hand it is the whole, whose place a bank line may take.
    """

    id: UUID
    open_minor: int
    posted_on: date
    texts: tuple[str | None, ...] = ()
    reference: str | None = None
    contact: str | None = None
    by_hand: bool = False

    @cached_property
    def words(self) -> frozenset[str]:
        return telling_words(*self.texts)

    @cached_property
    def references(self) -> frozenset[str]:
        return references_in(self.reference, *self.texts)


def of_booking(line: BankSide, booked: JournalSide) -> list[Evidence]:
    """What speaks for a journal line, but for its amount."""
    found = [
        near(abs((line.dated_on - booked.posted_on).days)),
        _numbered(line, booked),
        _named(line, booked.contact),
        alike(line.words, booked.words),
    ]
    return [evidence for evidence in found if evidence is not None]


def of_transfer(line: BankSide, other: BankSide) -> list[Evidence]:
    """What speaks for a transfer between the accounts of two bank lines, but for its amount."""
    found = [
        near(abs((line.dated_on - other.dated_on).days)),
        _shared_reference(line, other),
        _account_named(line, other) or _account_named(other, line),
        alike(line.words, other.words),
    ]
    return [evidence for evidence in found if evidence is not None]


def of_all(line: BankSide, booked: Sequence[JournalSide]) -> list[Evidence]:
    """What speaks for each of several journal lines: of each kind the weakest."""
    each = [{one.reason.code: one for one in of_booking(line, side)} for side in booked]
    everywhere = set(each[0]).intersection(*each[1:])
    return [_weakest([found[code] for found in each]) for code in sorted(everywhere)]


def _weakest(alike: Sequence[Evidence]) -> Evidence:
    """The points of the weakest; the words of all, but of dates only how far the furthest is."""
    weakest = min(alike, key=lambda one: (one.points, one.reason.text))
    if weakest.reason.code is ReasonCode.NEAR_DATE:
        return weakest
    texts = sorted({one.reason.text for one in alike})
    return replace(weakest, reason=replace(weakest.reason, text="; ".join(texts)))


def near(days: int) -> Evidence | None:
    """How near two dates are, up to two weeks."""
    points = next((points for most, points in _POINTS_BY_DAYS if days <= most), None)
    if points is None:
        return None
    apart = "The same day" if days == 0 else f"{days} {'day' if days == 1 else 'days'} apart"
    return Evidence(points, Reason(ReasonCode.NEAR_DATE, apart), sign=days <= CLOSE_DAYS)


def _numbered(line: BankSide, booked: JournalSide) -> Evidence | None:
    check_number = reference_of(line.check_number)
    if check_number is not None and check_number in booked.references:
        text = f"Cheque {line.check_number}"
        return Evidence(_CHECK_NUMBER, Reason(ReasonCode.CHECK_NUMBER, text))
    if booked.reference is not None and reference_of(booked.reference) in line.references:
        text = f"The bank's text names “{booked.reference}”"
        return Evidence(_REFERENCE, Reason(ReasonCode.REFERENCE, text))
    return None


def _shared_reference(line: BankSide, other: BankSide) -> Evidence | None:
    shared = [text for text in line.references & other.references if not _may_be_a_date(text)]
    if not shared:
        return None
    text = f"Both texts name “{min(shared, key=lambda text: (-len(text), text))}”"
    return Evidence(_REFERENCE, Reason(ReasonCode.REFERENCE, text))


def _may_be_a_date(reference: str) -> bool:
    """Two banks that name the same day do not name the same payment."""
    return len(reference) < 6 or (reference.isdecimal() and len(reference) <= len("20260309"))


def _account_named(line: BankSide, other: BankSide) -> Evidence | None:
    """Whether the text of a line names the other one's account, or its last digits."""
    ending = other.number or ""
    by_number = len(ending) >= 4 and any(word.endswith(ending) for word in line.numbers)
    if not by_number and not names(other.account, line.words):
        return None
    named = f"account {ending}" if by_number else f"“{other.account}”"
    return Evidence(_COUNTERPARTY, Reason(ReasonCode.COUNTERPARTY, f"The text names {named}"))


def _named(line: BankSide, contact: str | None) -> Evidence | None:
    if contact is None or not names(contact, line.words):
        return None
    text = f"The bank's text names “{contact}”"
    return Evidence(_COUNTERPARTY, Reason(ReasonCode.COUNTERPARTY, text))


def alike(one: frozenset[str], other: frozenset[str]) -> Evidence | None:
    """Whether two texts have the half of their telling words in common, or more."""
    common = common_words(one, other)
    if not common:
        return None
    points = _SIMILAR_TEXT * len(common) // min(len(one), len(other))
    text = f"Alike: “{' '.join(common[:5])}”"
    return Evidence(points, Reason(ReasonCode.SIMILAR_TEXT, text))


def total(base: int, found: Iterable[Evidence]) -> int:
    """A score from 0 to 100."""
    return min(100, base + sum(evidence.points for evidence in found))


def amount_of(line: BankSide, amount_minor: int) -> str:
    """An amount in the line's currency, as a sentence has it: "−12.34"."""
    return decimal_string(amount_minor, line.exponent).replace("-", "−")
