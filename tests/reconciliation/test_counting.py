"""What is open is found by an index of its own, whatever lies settled around it."""

from __future__ import annotations

from datetime import timedelta

from counterfoil.kit.conditions import Parameters, to_sql
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, fetch, on_sqlite
from counterfoil.reconciliation.counting import standing
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.queries import TRANSACTIONS, in_states, transactions_of
from counterfoil.transactions.states import OPEN, BankTransactionState
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, Books

_ALL = 4000
_EACH = 400
"""Of so many lines one is open."""


def _line(books: Books, number: int) -> BankTransaction:
    row_id = new_id()
    return BankTransaction(
        id=row_id,
        organization_id=books.organization.id,
        bank_account_id=books.account.id,
        aggregator_id=str(row_id),
        pending=False,
        dated_on=DAY + timedelta(days=number // 10),
        amount_minor=-100,
        reconciled_minor=0 if number % _EACH == 0 else -100,
        currency="USD",
        exponent=2,
        description="Elm Street Coffee",
        raw_hash="0" * 32,
        first_refresh_id=row_id,
        last_refresh_id=row_id,
        changed_at=NOW,
        change_position=1,
    )


async def _explained(books: Books) -> str:
    """How the database looks for the open lines of an account."""
    parameters = Parameters()
    scope = transactions_of(books.viewer, books.account.id).scope
    where = f"{to_sql(scope, parameters)} AND {to_sql(in_states(OPEN), parameters)}"
    tail = "ORDER BY bank_transaction.dated_on, bank_transaction.id LIMIT 51"
    select = TRANSACTIONS.select(["bank_transaction.id"], where=where, tail=tail)
    explain = "EXPLAIN QUERY PLAN" if on_sqlite() else "EXPLAIN"
    return str(await fetch(f"{explain} {select.sql}", *parameters.values))


async def test_open_lines_among_many_that_are_settled(books: Books) -> None:
    guarded = "" if on_sqlite() else " ON bank_transaction"
    await execute(f"DROP TRIGGER bank_transaction_begins_unreconciled{guarded}")
    rows = [_line(books, number) for number in range(_ALL)]
    await BankTransaction.bulk_create(rows, batch_size=1000)
    if not on_sqlite():
        await execute("ANALYZE bank_transaction")
    assert "bank_transaction_unsettled" in await _explained(books)
    found = await standing(
        books.viewer, books.account.id, first_on=DAY + timedelta(days=200), last_on=None
    )
    assert found.counts[BankTransactionState.REVIEW] == 5
    assert found.counts[BankTransactionState.RECONCILED] == 1995
    assert (found.total, found.open_minor) == (2000, -500)
    assert (found.older_open, found.older_open_from) == (5, DAY)
