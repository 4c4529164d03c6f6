"""Who runs a refresh: a lease in the database, so that two workers never write for one.

A refresh has a generation. The tick raises it when it hands the refresh out again; writes of an
older generation find no row and fail with `LeaseLost`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F, Q
from tortoise.queryset import QuerySet

from counterfoil.links.models import Refresh, RefreshPhase, RefreshState, RefreshTrigger
from counterfoil.unit_of_work import ChangeType, UnitOfWork

LEASE = timedelta(seconds=20)
RENEWAL = timedelta(seconds=5)
SAVING = timedelta(minutes=2)
"""The lease while the one closing transaction runs, in which it cannot be renewed."""
PROGRESS_LIMIT = timedelta(minutes=5)
"""How long a pull may go without progress; its length alone is no failure."""


class LeaseLost(Exception):
    """Another worker has taken this refresh over, or it has ended."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one refresh."""

    organization_id: UUID
    bank_link_id: UUID
    refresh_id: UUID
    generation: int


async def organization_of(refresh_id: UUID) -> UUID | None:
    """Whose refresh this is; None where there is none."""
    refresh = await Refresh.get_or_none(id=refresh_id).only("id", "organization_id")
    return refresh.organization_id if refresh else None


async def take(uow: UnitOfWork, refresh_id: UUID, generation: int) -> Lease | None:
    """Take the lease; None where the generation is old, or somebody else holds it."""
    free = Q(state=RefreshState.QUEUED) | Q(state=RefreshState.RUNNING, lease_until__lt=uow.now)
    taken = await Refresh.filter(free, id=refresh_id, generation=generation).update(
        state=RefreshState.RUNNING,
        phase=RefreshPhase.CONNECT,
        lease_until=uow.now + LEASE,
        deadline_at=uow.now + PROGRESS_LIMIT,
        revision=F("revision") + 1,
    )
    if not taken:
        return None
    await Refresh.filter(id=refresh_id, started_at=None).update(started_at=uow.now)
    refresh = await Refresh.get(id=refresh_id)
    uow.upserted(ChangeType.REFRESH, refresh.id, refresh.revision)
    uow.upserted(ChangeType.BANK_LINK, refresh.bank_link_id, None)
    return Lease(uow.organization_id, refresh.bank_link_id, refresh.id, generation)


async def renew(lease: Lease, now: datetime) -> None:
    """Hold the lease a while longer; a longer one is left as it is.

    Raises:
        LeaseLost.
    """
    until = now + LEASE
    await _held(lease).filter(lease_until__lt=until).update(lease_until=until)
    if not await _held(lease).exists():
        raise LeaseLost


async def give_up(lease: Lease, now: datetime) -> None:
    """Let the next tick hand the refresh out again, without waiting for the lease to run out."""
    await _held(lease).update(lease_until=now)


async def hold(uow: UnitOfWork, lease: Lease, *, longer: timedelta = LEASE) -> Refresh:
    """The refresh, locked for this transaction and proved to be ours still.

    Raises:
        LeaseLost.
    """
    if not await _held(lease).update(
        lease_until=uow.now + longer,
        deadline_at=uow.now + PROGRESS_LIMIT,
        revision=F("revision") + 1,
    ):
        raise LeaseLost
    refresh = await Refresh.get(id=lease.refresh_id)
    uow.upserted(ChangeType.REFRESH, refresh.id, refresh.revision)
    return refresh


async def trigger_of(lease: Lease) -> RefreshTrigger:
    """Why this refresh runs."""
    refresh = await Refresh.get(id=lease.refresh_id).only("id", "trigger")
    return refresh.trigger


def _held(lease: Lease) -> QuerySet[Refresh]:
    return Refresh.filter(
        id=lease.refresh_id, generation=lease.generation, state=RefreshState.RUNNING
    )
