"""Taking bank lines out of review, with a reason, and bringing them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from counterfoil.errors import InvalidInput
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.bookable import obstacle_to_exclude, obstacle_to_restore
from counterfoil.reconciliation.lines import reviewable_lines
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.reconciliation.wording import required_reason
from counterfoil.transactions import reviewing
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.reviewing import Excluded
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

MOST_LINES = 500
_ITEMS = "items"


async def exclude(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    wanted: Mapping[UUID, int | None],
    reason: str,
    key: Key | None,
    parent: Act | None = None,
) -> Act:
    """Take lines (ids to the revisions that were read) out of review: all of them, or none.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyReconciled, IdempotencyKeyReused.
        NotBookable: one is pending, history, partly reconciled, undecided, excluded already.
        InvalidInput: no reason, no lines, or too many.
    """
    act, replayed = await begin(
        uow, viewer, ActKind.EXCLUDE, key=key, bank_account_id=None, parent=parent
    )
    if replayed:
        return act
    _require_some(wanted)
    said = required_reason(reason)
    lines = await reviewable_lines(uow, viewer, wanted, within=_ITEMS, judge=obstacle_to_exclude)
    await reviewing.exclude(
        uow,
        [
            Excluded(
                bank_transaction_id=line.id,
                reason=said,
                actor=viewer.actor,
                act_id=act.id,
                excluded_at=uow.now,
            )
            for line in lines
        ],
    )
    return await _finish(uow, viewer, act, lines, action="excludeTransactions")


async def restore(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    wanted: Mapping[UUID, int | None],
    key: Key | None,
    parent: Act | None = None,
) -> Act:
    """Bring excluded lines back to review: all of them, or none.

    Raises:
        Forbidden, NotFound, Conflict, IdempotencyKeyReused.
        NotBookable: one is not excluded. InvalidInput: no lines, or too many.
    """
    act, replayed = await begin(
        uow, viewer, ActKind.RESTORE, key=key, bank_account_id=None, parent=parent
    )
    if replayed:
        return act
    _require_some(wanted)
    lines = await reviewable_lines(uow, viewer, wanted, within=_ITEMS, judge=obstacle_to_restore)
    taken = await reviewing.restore(uow, [line.id for line in lines])
    act.details["exclusions"] = [kept(exclusion) for exclusion in taken]
    return await _finish(uow, viewer, act, lines, action="restoreTransactions")


def _require_some(wanted: Mapping[UUID, int | None]) -> None:
    if not 0 < len(wanted) <= MOST_LINES:
        raise InvalidInput(f"Name between 1 and {MOST_LINES} lines.", field=(_ITEMS,))


async def _finish(
    uow: UnitOfWork, viewer: Viewer, act: Act, lines: Sequence[BankTransaction], *, action: str
) -> Act:
    accounts = {line.bank_account_id for line in lines}
    act.bank_account_id = accounts.pop() if len(accounts) == 1 else None
    ids = [line.id for line in lines]
    return await finish(uow, viewer, act, action=action, bank_transaction_ids=ids)


def kept(exclusion: Excluded) -> dict[str, Any]:
    """An exclusion as an act keeps it, to put it back: a person's decision, nothing of the bank."""
    return {
        "bank_transaction_id": str(exclusion.bank_transaction_id),
        "reason": exclusion.reason,
        "actor": exclusion.actor,
        "act_id": str(exclusion.act_id),
        "excluded_at": exclusion.excluded_at.isoformat(),
    }


def as_excluded(one: Mapping[str, Any]) -> Excluded:
    """An exclusion again from what `kept` made of it."""
    return Excluded(
        bank_transaction_id=UUID(one["bank_transaction_id"]),
        reason=one["reason"],
        actor=one["actor"],
        act_id=UUID(one["act_id"]),
        excluded_at=datetime.fromisoformat(one["excluded_at"]),
    )
