"""Which suggestions a bank line gets, in which order, and which of them is ticked: pure.

A suggestion that uses what is there already (a match, a transfer) is ticked when another sign
stands beside the amount and nothing else comes near it. A new entry is ticked only where nothing
of that amount is there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from counterfoil.reconciliation.evidence import BankSide
from counterfoil.reconciliation.proposing import Candidates, Proposal, proposals
from counterfoil.reconciliation.suggest import Reason, ReasonCode, Suggestion, SuggestionKind

MOST = 5
"""So many suggestions a line gets."""
MARGIN = 10
"""So far ahead of the second one a suggestion must be to be ticked."""
_USING = frozenset({SuggestionKind.MATCH, SuggestionKind.TRANSFER})
_THE_AMOUNT = frozenset({ReasonCode.SAME_AMOUNT, ReasonCode.OPPOSITE_AMOUNT})


def suggest(line: BankSide, candidates: Candidates) -> tuple[Suggestion, ...]:
    """At most five suggestions: a prepared coding, then the best first.

    The order in which candidates come changes nothing.
    """
    ranked = sorted(proposals(line, candidates), key=_place)
    ticked = _ticked(ranked)
    told = _equals_told([one.suggestion for one in ranked])
    return tuple(replace(one, preselect=one.id == ticked) for one in told[:MOST])


def _place(one: Proposal) -> tuple[bool, int, str]:
    suggestion = one.suggestion
    return (suggestion.kind is not SuggestionKind.PREPARED, -suggestion.score, suggestion.id)


def _ticked(ranked: Sequence[Proposal]) -> str | None:
    """The id of the suggestion that may be ticked, of those in order."""
    if not ranked or not ranked[0].ready:
        return None
    best = ranked[0].suggestion
    using = [one for one in ranked if one.suggestion.kind in _USING]
    if best.kind not in _USING:
        return None if any(map(_is_there, using)) else best.id
    second = max((one.suggestion.score for one in using[1:]), default=0)
    return best.id if best.score >= second + MARGIN else None


def _is_there(one: Proposal) -> bool:
    """Whether the amount is booked already, or is the other side of a transfer."""
    return one.ready or any(reason.code in _THE_AMOUNT for reason in one.suggestion.reasons)


def _equals_told(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Those that fit as well as others of their kind say so."""
    alike = Counter((one.kind, one.score) for one in suggestions if one.kind in _USING)
    return [_told(one, alike[one.kind, one.score]) for one in suggestions]


def _told(suggestion: Suggestion, equals: int) -> Suggestion:
    if equals < 2:
        return suggestion
    reason = Reason(ReasonCode.EQUALLY_GOOD, f"{equals} candidates fit equally well")
    return replace(suggestion, reasons=(*suggestion.reasons, reason))


def without_rivals(
    page: Mapping[UUID, Sequence[Suggestion]],
) -> dict[UUID, Sequence[Suggestion]]:
    """The suggestions of several bank lines, so that ticking all of them books nothing twice.

    Of those that are ticked and use the same row, the best stays ticked; of equals none, except
    that of the two sides of one transfer the first is.
    """
    rivals: defaultdict[UUID, list[tuple[UUID, Suggestion]]] = defaultdict(list)
    for line_id, suggestions in page.items():
        for one in suggestions:
            for used in _uses(line_id, one) if one.preselect else ():
                rivals[used].append((line_id, one))
    lost = {
        one.id
        for claims in rivals.values()
        for line_id, one in claims
        if not _wins(line_id, one, claims)
    }
    return {
        line_id: tuple(
            replace(one, preselect=False) if one.id in lost else one for one in suggestions
        )
        for line_id, suggestions in page.items()
    }


def _uses(line_id: UUID, one: Suggestion) -> Sequence[UUID]:
    items = [item.journal_line_id for item in one.journal_items]
    return [line_id, *items, *filter(None, [one.other_transaction_id])]


def _wins(line_id: UUID, one: Suggestion, claims: Sequence[tuple[UUID, Suggestion]]) -> bool:
    return all(
        one.score > other.score
        or (line_id < other_id and _are_sides(line_id, one, other_id, other))
        for other_id, other in claims
        if other_id != line_id
    )


def _are_sides(line_id: UUID, one: Suggestion, other_id: UUID, other: Suggestion) -> bool:
    return (one.other_transaction_id, other.other_transaction_id) == (other_id, line_id)
