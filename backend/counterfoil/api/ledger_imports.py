"""The chart of accounts from another system, or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.api.context import Info
from counterfoil.api.enums import LedgerAccountType
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.ledger import LedgerAccount, ledger_account
from counterfoil.api.ledger_refs import LedgerAccountRef, account_ref
from counterfoil.api.rows import ATOMIC, CLIENT_REF, RowStatus, told
from counterfoil.api.scalars import CurrencyCode
from counterfoil.ledger.chart_files import import_chart
from counterfoil.ledger.rows import Outcome
from counterfoil.ledger.upserting import AccountRow, upsert_accounts


@strawberry.input(
    description=(
        "A ledger account of another system: the one with its external id, else with its number. "
        "What is left out stays as it is."
    )
)
class LedgerAccountRowInput:
    client_ref: str | None = strawberry.field(default=None, description=CLIENT_REF)
    number: str = strawberry.field(description="1 to 20 characters, unique in the books.")
    name: str = strawberry.field(description="1 to 120 characters.")
    type: LedgerAccountType = strawberry.field(description="Fixed once journal lines exist.")
    currency: CurrencyCode | None = strawberry.field(
        default=UNSET, description="Null: takes any. Fixed once journal lines exist."
    )
    parent: LedgerAccountRef | None = strawberry.field(
        default=UNSET,
        description="The account that it is a part of, which may be another row; null: none.",
    )
    control: bool | None = strawberry.field(
        default=UNSET, description="Whether it sums a subledger of that system."
    )
    active: bool | None = strawberry.field(
        default=UNSET, description="Whether it may be used for something new."
    )
    external_id: str | None = strawberry.field(
        default=None, description="What that system calls it, at most 128 characters."
    )


@strawberry.input(description="Ledger accounts of another system.")
class UpsertLedgerAccountsInput:
    rows: list[LedgerAccountRowInput] = strawberry.field(description="At most 500.")
    atomic: bool = strawberry.field(default=False, description=ATOMIC)


@strawberry.input(description="The chart of accounts as a CSV file.")
class ImportLedgerAccountsInput:
    csv: str = strawberry.field(
        description=(
            "The file's text, at most 500 rows, with the columns Number, Name, Type and where "
            "wanted Currency, Parent (a number), Active, Control, External ID. What stands in no "
            "column stays as it is."
        )
    )
    atomic: bool = strawberry.field(default=True, description=ATOMIC)


@strawberry.type(description="What became of one row.")
class LedgerAccountResult:
    object_id: strawberry.Private[UUID | None]
    index: int = strawberry.field(description="The row's place, from 0; a file's header has none.")
    client_ref: str | None = strawberry.field(description=CLIENT_REF)
    status: RowStatus | None = strawberry.field(
        description="What became of it; null when nothing was written of it."
    )
    errors: list[UserError] = strawberry.field(
        description="Why nothing was written of it; empty when it was, or when others kept it."
    )

    @strawberry.field(description="The account as it is now; null when nothing was written.")
    async def ledger_account(self, info: Info) -> LedgerAccount | None:
        return await ledger_account(info, self.object_id) if self.object_id else None


@strawberry.type
class _RowsPayload:
    results: list[LedgerAccountResult] = strawberry.field(
        default_factory=list, description="One for each row, in their order."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing at all was written; else empty."
    )


@strawberry.type(description="What became of each row.")
class UpsertLedgerAccountsPayload(_RowsPayload):
    pass


@strawberry.type(description="What became of each row of the file.")
class ImportLedgerAccountsPayload(_RowsPayload):
    pass


@strawberry.type
class LedgerImportMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Create ledger accounts that are new, change those that are not as given. Sending "
            "the same again changes nothing. Needs the right ACCOUNTS."
        ),
    )
    async def upsert_ledger_accounts(
        self,
        info: Info,
        input: Annotated[UpsertLedgerAccountsInput, strawberry.argument(description="What.")],
    ) -> UpsertLedgerAccountsPayload:
        viewer = info.context.signed_in()
        rows = [_row(row, place) for place, row in enumerate(input.rows)]
        async with info.context.transaction() as uow:
            outcome = await upsert_accounts(uow, viewer, rows, atomic=input.atomic)
        refs = [row.client_ref for row in input.rows]
        return UpsertLedgerAccountsPayload(
            results=_results(outcome, refs), errors=told(outcome.errors)
        )

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "As `upsertLedgerAccounts`, from a CSV file. An error names the line of the file and "
            "the column. Needs the right ACCOUNTS."
        ),
    )
    async def import_ledger_accounts(
        self,
        info: Info,
        input: Annotated[ImportLedgerAccountsInput, strawberry.argument(description="What.")],
    ) -> ImportLedgerAccountsPayload:
        viewer = info.context.signed_in()
        async with info.context.transaction() as uow:
            outcome = await import_chart(uow, viewer, input.csv, atomic=input.atomic)
        return ImportLedgerAccountsPayload(
            results=_results(outcome, [None] * len(outcome.results)), errors=told(outcome.errors)
        )


def _row(given: LedgerAccountRowInput, place: int) -> AccountRow:
    optional: dict[str, Any] = {}
    for name in ("control", "active"):
        if (value := getattr(given, name)) not in (UNSET, None):
            optional[name] = value
    if given.currency is not UNSET:
        optional["currency"] = given.currency
    if given.parent is not UNSET:
        field = ("rows", str(place), "parent")
        optional["parent"] = account_ref(given.parent, field=field) if given.parent else None
    return AccountRow(
        number=given.number,
        name=given.name,
        type=given.type,
        external_id=given.external_id,
        **optional,
    )


def _results(outcome: Outcome, refs: Sequence[str | None]) -> list[LedgerAccountResult]:
    return [
        LedgerAccountResult(
            object_id=result.object_id,
            index=index,
            client_ref=ref,
            status=result.status,
            errors=told(result.errors),
        )
        for index, (ref, result) in enumerate(zip(refs, outcome.results, strict=True))
    ]
