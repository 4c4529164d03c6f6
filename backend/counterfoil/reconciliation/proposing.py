"""Everything that can be proposed for a bank line, each with what speaks for it: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from counterfoil.reconciliation import evidence
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.combining import groups_of
from counterfoil.reconciliation.evidence import BankSide, Evidence, JournalSide, amount_of, total
from counterfoil.reconciliation.likeness import reference_of
from counterfoil.reconciliation.suggest import (
    ProposedItem,
    Reason,
    ReasonCode,
    Suggestion,
    SuggestionKind,
    suggestion_id,
)

GROUP_DAYS = 14
_SAME_AMOUNT = 40
_ADDS_UP = 30
_PART = 10
_OTHER_CURRENCY = 15
_TOLD = frozenset(
    {
        ReasonCode.REFERENCE,
        ReasonCode.CHECK_NUMBER,
        ReasonCode.COUNTERPARTY,
        ReasonCode.SIMILAR_TEXT,
    }
)
"""What texts say, where amounts say nothing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How often an account alone was chosen for lines of one key and direction."""

    ledger_account_id: UUID
    name: str
    times: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A coding that a person prepared when the line's amount was `amount_minor`."""

    amount_minor: int
    coding: Coding


@dataclass(frozen=True, slots=True)
class Candidates:
    """What there is to propose for one bank line.

    `booked` are open journal lines of its ledger account, `mirrors` open lines of other accounts,
    `choices` what was chosen before. `settled` counts all bookings of such lines, split ones too.
    """

    booked: Sequence[JournalSide] = ()
    mirrors: Sequence[BankSide] = ()
    choices: Sequence[Choice] = ()
    settled: int = 0
    prepared: Prepared | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A suggestion, and whether its own evidence is enough to tick it."""

    suggestion: Suggestion
    ready: bool


def proposals(line: BankSide, candidates: Candidates) -> list[Proposal]:
    """All that can be proposed, in no order. A line of which nothing is open gets nothing."""
    if line.open_minor == 0:
        return []
    return [
        *_matches(line, candidates.booked),
        *_transfers(line, candidates.mirrors),
        *_codings(line, candidates),
        *_prepared(line, candidates.prepared),
    ]


def _matches(line: BankSide, booked: Sequence[JournalSide]) -> list[Proposal]:
    same_sign = [side for side in booked if side.open_minor * line.open_minor > 0]
    whole = [_whole(line, side) for side in same_sign if side.open_minor == line.open_minor]
    numbered = [
        _part(line, side)
        for side in same_sign
        if side.open_minor != line.open_minor and not side.by_hand and _is_numbered(line, side)
    ]
    return [*whole, *numbered, *([] if whole else _groups(line, same_sign))]


def _whole(line: BankSide, side: JournalSide) -> Proposal:
    found = evidence.of_booking(line, side)
    same = Reason(ReasonCode.SAME_AMOUNT, "The same amount")
    items = (ProposedItem(side.id, side.open_minor),)
    ready = any(one.sign for one in found)
    if side.by_hand:
        by_hand = Reason(ReasonCode.CLEARED_BY_HAND, "Cleared by hand; this takes its place")
        found.append(Evidence(0, by_hand, sign=False))
    return _match(line, items, _SAME_AMOUNT, same, found, ready)


def _part(line: BankSide, side: JournalSide) -> Proposal:
    """Another amount under the same number: as much of it as both have."""
    amount = min(line.open_minor, side.open_minor, key=abs)
    text = (
        f"{amount_of(line, side.open_minor)} is open there, {amount_of(line, line.open_minor)} here"
    )
    items = (ProposedItem(side.id, amount),)
    reason = Reason(ReasonCode.PART_OF_AMOUNT, text)
    return _match(line, items, _PART, reason, evidence.of_booking(line, side), ready=False)


def _is_numbered(line: BankSide, side: JournalSide) -> bool:
    check_number = reference_of(line.check_number)
    by_check = check_number is not None and check_number in side.references
    return by_check or reference_of(side.reference) in line.references


def _groups(line: BankSide, sides: Sequence[JournalSide]) -> list[Proposal]:
    nearby = sorted(
        (side for side in sides if not side.by_hand and _days(line, side) <= GROUP_DAYS),
        key=lambda side: (_days(line, side), str(side.id)),
    )
    groups = groups_of(line.open_minor, [side.open_minor for side in nearby])
    return [_group(line, [nearby[place] for place in group], len(groups)) for group in groups]


def _days(line: BankSide, side: JournalSide) -> int:
    return abs((line.dated_on - side.posted_on).days)


def _group(line: BankSide, sides: Sequence[JournalSide], groups: int) -> Proposal:
    """Ticked only where it is the only group and a text names each of its lines."""
    found = evidence.of_all(line, sides)
    adds_up = Reason(ReasonCode.ADDS_UP, f"{len(sides)} open lines add up to it")
    items = tuple(ProposedItem(side.id, side.open_minor) for side in sides)
    ready = groups == 1 and any(one.reason.code in _TOLD for one in found)
    return _match(line, items, _ADDS_UP, adds_up, found, ready)


def _match(
    line: BankSide,
    items: tuple[ProposedItem, ...],
    base: int,
    amount: Reason,
    found: Iterable[Evidence],
    ready: bool,
) -> Proposal:
    found = list(found)
    suggestion = Suggestion(
        id=suggestion_id(line.id, SuggestionKind.MATCH, journal_items=items),
        kind=SuggestionKind.MATCH,
        score=total(base, found),
        reasons=(amount, *(one.reason for one in found)),
        journal_items=items,
    )
    return Proposal(suggestion, ready)


def _transfers(line: BankSide, mirrors: Iterable[BankSide]) -> list[Proposal]:
    found = [_transfer(line, other) for other in mirrors if other.open_minor * line.open_minor < 0]
    return [one for one in found if one is not None]


def _transfer(line: BankSide, other: BankSide) -> Proposal | None:
    """Of two currencies, or with another amount, only what texts say makes it one."""
    found = evidence.of_transfer(line, other)
    same = line.currency == other.currency
    told = any(one.reason.code in _TOLD for one in found)
    if (same and other.open_minor != -line.open_minor) or not (same or told):
        return None
    where = f"{'into' if other.open_minor > 0 else 'out of'} {other.account}"
    if same:
        base, amount = _SAME_AMOUNT, Reason(ReasonCode.OPPOSITE_AMOUNT, f"The same amount {where}")
    else:
        text = f"{amount_of(other, other.open_minor)} {other.currency} {where}"
        base, amount = _OTHER_CURRENCY, Reason(ReasonCode.OTHER_CURRENCY, text)
    suggestion = Suggestion(
        id=suggestion_id(line.id, SuggestionKind.TRANSFER, other_transaction_id=other.id),
        kind=SuggestionKind.TRANSFER,
        score=total(base, found),
        reasons=(amount, *(one.reason for one in found)),
        other_transaction_id=other.id,
    )
    return Proposal(suggestion, same and any(one.sign for one in found))


_USUAL = 3
"""So often, and never otherwise, an account must have been chosen to be ticked."""


def _codings(line: BankSide, candidates: Candidates) -> list[Proposal]:
    settled = max(candidates.settled, sum(choice.times for choice in candidates.choices))
    return [_coding(line, choice, settled) for choice in candidates.choices]


def _coding(line: BankSide, choice: Choice, settled: int) -> Proposal:
    """Fewer points than any match with a sign has: what is booked is not booked again."""
    times = f"{choice.times} {'time' if choice.times == 1 else 'times'}"
    of = times if choice.times == settled else f"{choice.times} of {settled} times"
    text = f"Such lines went to {choice.name} {of}"
    coding = Coding(
        lines=(
            CodingLine(ledger_account_id=choice.ledger_account_id, amount_minor=line.open_minor),
        )
    )
    suggestion = Suggestion(
        id=suggestion_id(line.id, SuggestionKind.CODING, coding=coding),
        kind=SuggestionKind.CODING,
        score=15 + 4 * min(choice.times, 5) + 10 * choice.times // settled,
        reasons=(Reason(ReasonCode.CHOSEN_BEFORE, text),),
        coding=coding,
    )
    return Proposal(suggestion, ready=choice.times == settled >= _USUAL)


def _prepared(line: BankSide, prepared: Prepared | None) -> list[Proposal]:
    if prepared is None:
        return []
    same = prepared.amount_minor == line.amount_minor == line.open_minor
    coding = prepared.coding if same else _following(prepared.coding, line.open_minor)
    reasons = [Reason(ReasonCode.PREPARED, "Prepared for this line")]
    if not same:
        reasons.append(_changed(line, prepared.amount_minor))
    suggestion = Suggestion(
        id=suggestion_id(line.id, SuggestionKind.PREPARED, coding=coding),
        kind=SuggestionKind.PREPARED,
        score=100 if same else 60,
        reasons=tuple(reasons),
        coding=coding,
    )
    return [Proposal(suggestion, ready=same)]


def _following(coding: Coding, open_minor: int) -> Coding:
    """A coding of one line takes all there is; how several share it, only a person knows."""
    if len(coding.lines) != 1:
        return coding
    return replace(coding, lines=(replace(coding.lines[0], amount_minor=open_minor),))


def _changed(line: BankSide, prepared_minor: int) -> Reason:
    then, now = amount_of(line, prepared_minor), amount_of(line, line.amount_minor)
    if then != now:
        text = f"The amount changed from {then} to {now}"
    else:
        text = f"Of {now} only {amount_of(line, line.open_minor)} is open"
    return Reason(ReasonCode.AMOUNT_CHANGED, text)
