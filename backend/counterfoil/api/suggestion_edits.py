"""Accepting suggestions, many at once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION, IDEMPOTENCY_KEY, key_of
from counterfoil.api.acts import Act, act
from counterfoil.api.bank_transactions import BankTransaction, bank_transaction
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors, user_error
from counterfoil.errors import InvalidInput
from counterfoil.reconciliation.accepting import Acceptance
from counterfoil.reconciliation.bulk import MOST_ROWS, accept
from counterfoil.reconciliation.outcomes import Outcome

_LONGEST_REF = 128


class RefTooLong(InvalidInput):
    """A word of the client's own that is longer than any is kept for the answer."""

    def __init__(self, place: int) -> None:
        super().__init__(
            f"A `clientRef` has at most {_LONGEST_REF} characters.",
            field=("rows", str(place), "client_ref"),
        )


@strawberry.input(description="Which suggestion to accept for a line.")
class AcceptSuggestionRow:
    bank_transaction_id: strawberry.ID = strawberry.field(description="The line.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    suggestion_id: str = strawberry.field(
        description="The suggestion: one that is no longer made is refused."
    )
    client_ref: str | None = strawberry.field(
        default=None, description="A word of the client's own, given back with the row's result."
    )


@strawberry.input(description="Which suggestions to accept.")
class AcceptSuggestionsInput:
    rows: list[AcceptSuggestionRow] = strawberry.field(
        description=f"1 to {MOST_ROWS} lines, each with the suggestion that was chosen for it."
    )
    atomic: bool = strawberry.field(
        default=False, description="All or none; else each row for itself."
    )
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type(description="What became of one row.")
class AcceptedSuggestion:
    line_id: strawberry.Private[UUID]
    act_id: strawberry.Private[UUID | None]
    index: int = strawberry.field(description="The row's place in the input, from 0.")
    client_ref: str | None = strawberry.field(description="The client's own word for the row.")
    errors: list[UserError] = strawberry.field(
        description="Why nothing was done for it; empty when it was."
    )

    @strawberry.field(description="The line as it is now; null when the viewer sees none.")
    async def bank_transaction(self, info: Info) -> BankTransaction | None:
        return await bank_transaction(info, self.line_id)

    @strawberry.field(description="What was done for it, as a part of the bulk; null: nothing.")
    async def act(self, info: Info) -> Act | None:
        return await act(info, self.act_id) if self.act_id else None


@strawberry.type(description="What became of each row.")
class AcceptSuggestionsPayload:
    done: strawberry.Private[UUID | None] = None
    results: list[AcceptedSuggestion] = strawberry.field(
        default_factory=list, description="One for each row, in their order."
    )
    replayed: bool = strawberry.field(
        default=False, description="Whether this key was used before: nothing was done again."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list,
        description="Why the request was not even begun; what rows were refused for is theirs.",
    )

    @strawberry.field(description="The bulk, whose parts are the rows' acts; null: nothing done.")
    async def act(self, info: Info) -> Act | None:
        return await act(info, self.done) if self.done else None


@strawberry.type
class SuggestionMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Settle many bank lines by the suggestions that were chosen for them, as one act. A "
            "line that may be in the books already is marked to be checked instead. Needs the "
            "right CODE."
        ),
    )
    async def accept_suggestions(
        self,
        info: Info,
        input: Annotated[AcceptSuggestionsInput, strawberry.argument(description="Which.")],
    ) -> AcceptSuggestionsPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            accepted = await accept(
                uow,
                viewer,
                rows=_rows(input.rows),
                atomic=input.atomic,
                key=key_of("acceptSuggestions", input),
            )
        return AcceptSuggestionsPayload(
            done=accepted.act.id if accepted.act else None,
            results=[
                _result(place, row.client_ref, outcome)
                for place, (row, outcome) in enumerate(
                    zip(input.rows, accepted.outcomes, strict=True)
                )
            ],
            replayed=accepted.act is not None and accepted.act.replayed,
        )


def _rows(given: list[AcceptSuggestionRow]) -> list[Acceptance]:
    return [_acceptance(place, row) for place, row in enumerate(given)]


def _acceptance(place: int, row: AcceptSuggestionRow) -> Acceptance:
    if row.client_ref is not None and len(row.client_ref) > _LONGEST_REF:
        raise RefTooLong(place)
    return Acceptance(
        bank_transaction_id=ids.decode(
            row.bank_transaction_id,
            "BankTransaction",
            field=("rows", str(place), "bank_transaction_id"),
        ),
        expected_revision=row.expected_revision,
        suggestion_id=row.suggestion_id,
    )


def _result(place: int, client_ref: str | None, outcome: Outcome) -> AcceptedSuggestion:
    return AcceptedSuggestion(
        line_id=outcome.bank_transaction_id,
        act_id=outcome.act.id if outcome.act else None,
        index=place,
        client_ref=client_ref,
        errors=[user_error(outcome.error)] if outcome.error else [],
    )
