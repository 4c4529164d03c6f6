"""What people change of an account: its name and its memo."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.accounts import operations as accounts
from counterfoil.api.account_ids import account_id
from counterfoil.api.bank_accounts import BankAccount, bank_account
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors


@strawberry.input(description="What to change of an account; what is left out stays as it is.")
class UpdateBankAccountInput:
    bank_account_id: strawberry.ID = strawberry.field(description="The account.")
    expected_revision: int = strawberry.field(
        description="The revision that the change is based on; an older one is a conflict."
    )
    name: str | None = strawberry.field(
        default=UNSET,
        description="What to call it, 1 to 80 characters; the bank's own name undoes a rename.",
    )
    memo: str | None = strawberry.field(
        default=UNSET, description="A note, at most 500 characters; null or empty removes it."
    )


@strawberry.type(description="The account after the change.")
class UpdateBankAccountPayload:
    changed: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The account as it is now; null when nothing was done.")
    async def bank_account(self, info: Info) -> BankAccount | None:
        return await bank_account(info, self.changed) if self.changed else None


@strawberry.type
class BankAccountMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Rename an account or change its memo. Needs the right BANKS.",
    )
    async def update_bank_account(
        self,
        info: Info,
        input: Annotated[UpdateBankAccountInput, strawberry.argument(description="What.")],
    ) -> UpdateBankAccountPayload:
        viewer = info.context.signed_in()
        chosen = await account_id(viewer, input.bank_account_id, field=("bank_account_id",))
        async with info.context.transaction() as uow:
            await accounts.update(
                uow,
                viewer,
                bank_account_id=chosen,
                expected_revision=input.expected_revision,
                name=accounts.UNSET if input.name is UNSET else input.name or "",
                memo=accounts.UNSET if input.memo is UNSET else input.memo,
            )
        return UpdateBankAccountPayload(changed=chosen)
