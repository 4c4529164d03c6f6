"""Reads of the chart of accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.identity.models import Organization
from counterfoil.kit.conditions import (
    ALWAYS,
    AllOf,
    Column,
    Compare,
    Condition,
    Kind,
    Operator,
    Parameters,
    to_sql,
)
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Join, Row, Table
from counterfoil.ledger.models import LedgerAccount
from counterfoil.viewer import Right, Viewer

IN_USE = {
    "ledger_account.in_use": Column(
        "EXISTS (SELECT 1 FROM journal_line AS l WHERE l.ledger_account_id = ledger_account.id)",
        Kind.BOOLEAN,
        nullable=False,
    )
}
"""Whether an account has lines: for every table that ledger accounts are read from."""

LEDGER_ACCOUNTS = Table(
    LedgerAccount,
    (Join("organization", Organization, "organization.id = ledger_account.organization_id"),),
    computed={
        "ledger_account.active": Column(
            "(ledger_account.inactive_at IS NULL)", Kind.BOOLEAN, nullable=False
        ),
        **IN_USE,
    },
)
BY_NUMBER = (Key("ledger_account.number"),)


def _owned(viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    owner = LEDGER_ACCOUNTS.column("ledger_account.organization_id")
    return Compare(owner, Operator.EQ, viewer.organization_id)


def chart_of_accounts(
    viewer: Viewer,
    *,
    where: Condition = ALWAYS,
    order: Sequence[Key] = BY_NUMBER,
) -> Question:
    """The ledger accounts of the viewer's organization.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    return Question(LEDGER_ACCOUNTS, _owned(viewer), where, tuple(order))


async def ledger_accounts_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The ledger accounts among `ids`, in no order."""
    chosen = Compare(LEDGER_ACCOUNTS.column("ledger_account.id"), Operator.IN, tuple(ids))
    parameters = Parameters()
    where = to_sql(AllOf((_owned(viewer), chosen)), parameters)
    return await LEDGER_ACCOUNTS.rows(names, where=where, parameters=parameters)
