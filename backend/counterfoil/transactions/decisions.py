"""Writing down what a person decided about a line that the bank changed, and taking it back.

These are the rows alone: the matches and entries that a decision moves are `reconciliation`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from counterfoil.transactions.deciding import AlreadyDecided, Resolution, as_reported, visible_item
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

Columns = Mapping[str, Any]
"""What a match holds of a bank line: the columns by name."""
_HELD = ("amount_minor", "currency", "exponent", "dated_on", "pending", "removed_at")


async def open_item(viewer: Viewer, review_item_id: UUID) -> ReviewItem:
    """The viewer's review item, about which nobody has decided. Reads follow `uow.position()`.

    Raises:
        NotFound, AlreadyDecided.
    """
    item = await visible_item(viewer, review_item_id)
    if item.resolved_at is not None:
        raise AlreadyDecided
    return item


def booked_version(line: BankTransaction) -> Columns:
    """The line as it is."""
    return {name: getattr(line, name) for name in _HELD}


def reported_version(item: ReviewItem, line: BankTransaction, *, now: datetime) -> Columns:
    """The line as the bank reports it; one that it withdrew is gone since `now`."""
    if item.kind is ReviewKind.WITHDRAWN:
        return {**booked_version(line), "removed_at": now}
    return {"removed_at": None, **as_reported(item)}


async def write_version(bank_transaction_id: UUID, version: Columns) -> None:
    """Make a line, which is in no match, what `version` says; the caller touches it."""
    await BankTransaction.filter(id=bank_transaction_id).update(**version)


async def decided(
    uow: UnitOfWork,
    item: ReviewItem,
    *,
    resolution: Resolution,
    act_id: UUID,
    replaced: Mapping[str, Any],
) -> None:
    """Close a review item by an act; `replaced` is what it takes to take that back."""
    await ReviewItem.filter(id=item.id).update(
        resolved_at=uow.now, resolution=resolution, act_id=act_id, replaced=dict(replaced)
    )
    await BankTransaction.filter(id=item.bank_transaction_id).update(undecided_at=None)


async def decided_by(act_id: UUID) -> ReviewItem | None:
    """The review item that an act decided about, unless its line was erased since."""
    return await ReviewItem.get_or_none(act_id=act_id)


async def was_changed_again(item: ReviewItem) -> bool:
    """Whether the bank said something else of the line since."""
    return await ReviewItem.filter(
        bank_transaction_id=item.bank_transaction_id, raised_at__gt=item.raised_at
    ).exists()


async def undecide(uow: UnitOfWork, item: ReviewItem) -> None:
    """Let a decided item wait for a decision again; the caller touches the line."""
    await ReviewItem.filter(id=item.id).update(
        resolved_at=None, resolution=None, act_id=None, replaced=None
    )
    await BankTransaction.filter(id=item.bank_transaction_id).update(undecided_at=uow.now)


def version_as_json(version: Columns) -> dict[str, Any]:
    """A version as `ReviewItem.replaced` keeps it."""
    removed_at: datetime | None = version["removed_at"]
    return {
        **version,
        "dated_on": version["dated_on"].isoformat(),
        "removed_at": removed_at.isoformat() if removed_at else None,
    }


def version_of_json(kept: Mapping[str, Any]) -> Columns:
    """The version that was kept."""
    removed_at: str | None = kept["removed_at"]
    return {
        **kept,
        "dated_on": date.fromisoformat(kept["dated_on"]),
        "removed_at": datetime.fromisoformat(removed_at) if removed_at else None,
    }
