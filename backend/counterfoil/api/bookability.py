"""Whether a bank line can be booked, by the very function that the operations ask."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from counterfoil.api.permissions import Permission, permissions
from counterfoil.reconciliation.bookable import Obstacle, obstacle
from counterfoil.viewer import Forbidden, Right, Viewer


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides whether a line is bookable: its own columns, and its account's."""

    removed_at: datetime | None
    pending: bool
    undecided_at: datetime | None
    excluded_at: datetime | None
    amount_minor: int
    reconciled_minor: int
    dated_on: date
    ledger_account_id: UUID | None
    start_on: date | None


FACTS = tuple(field.name for field in fields(_Facts))
"""The columns of a line that these functions are given, in this order."""


def _obstacle(*facts: Any) -> Obstacle | None:
    known = _Facts(*facts)
    return obstacle(known, known)


def is_bookable(*facts: Any) -> bool:
    """Whether a line can be booked or matched as it stands."""
    return _obstacle(*facts) is None


def blocked_reason(viewer: Viewer, *facts: Any) -> str | None:
    """Why the viewer can't book a line, in words; None when they can."""
    if not viewer.may(Right.CODE):
        return str(Forbidden(Right.CODE))
    found = _obstacle(*facts)
    return found.value if found else None


def coding_permissions(viewer: Viewer) -> list[Permission]:
    """What the viewer may do with a line, as far as rights decide."""
    return permissions(viewer, Right.CODE)
