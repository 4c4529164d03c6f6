"""Which ledger account a bank account is kept in, and from which day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.account_ids import account_id
from counterfoil.api.acts import Act, act
from counterfoil.api.bank_accounts import BankAccount, bank_account
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.given import EntryRateInput, rates_of
from counterfoil.errors import InvalidInput
from counterfoil.kit.money import minor_units
from counterfoil.reconciliation import tying
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.models import Act as ActRow
from counterfoil.reconciliation.starting import OutstandingItem, Start
from counterfoil.reconciliation.tying_preview import visible_account
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


@strawberry.input(description="An item outstanding at the start that the books lack.")
class OutstandingItemInput:
    dated_on: date = strawberry.field(description="Its date, up to the start.")
    amount: Decimal = strawberry.field(
        description="What the bank will do, in the account's currency: + is in, − is out."
    )
    memo: str | None = strawberry.field(default=None, description="What it is.")


@strawberry.input(
    description=(
        "From where a bank account is kept in the books: at the end of `startOn` they stand at "
        "the bank's balance and what is outstanding. Lines up to that day stay as history."
    )
)
class StartInput:
    start_on: date = strawberry.field(description="The last day that is history; it is over.")
    balance: Decimal = strawberry.field(
        description=(
            "The bank's balance at the end of that day, in the account's currency; an amount "
            "owed is negative."
        )
    )
    outstanding_line_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description=(
            "Open journal lines up to that day which the bank had not seen yet; all others are "
            "cleared by the start."
        ),
    )
    lacking: list[OutstandingItemInput] = strawberry.field(
        default_factory=list, description="Outstanding items that the books do not have yet."
    )
    difference_account_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The ledger account that takes what the books lack, such as opening balance equity; "
            "needed where they do. It is not the bank account's own ledger account."
        ),
    )
    predecessor_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "The bank account that this one replaces in the same ledger account: a card that got "
            "a new number. All its lines are reconciled or excluded; it is untied."
        ),
    )
    rates: list[EntryRateInput] = strawberry.field(
        default_factory=list,
        description=(
            "What the account's currency is worth on that day, if it is not the base currency."
        ),
    )


@strawberry.input(description="Which ledger account a bank account is kept in.")
class AssignLedgerAccountInput:
    bank_account_id: strawberry.ID = strawberry.field(description="The bank account.")
    expected_revision: int = strawberry.field(
        description="The revision that the change is based on; an older one is a conflict."
    )
    ledger_account_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ledger account; null unties the two."
    )
    start: StartInput | None = strawberry.field(
        default=None, description="From where on; needed unless the two are untied."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="8 to 128 printable characters, kept for ever; needed with a start.",
    )


@strawberry.type(description="The account after the change.")
class AssignLedgerAccountPayload:
    changed: strawberry.Private[UUID | None] = None
    done: strawberry.Private[UUID | None] = None
    replayed: bool = strawberry.field(
        default=False, description="Whether this key was used before: nothing was done again."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(description="The account as it is now; null when nothing was done.")
    async def bank_account(self, info: Info) -> BankAccount | None:
        return await bank_account(info, self.changed) if self.changed else None

    @strawberry.field(description="What was done; null when nothing was.")
    async def act(self, info: Info) -> Act | None:
        return await act(info, self.done) if self.done else None


@strawberry.type
class TyingMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Say which ledger account a bank account is kept in, and from which day on: of its "
            "currency, and not another's. Needs the right ACCOUNTS."
        ),
    )
    async def assign_ledger_account(
        self,
        info: Info,
        input: Annotated[AssignLedgerAccountInput, strawberry.argument(description="Which.")],
    ) -> AssignLedgerAccountPayload:
        viewer = info.context.signed_in()
        chosen = await account_id(viewer, input.bank_account_id, field=("bank_account_id",))
        async with info.context.transaction() as uow:
            if input.ledger_account_id is None:
                act = await tying.untie(
                    uow,
                    viewer,
                    bank_account_id=chosen,
                    expected_revision=input.expected_revision,
                    key=_key(input),
                )
            else:
                act = await _tie(uow, viewer, chosen, input.ledger_account_id, input)
        return AssignLedgerAccountPayload(changed=chosen, done=act.id, replayed=act.replayed)


async def _tie(
    uow: UnitOfWork,
    viewer: Viewer,
    bank_account_id: UUID,
    ledger_account_id: strawberry.ID,
    input: AssignLedgerAccountInput,
) -> ActRow:
    if input.start is None:
        raise InvalidInput("Say from which day on: give a start.", field=("start",))
    if input.idempotency_key is None:
        raise InvalidInput("This needs an idempotency key.", field=("idempotency_key",))
    return await tying.tie(
        uow,
        viewer,
        bank_account_id=bank_account_id,
        expected_revision=input.expected_revision,
        ledger_account_id=ids.decode(
            ledger_account_id, "LedgerAccount", field=("ledger_account_id",)
        ),
        start=await _start(viewer, bank_account_id, input.start),
        rates=rates_of(input.start.rates),
        key=_key(input),
    )


def _key(input: AssignLedgerAccountInput) -> Key | None:
    if input.idempotency_key is None:
        return None
    return Key("assignLedgerAccount", input.idempotency_key, strawberry.asdict(input))


async def _start(viewer: Viewer, bank_account_id: UUID, given: StartInput) -> Start:
    currency = (await visible_account(viewer, bank_account_id)).currency
    against, predecessor = given.difference_account_id, given.predecessor_id
    return Start(
        start_on=given.start_on,
        balance_minor=minor_units(given.balance, currency, field=("start", "balance")),
        outstanding=[
            ids.decode(line, "JournalLine", field=("start", "outstanding_line_ids", str(index)))
            for index, line in enumerate(given.outstanding_line_ids)
        ],
        lacking=[
            OutstandingItem(
                dated_on=item.dated_on,
                amount_minor=minor_units(
                    item.amount, currency, field=("start", "lacking", str(index), "amount")
                ),
                memo=item.memo,
            )
            for index, item in enumerate(given.lacking)
        ],
        difference_account_id=(
            ids.decode(against, "LedgerAccount", field=("start", "difference_account_id"))
            if against
            else None
        ),
        predecessor_id=(
            await account_id(viewer, predecessor, field=("start", "predecessor_id"))
            if predecessor
            else None
        ),
    )
