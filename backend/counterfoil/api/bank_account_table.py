"""The table of linked accounts: filters and orders on each of its columns."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import strawberry

from counterfoil.api.bank_accounts import BankAccount
from counterfoil.api.context import Info
from counterfoil.api.enums import OrderDirection
from counterfoil.api.filters import (
    BankAccountTypeFilter,
    Conditions,
    DateTimeFilter,
    DecimalFilter,
    Filterable,
    IDFilter,
    LinkStatusCodeFilter,
    StringFilter,
    operator,
    searching,
    steps,
)
from counterfoil.api.pagination import (
    After,
    Connection,
    First,
    Search,
    connection,
    requested,
)
from counterfoil.kit.conditions import AllOf
from counterfoil.kit.keyset import Key
from counterfoil.links.queries import (
    LINKED_ACCOUNTS,
    linked_accounts,
)


@strawberry.input(description="Which bank accounts. Everything that is given must hold.")
class BankAccountWhere:
    and_: list[BankAccountWhere] | None = operator("All of these hold.", name="and")
    or_: list[BankAccountWhere] | None = operator(
        "At least one of these holds; with an empty list, none does.", name="or"
    )
    not_: BankAccountWhere | None = operator("This does not hold.", name="not")
    id: IDFilter | None = operator("The account itself.")
    aggregator_id: StringFilter | None = operator("ID: its id at the aggregator.")
    name: StringFilter | None = operator("Name.")
    memo: StringFilter | None = operator("The company's note.")
    number: StringFilter | None = operator("Number: the characters that the bank prints.")
    account_id: StringFilter | None = operator("Account ID: the login's id at the aggregator.")
    bank_link: IDFilter | None = operator("The login.")
    type: BankAccountTypeFilter | None = operator("Type.")
    provider: StringFilter | None = operator("Provider: the institution's name.")
    provider_id: StringFilter | None = operator("Provider ID: its id at the aggregator.")
    status: LinkStatusCodeFilter | None = operator("Status.")
    next_update: DateTimeFilter | None = operator("Next Update.")
    last_update: DateTimeFilter | None = operator("Last Update.")
    current_balance: DecimalFilter | None = operator(
        "Current Balance, in units of each account's own currency; owed is negative."
    )
    currency: StringFilter | None = operator("The currency code.")
    ledger_account: IDFilter | None = operator("Ledger Account.")


_FILTERS = {
    "id": Filterable("bank_account.id", of="BankAccount"),
    "aggregator_id": Filterable("bank_account.aggregator_id"),
    "name": Filterable("bank_account.name"),
    "memo": Filterable("bank_account.memo"),
    "number": Filterable("bank_account.number"),
    "account_id": Filterable("bank_link.aggregator_id"),
    "bank_link": Filterable("bank_account.bank_link_id", of="BankLink"),
    "type": Filterable("bank_account.type"),
    "provider": Filterable("institution.name"),
    "provider_id": Filterable("institution.aggregator_id"),
    "status": Filterable("bank_link.status_or_manual"),
    "next_update": Filterable("bank_link.next_update_at"),
    "last_update": Filterable("bank_link.last_update_at"),
    "current_balance": Filterable("bank_account.current_amount"),
    "currency": Filterable("bank_account.currency"),
    "ledger_account": Filterable("bank_account.ledger_account_id", of="LedgerAccount"),
}


@strawberry.enum(
    description=(
        "The twelve columns of the table. Texts are ordered by code point with ASCII letters in "
        "lower case; accounts without a value come last in either direction. Open: only clients "
        "name it, so it may grow."
    )
)
class BankAccountOrderField(Enum):
    AGGREGATOR_ID = strawberry.enum_value("aggregator_id", description="ID.")
    NAME = strawberry.enum_value("name", description="Name.")
    NUMBER = strawberry.enum_value("number", description="Number.")
    ACCOUNT_ID = strawberry.enum_value("account_id", description="Account ID.")
    TYPE = strawberry.enum_value("type", description="Type, by its name.")
    PROVIDER = strawberry.enum_value("provider", description="Provider.")
    PROVIDER_ID = strawberry.enum_value("provider_id", description="Provider ID.")
    STATUS = strawberry.enum_value("status", description="Status, by its label in words.")
    NEXT_UPDATE = strawberry.enum_value("next_update", description="Next Update.")
    LAST_UPDATE = strawberry.enum_value("last_update", description="Last Update.")
    CURRENT_BALANCE = strawberry.enum_value(
        "current_balance",
        description=(
            "Current Balance. Amounts of one currency stand together, the currencies by their "
            "code in either direction: without a rate there is no order between them."
        ),
    )
    LEDGER_ACCOUNT = strawberry.enum_value(
        "ledger_account", description="Ledger Account, by its number."
    )


_ORDERS: dict[BankAccountOrderField, tuple[str, ...]] = {
    BankAccountOrderField.AGGREGATOR_ID: ("bank_account.aggregator_id",),
    BankAccountOrderField.NAME: ("bank_account.name",),
    BankAccountOrderField.NUMBER: ("bank_account.number",),
    BankAccountOrderField.ACCOUNT_ID: ("bank_link.aggregator_id",),
    BankAccountOrderField.TYPE: ("bank_account.type",),
    BankAccountOrderField.PROVIDER: ("institution.name",),
    BankAccountOrderField.PROVIDER_ID: ("institution.aggregator_id",),
    BankAccountOrderField.STATUS: ("bank_link.status_label",),
    BankAccountOrderField.NEXT_UPDATE: ("bank_link.next_update_at",),
    BankAccountOrderField.LAST_UPDATE: ("bank_link.last_update_at",),
    BankAccountOrderField.CURRENT_BALANCE: (
        "bank_account.balance_currency",
        "bank_account.current_minor",
    ),
    BankAccountOrderField.LEDGER_ACCOUNT: ("ledger_account.number",),
}
_ASCENDING_ALWAYS = {"bank_account.balance_currency"}
_SEARCHED = (
    "bank_account.name",
    "bank_account.bank_name",
    "bank_account.memo",
    "bank_account.number",
    "institution.name",
    "ledger_account.number",
    "ledger_account.name",
)


@strawberry.input(description="One step of an order; ties go by id, in the last step's direction.")
class BankAccountOrder:
    field: BankAccountOrderField = strawberry.field(description="By which column.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.ASC, description="Which way."
    )


def _keys(order_by: list[BankAccountOrder] | None) -> tuple[Key, ...]:
    return tuple(
        Key(name, order.direction is OrderDirection.DESC, fixed=name in _ASCENDING_ALWAYS)
        for order in steps(order_by) or [BankAccountOrder(field=BankAccountOrderField.NAME)]
        for name in _ORDERS[order.field]
    )


async def bank_accounts(
    info: Info,
    first: First = None,
    after: After = None,
    where: Annotated[
        BankAccountWhere | None, strawberry.argument(description="Only these; all if left out.")
    ] = None,
    order_by: Annotated[
        list[BankAccountOrder] | None,
        strawberry.argument(description="By name if left out. At most 4 steps."),
    ] = None,
    search: Search = None,
) -> Connection[BankAccount]:
    viewer = info.context.signed_in()
    filters = Conditions(LINKED_ACCOUNTS, _FILTERS)
    condition = AllOf((filters.of(where), searching(LINKED_ACCOUNTS, _SEARCHED, search)))
    question = linked_accounts(viewer, where=condition, order=_keys(order_by))
    return await connection(info, question, BankAccount, requested(first, after))
