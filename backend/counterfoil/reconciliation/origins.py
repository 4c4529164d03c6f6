"""Reads of the bank lines that entries were made from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from counterfoil.kit.conditions import AllOf, Compare, Operator, Parameters, columns_in, to_sql
from counterfoil.kit.table import Join, Row
from counterfoil.reconciliation.models import EntryOrigin
from counterfoil.transactions.queries import TRANSACTIONS
from counterfoil.viewer import Right, Viewer

_BY_ENTRY = replace(
    TRANSACTIONS,
    joins=(
        *TRANSACTIONS.joins,
        Join("entry_origin", EntryOrigin, "entry_origin.bank_transaction_id = bank_transaction.id"),
    ),
)
"""A row for each entry that a bank line made, where one is asked for by entry."""


async def transactions_by_entry(
    viewer: Viewer, entry_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The bank lines that these entries were made from and that the viewer may see, oldest first.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    column = _BY_ENTRY.column
    owner = column("bank_transaction.organization_id")
    condition = AllOf(
        (
            Compare(owner, Operator.EQ, viewer.organization_id),
            Compare(column("bank_transaction.removed_at"), Operator.IS_NULL, True),
            Compare(column("bank_transaction.of_visible_account"), Operator.EQ, True),
            Compare(column("entry_origin.journal_entry_id"), Operator.IN, tuple(entry_ids)),
        )
    )
    parameters = Parameters()
    where = to_sql(condition, parameters)
    return await _BY_ENTRY.rows(
        names,
        using=list(columns_in(condition)),
        where=where,
        tail="ORDER BY bank_transaction.dated_on, bank_transaction.id",
        parameters=parameters,
    )
