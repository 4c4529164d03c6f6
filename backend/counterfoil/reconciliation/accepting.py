"""Doing what a suggestion proposes: match, book, or transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from counterfoil.errors import CounterfoilError
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.lines import bookable_lines
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.suggest import Suggestion
from counterfoil.reconciliation.transferring import OtherTransaction, transfer
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The suggestion that was chosen for a line, and the line's revision as it was seen."""

    bank_transaction_id: UUID
    expected_revision: int | None
    suggestion_id: str


class SuggestionOutdated(CounterfoilError):
    """What was suggested for the line is no longer suggested."""

    code = "SUGGESTION_OUTDATED"
    field = ("suggestion_id",)

    def __init__(self) -> None:
        super().__init__(
            "What was suggested for this line is outdated: something changed since. Look at its "
            "suggestions again."
        )


async def accept_one(
    uow: UnitOfWork,
    viewer: Viewer,
    chosen: Acceptance,
    offered: Sequence[Suggestion],
    *,
    key: Key | None = None,
    parent: Act | None = None,
) -> Act:
    """Settle a line by the one of the suggestions `offered` for it that was chosen.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyReconciled, NotBookable, SuggestionOutdated.
        As `match`, `book` or `transfer`, PossibleDuplicate among them.
    """
    for suggestion in offered:
        if suggestion.id == chosen.suggestion_id:
            return await _do(uow, viewer, chosen, suggestion, key, parent)
    wanted = {chosen.bank_transaction_id: chosen.expected_revision}
    await bookable_lines(uow, viewer, wanted)  # says what happened to the line, if anything did
    raise SuggestionOutdated


async def _do(
    uow: UnitOfWork,
    viewer: Viewer,
    chosen: Acceptance,
    suggestion: Suggestion,
    key: Key | None,
    parent: Act | None,
) -> Act:
    if suggestion.coding is not None:
        return await book(
            uow,
            viewer,
            bank_transaction_id=chosen.bank_transaction_id,
            expected_revision=chosen.expected_revision,
            coding=suggestion.coding,
            duplicate_reason=None,
            key=key,
            parent=parent,
        )
    if suggestion.other_transaction_id is not None:
        return await transfer(
            uow,
            viewer,
            bank_transaction_id=chosen.bank_transaction_id,
            expected_revision=chosen.expected_revision,
            other=OtherTransaction(bank_transaction_id=suggestion.other_transaction_id),
            duplicate_reason=None,
            key=key,
            parent=parent,
        )
    given = sum(item.amount_minor for item in suggestion.journal_items)
    return await match(
        uow,
        viewer,
        bank_items=[BankItem(chosen.bank_transaction_id, given, chosen.expected_revision)],
        journal_items=[
            JournalItem(item.journal_line_id, item.amount_minor)
            for item in suggestion.journal_items
        ],
        key=key,
        parent=parent,
    )
