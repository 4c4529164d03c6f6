"""The rows of journal lines that are cleared without a bank line: taken away, and put back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from counterfoil.reconciliation.models import ClearingOrigin, HandClearing
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.unit_of_work import UnitOfWork

Kept = dict[str, Any]
"""A hand clearing as an act keeps it, to put it back: the columns of its row, as JSON."""


async def of_people(journal_line_ids: Collection[UUID]) -> dict[UUID, list[HandClearing]]:
    """The hand clearings that people made, by line; those of a start stay what they are."""
    rows = await HandClearing.filter(
        journal_line_id__in=list(journal_line_ids), origin=ClearingOrigin.PERSON
    ).order_by("id")
    found: dict[UUID, list[HandClearing]] = {}
    for row in rows:
        found.setdefault(row.journal_line_id, []).append(row)
    return found


async def take_away(uow: UnitOfWork, clearings: Sequence[HandClearing]) -> list[Kept]:
    """Open again what these cleared; returns what it takes to put them back."""
    await HandClearing.filter(id__in=[clearing.id for clearing in clearings]).delete()
    await tell_entries(uow, {clearing.journal_line_id for clearing in clearings})
    return [_kept(clearing) for clearing in clearings]


async def put_back(uow: UnitOfWork, kept: Sequence[Kept]) -> None:
    """Clear again what was taken away, by the same rows."""
    rows = [
        HandClearing(
            id=UUID(one["id"]),
            organization_id=uow.organization_id,
            journal_line_id=UUID(one["journal_line_id"]),
            amount_minor=one["amount_minor"],
            cleared_on=date.fromisoformat(one["cleared_on"]),
            origin=ClearingOrigin(one["origin"]),
            reason=one["reason"],
            act_id=UUID(one["act_id"]),
        )
        for one in kept
    ]
    await HandClearing.bulk_create(rows)
    await tell_entries(uow, {row.journal_line_id for row in rows})


def _kept(clearing: HandClearing) -> Kept:
    return {
        "id": str(clearing.id),
        "journal_line_id": str(clearing.journal_line_id),
        "amount_minor": clearing.amount_minor,
        "cleared_on": clearing.cleared_on.isoformat(),
        "origin": clearing.origin.value,
        "reason": clearing.reason,
        "act_id": str(clearing.act_id),
    }
