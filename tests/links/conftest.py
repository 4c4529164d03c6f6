"""What the worker is made of, around a bank in memory and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from counterfoil import jobs
from counterfoil.accounts.models import BankAccount
from counterfoil.identity.models import Organization
from counterfoil.jobs import Workshop
from counterfoil.links.importing import Importer
from counterfoil.links.linking import Linking
from counterfoil.links.models import BankLink, Refresh, RefreshTrigger
from counterfoil.links.operations import request_refresh
from counterfoil.links.sweeping import Sweeper
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Viewer
from tests.factories import KEYRING, make_link, make_organization, make_viewer
from tests.fakes import FakeAggregator, FixedClock, RecordingBell, RecordingPause, RecordingQueue

TICK = timedelta(seconds=30)
INTERVAL = timedelta(hours=6)
_JOBS: Mapping[str, Callable[..., Awaitable[None]]] = {job.__name__: job for job in jobs.JOBS}


@dataclass
class Shop:
    """A worker's parts, an organization, and a person of it who may do everything."""

    clock: FixedClock
    bell: RecordingBell
    queue: RecordingQueue
    pause: RecordingPause
    bank: FakeAggregator
    transactions: Transactions
    importer: Importer
    linking: Linking
    sweeper: Sweeper
    organization: Organization
    viewer: Viewer

    @property
    def workshop(self) -> Workshop:
        return Workshop(self.importer, self.linking, self.sweeper)

    async def work(self) -> None:
        """Run all jobs that are queued, and those that they queue."""
        while queued := self.queue.take():
            for job in queued:
                await _JOBS[job.name]({"workshop": self.workshop}, **job.arguments)

    async def request(
        self, link: BankLink, trigger: RefreshTrigger = RefreshTrigger.SCHEDULE
    ) -> Refresh:
        """Queue a pull."""
        async with self.transactions.begin(link.organization_id) as uow:
            return await request_refresh(uow, self.viewer, bank_link_id=link.id, trigger=trigger)

    async def pull(
        self, link: BankLink, trigger: RefreshTrigger = RefreshTrigger.SCHEDULE
    ) -> Refresh:
        """Queue a pull and run it to its end; the refresh as it is then."""
        refresh = await self.request(link, trigger)
        await self.work()
        return await Refresh.get(id=refresh.id)

    async def tick(self, after: timedelta = timedelta()) -> None:
        """One sweep, some time later; its jobs are queued."""
        self.clock.advance(after)
        await self.sweeper.sweep()


def make_shop(
    organization: Organization,
    viewer: Viewer,
    *,
    bank: FakeAggregator | None = None,
    queue: RecordingQueue | None = None,
) -> Shop:
    """A worker's parts around an empty bank and queue, where no others are given."""
    bank, queue = bank or FakeAggregator(), queue or RecordingQueue()
    clock, bell = FixedClock(), RecordingBell()
    pause = RecordingPause(clock)
    transactions = Transactions(clock, bell, queue)
    banks = {bank.name: bank}
    return Shop(
        clock=clock,
        bell=bell,
        queue=queue,
        pause=pause,
        bank=bank,
        transactions=transactions,
        importer=Importer(transactions, banks, KEYRING, clock, interval=INTERVAL, pause=pause),
        linking=Linking(
            transactions,
            banks,
            KEYRING,
            clock,
            public_url="https://books.example",
            webhook_url=None,
            public_id=str,
            app_return_urls=("https://app.example/",),
        ),
        sweeper=Sweeper(transactions, banks, KEYRING, clock, tick=TICK, interval=INTERVAL),
        organization=organization,
        viewer=viewer,
    )


@pytest.fixture
async def shop(database: str) -> Shop:
    organization = await make_organization()
    return make_shop(organization, await make_viewer(organization))


@pytest.fixture
async def link(shop: Shop) -> BankLink:
    """A login at the bank, with one account open there."""
    shop.bank.open_account()
    return await make_link(shop.organization)


async def stored(link: BankLink) -> Mapping[str, BankTransaction]:
    """The lines of a login that are not withdrawn, by the aggregator's id."""
    accounts = await BankAccount.filter(bank_link_id=link.id).values_list("id", flat=True)
    rows = await BankTransaction.filter(bank_account_id__in=list(accounts), removed_at=None)
    return {row.aggregator_id: row for row in rows}


async def fresh(link: BankLink) -> BankLink:
    """The link as it is now."""
    return await BankLink.get(id=link.id)


async def account_of(link: BankLink, aggregator_id: str = "checking") -> BankAccount:
    return await BankAccount.get(bank_link_id=link.id, aggregator_id=aggregator_id)


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition for some seconds at most."""
    for _ in range(1000):
        if await condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come true")


async def refresh_of(refresh_id: UUID) -> Refresh:
    return await Refresh.get(id=refresh_id)
