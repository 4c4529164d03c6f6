"""Deciding about booked lines that the bank changed or withdrew, and the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION, IDEMPOTENCY_KEY, ActPayload, key_of
from counterfoil.api.context import Info
from counterfoil.api.errors import UserErrors
from counterfoil.api.given import CodingLineInput, EntryRateInput, coding_lines, rates_of
from counterfoil.api.loaders import load_many
from counterfoil.api.pagination import After, Connection, First, connection, requested
from counterfoil.api.remarks import ReviewItem
from counterfoil.errors import NotFound
from counterfoil.reconciliation.acts import done_before
from counterfoil.reconciliation.adjusting import Adjustment
from counterfoil.reconciliation.bank_changes import accept, adjust, mark_duplicate
from counterfoil.reconciliation.coding import Coding
from counterfoil.reconciliation.queries import entries_by_act
from counterfoil.reconciliation.rebooking import rebook
from counterfoil.transactions.remarks import review_items as review_items_of
from counterfoil.transactions.remarks import review_items_by_id
from counterfoil.viewer import Right, Viewer

if TYPE_CHECKING:
    from counterfoil.api.journal_entries import JournalEntry

_WHICH = "What the bank did; it must be open."
_REVISION = f"Of the bank line. {EXPECTED_REVISION}"
_RATES = (
    "What a foreign currency is worth in the base currency; that of the entry which is corrected "
    "if left out."
)


@strawberry.input(description="Which report of the bank to accept.")
class AcceptBankChangeInput:
    review_item_id: strawberry.ID = strawberry.field(description=_WHICH)
    expected_revision: int = strawberry.field(description=_REVISION)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="Where the difference goes.")
class AdjustBankChangeInput:
    review_item_id: strawberry.ID = strawberry.field(description=_WHICH)
    expected_revision: int = strawberry.field(description=_REVISION)
    ledger_account_id: strawberry.ID = strawberry.field(description="To which account.")
    memo: str | None = strawberry.field(
        default=None, description="What it is; by itself it names the bank's line."
    )
    rates: list[EntryRateInput] = strawberry.field(default_factory=list, description=_RATES)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="How the line is booked anew.")
class RebookBankChangeInput:
    review_item_id: strawberry.ID = strawberry.field(description=_WHICH)
    expected_revision: int = strawberry.field(description=_REVISION)
    lines: list[CodingLineInput] | None = strawberry.field(
        default=None,
        description=(
            "The accounts; together what the bank reports now. Left out, all of it goes where all "
            "of the old amount went. None for a line that the bank withdrew."
        ),
    )
    memo: str | None = strawberry.field(
        default=None, description="What it is; as before if left out, empty for none."
    )
    rates: list[EntryRateInput] = strawberry.field(default_factory=list, description=_RATES)
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="Which other line is the same payment.")
class MarkDuplicateInput:
    review_item_id: strawberry.ID = strawberry.field(description=_WHICH)
    expected_revision: int = strawberry.field(description=_REVISION)
    bank_transaction_id: strawberry.ID = strawberry.field(
        description="The line that takes over the match; it must be bookable."
    )
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type(description="What was accepted.")
class AcceptBankChangePayload(ActPayload):
    pass


@strawberry.type(description="What was posted.")
class AdjustBankChangePayload(ActPayload):
    pass


@strawberry.type(description="What was booked anew.")
class RebookBankChangePayload(ActPayload):
    @strawberry.field(
        description=(
            "The new entry as it is now, or of a withdrawn line the reversal; null when nothing "
            "was done."
        )
    )
    async def journal_entry(
        self, info: Info
    ) -> Annotated[JournalEntry, strawberry.lazy("counterfoil.api.journal_entries")] | None:
        from counterfoil.api.journal_entries import JournalEntry

        if self.done is None:
            return None
        key = "journal_entry.act_id"
        return (await load_many(info, JournalEntry, entries_by_act, key, self.done.id))[-1]


@strawberry.type(description="What took over the match.")
class MarkDuplicatePayload(ActPayload):
    pass


@strawberry.type
class BankChangeMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Let a booked line become what the bank reports. What differs is open: of the line "
            "where the bank has more, of its entry where it has less. Needs the right CODE."
        ),
    )
    async def accept_bank_change(
        self,
        info: Info,
        input: Annotated[AcceptBankChangeInput, strawberry.argument(description="Which.")],
    ) -> AcceptBankChangePayload:
        viewer = info.context.signed_in()
        item_id = _item_id(input.review_item_id)
        async with info.context.transaction() as uow:
            done = await accept(
                uow,
                viewer,
                review_item_id=item_id,
                expected_revision=input.expected_revision,
                key=key_of("acceptBankChange", input),
            )
        return AcceptBankChangePayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Let a booked line become what the bank reports, and post what that is more or less "
            "to an account. The line stays reconciled. Needs the right CODE."
        ),
    )
    async def adjust_bank_change(
        self,
        info: Info,
        input: Annotated[AdjustBankChangeInput, strawberry.argument(description="Where to.")],
    ) -> AdjustBankChangePayload:
        viewer = info.context.signed_in()
        item_id = _item_id(input.review_item_id)
        field = ("ledger_account_id",)
        adjustment = Adjustment(
            ledger_account_id=ids.decode(input.ledger_account_id, "LedgerAccount", field=field),
            memo=input.memo,
            rates=rates_of(input.rates),
        )
        async with info.context.transaction() as uow:
            done = await adjust(
                uow,
                viewer,
                review_item_id=item_id,
                expected_revision=input.expected_revision,
                adjustment=adjustment,
                key=key_of("adjustBankChange", input),
            )
        return AdjustBankChangePayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Reverse the entry of a booked line, and book what the bank reports now; a line that "
            "it withdrew is not booked anew. Needs the right CODE, for what somebody else posted "
            "or matched CLOSE as well."
        ),
    )
    async def rebook_bank_change(
        self,
        info: Info,
        input: Annotated[RebookBankChangeInput, strawberry.argument(description="How.")],
    ) -> RebookBankChangePayload:
        viewer = info.context.signed_in()
        item_id = _item_id(input.review_item_id)
        key = key_of("rebookBankChange", input)
        async with info.context.transaction() as uow:
            done = await done_before(uow, viewer, key) or await rebook(
                uow,
                viewer,
                review_item_id=item_id,
                expected_revision=input.expected_revision,
                coding=await _coding(viewer, item_id, input),
                key=key,
            )
        return RebookBankChangePayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Say that another line is the same payment: it takes over the match. The changed line "
            "is excluded, where the bank reports it still. Needs the right CODE."
        ),
    )
    async def mark_duplicate(
        self,
        info: Info,
        input: Annotated[MarkDuplicateInput, strawberry.argument(description="Of which.")],
    ) -> MarkDuplicatePayload:
        viewer = info.context.signed_in()
        item_id = _item_id(input.review_item_id)
        field = ("bank_transaction_id",)
        heir_id = ids.decode(input.bank_transaction_id, "BankTransaction", field=field)
        async with info.context.transaction() as uow:
            done = await mark_duplicate(
                uow,
                viewer,
                review_item_id=item_id,
                expected_revision=input.expected_revision,
                bank_transaction_id=heir_id,
                key=key_of("markDuplicate", input),
            )
        return MarkDuplicatePayload(done=done)


def _item_id(given: str) -> UUID:
    return ids.decode(given, "ReviewItem", field=("review_item_id",))


async def _coding(viewer: Viewer, item_id: UUID, input: RebookBankChangeInput) -> Coding:
    currency = await _currency(viewer, item_id)
    lines = coding_lines(input.lines or (), currency, within=("lines",))
    return Coding(lines=lines, memo=input.memo, rates=rates_of(input.rates))


async def _currency(viewer: Viewer, item_id: UUID) -> str:
    """The currency of the line that a review item is about.

    Raises:
        Forbidden: the viewer may not code. NotFound: they see no such item.
    """
    viewer.require(Right.CODE)
    name = "bank_transaction.currency"
    rows = await review_items_by_id(viewer, [item_id], [name])
    if not rows:
        raise NotFound(field=("review_item_id",))
    return cast(str, rows[0][name])


async def review_items(
    info: Info,
    first: First = None,
    after: After = None,
    open: Annotated[
        bool | None,
        strawberry.argument(
            description="Those that nobody has decided; false: decided ones; null: both."
        ),
    ] = True,
) -> Connection[ReviewItem]:
    question = review_items_of(info.context.signed_in(), still_open=open)
    return await connection(info, question, ReviewItem, requested(first, after))
