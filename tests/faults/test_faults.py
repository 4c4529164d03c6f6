"""Faults that are really caused, in the middle of a pull: no line is lost, none doubled."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from counterfoil.links.leases import LEASE
from counterfoil.links.models import Refresh
from tests.aggregators.sandbox import SandboxBank
from tests.conftest import migrate
from tests.faults.conftest import TICK_SECONDS, World, until, world_on
from tests.services.postgres import PostgresServer, postgres_server
from tests.services.valkey import ValkeyServer

OUTAGE_SECONDS = 8
SLACK_SECONDS = 15
"""For a machine that runs other things too."""


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A server that this test alone uses; it is not started."""
    with tempfile.TemporaryDirectory(prefix="counterfoil-valkey-") as folder:
        yield ValkeyServer(Path(folder))


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that this test alone uses, with the schema in the database `books`."""
    with postgres_server() as server:
        server.sql("CREATE DATABASE books")
        migrate(server.url("books"))
        yield server


class TestAWorkerIsKilled:
    async def test_another_takes_its_pull_over_within_two_ticks(self, world: World) -> None:
        link = await world.link()
        with world.worker() as first:
            refresh = await world.request(link)
            await world.in_the_middle(refresh)
            first.signal(signal.SIGKILL)
            killed_at = time.monotonic()
            with world.worker():

                async def taken_over() -> bool:
                    return await Refresh.exists(
                        id=refresh.id, generation=1, takeovers=1, state="RUNNING"
                    )

                limit = LEASE.total_seconds() + 2 * TICK_SECONDS + SLACK_SECONDS
                left = limit - (time.monotonic() - killed_at)
                await until(taken_over, within=left, what="another worker to take over")
                after = await world.done(refresh)
        assert (after.generation, after.takeovers) == (1, 1)
        await world.require_truth(link)


class TestValkeyForgetsEverything:
    async def test_the_pull_goes_on_and_new_ones_are_not_lost(self, world: World) -> None:
        link, other = await world.link(), await world.link()
        with world.worker() as worker:
            refresh = await world.request(link)
            await world.in_the_middle(refresh)
            queued = await world.request(other)
            world.valkey.flush()
            after = await world.done(refresh)
            await world.done(queued)
            assert worker.process.poll() is None
        assert (after.generation, after.takeovers) == (0, 0)
        await world.require_truth(link)


class TestValkeyIsAway:
    async def test_for_eight_seconds_nothing_is_lost_and_nobody_waits(
        self,
        database_url: str,
        slow_bank: SandboxBank,
        own_valkey: ValkeyServer,
        tmp_path: Path,
    ) -> None:
        async with world_on(database_url, slow_bank, own_valkey, tmp_path) as world:
            with ExitStack() as power:
                power.enter_context(own_valkey.started())
                link, other = await world.link(), await world.link()
                with world.worker() as worker:
                    refresh = await world.request(link)
                    await world.in_the_middle(refresh)
                    power.close()
                    stopped_at = time.monotonic()
                    queued = await world.request(other)
                    assert time.monotonic() - stopped_at < OUTAGE_SECONDS
                    await asyncio.sleep(OUTAGE_SECONDS - (time.monotonic() - stopped_at))
                    power.enter_context(own_valkey.started())
                    after = await world.done(refresh)
                    await world.done(queued)
                    assert worker.process.poll() is None
            assert after.takeovers == 0
            await world.require_truth(link)


class TestPostgresRestarts:
    async def test_the_pull_comes_through(
        self,
        own_postgres: PostgresServer,
        slow_bank: SandboxBank,
        valkey: ValkeyServer,
        tmp_path: Path,
    ) -> None:
        valkey.flush()
        url = own_postgres.url("books")
        async with world_on(url, slow_bank, valkey, tmp_path) as world:
            link = await world.link()
            with world.worker() as worker:
                refresh = await world.request(link)
                await world.in_the_middle(refresh)
                await asyncio.to_thread(own_postgres.stop)
                await asyncio.to_thread(own_postgres.start)
                await world.done(refresh)
                assert worker.process.poll() is None
            await world.require_truth(link)
