"""Which accounts are hidden: for the server's command line alone, no viewer sees any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.functions import Max

from counterfoil.accounts.hiding import HIDDEN
from counterfoil.accounts.models import AccountKey, BankAccount
from counterfoil.audit.models import AuditEvent
from counterfoil.identity.models import Organization, User


@dataclass(frozen=True, slots=True)
class HiddenAccount:
    """A hidden account as the operator sees it.

    `seen_at` is when a login last handed over an account that was taken for it. `by` is who hid
    it; null where nobody knows.
    """

    id: UUID
    organization_id: UUID
    organization: str
    name: str
    number: str | None
    institution: str | None
    hidden_at: datetime
    seen_at: datetime | None
    by: str | None
    reason: str | None


async def hidden_accounts() -> Sequence[HiddenAccount]:
    """All hidden accounts of all organizations, in the order in which they were hidden."""
    rows = await (
        BankAccount.filter(hidden_at__not_isnull=True)
        .order_by("hidden_at", "id")
        .values("id", "organization_id", "name", "number", "hidden_at")
    )
    ids = [row["id"] for row in rows]
    organizations = dict(await Organization.all().values_list("id", "name"))
    done, seen = await _hiding_of(ids), await _last_seen(ids)
    people = await _names({event.user_id for event in done.values()})
    return [
        HiddenAccount(
            **row,
            organization=organizations[row["organization_id"]],
            institution=_told(event, "institution"),
            reason=_told(event, "reason"),
            by=people.get(event.user_id) if event else None,
            seen_at=seen.get(row["id"]),
        )
        for row in rows
        for event in [done.get(row["id"])]
    ]


async def organization_of(bank_account_id: UUID) -> UUID | None:
    """Whose hidden account this is; None where there is none."""
    row = await BankAccount.filter(id=bank_account_id, hidden_at__not_isnull=True).first()
    return row.organization_id if row else None


async def _hiding_of(ids: Sequence[UUID]) -> Mapping[UUID, AuditEvent]:
    """The newest event of each account that tells how it was hidden."""
    events = AuditEvent.filter(action=HIDDEN, object_id__in=ids).order_by("sequence")
    return {event.object_id: event for event in await events}


async def _last_seen(ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    keys = await (
        AccountKey.filter(bank_account_id__in=ids)
        .annotate(last=Max("seen_at"))
        .group_by("bank_account_id")
        .values("bank_account_id", "last")
    )
    return {key["bank_account_id"]: key["last"] for key in keys}


async def _names(user_ids: set[UUID | None]) -> Mapping[UUID | None, str]:
    known = [user_id for user_id in user_ids if user_id is not None]
    return dict(await User.filter(id__in=known).values_list("id", "name"))


def _told(event: AuditEvent | None, fact: str) -> Any:
    return (event.after or {}).get(fact) if event else None
