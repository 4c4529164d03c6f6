"""Lines of one account as they are stored, with what tells them from each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from counterfoil.kit.conditions import Column, Kind, Parameters
from counterfoil.kit.table import Row, Table
from counterfoil.transactions.fingerprint import Said
from counterfoil.transactions.models import BankTransaction

_TABLE = Table(
    BankTransaction,
    computed={
        "bank_transaction.weight": Column(
            "CASE WHEN bank_transaction.reconciled_minor <> 0 THEN 2"
            " WHEN bank_transaction.excluded_at IS NOT NULL"
            " OR bank_transaction.to_check_at IS NOT NULL"
            " OR bank_transaction.comment IS NOT NULL"
            " OR EXISTS (SELECT 1 FROM prepared_coding AS p"
            " WHERE p.bank_transaction_id = bank_transaction.id) THEN 1 ELSE 0 END",
            Kind.WHOLE,
            nullable=False,
        )
    },
)
_COLUMNS = (
    "id",
    "aggregator_id",
    "pending",
    "dated_on",
    "amount_minor",
    "currency",
    "description",
    "bank_description",
    "excluded_at",
    "weight",
)


class Stored(NamedTuple):
    """A line; `weight` is 2 of a matched one, 1 of one that a person said something of, else 0."""

    id: UUID
    aggregator_id: str
    pending: bool
    said: Said
    excluded: bool
    weight: int


async def stored_lines(
    bank_account_id: UUID, which: str = "TRUE", *, since: date | None = None
) -> Sequence[Stored]:
    """The lines of an account that the bank did not withdraw, in the order of their ids.

    `which` is a condition in SQL on `bank_transaction`; `since` the first day to look at.
    """
    parameters = Parameters()
    where = (
        f"bank_transaction.bank_account_id = {parameters.add(bank_account_id)}"
        f" AND bank_transaction.removed_at IS NULL AND {which}"
    )
    if since is not None:
        where += f" AND bank_transaction.dated_on >= {parameters.add(since)}"
    names = [f"bank_transaction.{name}" for name in _COLUMNS]
    tail = "ORDER BY bank_transaction.id"
    rows = await _TABLE.rows(names, where=where, tail=tail, parameters=parameters)
    return [_stored(row) for row in rows]


def _stored(row: Row) -> Stored:
    pending: bool = row["bank_transaction.pending"]
    text = row["bank_transaction.bank_description"] or row["bank_transaction.description"]
    return Stored(
        id=UUID(int=row["bank_transaction.id"].int),
        aggregator_id=row["bank_transaction.aggregator_id"],
        pending=pending,
        said=Said(
            row["bank_transaction.dated_on"],
            row["bank_transaction.amount_minor"],
            row["bank_transaction.currency"],
            text,
        ),
        excluded=row["bank_transaction.excluded_at"] is not None,
        weight=row["bank_transaction.weight"],
    )
