"""The bell on a real server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis

from counterfoil.kit.ids import new_id
from counterfoil.plumbing.redis_bus import RedisBus, channel_of
from tests.services.valkey import ValkeyServer

LIMIT = 60.0
Rings = AsyncIterator[tuple[UUID, int] | None]


@asynccontextmanager
async def heard(redis_url: str) -> AsyncIterator[tuple[RedisBus, Rings]]:
    """A bus that listens already."""
    bus = RedisBus.at(redis_url)
    rings = bus.listen()
    try:
        assert await asyncio.wait_for(anext(rings), LIMIT) is None
        yield bus, rings
    finally:
        await bus.close()


@asynccontextmanager
async def outage(socket: Path, *, callers: int) -> AsyncIterator[asyncio.Event]:
    """In the place of a server: hangs up on everybody. The event: so many have called."""
    count, reached = 0, asyncio.Event()

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        writer.close()
        count += 1
        if count >= callers:
            reached.set()

    async with await asyncio.start_unix_server(hang_up, socket):
        yield reached


class TestListen:
    async def test_what_is_no_ring_is_passed_over_and_told_once(
        self, redis_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        organization_id = new_id()
        async with heard(redis_url) as (bus, rings), Redis.from_url(redis_url) as other:
            with caplog.at_level(logging.WARNING):
                for nonsense in ("", "x", "1 2 3", f"{organization_id} x", b"\xff\xfe 7"):
                    await other.publish(channel_of(redis_url), nonsense)
                await bus.ring(organization_id, 7)
                assert await asyncio.wait_for(anext(rings), LIMIT) == (organization_id, 7)
        assert len(caplog.records) == 1

    async def test_each_outage_is_told_once(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = ValkeyServer(tmp_path)
        bus = RedisBus.at(server.url)
        rings = bus.listen()
        async with outage(server.socket, callers=3) as called:
            heard_again = asyncio.ensure_future(anext(rings))
            await asyncio.wait_for(called.wait(), LIMIT)
        assert len(caplog.records) == 1
        with server.started():
            assert await asyncio.wait_for(heard_again, LIMIT) is None
        async with outage(server.socket, callers=3) as called:
            listening = asyncio.ensure_future(anext(rings))
            await asyncio.wait_for(called.wait(), LIMIT)
            listening.cancel()
            await asyncio.wait([listening])
        await bus.close()
        assert [record.getMessage().split(",")[0] for record in caplog.records] == [
            "the bell is silent",
            "the bell is silent",
        ]

    async def test_a_neighbour_on_another_database_is_not_heard(self, redis_url: str) -> None:
        """Pub/sub itself knows no databases."""
        ours, theirs = new_id(), new_id()
        neighbour = RedisBus.at(f"{redis_url}?db=1")
        async with heard(redis_url) as (bus, rings):
            await neighbour.ring(theirs, 1)
            await bus.ring(ours, 1)
            assert await asyncio.wait_for(anext(rings), LIMIT) == (ours, 1)
        await neighbour.close()


class TestChannel:
    @pytest.mark.parametrize(
        ("redis_url", "channel"),
        [
            ("redis://host:6379/3", "counterfoil:3:changes"),
            ("redis://host", "counterfoil:0:changes"),
            ("rediss://host:6379/0", "counterfoil:0:changes"),
            ("unix:///run/valkey.sock?db=2", "counterfoil:2:changes"),
        ],
    )
    def test_is_of_the_database(self, redis_url: str, channel: str) -> None:
        assert channel_of(redis_url) == channel
