"""Reads of what was said of bank lines: exclusions, prepared codings, and open review items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.kit.conditions import AllOf, Compare, Condition, Operator, Parameters, to_sql
from counterfoil.kit.table import Join, Row, Table
from counterfoil.transactions.models import BankTransaction, Exclusion, PreparedCoding, ReviewItem
from counterfoil.viewer import Right, Viewer


def _of_lines(alias: str) -> tuple[Join, ...]:
    on = f"bank_transaction.id = {alias}.bank_transaction_id"
    return (Join("bank_transaction", BankTransaction, on),)


EXCLUSIONS = Table(Exclusion, _of_lines("exclusion"))
PREPARED_CODINGS = Table(PreparedCoding, _of_lines("prepared_coding"))
REVIEW_ITEMS = Table(ReviewItem, _of_lines("review_item"))


async def exclusions_by_line(
    viewer: Viewer, bank_transaction_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """Why those of these lines that are excluded are; one for each."""
    return await _said(EXCLUSIONS, viewer, bank_transaction_ids, names)


async def prepared_codings_by_line(
    viewer: Viewer, bank_transaction_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """How somebody means to book these lines; at most one for each."""
    return await _said(PREPARED_CODINGS, viewer, bank_transaction_ids, names)


async def review_items_by_line(
    viewer: Viewer, bank_transaction_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """What the bank did to these lines that nobody has decided about; at most one for each."""
    still_open = Compare(REVIEW_ITEMS.column("review_item.resolved_at"), Operator.IS_NULL, True)
    return await _said(REVIEW_ITEMS, viewer, bank_transaction_ids, names, still_open)


async def _said(
    table: Table,
    viewer: Viewer,
    bank_transaction_ids: Collection[UUID],
    names: Collection[str],
    *conditions: Condition,
) -> Sequence[Row]:
    viewer.require(Right.READ)
    owner = table.column("bank_transaction.organization_id")
    line = table.column(f"{table.alias}.bank_transaction_id")
    condition = AllOf(
        (
            Compare(owner, Operator.EQ, viewer.organization_id),
            Compare(line, Operator.IN, tuple(bank_transaction_ids)),
            *conditions,
        )
    )
    parameters = Parameters()
    where = to_sql(condition, parameters)
    return await table.rows(names, using=[owner], where=where, parameters=parameters)
