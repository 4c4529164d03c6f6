"""Undoing an act, in any later session, alone or as a part of its bulk.

What it will do is shown first; the preview's token stands for exactly that, so that nothing else
happens when the books have moved on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.queryset import QuerySet

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.reconciliation.undo_obstacles import OF_A_DELETED_ACCOUNT, undo_obstacle
from counterfoil.reconciliation.undo_plans import Plan, plan_of
from counterfoil.reconciliation.undo_steps import Effect, Undoing
from counterfoil.transactions.models import BankTransaction, Exclusion, RememberedExclusion
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer

_FIELD = ("act_id",)


class NotUndoable(CounterfoilError):
    """The act cannot be undone, for a reason that the person is told."""

    code = "NOT_UNDOABLE"
    field = _FIELD

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class PreviewOutdated(CounterfoilError):
    """Undoing would do something else by now than what was shown."""

    code = "PREVIEW_OUTDATED"
    field = ("token",)

    def __init__(self) -> None:
        super().__init__("The books changed since you looked. Look at what undoing does now.")


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing would do now, or why it cannot be done (`blocked`)."""

    token: str
    effects: tuple[Effect, ...]
    blocked: str | None


async def preview(viewer: Viewer, act_id: UUID) -> UndoPreview:
    """What undoing this act would do now.

    Raises:
        Forbidden: the viewer may not read. NotFound.
    """
    viewer.require(Right.READ)
    act = await _own(viewer, act_id)
    plan = await _plan(viewer, act)
    lacking = undo_obstacle(viewer, act.kind, actor=act.actor, undone=act.undone_at is not None)
    return UndoPreview(plan.token, tuple(plan.effects), plan.blocked or lacking)


async def undo(
    uow: UnitOfWork, viewer: Viewer, *, act_id: UUID, token: str, key: Key | None
) -> Act:
    """Take back what an act did, as its preview with this token said; returns the act of undoing.

    Another person's act takes the right CLOSE.

    Raises:
        Forbidden, NotFound, NotUndoable, PreviewOutdated, IdempotencyKeyReused.
    """
    act, replayed = await begin(uow, viewer, ActKind.UNDO, key=key, bank_account_id=None)
    if replayed:
        return act
    undone = await _own(viewer, act_id)
    if undone.actor != viewer.actor:
        viewer.require(Right.CLOSE)
    plan = await _plan(viewer, undone)
    if plan.blocked:
        raise NotUndoable(plan.blocked)
    if plan.token != token:
        raise PreviewOutdated
    act.bank_account_id = undone.bank_account_id
    undoing = Undoing(uow, viewer, act, set(), set())
    acts = await _carry_out(undoing, plan)
    return await finish(
        uow,
        viewer,
        act,
        action="undo",
        undone_act_ids=[one.id for one in acts],
        bank_transaction_ids=undoing.bank_transaction_ids,
        journal_entry_ids=undoing.journal_entry_ids,
    )


async def _own(viewer: Viewer, act_id: UUID) -> Act:
    """The viewer's act, unless it is about a hidden bank account.

    Raises:
        NotFound.
    """
    act = await Act.get_or_none(id=act_id, organization_id=viewer.organization_id)
    if act is None or await (await _accounts_of(act)).filter(hidden_at__not_isnull=True).exists():
        raise NotFound(field=_FIELD)
    return act


async def _plan(viewer: Viewer, act: Act) -> Plan:
    """What undoing would do; of an act about a deleted bank account nothing is undone."""
    if await (await _accounts_of(act)).filter(deleted_at__not_isnull=True).exists():
        return Plan(act, blocked=OF_A_DELETED_ACCOUNT)
    return await plan_of(viewer, act)


async def _accounts_of(act: Act) -> QuerySet[BankAccount]:
    """The bank accounts that it was about, and those of the bank lines that it changed; also of
    lines that it excluded and that were erased since, or came back under other ids."""
    lines = BankTransaction.filter(id__in=act.details.get("bank_transaction_ids", []))
    excluded = Exclusion.filter(act_id=act.id)
    erased = RememberedExclusion.filter(act_id=act.id)
    ids = {
        act.bank_account_id,
        *await lines.values_list("bank_account_id", flat=True),
        *await excluded.values_list("bank_transaction__bank_account_id", flat=True),
        *await erased.values_list("bank_account_id", flat=True),
    }
    return BankAccount.filter(id__in=[each for each in ids if each is not None])


async def _carry_out(undoing: Undoing, plan: Plan) -> Sequence[Act]:
    """Do the steps of each part, looked at anew, because the part before may have moved them."""
    undone = []
    for each in plan.in_order():
        fresh = await plan_of(undoing.viewer, each.act) if plan.parts and each.steps else each
        if fresh.blocked:
            raise NotUndoable(fresh.blocked)
        for step in fresh.steps:
            await step.do(undoing)
        await _mark(undoing, each.act)
        undone.append(each.act)
    return undone


async def _mark(undoing: Undoing, act: Act) -> None:
    act.undone_at, act.undone_by_id = undoing.uow.now, undoing.act.id
    act.revision += 1
    await act.save(update_fields=["undone_at", "undone_by_id", "revision"])
    undoing.uow.upserted(ChangeType.ACT, act.id, act.revision)
