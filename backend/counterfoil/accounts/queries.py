"""Reads of bank accounts beside the table of linked accounts (`links.queries`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from counterfoil.accounts.models import AccountQuestion, BankAccount, FeedState
from counterfoil.kit.conditions import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Operator,
    Parameters,
    columns_in,
    to_sql,
)
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Join, Row, Table
from counterfoil.viewer import Right, Viewer

QUESTIONS = Table(
    AccountQuestion,
    joins=(
        Join("bank_account", BankAccount, "bank_account.id = account_question.bank_account_id"),
    ),
)
FORMER_ACCOUNTS = Table(BankAccount)


async def absorbers(viewer: Viewer, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Of those among `ids` that turned out to be another account's double, that account's id.

    Clients may have kept such an id, and it goes on meaning the account. Whether the viewer sees
    that account is not looked at.
    """
    found = await BankAccount.filter(
        id__in=list(ids), organization_id=viewer.organization_id, absorbed_by_id__not_isnull=True
    ).values_list("id", "absorbed_by_id")
    return dict(found)


async def resolved(viewer: Viewer, bank_account_id: UUID) -> UUID:
    """The id that an account has by now; mostly the same."""
    return (await absorbers(viewer, [bank_account_id])).get(bank_account_id, bank_account_id)


def _visible_questions(viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    column = QUESTIONS.column
    return AllOf(
        (
            Compare(
                column("account_question.organization_id"), Operator.EQ, viewer.organization_id
            ),
            Compare(column("bank_account.deleted_at"), Operator.IS_NULL, True),
            Compare(column("bank_account.hidden_at"), Operator.IS_NULL, True),
        )
    )


def open_questions(viewer: Viewer) -> Question:
    """Which new accounts may be ones that were here before, and nobody has answered, oldest first.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    unanswered = Compare(QUESTIONS.column("account_question.answered_at"), Operator.IS_NULL, True)
    scope = AllOf((_visible_questions(viewer), unanswered))
    return Question(QUESTIONS, scope, order=(Key("account_question.raised_at"),))


async def questions_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The questions among `ids`, in no order; one whose account became another is gone."""
    return await _among(QUESTIONS, _visible_questions(viewer), "account_question.id", ids, names)


async def former_accounts_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The accounts among `ids` that were here before and that no login brings in now.

    Also those that their login does not hand over any more: it may do so under another id.
    """
    viewer.require(Right.READ)
    column = FORMER_ACCOUNTS.column
    scope = AllOf(
        (
            Compare(column("bank_account.organization_id"), Operator.EQ, viewer.organization_id),
            AnyOf(
                (
                    Compare(column("bank_account.bank_link_id"), Operator.IS_NULL, True),
                    Compare(column("bank_account.feed_state"), Operator.EQ, FeedState.ACCESS_LOST),
                )
            ),
            Compare(column("bank_account.hidden_at"), Operator.IS_NULL, True),
            Compare(column("bank_account.absorbed_by_id"), Operator.IS_NULL, True),
        )
    )
    return await _among(FORMER_ACCOUNTS, scope, "bank_account.id", ids, names)


async def _among(
    table: Table, scope: Condition, key: str, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    condition = AllOf((scope, Compare(table.column(key), Operator.IN, tuple(ids))))
    parameters = Parameters()
    where = to_sql(condition, parameters)
    using = list(columns_in(condition))
    return await table.rows(names, using=using, where=where, parameters=parameters)
