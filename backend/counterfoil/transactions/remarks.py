"""Reads of what was said of bank lines: exclusions, prepared codings, and open review items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.kit.conditions import (
    AllOf,
    Column,
    Compare,
    Condition,
    Kind,
    Operator,
    Parameters,
    columns_in,
    to_sql,
)
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Join, Row, Table
from counterfoil.transactions.models import BankTransaction, Exclusion, PreparedCoding, ReviewItem
from counterfoil.viewer import Right, Viewer


def _of_lines(alias: str) -> tuple[Join, ...]:
    on = f"bank_transaction.id = {alias}.bank_transaction_id"
    return (Join("bank_transaction", BankTransaction, on),)


EXCLUSIONS = Table(Exclusion, _of_lines("exclusion"))
PREPARED_CODINGS = Table(PreparedCoding, _of_lines("prepared_coding"))
REVIEW_ITEMS = Table(
    ReviewItem,
    _of_lines("review_item"),
    computed={
        "review_item.of_visible_account": Column(
            "EXISTS (SELECT 1 FROM bank_account AS owner"
            " WHERE owner.id = bank_transaction.bank_account_id"
            " AND owner.deleted_at IS NULL AND owner.hidden_at IS NULL)",
            Kind.BOOLEAN,
            nullable=False,
        ),
    },
)


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


def review_items(viewer: Viewer, *, still_open: bool | None) -> Question:
    """What the bank did to booked lines of all accounts that are shown, newest first.

    Those that nobody has decided, those that were decided, or (None) both.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    column = REVIEW_ITEMS.column
    owner, line = column("review_item.organization_id"), column("bank_transaction.organization_id")
    parts: list[Condition] = [
        Compare(owner, Operator.EQ, viewer.organization_id),
        Compare(line, Operator.EQ, viewer.organization_id),
        Compare(column("review_item.of_visible_account"), Operator.EQ, True),
    ]
    if still_open is not None:
        resolved_at = column("review_item.resolved_at")
        parts.append(Compare(resolved_at, Operator.IS_NULL, still_open))
    newest_first = (Key("review_item.raised_at", descending=True),)
    return Question(REVIEW_ITEMS, AllOf(tuple(parts)), order=newest_first)


async def review_items_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The review items among `ids` that the viewer may see, decided or not."""
    viewer.require(Right.READ)
    column = REVIEW_ITEMS.column
    visible = column("review_item.of_visible_account")
    condition = AllOf(
        (
            Compare(
                column("bank_transaction.organization_id"), Operator.EQ, viewer.organization_id
            ),
            Compare(visible, Operator.EQ, True),
            Compare(column("review_item.id"), Operator.IN, tuple(ids)),
        )
    )
    parameters = Parameters()
    where = to_sql(condition, parameters)
    using = list(columns_in(condition))
    return await REVIEW_ITEMS.rows(names, using=using, where=where, parameters=parameters)


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
