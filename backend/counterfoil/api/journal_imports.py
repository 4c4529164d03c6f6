"""Journal entries from another system, up to 500 in one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from counterfoil.api.act_payload import IDEMPOTENCY_KEY, key_of
from counterfoil.api.context import Info
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.given import EntryRateInput, rates_of
from counterfoil.api.journal_entries import JournalEntry, journal_entry
from counterfoil.api.ledger_refs import LedgerAccountRef, account_ref
from counterfoil.api.rows import ATOMIC, CLIENT_REF, RowStatus, told
from counterfoil.api.scalars import CurrencyCode
from counterfoil.ledger.given import GivenLine
from counterfoil.ledger.importing import EntryRow
from counterfoil.ledger.models import RateSource
from counterfoil.ledger.rows import Outcome
from counterfoil.reconciliation.posting_entries import import_entries


@strawberry.input(description="A debit (+) or credit (−).")
class JournalEntryRowLineInput:
    ledger_account: LedgerAccountRef = strawberry.field(description="On which account.")
    amount: Decimal = strawberry.field(description="In units of its currency: + debit, − credit.")
    currency: CurrencyCode | None = strawberry.field(
        default=None, description="Left out: the ledger account's own, else the base currency."
    )
    base_amount: Decimal | None = strawberry.field(
        default=None,
        description="The same in the base currency; left out, it follows from the rate.",
    )
    memo: str | None = strawberry.field(
        default=None, description="What it is, at most 500 characters."
    )


@strawberry.input(
    description=(
        "A posted entry of another system. What is left out, an entry that is here already keeps."
    )
)
class JournalEntryRowInput:
    external_id: str = strawberry.field(
        description="What that system calls it, at most 128 characters: by it a row is known."
    )
    client_ref: str | None = strawberry.field(default=None, description=CLIENT_REF)
    posted_on: date = strawberry.field(description="The date that decides its period.")
    transaction_on: date | None = strawberry.field(
        default=UNSET, description="When it happened, where that is another date."
    )
    reference: str | None = strawberry.field(
        default=UNSET, description="What else it is known by, at most 80 characters."
    )
    memo: str | None = strawberry.field(
        default=UNSET, description="What it is, at most 500 characters; may change later."
    )
    contact: str | None = strawberry.field(
        default=UNSET, description="Whom it is about, at most 200 characters; may change later."
    )
    lines: list[JournalEntryRowLineInput] = strawberry.field(
        description="At least two, which balance."
    )
    rates: list[EntryRateInput] = strawberry.field(
        default_factory=list, description="One for each currency but the base."
    )


@strawberry.input(description="Entries of another system.")
class ImportJournalEntriesInput:
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)
    rows: list[JournalEntryRowInput] = strawberry.field(description="At most 500.")
    atomic: bool = strawberry.field(default=False, description=ATOMIC)


@strawberry.type(description="What became of one row.")
class JournalEntryResult:
    object_id: strawberry.Private[UUID | None]
    index: int = strawberry.field(description="The row's place in `rows`, from 0.")
    client_ref: str | None = strawberry.field(description=CLIENT_REF)
    status: RowStatus | None = strawberry.field(
        description="What became of it; null when nothing was written of it."
    )
    errors: list[UserError] = strawberry.field(
        description="Why nothing was written of it; empty when it was, or when others kept it."
    )

    @strawberry.field(description="The entry as it is now; null when nothing was written.")
    async def journal_entry(self, info: Info) -> JournalEntry | None:
        return await journal_entry(info, self.object_id) if self.object_id else None


@strawberry.type(description="What became of each row.")
class ImportJournalEntriesPayload:
    results: list[JournalEntryResult] = strawberry.field(
        default_factory=list, description="One for each row, in their order."
    )
    replayed: bool = strawberry.field(
        default=False, description="Whether this key was used before: nothing was done again."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing at all was written; else empty."
    )


@strawberry.type
class JournalImportMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Post entries of another system, so that bank lines can be matched with them. An "
            "entry that is here already is not posted again: with the same content it is "
            "UNCHANGED, with another memo or contact UPDATED, with anything else an error. "
            "Needs the right CODE."
        ),
    )
    async def import_journal_entries(
        self,
        info: Info,
        input: Annotated[ImportJournalEntriesInput, strawberry.argument(description="What.")],
    ) -> ImportJournalEntriesPayload:
        viewer = info.context.signed_in()
        rows = [_row(row, place) for place, row in enumerate(input.rows)]
        key = key_of("importJournalEntries", input)
        async with info.context.transaction() as uow:
            outcome = await import_entries(uow, viewer, rows, atomic=input.atomic, key=key)
        return ImportJournalEntriesPayload(
            results=_results(input.rows, outcome),
            replayed=outcome.replayed,
            errors=told(outcome.errors),
        )


def _row(given: JournalEntryRowInput, place: int) -> EntryRow:
    optional = ("transaction_on", "reference", "memo", "contact")
    values = {name: value for name in optional if (value := getattr(given, name)) is not UNSET}
    return EntryRow(
        external_id=given.external_id,
        posted_on=given.posted_on,
        lines=[_line(line, place, index) for index, line in enumerate(given.lines)],
        rates=[replace(rate, source=RateSource.IMPORTED) for rate in rates_of(given.rates)],
        **values,
    )


def _line(given: JournalEntryRowLineInput, place: int, index: int) -> GivenLine:
    field = ("rows", str(place), "lines", str(index), "ledger_account")
    return GivenLine(
        account=account_ref(given.ledger_account, field=field),
        amount=given.amount,
        currency=given.currency,
        base_amount=given.base_amount,
        memo=given.memo,
    )


def _results(rows: list[JournalEntryRowInput], outcome: Outcome) -> list[JournalEntryResult]:
    return [
        JournalEntryResult(
            object_id=result.object_id,
            index=index,
            client_ref=row.client_ref,
            status=result.status,
            errors=told(result.errors),
        )
        for index, (row, result) in enumerate(zip(rows, outcome.results, strict=True))
    ]
