"""From a commit in the worker to the last of 1,000 subscribers, against bare pushing of the bytes.

The commit is made in this process, as the worker makes it, and the clients are in a third one.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

from counterfoil.kit.clock import SystemClock
from counterfoil.links.models import BankLink
from counterfoil.plumbing.database import connected
from counterfoil.plumbing.redis_bus import RedisBus
from counterfoil.unit_of_work import ChangeType, Transactions
from tests.benchmarks.applying import Nobody
from tests.benchmarks.figures import Figure
from tests.benchmarks.measuring import medians
from tests.benchmarks.table import by_module, found, product
from tests.services.processes import free_port

SUBSCRIBERS = 1_000
_WITHIN = 60  # seconds in which all must have heard


@dataclass(frozen=True, slots=True)
class Wave:
    """All clients have received a message: when, and the message."""

    at: float
    message: str


@dataclass(frozen=True, slots=True)
class _Crowd:
    process: asyncio.subprocess.Process

    async def wave(self) -> Wave:
        """What all clients have received next."""
        assert self.process.stdout is not None
        async with asyncio.timeout(_WITHIN):
            line = await self.process.stdout.readline()
        return Wave(**orjson.loads(line))


@asynccontextmanager
async def _crowd(port: int, cookie: str) -> AsyncIterator[_Crowd]:
    """Subscribers of the server on `port`, all of which have received their first message."""
    module = "tests.benchmarks.subscribers"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, str(port), str(SUBSCRIBERS), cookie),
        stdout=asyncio.subprocess.PIPE,
        limit=1024 * 1024,
    )
    try:
        crowd = _Crowd(process)
        await crowd.wave()
        yield crowd
    finally:
        process.kill()
        await process.wait()


@dataclass(frozen=True, slots=True)
class _Worker:
    """Commits changes of one login, as the worker does."""

    transactions: Transactions
    organization_id: UUID
    link: BankLink
    crowd: _Crowd

    async def push(self) -> float:
        begun = time.monotonic()
        await self._commit()
        return (await self.crowd.wave()).at - begun

    async def message(self) -> str:
        """What the clients receive of such a commit."""
        await self._commit()
        return (await self.crowd.wave()).message

    async def _commit(self) -> None:
        async with self.transactions.begin(self.organization_id) as uow:
            self.link.revision += 1
            await self.link.save(update_fields=["revision"])
            uow.upserted(ChangeType.BANK_LINK, self.link.id, self.link.revision)


@dataclass(frozen=True, slots=True)
class _Bound:
    """Has the same bytes pushed by the minimal server."""

    control: asyncio.StreamWriter
    message: str
    crowd: _Crowd

    async def push(self) -> float:
        begun = time.monotonic()
        self.control.write(self.message.encode() + b"\n")
        wave = await self.crowd.wave()
        assert wave.message == self.message
        return wave.at - begun


async def measure(
    database_url: str, redis_url: str, folder: Path, *, rounds: int
) -> Sequence[Figure]:
    """One figure: milliseconds from before the commit until the last client has its message."""
    _allow_sockets()
    port, control_port = free_port(), free_port()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(connected(database_url, pool=2))
        company = await found("Company that is followed", accounts=5)
        bus = RedisBus.at(redis_url)
        stack.push_async_callback(bus.close)
        product_port = stack.enter_context(product(database_url, redis_url, folder))
        stack.enter_context(by_module("push_bound", str(port), str(control_port), ready="listen"))
        ours = _Worker(
            Transactions(SystemClock(), bus, Nobody()),
            company.organization_id,
            await BankLink.get(organization_id=company.organization_id),
            await stack.enter_async_context(_crowd(product_port, company.cookie)),
        )
        message = await ours.message()
        _, control = await asyncio.open_connection("127.0.0.1", control_port)
        bound = _Bound(control, message, await stack.enter_async_context(_crowd(port, "none")))
        trials = {"ours": ours.push, "bound": bound.push}
        taken = await medians(trials, rounds=rounds * 4)
    name = f"push a change to {SUBSCRIBERS:,} subscribers"
    return [Figure(name, taken["ours"], "ms", taken["bound"])]


def _allow_sockets() -> None:
    """This process's children may have as many connections open as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
