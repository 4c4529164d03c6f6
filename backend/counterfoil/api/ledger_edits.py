"""What people change of the chart of accounts, account by account."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.api import ids
from counterfoil.api.act_payload import EXPECTED_REVISION
from counterfoil.api.context import Info
from counterfoil.api.enums import LedgerAccountType
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.ledger import LedgerAccount, ledger_account
from counterfoil.api.scalars import CurrencyCode
from counterfoil.ledger import chart
from counterfoil.ledger.chart import Changes, Wanted


@strawberry.input(description="A new ledger account.")
class CreateLedgerAccountInput:
    number: str = strawberry.field(description="1 to 20 characters, unique in the books.")
    name: str = strawberry.field(description="1 to 120 characters.")
    type: LedgerAccountType = strawberry.field(description="Fixed once journal lines exist.")
    currency: CurrencyCode | None = strawberry.field(
        default=None,
        description="The only currency that it takes; left out: any. Fixed once lines exist.",
    )
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="The account of the same type that it is a part of."
    )
    control: bool = strawberry.field(
        default=False, description="Whether it sums a subledger of another system."
    )
    external_id: str | None = strawberry.field(
        default=None, description="What another system calls it, at most 128 characters; unique."
    )


@strawberry.input(description="What to change of a ledger account; what is left out stays.")
class UpdateLedgerAccountInput:
    ledger_account_id: strawberry.ID = strawberry.field(description="The account.")
    expected_revision: int = strawberry.field(description=EXPECTED_REVISION)
    number: str | None = strawberry.field(
        default=UNSET, description="1 to 20 characters, unique in the books."
    )
    name: str | None = strawberry.field(default=UNSET, description="1 to 120 characters.")
    type: LedgerAccountType | None = strawberry.field(
        default=UNSET, description="Fixed once journal lines exist."
    )
    currency: CurrencyCode | None = strawberry.field(
        default=UNSET, description="Null: takes any. Fixed once journal lines exist."
    )
    parent_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Null puts it at the top."
    )
    control: bool | None = strawberry.field(
        default=UNSET, description="Whether it sums a subledger of another system."
    )
    external_id: str | None = strawberry.field(
        default=UNSET, description="What another system calls it; null frees it."
    )
    active: bool | None = strawberry.field(
        default=UNSET, description="Whether it may be used for something new."
    )


@strawberry.type
class _AccountPayload:
    changed: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The account as it is now; null when nothing was done.")
    async def ledger_account(self, info: Info) -> LedgerAccount | None:
        return await ledger_account(info, self.changed) if self.changed else None


@strawberry.type(description="The account that was made.")
class CreateLedgerAccountPayload(_AccountPayload):
    pass


@strawberry.type(description="The account after the change.")
class UpdateLedgerAccountPayload(_AccountPayload):
    pass


@strawberry.type
class LedgerAccountMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description="Add an account to the chart. Needs the right ACCOUNTS.",
    )
    async def create_ledger_account(
        self,
        info: Info,
        input: Annotated[CreateLedgerAccountInput, strawberry.argument(description="What.")],
    ) -> CreateLedgerAccountPayload:
        viewer = info.context.signed_in()
        wanted = Wanted(
            number=input.number,
            name=input.name,
            type=input.type,
            currency=input.currency,
            parent_id=_parent_id(input.parent_id),
            control=input.control,
            external_id=input.external_id,
        )
        async with info.context.transaction() as uow:
            made = await chart.create(uow, viewer, wanted)
        return CreateLedgerAccountPayload(changed=made.id)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Change an account of the chart, switch it off or on again. Needs the right ACCOUNTS."
        ),
    )
    async def update_ledger_account(
        self,
        info: Info,
        input: Annotated[UpdateLedgerAccountInput, strawberry.argument(description="What.")],
    ) -> UpdateLedgerAccountPayload:
        viewer = info.context.signed_in()
        field = ("ledger_account_id",)
        account_id = ids.decode(input.ledger_account_id, "LedgerAccount", field=field)
        async with info.context.transaction() as uow:
            await chart.update(
                uow,
                viewer,
                ledger_account_id=account_id,
                expected_revision=input.expected_revision,
                changes=_changes(input),
            )
        return UpdateLedgerAccountPayload(changed=account_id)


def _parent_id(given: strawberry.ID | None) -> UUID | None:
    return ids.decode(given, "LedgerAccount", field=("parent_id",)) if given else None


def _changes(input: UpdateLedgerAccountInput) -> Changes:
    """What is given; null where it could mean nothing else than to leave it."""
    never_null = ("number", "name", "type", "control", "active")
    changes: Any = {
        name: value for name in never_null if (value := getattr(input, name)) not in (UNSET, None)
    }
    if input.currency is not UNSET:
        changes["currency"] = input.currency
    if input.external_id is not UNSET:
        changes["external_id"] = input.external_id
    if input.parent_id is not UNSET:
        changes["parent_id"] = _parent_id(input.parent_id)
    given: Changes = changes
    return given
