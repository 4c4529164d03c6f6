"""Whether a new account is one that was here before: what is asked, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
import strawberry

from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.queries import (
    former_accounts_by_id,
    open_questions,
    questions_by_id,
)
from counterfoil.api import ids
from counterfoil.api.bank_accounts import BankAccount, bank_account
from counterfoil.api.context import Info
from counterfoil.api.enums import AccountType
from counterfoil.api.errors import UserError, UserErrors
from counterfoil.api.loaders import load_one, load_several
from counterfoil.api.node import Node
from counterfoil.api.pagination import After, Connection, First, connection, requested
from counterfoil.api.rowtypes import RowType, column, relation
from counterfoil.api.scalars import CurrencyCode
from counterfoil.links.doubles import answer_question


@strawberry.type(description="An account that was here before, and that no login brings in now.")
class FormerAccount(RowType):
    ALIAS = "bank_account"

    id: strawberry.ID = column(
        "id",
        by=lambda value: ids.encode("BankAccount", value),
        description="The id that it had as a BankAccount, and has again when it comes back.",
    )
    name: str = column("name", description="What the company called it.")
    memo: str | None = column("memo", description="The company's own note.")
    number: str | None = column("number", description="The last characters of its number.")
    type: AccountType = column("type", description="What kind of account it is.")
    currency: CurrencyCode = column("currency", description="The currency it is kept in.")
    deleted_at: datetime | None = column("deleted_at", description="When it was deleted.")


@strawberry.type(
    description=(
        "A new account that may be one that was here before, which only a person can tell. Until "
        "then it is new."
    )
)
class AccountQuestion(RowType, Node):
    ALIAS = "account_question"

    id: strawberry.ID = column(
        "id", by=lambda value: ids.encode("AccountQuestion", value), description="Opaque id."
    )
    raised_at: datetime = column("raised_at", description="When the account came.")
    answered_at: datetime | None = column(
        "answered_at", description="When somebody answered; null: nobody did yet."
    )

    @relation("bank_account_id", description="The new account.")
    async def bank_account(self, info: Info) -> BankAccount | None:
        return await bank_account(info, self.value("bank_account_id"))

    @relation(
        "candidates",
        description="The accounts that it may be, without those that came back otherwise since.",
    )
    async def candidates(self, info: Info) -> list[FormerAccount]:
        named = [UUID(each) for each in orjson.loads(self.value("candidates"))]
        key = "bank_account.id"
        return await load_several(info, FormerAccount, former_accounts_by_id, key, named)


async def account_question(info: Info, row_id: UUID) -> AccountQuestion | None:
    """One question with the columns that the query selects."""
    return await load_one(info, AccountQuestion, questions_by_id, "account_question.id", row_id)


async def account_questions(
    info: Info, first: First = None, after: After = None
) -> Connection[AccountQuestion]:
    question = open_questions(info.context.signed_in())
    return await connection(info, question, AccountQuestion, requested(first, after))


@strawberry.input(description="Which account a new one is.")
class AnswerAccountQuestionInput:
    question_id: strawberry.ID = strawberry.field(description="The question.")
    same_as: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the candidate that it is; null: it is none of them.",
    )


@strawberry.type(description="The account after the answer.")
class AnswerAccountQuestionPayload:
    account_id: strawberry.Private[UUID | None] = None
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why nothing was done; empty when it was."
    )

    @strawberry.field(
        description=(
            "The account as it is now: the one that was here before, or the new one where it is "
            "none of them. Null when nothing was done."
        )
    )
    async def bank_account(self, info: Info) -> BankAccount | None:
        return await bank_account(info, self.account_id) if self.account_id else None


@strawberry.type
class AccountQuestionMutations:
    @strawberry.mutation(
        extensions=[UserErrors()],
        description=(
            "Say which account that was here before a new one is. That one comes back, with its "
            "id, name, memo, reconciled lines and, where it is free, its ledger account, and takes "
            "the new one's lines; the new one's id goes on meaning it. Needs the right BANKS."
        ),
    )
    async def answer_account_question(
        self,
        info: Info,
        input: Annotated[AnswerAccountQuestionInput, strawberry.argument(description="Which.")],
    ) -> AnswerAccountQuestionPayload:
        viewer = info.context.signed_in()
        question_id = ids.decode(input.question_id, "AccountQuestion", field=("question_id",))
        same_as = None
        if input.same_as is not None:
            same_as = ids.decode(input.same_as, "BankAccount", field=("same_as",))
        async with info.context.transaction() as uow:
            answered = await answer_question(
                uow,
                viewer,
                question_id=question_id,
                same_as=same_as,
                key=await key_of(uow, info.context.services.keyring),
            )
        return AnswerAccountQuestionPayload(
            account_id=answered.answer_id or answered.bank_account_id
        )
