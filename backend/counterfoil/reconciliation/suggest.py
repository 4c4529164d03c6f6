"""What is proposed for a bank line, and why. `ranking` thinks, and this is what it thinks in: pure.

`suggesting.suggestions_for` reads what there is to propose and asks here. A suggestion is computed
anew each time and stored nowhere; its id is a hash of what it proposes, so that whoever accepts it
accepts exactly that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import orjson

from counterfoil.reconciliation.coding import Coding


class SuggestionKind(StrEnum):
    """Match what is booked, book as similar lines were, book a transfer, book as prepared."""

    MATCH = "MATCH"
    CODING = "CODING"
    TRANSFER = "TRANSFER"
    PREPARED = "PREPARED"


class ReasonCode(StrEnum):
    """What speaks for a suggestion, or is to be known of it before it is accepted."""

    SAME_AMOUNT = "SAME_AMOUNT"
    ADDS_UP = "ADDS_UP"
    PART_OF_AMOUNT = "PART_OF_AMOUNT"
    OPPOSITE_AMOUNT = "OPPOSITE_AMOUNT"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    NEAR_DATE = "NEAR_DATE"
    REFERENCE = "REFERENCE"
    CHECK_NUMBER = "CHECK_NUMBER"
    COUNTERPARTY = "COUNTERPARTY"
    SIMILAR_TEXT = "SIMILAR_TEXT"
    CHOSEN_BEFORE = "CHOSEN_BEFORE"
    CLEARED_BY_HAND = "CLEARED_BY_HAND"
    PREPARED = "PREPARED"
    AMOUNT_CHANGED = "AMOUNT_CHANGED"
    EQUALLY_GOOD = "EQUALLY_GOOD"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code for machines, and the same as a sentence for the person who decides."""

    code: ReasonCode
    text: str


@dataclass(frozen=True, slots=True)
class ProposedItem:
    """An open journal line of the bank account's ledger account, and what of it would clear.

    `amount_minor` has the line's sign (debit +) and is no more than is open of it.
    """

    journal_line_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One way to settle a bank line.

    MATCH has `journal_items`, TRANSFER has `other_transaction_id`, the mirrored line of another
    bank account. CODING and PREPARED have `coding`, whose lines add up to what is open of the bank
    line, except where `AMOUNT_CHANGED` says otherwise. `score` is 0 to 100. `preselect` is true of
    at most one suggestion of a line: the one that a page may tick by itself.
    """

    id: str
    kind: SuggestionKind
    score: int
    reasons: tuple[Reason, ...]
    preselect: bool = False
    journal_items: tuple[ProposedItem, ...] = ()
    coding: Coding | None = None
    other_transaction_id: UUID | None = None


def suggestion_id(
    bank_transaction_id: UUID,
    kind: SuggestionKind,
    *,
    journal_items: tuple[ProposedItem, ...] = (),
    coding: Coding | None = None,
    other_transaction_id: UUID | None = None,
) -> str:
    """32 hexadecimal digits that are the same for the same proposal, and for no other."""
    items = sorted((str(item.journal_line_id), item.amount_minor) for item in journal_items)
    coded = coding and [
        coding.memo,
        [(str(line.ledger_account_id), line.amount_minor, line.memo) for line in coding.lines],
    ]
    other = str(other_transaction_id) if other_transaction_id else None
    proposed = [str(bank_transaction_id), kind, items, coded, other]
    return hashlib.sha256(orjson.dumps(proposed)).hexdigest()[:32]
