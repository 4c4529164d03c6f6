"""The lines of a bank account."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.api import ids
from counterfoil.api.bookability import FACTS, blocked_reason, coding_permissions, is_bookable
from counterfoil.api.context import Info
from counterfoil.api.enums import BankTransactionState, OrderDirection
from counterfoil.api.filters import (
    BankTransactionStateFilter,
    BooleanFilter,
    Conditions,
    DateFilter,
    DecimalFilter,
    Filterable,
    IDFilter,
    StringFilter,
    operator,
    searching,
    steps,
)
from counterfoil.api.loaders import Reader, load_many, load_one
from counterfoil.api.money import Money, money
from counterfoil.api.node import Node
from counterfoil.api.pagination import Connection, connection, connection_around, empty
from counterfoil.api.permissions import Permission
from counterfoil.api.remarks import Exclusion, PreparedCoding, ReviewItem
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.kit.conditions import ALWAYS, AllOf, Condition
from counterfoil.kit.keyset import Key, Slice
from counterfoil.links.queries import accounts_by_id
from counterfoil.reconciliation.queries import matches_by_bank_transaction
from counterfoil.transactions.queries import (
    NEWEST_FIRST,
    TRANSACTIONS,
    in_states,
    transactions_by_id,
    transactions_of,
)
from counterfoil.transactions.remarks import (
    exclusions_by_line,
    prepared_codings_by_line,
    review_items_by_line,
)

if TYPE_CHECKING:
    from counterfoil.api.bank_accounts import BankAccount
    from counterfoil.api.journal_entries import JournalLine
    from counterfoil.api.matches import Match
    from counterfoil.api.suggestions import Suggestion


R = TypeVar("R", bound=RowType)


@strawberry.type(description="A line that the bank reports, pending or posted.")
class BankTransaction(RowType, Node):
    ALIAS = "bank_transaction"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("BankTransaction", value), description="Opaque id."
    )
    aggregator_id: str | None = column("aggregator_id", description="Its id at the aggregator.")
    pending: bool = column(
        "pending", description="Not posted yet: it may change, or go away without a trace."
    )
    dated_on: date = column(
        "dated_on",
        description="The bank's date: of posting, or of occurrence while it is pending.",
    )
    posted_on: date | None = column(
        "dated_on",
        "pending",
        by=lambda dated_on, pending: None if pending else dated_on,
        description="When the bank posted it; null while it is pending.",
    )
    occurred_on: date | None = column(
        "occurred_on", description="When it occurred, where the bank says so."
    )
    amount: Money = column(
        "amount_minor",
        "currency",
        "exponent",
        by=money,
        description="+ is money into the account, − is out.",
    )
    description: str = column("description", description="What it is, as the aggregator tells.")
    bank_description: str | None = column(
        "bank_description", description="The bank's own text, unshortened."
    )
    counterparty: str | None = column("counterparty", description="Who paid or was paid.")
    check_number: str | None = column("check_number", description="The number of a cheque.")
    category: str | None = column("category", description="The aggregator's guess at what for.")
    state: BankTransactionState = column(
        "state", by=BankTransactionState, description="Where it stands on its way into the books."
    )
    reconciled: Money = column(
        "reconciled_minor",
        "currency",
        "exponent",
        by=money,
        description="How much of the amount its matches take, with the amount's sign.",
    )
    remainder: Money = column(
        "remainder_minor",
        "currency",
        "exponent",
        by=money,
        description="What of the amount is not reconciled.",
    )
    comment: str | None = column("comment", description="What somebody noted of it.")
    to_check: bool = column("to_check", description="Whether somebody wants to look again.")
    bookable: bool = column(
        *FACTS,
        by=is_bookable,
        description="Whether it can be booked or matched as it stands.",
    )
    blocked_reason: str | None = column(
        *FACTS,
        by=blocked_reason,
        with_viewer=True,
        description="Why the viewer can't book or match it, in words; null when they can.",
    )
    viewer_can: list[Permission] = column(
        by=coding_permissions,
        with_viewer=True,
        description="What the viewer may do with it, as far as rights decide.",
    )
    revision: int = column("revision", description="Grows by one with every change.")

    @relation("bank_account_id", description="The account that it is on.")
    async def bank_account(
        self, info: Info
    ) -> Annotated[BankAccount, strawberry.lazy("counterfoil.api.bank_accounts")] | None:
        from counterfoil.api.bank_accounts import BankAccount

        owner: UUID = self.value("bank_account_id")
        return await load_one(info, BankAccount, accounts_by_id, "bank_account.id", owner)

    @relation("id", description="Why it is excluded; null when it is not.")
    async def exclusion(self, info: Info) -> Exclusion | None:
        return await self._said(info, Exclusion, exclusions_by_line)

    @relation("id", description="How somebody means to book it; null: nobody said.")
    async def prepared_coding(self, info: Info) -> PreparedCoding | None:
        return await self._said(info, PreparedCoding, prepared_codings_by_line)

    @relation("id", description="What the bank did to it after it was booked, if undecided.")
    async def review_item(self, info: Info) -> ReviewItem | None:
        return await self._said(info, ReviewItem, review_items_by_line)

    @relation("id", description="The groups that reconcile it or a part of it, as they cleared.")
    async def matches(
        self, info: Info
    ) -> list[Annotated[Match, strawberry.lazy("counterfoil.api.matches")]]:
        from counterfoil.api.matches import Match

        column_name = "match_bank_item.bank_transaction_id"
        own_id: UUID = self.value("id")
        return await load_many(info, Match, matches_by_bank_transaction, column_name, own_id)

    @relation(
        "id",
        "currency",
        "exponent",
        description=(
            "What it could be booked as or matched with, best first, at most 5; none when it is "
            "not bookable."
        ),
    )
    async def suggestions(
        self, info: Info
    ) -> list[Annotated[Suggestion, strawberry.lazy("counterfoil.api.suggestions")]]:
        from counterfoil.api.suggestions import suggestions_of

        return await suggestions_of(
            info, self.value("id"), self.value("currency"), self.value("exponent")
        )

    @relation(
        "id",
        description=(
            "Journal lines of its amount that it may be in the books as already: before it is "
            "booked, somebody is asked about them. The nearest in time first."
        ),
    )
    async def possible_duplicates(
        self, info: Info
    ) -> list[Annotated[JournalLine, strawberry.lazy("counterfoil.api.journal_entries")]]:
        from counterfoil.api.suggestions import duplicates_of

        return await duplicates_of(info, self.value("id"))

    async def _said(self, info: Info, kind: type[R], reader: Reader) -> R | None:
        own_id: UUID = self.value("id")
        return await load_one(info, kind, reader, f"{kind.ALIAS}.bank_transaction_id", own_id)


@strawberry.input(description="Which transactions. Everything that is given must hold.")
class BankTransactionWhere:
    and_: list[BankTransactionWhere] | None = operator("All of these hold.", name="and")
    or_: list[BankTransactionWhere] | None = operator(
        "At least one of these holds; with an empty list, none does.", name="or"
    )
    not_: BankTransactionWhere | None = operator("This does not hold.", name="not")
    id: IDFilter | None = operator("The transaction itself.")
    dated_on: DateFilter | None = operator("The bank's date.")
    posted_on: DateFilter | None = operator("The posting date; null while pending.")
    amount: DecimalFilter | None = operator(
        "The amount in units of its currency; + is in, − is out."
    )
    currency: StringFilter | None = operator("The currency code.")
    description: StringFilter | None = operator("What it is.")
    state: BankTransactionStateFilter | None = operator("Where it stands.")
    to_check: BooleanFilter | None = operator("Whether somebody wants to look again.")
    pending: BooleanFilter | None = operator("Whether it is not posted yet.")


_FILTERS = {
    "id": Filterable("bank_transaction.id", of="BankTransaction"),
    "currency": Filterable("bank_transaction.currency"),
    "state": Filterable("bank_transaction.state"),
    "to_check": Filterable("bank_transaction.to_check"),
    "dated_on": Filterable("bank_transaction.dated_on"),
    "posted_on": Filterable("bank_transaction.posted_on"),
    "amount": Filterable("bank_transaction.amount"),
    "description": Filterable("bank_transaction.description"),
    "pending": Filterable("bank_transaction.pending"),
}
SEARCHED = (
    "bank_transaction.description",
    "bank_transaction.bank_description",
    "bank_transaction.counterparty",
    "bank_transaction.check_number",
)


@strawberry.enum(
    description="What transactions are ordered by. Open: only clients name it, so it may grow."
)
class BankTransactionOrderField(Enum):
    DATE = "bank_transaction.dated_on"
    AMOUNT = "bank_transaction.amount_minor"
    DESCRIPTION = "bank_transaction.description"


@strawberry.input(description="One step of an order; ties go by id, in the last step's direction.")
class BankTransactionOrder:
    field: BankTransactionOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which way."
    )


def _by_index(where: BankTransactionWhere | None) -> Condition:
    """What the filter on the state says already, as an index answers it."""
    state = where.state if where and where is not UNSET else None
    if not state or state is UNSET:
        return ALWAYS
    named = [state.eq] if state.eq is not UNSET else state.in_ or None
    if not named:
        return ALWAYS
    return in_states([each for each in named if each is not None])


async def transactions_of_account(
    info: Info,
    account_id: UUID,
    part: Slice,
    around: strawberry.ID | None,
    where: BankTransactionWhere | None,
    order_by: list[BankTransactionOrder] | None,
    search: str | None,
) -> Connection[BankTransaction]:
    """A page of the lines of one account."""
    filters = Conditions(TRANSACTIONS, _FILTERS)
    order = [Key(o.field.value, o.direction is OrderDirection.DESC) for o in steps(order_by)]
    question = transactions_of(
        info.context.signed_in(),
        account_id,
        where=AllOf(
            (filters.of(where), _by_index(where), searching(TRANSACTIONS, SEARCHED, search))
        ),
        order=order or NEWEST_FIRST,
    )
    if around is None:
        return await connection(info, question, BankTransaction, part)
    middle = ids.parse(around)
    if middle is None or middle[0] != "BankTransaction":
        return empty(question)
    return await connection_around(info, question, BankTransaction, part.size, middle[1])


async def bank_transaction(info: Info, row_id: UUID) -> BankTransaction | None:
    """One line of a visible account with the columns that the query selects."""
    return await load_one(info, BankTransaction, transactions_by_id, "bank_transaction.id", row_id)
