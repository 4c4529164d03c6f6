"""Reads of bank transactions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

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
from counterfoil.kit.table import Row, Table
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.states import BankTransactionState
from counterfoil.viewer import Right, Viewer


def _of_owner(column: str) -> str:
    """A column of a line's account, read for that line alone."""
    return (
        f"(SELECT owner.{column} FROM bank_account AS owner"  # noqa: S608
        " WHERE owner.id = bank_transaction.bank_account_id)"
    )


_STATE = (
    "CASE WHEN bank_transaction.pending THEN 'PENDING'"
    " WHEN bank_transaction.undecided_at IS NOT NULL THEN 'UNDECIDED'"
    " WHEN bank_transaction.excluded_at IS NOT NULL THEN 'EXCLUDED'"
    " WHEN bank_transaction.reconciled_minor = bank_transaction.amount_minor"
    " AND bank_transaction.amount_minor <> 0 THEN 'RECONCILED'"
    f" WHEN bank_transaction.dated_on > {_of_owner('start_on')} THEN"
    " CASE WHEN bank_transaction.to_check_at IS NULL THEN 'REVIEW' ELSE 'TO_CHECK' END"
    " ELSE 'HISTORY' END"
)

TRANSACTIONS = Table(
    BankTransaction,
    computed={
        "bank_transaction.start_on": Column(_of_owner("start_on"), Kind.DATE, nullable=True),
        "bank_transaction.ledger_account_id": Column(
            _of_owner("ledger_account_id"), Kind.UUID, nullable=True
        ),
        "bank_transaction.state": Column(_STATE, Kind.TEXT, nullable=False),
        "bank_transaction.unsettled": Column(
            "(CASE WHEN bank_transaction.reconciled_minor <> bank_transaction.amount_minor"
            " OR bank_transaction.amount_minor = 0"
            " OR bank_transaction.undecided_at IS NOT NULL THEN TRUE ELSE FALSE END)",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "bank_transaction.to_check": Column(
            "(bank_transaction.to_check_at IS NOT NULL)", Kind.BOOLEAN, nullable=False
        ),
        "bank_transaction.remainder_minor": Column(
            "(bank_transaction.amount_minor - bank_transaction.reconciled_minor)",
            Kind.WHOLE,
            nullable=False,
        ),
        "bank_transaction.of_visible_account": Column(
            "EXISTS (SELECT 1 FROM bank_account AS owner"
            " WHERE owner.id = bank_transaction.bank_account_id"
            " AND owner.deleted_at IS NULL AND owner.hidden_at IS NULL)",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "bank_transaction.posted_on": Column(
            "CASE WHEN bank_transaction.pending THEN NULL ELSE bank_transaction.dated_on END",
            Kind.DATE,
            nullable=True,
        ),
        "bank_transaction.amount": Column(
            "bank_transaction.amount_minor",
            Kind.WHOLE,
            nullable=False,
            exponent_sql="bank_transaction.exponent",
        ),
    },
)
NEWEST_FIRST = (Key("bank_transaction.dated_on", descending=True),)


def in_states(states: Collection[BankTransactionState]) -> Condition:
    """The lines that stand in one of these states.

    Lines in any other state than RECONCILED lie together in an index of their own, and this is
    said where it helps: few lines are open, however many there are.
    """
    column = TRANSACTIONS.column
    chosen = Compare(
        column("bank_transaction.state"), Operator.IN, tuple(state.value for state in states)
    )
    if BankTransactionState.RECONCILED in states:
        return chosen
    return AllOf((Compare(column("bank_transaction.unsettled"), Operator.EQ, True), chosen))


def _readable(viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    column = TRANSACTIONS.column
    return AllOf(
        (
            Compare(
                column("bank_transaction.organization_id"), Operator.EQ, viewer.organization_id
            ),
            Compare(column("bank_transaction.removed_at"), Operator.IS_NULL, True),
        )
    )


def transactions_of(
    viewer: Viewer,
    bank_account_id: UUID,
    *,
    where: Condition = ALWAYS,
    order: Sequence[Key] = NEWEST_FIRST,
) -> Question:
    """The lines of one account, pending ones too, without those that the bank withdrew.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    account = TRANSACTIONS.column("bank_transaction.bank_account_id")
    visible = TRANSACTIONS.column("bank_transaction.of_visible_account")
    scope = AllOf(
        (
            _readable(viewer),
            Compare(account, Operator.EQ, bank_account_id),
            Compare(visible, Operator.EQ, True),
        )
    )
    return Question(TRANSACTIONS, scope, where, tuple(order))


async def transactions_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The lines among `ids` that the viewer may see, in no order."""
    column = TRANSACTIONS.column
    condition = AllOf(
        (
            _readable(viewer),
            Compare(column("bank_transaction.id"), Operator.IN, tuple(ids)),
            Compare(column("bank_transaction.of_visible_account"), Operator.EQ, True),
        )
    )
    parameters = Parameters()
    where = to_sql(condition, parameters)
    return await TRANSACTIONS.rows(names, where=where, parameters=parameters)
