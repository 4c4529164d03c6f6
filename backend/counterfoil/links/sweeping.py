"""What the tick finds in the database: all that is due, stuck, expired or owed.

This is the whole of recovery. Flush the queue, kill a worker: the next sweep hands the work out
again, under a new generation, so that an old job does nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from tortoise import Model
from tortoise.expressions import F, Q, Subquery

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    ErrorKind,
    Retry,
)
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.links import finishing, schedule, settling
from counterfoil.links.models import (
    BankLink,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    RefreshTrigger,
    Revocation,
)
from counterfoil.links.operations import find_living, refresh_job, request_refresh
from counterfoil.links.revoking import REVOKE_LIMIT, Revoker
from counterfoil.links.secrets import unseal
from counterfoil.unit_of_work import ChangeType, Job, Transactions
from counterfoil.viewer import Viewer

log = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)

AT_ONCE = 200
TAKEOVERS = 5
"""A refresh is taken over this often and then given up, lest it take every worker with it."""
POLL = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """The tick; made once by the worker's composition root."""

    transactions: Transactions
    aggregators: Mapping[str, Aggregator]
    keyring: Keyring
    clock: Clock
    tick: timedelta
    interval: timedelta
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def sweep(self) -> None:
        """Hand out everything that is waiting for somebody to notice it."""
        now = self.clock.now()
        await self._hand_out_again(now)
        await self._pull_due(now)
        await self._enqueue_health(now)
        await self._enqueue_revocations(now)
        await self._expire_sessions(now)

    async def _each(self, rows: Iterable[Row], act: Callable[[Row], Awaitable[None]]) -> None:
        """Act on each row; one that fails is logged and does not keep the others waiting."""
        for row in rows:
            try:
                await act(row)
            except Exception:
                log.exception("the tick failed at %s %s", type(row).__name__, row.pk)

    async def _hand_out_again(self, now: datetime) -> None:
        waited = Q(state=RefreshState.QUEUED, queued_at__lt=now - self.tick)
        unseen = Q(lease_until=None) | Q(lease_until__lt=now)
        dead = Q(state=RefreshState.RUNNING, lease_until__lt=now)
        stuck = Refresh.filter((waited & unseen) | dead).limit(AT_ONCE)
        await self._each(await stuck, self._hand_out)

    async def _hand_out(self, seen: Refresh) -> None:
        """Queue one stuck refresh anew under the next generation, unless it moved meanwhile.

        It is given two ticks before it is handed out again, so that a long queue is not handed
        out over and over.
        """
        died = seen.state is RefreshState.RUNNING
        async with self.transactions.begin(seen.organization_id) as uow:
            link = await BankLink.filter(id=seen.bank_link_id).select_for_update(no_key=True).get()
            moved = await Refresh.filter(
                id=seen.id,
                generation=seen.generation,
                state=seen.state,
                lease_until=seen.lease_until,
            ).update(
                state=RefreshState.QUEUED,
                phase=None,
                lease_until=uow.now + 2 * self.tick,
                generation=F("generation") + 1,
                takeovers=F("takeovers") + int(died),
                revision=F("revision") + 1,
            )
            if not moved:
                return
            refresh = await Refresh.get(id=seen.id)
            if refresh.takeovers > TAKEOVERS:
                await settling.settle_failure(
                    uow, link, refresh, _interrupted(), interval=self.interval
                )
                return
            uow.upserted(ChangeType.REFRESH, refresh.id, refresh.revision)
            uow.upserted(ChangeType.BANK_LINK, refresh.bank_link_id, None)
            uow.enqueue(refresh_job(refresh))

    async def _pull_due(self, now: datetime) -> None:
        under_way = Refresh.filter(under_way__not_isnull=True).values("under_way")
        due = (
            await BankLink.filter(
                next_update_at__lte=now, ended_at=None, id__not_in=Subquery(under_way)
            )
            .order_by("next_update_at")
            .limit(AT_ONCE)
        )
        await self._each(due, self._pull)

    async def _pull(self, link: BankLink) -> None:
        async with self.transactions.begin(link.organization_id) as uow:
            system = Viewer.system(link.organization_id)
            await request_refresh(
                uow, system, bank_link_id=link.id, trigger=RefreshTrigger.SCHEDULE
            )

    async def _enqueue_health(self, now: datetime) -> None:
        due = BankLink.filter(next_health_at__lte=now, ended_at=None).limit(AT_ONCE)
        await self._each(await due, self._ask_for_health)

    async def _ask_for_health(self, link: BankLink) -> None:
        async with self.transactions.begin(link.organization_id) as uow:
            later = uow.now + schedule.HEALTH_INTERVAL
            await BankLink.filter(id=link.id).update(next_health_at=later)
            uow.enqueue(health_job(link.id, uow.now))

    async def _enqueue_revocations(self, now: datetime) -> None:
        due = Revocation.filter(done_at=None, next_try_at__lte=now).order_by("next_try_at")
        await self._each(await due.limit(AT_ONCE), self._ask_to_revoke)

    async def _ask_to_revoke(self, row: Revocation) -> None:
        """Queue one that is due. It stays so until a run claims it, and waits in the queue no more
        than once for each `REVOKE_LIMIT`."""
        async with self.transactions.begin(row.organization_id) as uow:
            turn = int(uow.now.timestamp() // REVOKE_LIMIT.total_seconds())
            key = f"revoke:{row.id}:{turn}"
            uow.enqueue(Job("revoke", {"revocation_id": str(row.id)}, key=key))

    async def _expire_sessions(self, now: datetime) -> None:
        """End those that nobody follows: the others expire when they are asked about."""
        unfollowed = (LinkSessionState.STARTED, LinkSessionState.DECIDING)
        late = LinkSession.filter(state__in=unfollowed, expires_at__lte=now)
        await self._each(await late.limit(AT_ONCE), self._expire)

    async def _expire(self, session: LinkSession) -> None:
        async with self.transactions.begin(session.organization_id) as uow:
            await finishing.expire(uow, session.id)

    async def sessions_to_follow(self) -> Sequence[LinkSession]:
        """Sessions that nobody has asked about for `POLL`: open ones, and those whose redeemed
        login has not been made a link of yet."""
        now = self.clock.now()
        unasked = Q(polled_at=None) | Q(polled_at__lt=now - POLL)
        unfinished = Q(state=LinkSessionState.WAITING) | Q(redeemed_encrypted__not_isnull=True)
        return await LinkSession.filter(unasked, unfinished).limit(AT_ONCE)

    async def check_health(self, bank_link_id: UUID) -> None:
        """Ask how a login is; a repair made elsewhere is followed by a pull.

        A question that only went unanswered says nothing about the login, nor does an answer about
        a grant that it has no more.
        """
        link = await BankLink.filter(id=bank_link_id, ended_at=None).select_related("grant").first()
        if link is None:
            return
        error = await self._health_error(link)
        if error is not None and error.retry is not Retry.NEVER:
            return
        async with self.transactions.begin(link.organization_id) as uow:
            now = await find_living(link.id)
            if now is None or now.grant_id != link.grant_id:
                return
            if error is None:
                await request_refresh(
                    uow,
                    Viewer.system(link.organization_id),
                    bank_link_id=link.id,
                    trigger=RefreshTrigger.REPAIR,
                )
            elif not await Refresh.filter(under_way=link.id).exists():
                await settling.note_health(uow, link.id, error, interval=self.interval)

    async def _health_error(self, link: BankLink) -> AggregatorError | None:
        stored = link.grant.secret_encrypted
        try:
            secret = unseal(self.keyring, link.organization_id, link.grant_id, stored)
            return (await self.aggregators[link.aggregator].health(secret)).error
        except AggregatorError as refused:
            return refused

    async def revoke(self, revocation_id: UUID) -> None:
        """End a login at the aggregator, and destroy its secret once that is done."""
        revoker = Revoker(self.aggregators, self.keyring, self.clock, self.pause)
        await revoker.revoke(revocation_id)


def health_job(bank_link_id: UUID, now: datetime) -> Job:
    """The job that asks for the health of a link; one a second is enough."""
    key = f"health:{bank_link_id}:{int(now.timestamp())}"
    return Job("check_health", {"bank_link_id": str(bank_link_id)}, key=key)


def _interrupted() -> AggregatorError:
    return AggregatorError(
        ErrorKind.PROTOCOL,
        retry=Retry.SCHEDULED,
        provider_message=f"This pull was interrupted {TAKEOVERS + 1} times.",
    )
