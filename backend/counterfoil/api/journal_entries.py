"""Journal entries with their lines and rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.actors import Actor, actor
from counterfoil.api.bank_transactions import BankTransaction
from counterfoil.api.context import Info
from counterfoil.api.enums import EntrySource, JournalEntryState, OrderDirection, RateSource
from counterfoil.api.filters import (
    BooleanFilter,
    Conditions,
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
    EntrySourceFilter,
    Filterable,
    IDFilter,
    JournalEntryStateFilter,
    StringFilter,
    operator,
    searching,
    steps,
)
from counterfoil.api.ledger import LedgerAccount, ledger_account
from counterfoil.api.loaders import load_many, load_one
from counterfoil.api.money import Money, official_money
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
from counterfoil.kit.conditions import AllOf
from counterfoil.kit.keyset import Key
from counterfoil.ledger.journal import (
    ENTRIES,
    NEWEST_FIRST,
    SEARCHED,
    entries,
    entries_by_id,
    lines_by_entry,
    lines_by_id,
    rates_by_entry,
    reversals_by_entry,
)
from counterfoil.reconciliation.origins import transactions_by_entry
from counterfoil.viewer import Forbidden, Right, Viewer

if TYPE_CHECKING:
    from counterfoil.api.acts import Act

_DRAFT = "A draft is not reversed. Change or discard it."
_REVERSAL = "It is a reversal itself. Undo it among the activities, or post what it took back anew."
_OPENING = "It opens a bank account in the books. Give that account a new start, or untie it."


def _irreversible(
    viewer: Viewer,
    state: str,
    reversal_number: str | None,
    reverses_id: UUID | None,
    opens_an_account: bool,
    made_by: str,
    settled_by_another: bool,
) -> str | None:
    if not viewer.may(Right.CODE):
        return str(Forbidden(Right.CODE))
    if state == JournalEntryState.DRAFT:
        return _DRAFT
    if reversal_number is not None:
        return f"It was reversed by entry {reversal_number}."
    if reverses_id is not None:
        return _REVERSAL
    if opens_an_account:
        return _OPENING
    of_others = made_by != viewer.actor or settled_by_another
    return str(Forbidden(Right.CLOSE)) if of_others and not viewer.may(Right.CLOSE) else None


@strawberry.type(
    description=(
        "A balanced entry of the books. A draft has no number and counts nowhere; of a posted one "
        "only memo and contact change, and it is taken back by a reversal."
    )
)
class JournalEntry(RowType, Node):
    ALIAS = "journal_entry"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("JournalEntry", value), description="Opaque id."
    )
    number: str | None = column(
        "shown_number",
        description="Its number, such as 2026-0043: gapless in a fiscal year; null for a draft.",
    )
    fiscal_year: int | None = column(
        "fiscal_year", description="The year that its fiscal year ends in; null for a draft."
    )
    state: JournalEntryState = column("state", description="Whether it counts.")
    posted_on: date = column("posted_on", description="The date that decides its period.")
    transaction_on: date | None = column(
        "transaction_on", description="When it happened, where that is another date."
    )
    reference: str | None = column("reference", description="What else it is known by.")
    memo: str | None = column("memo", description="What it is.")
    contact: str | None = column("contact", description="Whom it is about.")
    source: EntrySource = column("source", description="Where it came from.")
    external_id: str | None = column(
        "external_id", description="What another system calls it, unique among entries."
    )
    total: Money = column(
        "total_minor",
        "organization.base_currency",
        by=official_money,
        description="What its debits add up to, in the base currency.",
    )
    created_at: datetime = column("created_at", description="When it was written.")
    posted_at: datetime | None = column(
        "posted_at", description="When it was posted; null for a draft."
    )
    actor: Actor = column("created_by", by=actor, description="Who made it.")
    reversal_blocked_reason: str | None = column(
        "state",
        "reversal_number",
        "reverses_id",
        "opens_an_account",
        "created_by",
        "settled_by_another",
        by=_irreversible,
        with_viewer=True,
        description="Why the viewer can't reverse it, in words; null when they can.",
    )
    revision: int = column("revision", description="Grows by one with every change.")

    @relation("id", description="Its lines, in order.")
    async def lines(self, info: Info) -> list[JournalLine]:
        return await load_many(
            info, JournalLine, lines_by_entry, "journal_line.journal_entry_id", self.value("id")
        )

    @relation("id", description="The rates of its foreign lines, by currency.")
    async def rates(self, info: Info) -> list[EntryRate]:
        return await load_many(
            info, EntryRate, rates_by_entry, "entry_rate.journal_entry_id", self.value("id")
        )

    @relation("reverses_id", description="The entry that it takes back; null for any other.")
    async def reverses(self, info: Info) -> JournalEntry | None:
        reversed_id: UUID | None = self.value("reverses_id")
        return await journal_entry(info, reversed_id) if reversed_id else None

    @relation("id", description="The entry that takes it back; null while there is none.")
    async def reversed_by(self, info: Info) -> JournalEntry | None:
        key = "journal_entry.reverses_id"
        return await load_one(info, JournalEntry, reversals_by_entry, key, self.value("id"))

    @relation(
        "id", description="The bank lines that it was made from, as far as the viewer sees them."
    )
    async def bank_transactions(self, info: Info) -> list[BankTransaction]:
        key = "entry_origin.journal_entry_id"
        return await load_many(info, BankTransaction, transactions_by_entry, key, self.value("id"))

    @relation("act_id", description="The act that made it, or posted it; null where none did.")
    async def act(
        self, info: Info
    ) -> Annotated[Act, strawberry.lazy("counterfoil.api.acts")] | None:
        from counterfoil.api.acts import act

        act_id: UUID | None = self.value("act_id")
        return cast("Act", await act(info, act_id)) if act_id else None


@strawberry.type(description="A debit (+) or credit (−) of an entry.")
class JournalLine(RowType, Node):
    ALIAS = "journal_line"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("JournalLine", value), description="Opaque id."
    )
    position: int = column("position", description="Its place in the entry, from 0.")
    amount: Money = column(
        "amount_minor", "currency", by=official_money, description="+ is a debit, − a credit."
    )
    base_amount: Money = column(
        "base_minor",
        "organization.base_currency",
        by=official_money,
        description="The same in the base currency.",
    )
    memo: str | None = column("memo", description="What it is, beside the entry's memo.")
    posted_on: date | None = column(
        "posted_on", description="The entry's date; null while it is a draft."
    )
    cleared: Money = column(
        "cleared_minor",
        "currency",
        by=official_money,
        description="How much of the amount is cleared, with the amount's sign.",
    )
    open: Money = column(
        "amount_minor",
        "cleared_minor",
        "currency",
        by=lambda amount, cleared, currency: official_money(amount - cleared, currency),
        description="What of the amount is not cleared.",
    )

    @relation("ledger_account_id", description="The account that it stands on.")
    async def ledger_account(self, info: Info) -> LedgerAccount:
        return cast(LedgerAccount, await ledger_account(info, self.value("ledger_account_id")))

    @relation("journal_entry_id", description="The entry that it is a line of.")
    async def journal_entry(self, info: Info) -> JournalEntry:
        return cast(JournalEntry, await journal_entry(info, self.value("journal_entry_id")))


def _plain(rate: str) -> Decimal:
    """A stored rate without the zeros that fill it up."""
    return Decimal(rate).normalize()


@strawberry.type(description="What a unit of a currency was worth in the base currency.")
class EntryRate(RowType):
    ALIAS = "entry_rate"

    currency: CurrencyCode = column("currency", description="The currency.")
    rate: Decimal = column(
        "rate_text", by=_plain, description="Units of the base currency for one unit of this one."
    )
    rate_on: date = column("rate_on", description="The day of the rate.")
    source: RateSource = column("source", description="Who says so.")


async def journal_entry(info: Info, row_id: UUID) -> JournalEntry | None:
    """One entry with the columns that the query selects."""
    return await load_one(info, JournalEntry, entries_by_id, "journal_entry.id", row_id)


async def journal_line(info: Info, row_id: UUID) -> JournalLine | None:
    """One line with the columns that the query selects."""
    return await load_one(info, JournalLine, lines_by_id, "journal_line.id", row_id)


@strawberry.input(description="Which entries. Everything that is given must hold.")
class JournalEntryWhere:
    and_: list[JournalEntryWhere] | None = operator("All of these hold.", name="and")
    or_: list[JournalEntryWhere] | None = operator(
        "At least one of these holds; with an empty list, none does.", name="or"
    )
    not_: JournalEntryWhere | None = operator("This does not hold.", name="not")
    id: IDFilter | None = operator("The entry itself.")
    state: JournalEntryStateFilter | None = operator("Whether it counts.")
    source: EntrySourceFilter | None = operator("Where it came from.")
    posted_on: DateFilter | None = operator("The date that decides its period.")
    transaction_on: DateFilter | None = operator("When it happened.")
    created_at: DateTimeFilter | None = operator("When it was written.")
    number: StringFilter | None = operator("Its number as shown; null for a draft.")
    reference: StringFilter | None = operator("Its reference.")
    memo: StringFilter | None = operator("Its memo.")
    contact: StringFilter | None = operator("Its contact.")
    external_id: StringFilter | None = operator("What another system calls it.")
    total: DecimalFilter | None = operator("What its debits add up to, in the base currency.")
    reversed: BooleanFilter | None = operator("Whether an entry takes it back.")


_FILTERS = {
    "id": Filterable("journal_entry.id", of="JournalEntry"),
    "state": Filterable("journal_entry.state"),
    "source": Filterable("journal_entry.source"),
    "posted_on": Filterable("journal_entry.posted_on"),
    "transaction_on": Filterable("journal_entry.transaction_on"),
    "created_at": Filterable("journal_entry.created_at"),
    "number": Filterable("journal_entry.shown_number"),
    "reference": Filterable("journal_entry.reference"),
    "memo": Filterable("journal_entry.memo"),
    "contact": Filterable("journal_entry.contact"),
    "external_id": Filterable("journal_entry.external_id"),
    "total": Filterable("journal_entry.total_minor"),
    "reversed": Filterable("journal_entry.reversed"),
}


@strawberry.enum(
    description="What entries are ordered by. Open: only clients name it, so it may grow."
)
class JournalEntryOrderField(Enum):
    POSTED_ON = "journal_entry.posted_on"
    NUMBER = "journal_entry.fiscal_year journal_entry.number"
    TOTAL = "journal_entry.total_minor"
    REFERENCE = "journal_entry.reference"
    CONTACT = "journal_entry.contact"
    MEMO = "journal_entry.memo"
    CREATED_AT = "journal_entry.created_at"


@strawberry.input(description="One step of an order; ties go by id, in the last step's direction.")
class JournalEntryOrder:
    field: JournalEntryOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which way."
    )


def _keys(order_by: list[JournalEntryOrder] | None) -> list[Key]:
    return [
        Key(name, step.direction is OrderDirection.DESC)
        for step in steps(order_by)
        for name in step.field.value.split()
    ]


async def journal_entries(
    info: Info,
    first: First = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    where: Annotated[
        JournalEntryWhere | None, strawberry.argument(description="Only these; all if left out.")
    ] = None,
    order_by: Annotated[
        list[JournalEntryOrder] | None,
        strawberry.argument(description="Newest first if left out. At most 4 steps."),
    ] = None,
    search: Search = None,
) -> Connection[JournalEntry]:
    found: Any = Conditions(ENTRIES, _FILTERS).of(where)
    question = entries(
        info.context.signed_in(),
        where=AllOf((found, searching(ENTRIES, SEARCHED, search))),
        order=_keys(order_by) or NEWEST_FIRST,
    )
    return await connection(info, question, JournalEntry, requested(first, after, last, before))
