"""The chart of accounts."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.context import Info
from counterfoil.api.enums import LedgerAccountType, OrderDirection
from counterfoil.api.filters import (
    BooleanFilter,
    Conditions,
    Filterable,
    IDFilter,
    LedgerAccountTypeFilter,
    StringFilter,
    operator,
    searching,
    steps,
)
from counterfoil.api.ledger_balances import LedgerBalance, held_by, ledger_balance
from counterfoil.api.loaders import load_one
from counterfoil.api.node import Node
from counterfoil.api.pagination import (
    After,
    Before,
    Connection,
    First,
    Last,
    Search,
    connection,
    requested,
)
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.api.scalars import CurrencyCode
from counterfoil.identity.queries import day_of
from counterfoil.kit.conditions import AllOf
from counterfoil.kit.keyset import Key
from counterfoil.ledger.queries import LEDGER_ACCOUNTS, chart_of_accounts, ledger_accounts_by_id
from counterfoil.links.queries import accounts_by_ledger_account

if TYPE_CHECKING:
    from counterfoil.api.bank_accounts import BankAccount
    from counterfoil.api.registers import RegisterConnection

FromDay = Annotated[
    date | None,
    strawberry.argument(name="from", description="Only lines of this day and later."),
]
ToDay = Annotated[
    date | None, strawberry.argument(description="Only lines of this day and earlier.")
]


@strawberry.type(description="An account in the chart of accounts.")
class LedgerAccount(RowType, Node):
    ALIAS = "ledger_account"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("LedgerAccount", value), description="Opaque id."
    )
    number: str = column("number", description="Its number in the chart, unique in the books.")
    name: str = column("name", description="What the company calls it.")
    type: LedgerAccountType = column("type", description="Which kind of account it is.")
    currency: CurrencyCode | None = column(
        "currency", description="The only currency that it takes; null: any."
    )
    active: bool = column(
        "inactive_at",
        by=lambda moment: moment is None,
        description="Whether it may be used for something new.",
    )
    control: bool = column(
        "control",
        description="Whether it sums a subledger of another system: no bank account is kept in it.",
    )
    external_id: str | None = column(
        "external_id", description="What another system calls it, unique in the books."
    )
    in_use: bool = column(
        "in_use",
        description="Whether journal lines stand on it: then its type and currency are fixed.",
    )
    revision: int = column("revision", description="Grows by one with every change.")

    @relation(
        "id",
        "organization.base_currency",
        "organization.time_zone",
        description="What its own lines add up to, + debit; those of its parts are not in it.",
    )
    async def balance(
        self,
        info: Info,
        on: Annotated[
            date | None,
            strawberry.argument(
                description="At the end of this day; today in the company's zone if left out."
            ),
        ] = None,
    ) -> LedgerBalance:
        now = info.context.services.clock.now()
        day = on or day_of(now, self.value("organization.time_zone"))
        held = await held_by(info, self.value("id"), day)
        return ledger_balance(day, self.value("organization.base_currency"), held)

    @relation(
        "id",
        "currency",
        "organization.base_currency",
        description="Its posted lines, oldest first, with what it held after each.",
    )
    async def register(
        self,
        info: Info,
        from_: FromDay = None,
        to: ToDay = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Annotated[RegisterConnection, strawberry.lazy("counterfoil.api.registers")]:
        from counterfoil.api.registers import Account, register_of

        base: str = self.value("organization.base_currency")
        account = Account(self.value("id"), self.value("currency"), base)
        part = requested(first, after, last, before)
        return await register_of(info, account, from_, to, part)

    @relation("parent_id", description="The account that it is a part of; null at the top.")
    async def parent(self, info: Info) -> LedgerAccount | None:
        if (parent_id := self.value("parent_id")) is None:
            return None
        return await ledger_account(info, parent_id)

    @relation("id", description="The bank account that is kept in it; null: none, or hidden.")
    async def bank_account(
        self, info: Info
    ) -> Annotated[BankAccount, strawberry.lazy("counterfoil.api.bank_accounts")] | None:
        from counterfoil.api.bank_accounts import BankAccount

        column_name = "bank_account.ledger_account_id"
        own_id: UUID = self.value("id")
        return await load_one(info, BankAccount, accounts_by_ledger_account, column_name, own_id)


async def ledger_account(info: Info, row_id: UUID) -> LedgerAccount | None:
    """One ledger account with the columns that the query selects."""
    return await load_one(info, LedgerAccount, ledger_accounts_by_id, "ledger_account.id", row_id)


@strawberry.input(description="Which ledger accounts. Everything that is given must hold.")
class LedgerAccountWhere:
    and_: list[LedgerAccountWhere] | None = operator("All of these hold.", name="and")
    or_: list[LedgerAccountWhere] | None = operator(
        "At least one of these holds; with an empty list, none does.", name="or"
    )
    not_: LedgerAccountWhere | None = operator("This does not hold.", name="not")
    id: IDFilter | None = operator("The ledger account itself.")
    number: StringFilter | None = operator("Its number.")
    name: StringFilter | None = operator("Its name.")
    type: LedgerAccountTypeFilter | None = operator("Its type.")
    currency: StringFilter | None = operator("Its currency code; null: takes any.")
    active: BooleanFilter | None = operator("Whether it may be used for something new.")
    control: BooleanFilter | None = operator("Whether it sums a subledger of another system.")
    external_id: StringFilter | None = operator("What another system calls it.")
    parent_id: IDFilter | None = operator("The account that it is a part of.")


_FILTERS = {
    "id": Filterable("ledger_account.id", of="LedgerAccount"),
    "number": Filterable("ledger_account.number"),
    "name": Filterable("ledger_account.name"),
    "type": Filterable("ledger_account.type"),
    "currency": Filterable("ledger_account.currency"),
    "active": Filterable("ledger_account.active"),
    "control": Filterable("ledger_account.control"),
    "external_id": Filterable("ledger_account.external_id"),
    "parent_id": Filterable("ledger_account.parent_id", of="LedgerAccount"),
}


@strawberry.enum(
    description="What ledger accounts are ordered by. Open: only clients name it, so it may grow."
)
class LedgerAccountOrderField(Enum):
    NUMBER = "ledger_account.number"
    NAME = "ledger_account.name"
    TYPE = "ledger_account.type"
    CURRENCY = "ledger_account.currency"


@strawberry.input(description="One step of an order; ties go by id.")
class LedgerAccountOrder:
    field: LedgerAccountOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way."
    )


_SEARCHED = ("ledger_account.number", "ledger_account.name", "ledger_account.external_id")


async def ledger_accounts(
    info: Info,
    first: First = None,
    after: After = None,
    where: Annotated[
        LedgerAccountWhere | None, strawberry.argument(description="Only these; all if left out.")
    ] = None,
    order_by: Annotated[
        list[LedgerAccountOrder] | None,
        strawberry.argument(description="By number if left out. At most 4 steps."),
    ] = None,
    search: Search = None,
) -> Connection[LedgerAccount]:
    filters = Conditions(LEDGER_ACCOUNTS, _FILTERS)
    condition = AllOf((filters.of(where), searching(LEDGER_ACCOUNTS, _SEARCHED, search)))
    order = [Key(o.field.value, o.direction is OrderDirection.DESC) for o in steps(order_by)]
    question = chart_of_accounts(
        info.context.signed_in(),
        where=condition,
        order=order or (Key("ledger_account.number"),),
    )
    return await connection(info, question, LedgerAccount, requested(first, after))
