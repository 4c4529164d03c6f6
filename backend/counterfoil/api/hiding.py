"""Hiding an account for ever."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.account_ids import account_id
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.links.hiding import hide_account
from counterfoil.reconciliation.counting import standing
from counterfoil.transactions.states import OPEN
from counterfoil.viewer import Viewer


@strawberry.input(description="Which account to hide, and why.")
class HideBankAccountInput:
    bank_account_id: strawberry.ID = strawberry.field(description="The account.")
    expected_revision: int = strawberry.field(
        description="The revision that the decision is based on; an older one is a conflict."
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Why, at most 500 characters. Needed while lines of it wait for review.",
    )


@strawberry.type(description="What was hidden.")
class HideBankAccountPayload:
    hidden: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(
        description="The account's id, by which nothing is found any more; null: nothing was done."
    )
    def hidden_id(self) -> strawberry.ID | None:
        return strawberry.ID(ids.encode("BankAccount", self.hidden)) if self.hidden else None


@strawberry.type
class HidingMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Hide an account for ever, from everybody: whatever is asked of it is answered as of "
            "an absent one, after a refresh and after its bank is added again too. Books, entries "
            "and ledger accounts stay. The last shown account of a login takes the login with it. "
            "Only whoever runs the server can show it again. Needs the right BANKS."
        ),
    )
    async def hide_bank_account(
        self,
        info: Info,
        input: Annotated[HideBankAccountInput, strawberry.argument(description="Which.")],
    ) -> HideBankAccountPayload:
        viewer = info.context.signed_in()
        chosen = await account_id(viewer, input.bank_account_id, field=("bank_account_id",))
        async with info.context.transaction() as uow:
            await hide_account(
                uow,
                viewer,
                bank_account_id=chosen,
                expected_revision=input.expected_revision,
                reason=input.reason,
                waiting=await _waiting(viewer, chosen),
                keyring=info.context.services.keyring,
            )
        return HideBankAccountPayload(hidden=chosen)


async def _waiting(viewer: Viewer, bank_account_id: UUID) -> int:
    counts = (await standing(viewer, bank_account_id, first_on=None, last_on=None)).counts
    return sum(counts[state] for state in OPEN)
