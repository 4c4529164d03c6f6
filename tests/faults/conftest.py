"""A product without its page: database, Valkey, the sandbox bank and real worker processes."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import Found, LinkPurpose, LinkRequest, NewLink
from counterfoil.aggregators.registry import open_aggregators
from counterfoil.kit.clock import SystemClock
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger
from counterfoil.links.operations import request_refresh
from counterfoil.plumbing.arq_queue import ArqQueue
from counterfoil.plumbing.database import connected
from counterfoil.plumbing.redis_bus import RedisBus
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Viewer
from tests.aggregators.sandbox import CLIENT_ID, SECRET, Person, SandboxBank, sandbox_bank
from tests.factories import KEYRING, make_link, make_organization
from tests.services.processes import COUNTERFOIL, Running, environment, running
from tests.services.valkey import ValkeyServer

TICK_SECONDS = 1
LINES = 1_000
"""The history at the bank is longer than this: its pages, of 500 lines, have a middle."""
SLOW = {"kind": "delay", "path": "/transactions/sync", "seconds": 2, "skip": 1, "count": 2}
AT_ONCE = {"initial_seconds": 0, "historical_seconds": 0}


@dataclass(frozen=True)
class World:
    """What a fault happens to. The test itself plays the web process."""

    bank: SandboxBank
    database_url: str
    valkey: ValkeyServer
    folder: Path
    transactions: Transactions

    def worker(self) -> AbstractContextManager[Running]:
        """A worker process on this database and this Valkey."""
        env = environment(
            DATA_DIR=str(self.folder),
            DATABASE_URL=self.database_url,
            REDIS_URL=self.valkey.url,
            PLAID_URL=self.bank.address,
            PLAID_CLIENT_ID=CLIENT_ID,
            PLAID_SECRET=SECRET,
            TICK=f"{TICK_SECONDS}s",
        )
        return running([*COUNTERFOIL, "worker"], ready="worker: ready", env=env)

    async def new_login(self) -> NewLink:
        """What a person gets who signs in at the bank and shares everything."""
        async with open_aggregators(self.bank.settings(), SystemClock()) as banks:
            plaid = banks["plaid"]
            opened = await plaid.begin_link(
                LinkRequest(LinkPurpose.ADD, "person", "http://127.0.0.1/back", None, False)
            )
            await asyncio.to_thread(Person(opened.url).links)
            found = await plaid.finish_link(opened.handle)
            assert isinstance(found, Found)
            return await plaid.redeem(found.handover)

    async def link(self) -> BankLink:
        """A login with a long history, of which the bank hands out the second page slowly."""
        new = await self.new_login()
        self.bank.control("/faults", {**SLOW, "item_id": new.aggregator_id})
        organization = await make_organization()
        return await make_link(organization, grant=new.grant.value, aggregator_id=new.aggregator_id)

    async def request(self, link: BankLink) -> Refresh:
        """Press Refresh, as the web process does; a schedule's pull asks the bank for nothing."""
        async with self.transactions.begin(link.organization_id) as uow:
            return await request_refresh(
                uow,
                Viewer.system(link.organization_id),
                bank_link_id=link.id,
                trigger=RefreshTrigger.SCHEDULE,
            )

    async def in_the_middle(self, refresh: Refresh) -> Refresh:
        """The refresh, once its first page is staged and its last one is not."""

        async def first_page() -> bool:
            return await Refresh.exists(id=refresh.id, lines__gt=0)

        await until(first_page, within=60, what="the first page")
        now = await Refresh.get(id=refresh.id)
        assert (now.state, now.added) == (RefreshState.RUNNING, 0)
        assert now.lines < LINES
        return now

    async def done(self, refresh: Refresh, *, within: float = 120) -> Refresh:
        """The refresh, once it has come through."""

        async def ended() -> bool:
            return await Refresh.exists(id=refresh.id, state__in=["DONE", "FAILED"])

        await until(ended, within=within, what="the refresh to end")
        now = await Refresh.get(id=refresh.id)
        assert now.state is RefreshState.DONE, (now.provider_code, now.provider_message)
        return now

    async def require_truth(self, link: BankLink) -> None:
        """Every line of the bank is stored once, and none besides."""
        accounts = await BankAccount.filter(bank_link_id=link.id).values_list("id", flat=True)
        rows = await BankTransaction.filter(bank_account_id__in=list(accounts), removed_at=None)
        assert len(rows) > LINES
        assert len({row.aggregator_id for row in rows}) == len(rows)
        stored = Counter((row.dated_on, row.amount_minor) for row in rows)
        assert stored == Counter(map(_facts, self._lines()))

    def _lines(self) -> list[dict[str, Any]]:
        accounts = [
            account["account_id"]
            for login in self.bank.control("/state")["logins"]
            for account in login["accounts"]
        ]
        return [
            line
            for account_id in accounts
            for line in self.bank.control(f"/accounts/{account_id}/lines")["lines"]
            if (line["removed_position"] or 0) <= (line["restored_position"] or 0)
        ]


def _facts(line: dict[str, Any]) -> tuple[date, int]:
    on = line["posted_on"] or line["occurred_on"]
    return date.fromisoformat(on), int(Decimal(str(line["amount"])) * 100)


async def until(condition: Callable[[], Awaitable[bool]], *, within: float, what: str) -> None:
    """Wait for a condition. A database that is away is a condition that does not hold yet."""
    end = time.monotonic() + within
    last: Exception | None = None
    while time.monotonic() < end:
        try:
            if await condition():
                return
        except Exception as away:  # noqa: BLE001 - whatever a driver says while its server is away
            last = away
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {within} s: {what} ({last})")


@pytest.fixture(scope="session")
def slow_bank() -> Iterator[SandboxBank]:
    with sandbox_bank() as bank:
        yield bank


@asynccontextmanager
async def world_on(
    database_url: str, bank: SandboxBank, valkey: ValkeyServer, folder: Path
) -> AsyncIterator[World]:
    """A world on this database, at an empty bank."""
    bank.control("/load", {"reset": True, "scenario": AT_ONCE})
    keys = {key: base64.b64encode(value).decode() for key, value in KEYRING.keys.items()}
    key_file = folder / "encryption.keys"
    key_file.write_text(json.dumps({"current": KEYRING.current, "keys": keys}))
    key_file.chmod(0o600)
    bus, queue = RedisBus.at(valkey.url), ArqQueue.at(valkey.url)
    try:
        async with connected(database_url, pool=4):
            yield World(bank, database_url, valkey, folder, Transactions(SystemClock(), bus, queue))
    finally:
        await bus.close()
        await queue.close()


@pytest.fixture
async def world(
    database_url: str, slow_bank: SandboxBank, valkey: ValkeyServer, tmp_path: Path
) -> AsyncIterator[World]:
    valkey.flush()
    async with world_on(database_url, slow_bank, valkey, tmp_path) as world:
        yield world
