"""Answering whether a new account of a login is one that was here before."""

from __future__ import annotations

from uuid import UUID

from counterfoil.accounts import questions
from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.links.models import RefreshTrigger
from counterfoil.links.operations import locked, request_refresh
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Viewer


async def answer_question(
    uow: UnitOfWork, viewer: Viewer, *, question_id: UUID, same_as: UUID | None, key: bytes
) -> AccountQuestion:
    """Answer a question (`accounts.questions.answer`), and pull the login where two became one.

    Raises:
        NotFound, Forbidden, QuestionAnswered, QuestionBooked, LoginEnded, FormerAccountBack: see
        there.
    """
    link_id = await _login_of(viewer, question_id)
    if link_id is not None:
        await locked(viewer, link_id)
    answered = await questions.answer(
        uow, viewer, question_id=question_id, same_as=same_as, key=key
    )
    if link_id is not None and same_as is not None:
        uow.upserted(ChangeType.BANK_LINK, link_id, None)
        await request_refresh(uow, viewer, bank_link_id=link_id, trigger=RefreshTrigger.SCHEDULE)
    return answered


async def _login_of(viewer: Viewer, question_id: UUID) -> UUID | None:
    question = await AccountQuestion.get_or_none(
        id=question_id, organization_id=viewer.organization_id
    )
    if question is None:
        return None
    account = await BankAccount.get(id=question.bank_account_id)
    return account.bank_link_id
