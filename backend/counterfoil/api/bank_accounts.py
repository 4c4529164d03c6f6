"""The table of linked accounts: its twelve columns, its filters and its order."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.accounts import operations as accounts
from counterfoil.api import ids
from counterfoil.api.bank_links import BankLink, Institution
from counterfoil.api.bank_transactions import (
    BankTransaction,
    BankTransactionOrder,
    BankTransactionWhere,
    transactions_of_account,
)
from counterfoil.api.context import Info
from counterfoil.api.enums import AccountType, FeedState, OrderDirection
from counterfoil.api.errors import UserError, UserErrors
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
)
from counterfoil.api.ledger import LedgerAccount
from counterfoil.api.link_status import LinkStatus
from counterfoil.api.loaders import load_many, load_one
from counterfoil.api.money import Balance, Money, balance, money
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
from counterfoil.api.permissions import Permission, Right, permissions
from counterfoil.api.rowtypes import RowType, column, part, relation
from counterfoil.api.scalars import CurrencyCode
from counterfoil.kit.conditions import AllOf
from counterfoil.kit.keyset import Key
from counterfoil.links.queries import (
    LINKED_ACCOUNTS,
    accounts_by_id,
    accounts_by_link,
    linked_accounts,
)
from counterfoil.reconciliation import operations as reconciliation
from counterfoil.viewer import Viewer


@lru_cache(maxsize=256)
def _may(viewer: Viewer) -> list[Permission]:
    return permissions(viewer, Right.BANKS, Right.ACCOUNTS)


@strawberry.type(description="A bank or card account of the company: one row of the table.")
class BankAccount(RowType, Node):
    ALIAS = "bank_account"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("BankAccount", value), description="Opaque id."
    )
    aggregator_id: str | None = column(
        "aggregator_id",
        description="Its id at the aggregator: the table's ID. Null without a feed.",
    )
    name: str = column("name", description="What the company calls it; the bank's name at first.")
    bank_name: str = column("bank_name", description="What the bank calls it.")
    memo: str | None = column("memo", description="The company's own note, at most 500 characters.")
    number: str | None = column(
        "number", description="The 2 to 4 characters of its number that the bank prints."
    )
    type: AccountType = column("type", description="What kind of account it is.")
    subtype: str | None = column("subtype", description="The aggregator's own finer word.")
    currency: CurrencyCode = column("currency", description="The currency it is kept in.")
    bank_link: BankLink | None = part(
        "bank_link.id",
        of=lambda: BankLink,
        at="bank_link",
        description="The login that brings it in: the table's Account ID. Null without a feed.",
    )
    institution: Institution | None = part(
        "institution.id",
        of=lambda: Institution,
        at="institution",
        description="Where it is kept: the table's Provider. Null without a feed.",
    )
    status: LinkStatus = part(
        of=lambda: LinkStatus, at="bank_link", description="How its login fares."
    )
    feed_state: FeedState = column(
        "feed_state", description="What the bank says of this account alone."
    )
    next_update_at: datetime | None = column(
        "bank_link.next_update_at",
        description="When it is pulled next; null while somebody must act, or without a feed.",
    )
    last_update_at: datetime | None = column(
        "bank_link.last_update_at", description="When a pull last brought data; null: never yet."
    )
    current_balance: Balance | None = column(
        "current_minor",
        "currency",
        "exponent",
        "type",
        "balance_as_of",
        "balance_received_at",
        by=balance,
        description="What is in it, as the bank reported; on a card what is owed, negative.",
    )
    available_balance: Balance | None = column(
        "available_minor",
        "currency",
        "exponent",
        "type",
        "balance_as_of",
        "balance_received_at",
        by=balance,
        description="What can be spent, as the bank reported; null: it does not say.",
    )
    credit_limit: Money | None = column(
        "limit_minor",
        "currency",
        "exponent",
        by=money,
        description="How much may be owed at most, a positive amount; null: it does not say.",
    )
    ledger_account: LedgerAccount | None = part(
        "ledger_account.id",
        of=lambda: LedgerAccount,
        at="ledger_account",
        description="The account of the books that it is kept in; null: none chosen yet.",
    )
    start_on: date | None = column(
        "start_on", description="From which day on it can be reconciled; null: not yet."
    )
    revision: int = column("revision", description="Grows by one with every change.")
    viewer_can: list[Permission] = column(
        by=_may, with_viewer=True, description="What the viewer may do with it."
    )

    @relation(
        "id",
        "bank_link_id",
        description="The visible accounts that one refresh covers, this one included, by name.",
    )
    async def siblings(self, info: Info) -> list[BankAccount]:
        if (link_id := self.value("bank_link_id")) is None:
            own = await bank_account(info, self.value("id"))
            return [own] if own else []
        column_name = "bank_account.bank_link_id"
        return await load_many(info, BankAccount, accounts_by_link, column_name, link_id)

    @relation("id", description="Its transactions, newest first, pending ones among them.")
    async def transactions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        around: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=(
                    "Instead of a cursor: the page with this transaction in its middle, `first` "
                    "long. Empty where the list does not have it."
                )
            ),
        ] = None,
        where: Annotated[
            BankTransactionWhere | None,
            strawberry.argument(description="Only these; all if left out."),
        ] = None,
        order_by: Annotated[
            list[BankTransactionOrder] | None,
            strawberry.argument(description="By date, newest first, if left out."),
        ] = None,
        search: Search = None,
    ) -> Connection[BankTransaction]:
        part_asked = requested(first, after, last, before)
        return await transactions_of_account(
            info, self.value("id"), part_asked, around, where, order_by, search
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
        for order in order_by or [BankAccountOrder(field=BankAccountOrderField.NAME)]
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
    touching = [*filters.touching, *(_SEARCHED if search else ())]
    question = linked_accounts(viewer, where=condition, order=_keys(order_by), touching=touching)
    return await connection(info, question, BankAccount, requested(first, after))


async def bank_account(info: Info, row_id: UUID) -> BankAccount | None:
    """One visible account with the columns that the query selects."""
    return await load_one(info, BankAccount, accounts_by_id, "bank_account.id", row_id)


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


@strawberry.input(description="Which ledger account a bank account is kept in.")
class AssignLedgerAccountInput:
    bank_account_id: strawberry.ID = strawberry.field(description="The bank account.")
    expected_revision: int = strawberry.field(
        description="The revision that the change is based on; an older one is a conflict."
    )
    ledger_account_id: strawberry.ID | None = strawberry.field(
        default=None, description="The ledger account; null unties the two."
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


@strawberry.type(description="The account after the change.")
class AssignLedgerAccountPayload:
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
        account_id = ids.decode(input.bank_account_id, "BankAccount", field=("bank_account_id",))
        async with info.context.services.transactions.begin(viewer.organization_id) as uow:
            await accounts.update(
                uow,
                viewer,
                bank_account_id=account_id,
                expected_revision=input.expected_revision,
                name=accounts.UNSET if input.name is UNSET else input.name or "",
                memo=accounts.UNSET if input.memo is UNSET else input.memo,
            )
        return UpdateBankAccountPayload(changed=account_id)

    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Say which ledger account a bank account is kept in: of its currency, and not "
            "another's. Needs the right ACCOUNTS."
        ),
    )
    async def assign_ledger_account(
        self,
        info: Info,
        input: Annotated[AssignLedgerAccountInput, strawberry.argument(description="Which.")],
    ) -> AssignLedgerAccountPayload:
        viewer = info.context.signed_in()
        account_id = ids.decode(input.bank_account_id, "BankAccount", field=("bank_account_id",))
        ledger_field = ("ledger_account_id",)
        chosen = input.ledger_account_id
        async with info.context.services.transactions.begin(viewer.organization_id) as uow:
            await reconciliation.assign_ledger_account(
                uow,
                viewer,
                bank_account_id=account_id,
                ledger_account_id=(
                    ids.decode(chosen, "LedgerAccount", field=ledger_field) if chosen else None
                ),
                expected_revision=input.expected_revision,
            )
        return AssignLedgerAccountPayload(changed=account_id)
