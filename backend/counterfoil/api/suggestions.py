"""What a bank line could be booked as, or matched with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

import strawberry

from counterfoil.api.bank_transactions import BankTransaction, bank_transaction
from counterfoil.api.coding import CodingLine, coding_line
from counterfoil.api.context import Info
from counterfoil.api.enums import ReasonCode, SuggestionKind
from counterfoil.api.journal_entries import JournalLine, journal_line
from counterfoil.api.loaders import load_several
from counterfoil.api.money import Money, money
from counterfoil.ledger.journal import lines_by_id
from counterfoil.reconciliation.coding import Coding
from counterfoil.reconciliation.duplicates import Candidate, possible_duplicates
from counterfoil.reconciliation.suggest import Suggestion as Proposal
from counterfoil.reconciliation.suggesting import suggestions_for


@strawberry.type(description="What speaks for a suggestion, or is to be known before it is taken.")
class SuggestionReason:
    code: ReasonCode = strawberry.field(description="For machines.")
    text: str = strawberry.field(description="The same in words for the person.")


@strawberry.type(description="A journal line that a suggestion would clear.")
class SuggestedItem:
    journal_line_id: strawberry.Private[UUID]
    amount: Money = strawberry.field(
        description="A part of the line's amount, or all of it, with its sign."
    )

    @strawberry.field(description="The line.")
    async def journal_line(self, info: Info) -> JournalLine:
        return cast(JournalLine, await journal_line(info, self.journal_line_id))


@strawberry.type(description="How a suggestion would book the line.")
class SuggestedCoding:
    memo: str | None = strawberry.field(
        description="What it would be; null: the line's description."
    )
    lines: list[CodingLine] = strawberry.field(
        description="The accounts, with what would go to each."
    )


@strawberry.type(
    description=(
        "One way to settle a bank line, computed from the books as they are now and stored "
        "nowhere: a match, a transfer or a coding."
    )
)
class Suggestion:
    other_transaction_id: strawberry.Private[UUID | None]
    id: str = strawberry.field(
        description="For `acceptSuggestions`: the same as long as the same is proposed."
    )
    kind: SuggestionKind = strawberry.field(description="What it proposes.")
    score: int = strawberry.field(description="How much speaks for it: 0 to 100.")
    preselect: bool = strawberry.field(
        description="Whether a page may tick it by itself; at most one of a line's."
    )
    reasons: list[SuggestionReason] = strawberry.field(description="What speaks for it.")
    journal_items: list[SuggestedItem] = strawberry.field(
        description="What it would match the line with; none for other kinds."
    )
    coding: SuggestedCoding | None = strawberry.field(
        description="How it would book the line; null for other kinds."
    )

    @strawberry.field(
        description="The other side of the transfer that it would book; null for other kinds."
    )
    async def other_transaction(self, info: Info) -> BankTransaction | None:
        if self.other_transaction_id is None:
            return None
        return await bank_transaction(info, self.other_transaction_id)


async def suggestions_of(
    info: Info, bank_transaction_id: UUID, currency: str, exponent: int
) -> list[Suggestion]:
    """What is proposed for a line; asked for many lines, everything is read at once."""
    found: Sequence[Proposal] | None = await info.context.loaders.found(
        suggestions_for, bank_transaction_id
    )
    return [_suggestion(proposal, currency, exponent) for proposal in found or ()]


def _suggestion(proposal: Proposal, currency: str, exponent: int) -> Suggestion:
    return Suggestion(
        other_transaction_id=proposal.other_transaction_id,
        id=proposal.id,
        kind=proposal.kind,
        score=proposal.score,
        preselect=proposal.preselect,
        reasons=[SuggestionReason(code=one.code, text=one.text) for one in proposal.reasons],
        journal_items=[
            SuggestedItem(
                journal_line_id=item.journal_line_id,
                amount=cast(Money, money(item.amount_minor, currency, exponent)),
            )
            for item in proposal.journal_items
        ],
        coding=_coding(proposal.coding, currency, exponent),
    )


def _coding(coding: Coding | None, currency: str, exponent: int) -> SuggestedCoding | None:
    if coding is None:
        return None
    return SuggestedCoding(
        memo=coding.memo,
        lines=[
            coding_line(line.ledger_account_id, line.amount_minor, line.memo, currency, exponent)
            for line in coding.lines
        ],
    )


async def duplicates_of(info: Info, bank_transaction_id: UUID) -> list[JournalLine]:
    """The journal lines that a line may be booked as already."""
    found: Sequence[Candidate] | None = await info.context.loaders.found(
        possible_duplicates, bank_transaction_id
    )
    ids = [candidate.journal_line_id for candidate in found or ()]
    return await load_several(info, JournalLine, lines_by_id, "journal_line.id", ids)
