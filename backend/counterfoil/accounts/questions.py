"""Answering whether a new account is one that was here before: then the two become one."""

from __future__ import annotations

from uuid import UUID

from counterfoil.accounts.models import (
    AccountKey,
    AccountQuestion,
    BalanceReport,
    BankAccount,
    FeedState,
    KeyKind,
)
from counterfoil.accounts.operations import locked, save_edit
from counterfoil.accounts.returning import bring_back
from counterfoil.audit import operations as audit
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.sql import execute
from counterfoil.transactions.excluding_again import exclude_again
from counterfoil.transactions.joining import join_lines
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer

_FEED = (
    "bank_link_id",
    "aggregator_id",
    "bank_name",
    "number",
    "type",
    "subtype",
    "currency",
    "exponent",
    "feed_state",
    "current_minor",
    "available_minor",
    "limit_minor",
    "balance_as_of",
    "balance_received_at",
)
"""What an account has from its login alone."""


class QuestionBooked(CounterfoilError):
    """The new account is tied to the books by now, so that it can't become another one."""

    code = "ACCOUNT_BOOKED"
    field = ("same_as",)

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"Something is booked on “{name}” by now. Undo that, and part it from its ledger "
            "account; then answer again."
        )


class QuestionAnswered(CounterfoilError):
    """Somebody answered the question before, and otherwise."""

    code = "ALREADY_DECIDED"
    field = ("question_id",)

    def __init__(self) -> None:
        super().__init__("Somebody has answered this already. Look at the list again.")


class FormerAccountBack(CounterfoilError):
    """The account that it is said to be is brought in by a login of its own by now."""

    code = "ALREADY_DECIDED"
    field = ("same_as",)

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"“{name}” is back by now, as another account of the list.")


class LoginEnded(InvalidInput):
    """The new account has no login any more, from which the other one could go on."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"“{name}” is no longer brought in by a login, so that there is nothing for the other "
            "account to go on with. Add its bank again, and answer then.",
            field=("same_as",),
        )


async def answer(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    question_id: UUID,
    same_as: UUID | None,
    key: bytes,
) -> AccountQuestion:
    """Say which of its candidates a new account is, or that it is none of them (null).

    The one that was here before lives on: it takes over feed, balances and lines of the new one,
    whose id goes on meaning it. `key` is the organization's identity key, by which lines that were
    excluded before are excluded again. Its login must be pulled then, from the start: it is wanted
    back until then. The same answer again changes nothing. The caller holds the login of the new
    account.

    Raises:
        NotFound: the viewer sees no such question, or it has no such candidate; Forbidden;
        QuestionAnswered; QuestionBooked; LoginEnded; FormerAccountBack.
    """
    question = await (
        AccountQuestion.filter(id=question_id, organization_id=viewer.organization_id)
        .select_for_update(no_key=True)
        .first()
    )
    if question is None:
        raise NotFound(field=("question_id",))
    if question.answered_at is not None:
        return _as_before(viewer, question, same_as)
    new = await _new_account(viewer, question)
    viewer.require(Right.BANKS)
    if same_as is not None:
        await _become(uow, new, await _former(viewer, question, same_as, new), key=key)
    question.answered_at, question.answer_id = uow.now, same_as
    question.actor = viewer.actor
    question.revision += 1
    await question.save()
    await _record(uow, viewer, question)
    return question


def _as_before(viewer: Viewer, question: AccountQuestion, same_as: UUID | None) -> AccountQuestion:
    viewer.require(Right.BANKS)
    if question.answer_id != same_as:
        raise QuestionAnswered
    return question


async def _new_account(viewer: Viewer, question: AccountQuestion) -> BankAccount:
    try:
        return await locked(viewer, question.bank_account_id)
    except NotFound:
        raise NotFound(field=("question_id",)) from None


async def _former(
    viewer: Viewer, question: AccountQuestion, same_as: UUID, new: BankAccount
) -> BankAccount:
    """The candidate, locked; one that is hidden or became another one is none.

    It may be shown, and of the very login that brings the new one in: where that login was taken
    over, it does not hand the candidate over any more under the id that it had.
    """
    found = await (
        BankAccount.filter(
            id=same_as,
            organization_id=viewer.organization_id,
            hidden_at=None,
            absorbed_by_id=None,
        )
        .select_for_update(no_key=True)
        .first()
    )
    if found is None or str(same_as) not in question.candidates:
        raise NotFound(field=("same_as",))
    lost = found.bank_link_id == new.bank_link_id and found.feed_state is FeedState.ACCESS_LOST
    if found.bank_link_id is not None and not lost:
        raise FormerAccountBack(found.name)
    return found


async def _become(uow: UnitOfWork, new: BankAccount, former: BankAccount, *, key: bytes) -> None:
    if new.ledger_account_id is not None or await _is_booked(new.id):
        raise QuestionBooked(new.name)
    bank_link_id = new.bank_link_id
    if bank_link_id is None:  # it was hidden for a while, and its login ended with that
        raise LoginEnded(new.name)
    former.update_from_dict({name: getattr(new, name) for name in _FEED})
    former.name = former.name if former.renamed_at else new.name
    former.memo = former.memo or new.memo
    await _absorb(uow, new, former)
    if former.deleted_at is not None:
        await bring_back(former)
    former.wanted_at = uow.now  # what its login said of it before may lie behind the cursor
    await save_edit(uow, former)
    await _hand_over(new.id, former.id)
    await join_lines(uow, newer_id=new.id, older_id=former.id, bank_link_id=bank_link_id)
    await exclude_again(uow, bank_account_id=former.id, key=key, refresh_id=None)


async def _is_booked(bank_account_id: UUID) -> bool:
    """Whether a line of the account is in a match, even in part."""
    lines = BankTransaction.filter(bank_account_id=bank_account_id)
    return await lines.exclude(reconciled_minor=0).exists()


async def _absorb(uow: UnitOfWork, new: BankAccount, former: BankAccount) -> None:
    new.update_from_dict({"bank_link_id": None, "aggregator_id": None, "wanted_at": None})
    new.deleted_at, new.absorbed_by_id = uow.now, former.id
    await save_edit(uow, new)
    uow.gone(ChangeType.BANK_ACCOUNT, new.id)
    await BankAccount.filter(absorbed_by_id=new.id).update(absorbed_by_id=former.id)


async def _hand_over(new_id: UUID, former_id: UUID) -> None:
    """Let the former account have the keys and balances of the new one, and what was done for it:
    so that it is listed there, and is undone there."""
    for kind in KeyKind:
        keys = AccountKey.filter(bank_account_id=former_id, kind=kind)
        has = await keys.values_list("digest", flat=True)
        await AccountKey.filter(bank_account_id=new_id, kind=kind, digest__in=list(has)).delete()
    await AccountKey.filter(bank_account_id=new_id).update(bank_account_id=former_id)
    await BalanceReport.filter(bank_account_id=new_id).update(bank_account_id=former_id)
    await execute(
        "UPDATE act SET bank_account_id = $2 WHERE bank_account_id = $1", new_id, former_id
    )


async def _record(uow: UnitOfWork, viewer: Viewer, question: AccountQuestion) -> None:
    await audit.record(
        uow,
        viewer,
        action="answerAccountQuestion",
        object_type="AccountQuestion",
        object_id=question.id,
        before={"bank_account_id": question.bank_account_id},
        after={"bank_account_id": question.answer_id or question.bank_account_id},
    )
