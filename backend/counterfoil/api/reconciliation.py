"""How far the reconciliation of a bank account is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, cast
from uuid import UUID

import strawberry

from counterfoil.accounts.queries import absorbers
from counterfoil.api import ids
from counterfoil.api.bank_accounts import BankAccount, bank_account
from counterfoil.api.context import Info
from counterfoil.api.filters import searching
from counterfoil.api.journal_entries import JournalLine
from counterfoil.api.money import Money, money
from counterfoil.api.pagination import After, Connection, First, Search, connection, requested
from counterfoil.errors import NotFound
from counterfoil.kit.table import Row
from counterfoil.links.queries import accounts_by_id
from counterfoil.reconciliation.counting import Standing, standing
from counterfoil.reconciliation.queries import OPEN_LINES, OPEN_LINES_SEARCHED
from counterfoil.reconciliation.queries import open_journal_lines as open_lines
from counterfoil.transactions.states import BankTransactionState

_FACTS = frozenset(
    {
        "bank_account.currency",
        "bank_account.exponent",
        "bank_account.start_on",
        "bank_account.ledger_account_id",
    }
)

Account = Annotated[strawberry.ID, strawberry.argument(description="Of which bank account.")]


@strawberry.type(description="How many lines stand where; see `BankTransactionState`.")
class ReconciliationCounts:
    review: int = strawberry.field(description="To be booked or matched, partly or wholly.")
    to_check: int = strawberry.field(description="Somebody wants to look again.")
    reconciled: int = strawberry.field(description="Done.")
    excluded: int = strawberry.field(description="Taken out, with a reason.")
    undecided: int = strawberry.field(description="Changed by the bank after they were booked.")
    pending: int = strawberry.field(description="Not posted by the bank yet.")
    history: int = strawberry.field(description="Dated up to the start of the account.")


@strawberry.type(description="How far the reconciliation of an account is, between two days.")
class Reconciliation:
    account_id: strawberry.Private[UUID]
    start_on: date | None = strawberry.field(
        description="Up to here its lines are history; null: it has no start, nothing is bookable."
    )
    counts: ReconciliationCounts = strawberry.field(description="How many lines stand where.")
    total: int = strawberry.field(
        description="The lines that count: all but pending ones and history."
    )
    open_amount: Money = strawberry.field(
        description="What is not reconciled of lines to review, to check and undecided, signed."
    )
    older_open: int = strawberry.field(
        description="Lines dated before the first day that are to review, to check or undecided."
    )
    older_open_from: date | None = strawberry.field(
        description="The date of the oldest of them; null: there is none."
    )

    @strawberry.field(description="The account.")
    async def bank_account(self, info: Info) -> BankAccount:
        return cast(BankAccount, await bank_account(info, self.account_id))


async def reconciliation(
    info: Info,
    bank_account_id: Account,
    from_: Annotated[
        date | None,
        strawberry.argument(name="from", description="The first day; from the beginning without."),
    ] = None,
    to: Annotated[
        date | None, strawberry.argument(description="The last day; without end if left out.")
    ] = None,
) -> Reconciliation | None:
    row = await _account(info, bank_account_id)
    if row is None:
        return None
    account_id: UUID = row["bank_account.id"]
    found = await standing(info.context.signed_in(), account_id, first_on=from_, last_on=to)
    return _reconciliation(account_id, row, found)


async def _account(info: Info, bank_account_id: str) -> Row | None:
    parsed = ids.parse(bank_account_id)
    if parsed is None or parsed[0] != "BankAccount":
        return None
    if rows := await _rows(info, parsed[1]):
        return rows[0]
    other = await info.context.loaders.found(absorbers, parsed[1])
    rows = await _rows(info, other) if other else ()
    return rows[0] if rows else None


async def _rows(info: Info, row_id: UUID) -> Sequence[Row]:
    return await info.context.loaders.many(accounts_by_id, "bank_account.id", row_id, _FACTS)


def _reconciliation(account_id: UUID, row: Row, found: Standing) -> Reconciliation:
    units = (row["bank_account.currency"], row["bank_account.exponent"])
    counts = {state.value.lower(): found.counts[state] for state in BankTransactionState}
    return Reconciliation(
        account_id=account_id,
        start_on=row["bank_account.start_on"],
        counts=ReconciliationCounts(**counts),
        total=found.total,
        open_amount=cast(Money, money(found.open_minor, *units)),
        older_open=found.older_open,
        older_open_from=found.older_open_from,
    )


async def open_journal_lines(
    info: Info,
    bank_account_id: Account,
    first: First = None,
    after: After = None,
    search: Search = None,
) -> Connection[JournalLine]:
    row = await _account(info, bank_account_id)
    if row is None:
        raise NotFound(field=("bank_account_id",))
    question = open_lines(
        info.context.signed_in(),
        row["bank_account.ledger_account_id"],
        currency=row["bank_account.currency"],
        where=searching(OPEN_LINES, OPEN_LINES_SEARCHED, search),
    )
    return await connection(info, question, JournalLine, requested(first, after))
