"""What the worker runs: ids in, one operation called, nothing else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from counterfoil.links.hints import advance_job
from counterfoil.links.importing import Importer
from counterfoil.links.linking import Linking
from counterfoil.links.sweeping import Sweeper
from counterfoil.unit_of_work import DoorbellLost, prune
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the jobs need, made once when the worker starts."""

    importer: Importer
    linking: Linking
    sweeper: Sweeper


Context = dict[str, Any]


def _workshop(context: Context) -> Workshop:
    workshop: Workshop = context["workshop"]
    return workshop


async def run_refresh(context: Context, *, refresh_id: str, generation: int) -> None:
    """Pull one link."""
    await _workshop(context).importer.run(UUID(refresh_id), generation)


async def advance_session(context: Context, *, session_id: str, organization_id: str) -> None:
    """Ask how a link session stands."""
    system = Viewer.system(UUID(organization_id))
    await _workshop(context).linking.advance(system, UUID(session_id))


async def check_health(context: Context, *, bank_link_id: str) -> None:
    """Ask for the health of a link without signing in."""
    await _workshop(context).sweeper.check_health(UUID(bank_link_id))


async def revoke(context: Context, *, revocation_id: str) -> None:
    """End a login at the aggregator."""
    await _workshop(context).sweeper.revoke(UUID(revocation_id))


async def tick(context: Context) -> None:
    """Hand out all that is due, stuck, expired or owed."""
    await _workshop(context).sweeper.sweep()


async def follow_sessions(context: Context) -> None:
    """Have the open link sessions asked about that nobody else asks about."""
    workshop = _workshop(context)
    queue = workshop.sweeper.transactions.queue
    at = int(workshop.sweeper.clock.now().timestamp())
    with suppress(DoorbellLost):  # they are found again in a moment
        for session in await workshop.sweeper.sessions_to_follow():
            await queue.enqueue(advance_job(session, at=at))


async def forget_old(context: Context) -> None:
    """Forget what is past its time."""
    await prune(_workshop(context).sweeper.clock.now())


JOBS = (run_refresh, advance_session, check_health, revoke)
