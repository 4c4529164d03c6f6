"""Pulling one link: ask, stage, and apply all of it in one transaction.

No transaction is open while the aggregator is asked. The cursor is saved with the rows that it
covers, compared with the one that the pull began at. A pull that dies is taken over by the next
worker, which goes on after the last staged page.

An account that is wanted back on a login that lives has its history behind the cursor: such a pull
reads to the end of the saved cursor first, and then everything once more from an empty one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    ChangesPage,
    ErrorKind,
    GrantSecret,
    LinkSnapshot,
    Retry,
)
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.links import leases, settling, staging
from counterfoil.links.counting import counted_accounts, counts_among, lines_among
from counterfoil.links.leases import Lease, LeaseLost
from counterfoil.links.models import BankLink, RefreshPhase, RefreshTrigger
from counterfoil.links.secrets import unseal
from counterfoil.links.settling import CursorMoved, HistoryMissing
from counterfoil.links.wanting import is_history_behind
from counterfoil.unit_of_work import ChangeType, Transactions

log = logging.getLogger(__name__)

RESTARTS = 5
"""How often a pull begins again because the bank changed lines between two pages."""
RETRIES = 3
LONGEST_WAIT = timedelta(minutes=2)
"""A limit that is over within this time is waited for; a longer one ends the pull."""

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Importer:
    """Runs refreshes; made once by the worker's composition root."""

    transactions: Transactions
    aggregators: Mapping[str, Aggregator]
    keyring: Keyring
    clock: Clock
    interval: timedelta
    pause: Pause = asyncio.sleep

    async def run(self, refresh_id: UUID, generation: int) -> None:
        """Run a refresh to its end, unless its generation is old or another worker has it."""
        organization_id = await leases.organization_of(refresh_id)
        if organization_id is None:
            return
        async with self.transactions.begin(organization_id) as uow:
            lease = await leases.take(uow, refresh_id, generation)
        if lease is None:
            return
        try:
            await self._pull(lease)
        except LeaseLost:
            log.info("refresh %s was taken over or has ended", refresh_id)

    async def _pull(self, lease: Lease) -> None:
        link = await BankLink.get(id=lease.bank_link_id).select_related("grant", "institution")
        try:
            pull = _Pull(self, lease, link, self._secret(link))
            pulled = await self._beside_renewal(lease, pull.fetch())
        except AggregatorError as error:
            await self._fail(lease, error)
        else:
            await self._settle(lease, pulled)

    def _secret(self, link: BankLink) -> GrantSecret:
        stored = link.grant.secret_encrypted
        return unseal(self.keyring, link.organization_id, link.grant_id, stored)

    async def _settle(self, lease: Lease, pulled: Pulled) -> None:
        """Write all of it. Pages that do not fit the saved cursor are dropped: the next one to
        take this refresh over reads them anew. It reads on where a history is missing."""
        try:
            async with self.transactions.begin(lease.organization_id) as uow:
                await settling.succeed(
                    uow,
                    lease,
                    snapshot=pulled.snapshot,
                    start_cursor=pulled.start_cursor,
                    asked_bank=pulled.asked_bank,
                    interval=self.interval,
                    keyring=self.keyring,
                )
        except CursorMoved:
            log.warning("refresh %s begins again: its cursor was moved", lease.refresh_id)
            await staging.drop(lease.refresh_id)
            await leases.give_up(lease, self.clock.now())
        except HistoryMissing:
            log.info("refresh %s goes on: an account was asked back meanwhile", lease.refresh_id)
            await leases.give_up(lease, self.clock.now())

    async def _fail(self, lease: Lease, error: AggregatorError) -> None:
        async with self.transactions.begin(lease.organization_id) as uow:
            await settling.fail(uow, lease, error, interval=self.interval)

    async def _beside_renewal(self, lease: Lease, work: Coroutine[Any, Any, Pulled]) -> Pulled:
        """Keep the lease while the work goes on; losing it ends the work with `LeaseLost`."""
        tasks = [asyncio.create_task(work), asyncio.create_task(self._renew(lease))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ended = tasks[0] if tasks[0] in done else tasks[1]
            return cast(Pulled, ended.result())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(leases.RENEWAL.total_seconds())
            await leases.renew(lease, self.clock.now())


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull fetched: the snapshot here, the pages staged."""

    snapshot: LinkSnapshot
    start_cursor: str | None
    asked_bank: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pull goes on: behind the page of this number, at a cursor of one of two readings."""

    number: int
    cursor: str | None
    from_start: bool = False


@dataclass(slots=True)
class _Pull:
    """The network half of one refresh."""

    importer: Importer
    lease: Lease
    link: BankLink
    secret: GrantSecret

    async def fetch(self) -> Pulled:
        """Stage all pages, then read the accounts: so every account that a line names is known."""
        asked = await self._ask_bank()
        await self._stage_all()
        snapshot = await self._snapshot()
        counted = await counted_accounts(self.link)
        accounts, balances = counts_among(snapshot.accounts, counted)
        await self._report(RefreshPhase.BALANCES, accounts=accounts, balances=balances)
        await self._report(RefreshPhase.SAVING, lease=leases.SAVING)
        return Pulled(snapshot, self.link.cursor, asked)

    @property
    def _adapter(self) -> Aggregator:
        return self.importer.aggregators[self.link.aggregator]

    async def _ask_bank(self) -> bool:
        """Ask the bank to look now, where a person pressed Refresh and the aggregator can."""
        refresh = await leases.trigger_of(self.lease)
        if refresh is not RefreshTrigger.PERSON or not self._adapter.capabilities.live_refresh:
            return False
        try:
            await self._adapter.refresh(self.secret)
        except AggregatorError as error:
            harmless = error.kind in {ErrorKind.UNSUPPORTED, ErrorKind.RATE_LIMITED}
            if error.retry is Retry.NEVER and not harmless:
                raise
            return False
        return True

    async def _snapshot(self) -> LinkSnapshot:
        await self._report(RefreshPhase.ACCOUNTS)
        snapshot = await self._patiently(lambda: self._adapter.snapshot(self.secret))
        if snapshot.health.error is not None:
            raise snapshot.health.error
        return snapshot

    async def _stage_all(self) -> None:
        """Stage every page that is to be read, from the first again where lines moved."""
        for attempt in range(RESTARTS + 1):
            try:
                await self._stage_after_last()
                return
            except AggregatorError as error:
                if error.kind is not ErrorKind.RESTART_PAGINATION or attempt == RESTARTS:
                    raise
            await self._begin_again()
            await self.importer.pause(2**attempt)

    async def _begin_again(self) -> None:
        await self._report(RefreshPhase.TRANSACTIONS, lines=0)
        await staging.drop(self.lease.refresh_id)

    async def _stage_after_last(self) -> None:
        failures = 0
        while (place := await self._next_place()) is not None:
            try:
                await self._stage_after(place)
            except AggregatorError as error:
                newest = await staging.newest(self.lease.refresh_id)
                moved = newest is not None and newest.number != place.number
                failures = 1 if moved else failures + 1
                await self._wait_or_raise(error, failures)

    async def _next_place(self) -> _Place | None:
        """Behind the newest staged page, whoever staged it; None when all has been read."""
        last = await staging.newest(self.lease.refresh_id)
        if last is None:
            return _Place(0, self.link.cursor)
        if last.has_more:
            return _Place(last.number, last.next_cursor, last.from_start)
        if last.from_start or not await is_history_behind(self.link):
            return None
        return _Place(last.number, None, from_start=True)

    async def _stage_after(self, place: _Place) -> None:
        number = place.number
        limit = leases.PROGRESS_LIMIT.total_seconds()
        progress = asyncio.timeout(limit)
        try:
            async with progress:
                async for page in self._adapter.changes(self.secret, place.cursor):
                    number += 1
                    await self._keep(number, page, from_start=place.from_start)
                    progress.reschedule(asyncio.get_running_loop().time() + limit)
        except TimeoutError:
            if not progress.expired():
                raise
            raise _timed_out() from None

    async def _keep(self, number: int, page: ChangesPage, *, from_start: bool) -> None:
        lines = lines_among([page], await counted_accounts(self.link))
        async with self.importer.transactions.begin(self.lease.organization_id) as uow:
            refresh = await leases.hold(uow, self.lease)
            refresh.phase = RefreshPhase.TRANSACTIONS
            refresh.lines += lines
            await refresh.save(update_fields=["phase", "lines"])
            await staging.stage(self.lease.refresh_id, number, page, from_start=from_start)
            uow.upserted(ChangeType.BANK_LINK, self.link.id, None)

    async def _report(
        self, phase: RefreshPhase, *, lease: timedelta = leases.LEASE, **counts: int
    ) -> None:
        async with self.importer.transactions.begin(self.lease.organization_id) as uow:
            refresh = await leases.hold(uow, self.lease, longer=lease)
            refresh.update_from_dict({"phase": phase, **counts})
            await refresh.save(update_fields=["phase", *counts])
            uow.upserted(ChangeType.BANK_LINK, self.link.id, None)

    async def _patiently(self, call: Callable[[], Awaitable[LinkSnapshot]]) -> LinkSnapshot:
        failures = 0
        while True:
            try:
                return await call()
            except AggregatorError as error:
                failures += 1
                await self._wait_or_raise(error, failures)

    async def _wait_or_raise(self, error: AggregatorError, failures: int) -> None:
        """Wait out a passing fault or a short limit; anything else ends the pull."""
        now = self.importer.clock.now()
        if error.kind is ErrorKind.RATE_LIMITED and error.retry_at is not None:
            if error.retry_at - now > LONGEST_WAIT or failures > RETRIES:
                raise error
            await self.importer.pause(max((error.retry_at - now).total_seconds(), 1))
        elif error.kind is ErrorKind.TRANSIENT and failures <= RETRIES:
            await self.importer.pause(2 ** (failures - 1))
        else:
            raise error


def _timed_out() -> AggregatorError:
    minutes = int(leases.PROGRESS_LIMIT.total_seconds() // 60)
    return AggregatorError(
        ErrorKind.TRANSIENT,
        retry=Retry.SOON,
        provider_message=f"Nothing came for {minutes} minutes.",
    )
