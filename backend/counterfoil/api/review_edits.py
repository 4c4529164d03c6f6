"""What people decide of bank lines before, or instead of, booking them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION, IDEMPOTENCY_KEY, ActPayload, key_of
from counterfoil.api.bank_transactions import BankTransaction, bank_transaction
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.given import CodingInput, bank_currency, coding_lines
from counterfoil.errors import InvalidInput
from counterfoil.kit import unset
from counterfoil.reconciliation.annotating import annotate
from counterfoil.reconciliation.coding import Coding
from counterfoil.reconciliation.excluding import exclude, restore
from counterfoil.transactions.deciding import keep_ours
from counterfoil.viewer import Viewer


class NamedTwice(InvalidInput):
    """One object stands in a list more than once."""

    def __init__(self, *, field: tuple[str, ...]) -> None:
        super().__init__("This is in the list twice. Name it once.", field=field)


@strawberry.input(description="A bank line as it was read.")
class TransactionRevisionInput:
    bank_transaction_id: strawberry.ID = strawberry.field(description="The line.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)


@strawberry.input(description="Which lines to take out of review, and why.")
class ExcludeTransactionsInput:
    items: list[TransactionRevisionInput] = strawberry.field(
        description="1 to 500 lines: all of them, or where one can't be, none."
    )
    reason: str = strawberry.field(description="Why, in words; at most 500 characters.")
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="Which lines to bring back to review.")
class RestoreTransactionsInput:
    items: list[TransactionRevisionInput] = strawberry.field(
        description="1 to 500 lines: all of them, or where one can't be, none."
    )
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input(description="What to note of a bank line; what is left out stays as it is.")
class AnnotateTransactionInput:
    bank_transaction_id: strawberry.ID = strawberry.field(description="The line.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    comment: str | None = strawberry.field(
        default=UNSET, description="A note, at most 500 characters; null or empty removes it."
    )
    to_check: bool | None = strawberry.field(
        default=UNSET, description="Whether somebody wants to look again; null is false."
    )
    coding: CodingInput | None = strawberry.field(
        default=UNSET,
        description="How it is to be booked, also while it is pending; null removes it.",
    )


@strawberry.input(description="Which report of the bank to disregard, and why.")
class KeepOursInput:
    review_item_id: strawberry.ID = strawberry.field(description="What the bank did.")
    reason: str = strawberry.field(description="Why, in words; at most 500 characters.")
    idempotency_key: str = strawberry.field(
        description="8 to 128 printable characters of the client's own for this very request."
    )


@strawberry.type(description="What was excluded.")
class ExcludeTransactionsPayload(ActPayload):
    pass


@strawberry.type(description="What was brought back.")
class RestoreTransactionsPayload(ActPayload):
    pass


@strawberry.type
class _LinePayload:
    changed: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The line as it is now; null when nothing was done.")
    async def bank_transaction(self, info: Info) -> BankTransaction | None:
        return await bank_transaction(info, self.changed) if self.changed else None


@strawberry.type(description="The line after the change.")
class AnnotateTransactionPayload(_LinePayload):
    pass


@strawberry.type(description="The line after the decision.")
class KeepOursPayload(_LinePayload):
    pass


@strawberry.type
class ReviewMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Take bank lines out of review, with a reason. Needs the right CODE.",
    )
    async def exclude_transactions(
        self,
        info: Info,
        input: Annotated[ExcludeTransactionsInput, strawberry.argument(description="Which.")],
    ) -> ExcludeTransactionsPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            done = await exclude(
                uow,
                viewer,
                wanted=_wanted(input.items),
                reason=input.reason,
                key=key_of("excludeTransactions", input),
            )
        return ExcludeTransactionsPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Bring excluded bank lines back to review. Needs the right CODE.",
    )
    async def restore_transactions(
        self,
        info: Info,
        input: Annotated[RestoreTransactionsInput, strawberry.argument(description="Which.")],
    ) -> RestoreTransactionsPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            done = await restore(
                uow,
                viewer,
                wanted=_wanted(input.items),
                key=key_of("restoreTransactions", input),
            )
        return RestoreTransactionsPayload(done=done)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Note a comment, the wish to look again, or how to book a bank line. It is no act: "
            "nothing in the books changes. Needs the right CODE."
        ),
    )
    async def annotate_transaction(
        self,
        info: Info,
        input: Annotated[AnnotateTransactionInput, strawberry.argument(description="What.")],
    ) -> AnnotateTransactionPayload:
        viewer = info.context.signed_in()
        line_id = ids.decode(
            input.bank_transaction_id, "BankTransaction", field=("bank_transaction_id",)
        )
        async with info.context.transaction() as uow:
            await annotate(
                uow,
                viewer,
                bank_transaction_id=line_id,
                expected_revision=input.expected_revision,
                comment=unset.UNSET if input.comment is UNSET else input.comment,
                to_check=unset.UNSET if input.to_check is UNSET else bool(input.to_check),
                coding=await _coding(viewer, line_id, input.coding),
            )
        return AnnotateTransactionPayload(changed=line_id)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Keep what is booked although the bank changed or withdrew the line. Needs the right "
            "CODE."
        ),
    )
    async def keep_ours(
        self,
        info: Info,
        input: Annotated[KeepOursInput, strawberry.argument(description="Which, and why.")],
    ) -> KeepOursPayload:
        viewer = info.context.signed_in()
        item_id = ids.decode(input.review_item_id, "ReviewItem", field=("review_item_id",))
        async with info.context.transaction() as uow:
            item = await keep_ours(
                uow,
                viewer,
                review_item_id=item_id,
                reason=input.reason,
                key=input.idempotency_key,
            )
        return KeepOursPayload(changed=item.bank_transaction_id)


def _wanted(items: list[TransactionRevisionInput]) -> dict[UUID, int | None]:
    wanted: dict[UUID, int | None] = {}
    for index, item in enumerate(items):
        field = ("items", str(index), "bank_transaction_id")
        row_id = ids.decode(item.bank_transaction_id, "BankTransaction", field=field)
        if row_id in wanted:
            raise NamedTwice(field=field)
        wanted[row_id] = item.expected_revision
    return wanted


async def _coding(
    viewer: Viewer, bank_transaction_id: UUID, given: CodingInput | None
) -> Coding | unset.Unset | None:
    if given is None or given is UNSET:
        return None if given is None else unset.UNSET
    currency = await bank_currency(viewer, bank_transaction_id)
    lines = coding_lines(given.lines, currency, within=("coding", "lines"))
    return Coding(memo=given.memo, lines=lines)
