"""A bank or card account of the company, as clients read it."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.accounts.queries import absorbers
from counterfoil.api import ids
from counterfoil.api.bank_links import BankLink, Institution
from counterfoil.api.bank_transactions import (
    BankTransaction,
    BankTransactionOrder,
    BankTransactionWhere,
    transactions_of_account,
)
from counterfoil.api.context import Info
from counterfoil.api.enums import AccountType, FeedState
from counterfoil.api.ledger import LedgerAccount
from counterfoil.api.link_status import LinkStatus
from counterfoil.api.loaders import load_many, load_one
from counterfoil.api.money import Balance, Money, available, balance, money
from counterfoil.api.node import Node
from counterfoil.api.pagination import (
    After,
    Before,
    Connection,
    First,
    Last,
    Search,
    requested,
)
from counterfoil.api.permissions import Permission, Right, permissions
from counterfoil.api.rowtypes import RowType, column, part, relation
from counterfoil.api.scalars import CurrencyCode
from counterfoil.links.queries import (
    accounts_by_id,
    accounts_by_link,
)
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
        "balance_as_of",
        "balance_received_at",
        by=available,
        description="What can be spent, a card's free credit too; null: the bank does not say.",
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
    untied_because: str | None = column(
        "untied_because",
        description=(
            "Why it came back without the ledger account that it had, in words; null: it did not."
        ),
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
            strawberry.argument(description="By date, newest first, if left out. At most 4 steps."),
        ] = None,
        search: Search = None,
    ) -> Connection[BankTransaction]:
        part_asked = requested(first, after, last, before)
        return await transactions_of_account(
            info, self.value("id"), part_asked, around, where, order_by, search
        )


async def bank_account(info: Info, row_id: UUID) -> BankAccount | None:
    """One visible account with the columns that the query selects.

    The id of one that turned out to be another one's double finds that one.
    """
    found = await load_one(info, BankAccount, accounts_by_id, "bank_account.id", row_id)
    if found is not None or (other := await info.context.loaders.found(absorbers, row_id)) is None:
        return found
    return await load_one(info, BankAccount, accounts_by_id, "bank_account.id", other)
