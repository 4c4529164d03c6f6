"""The doorbell: Redis pub/sub, which carries ids and positions and may lose any of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

from counterfoil.unit_of_work import DoorbellLost

log = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.5


def channel_of(redis_url: str) -> str:
    """Where the product on this database of the server rings.

    Channels are shared by all databases of a server (https://redis.io/docs/latest/develop/pubsub/),
    and two products may each have one of them.
    """
    database = parse_url(redis_url).get("db", 0)
    return f"counterfoil:{database}:changes"


class RedisBus:
    """Rings for changes, and hears the rings of all processes."""

    def __init__(self, redis: Redis, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._told_of_unreadable = False

    @classmethod
    def at(cls, redis_url: str) -> RedisBus:
        """A bus on the server at `redis_url`; connects when it is first used."""
        redis = Redis.from_url(redis_url, socket_connect_timeout=1, socket_timeout=None)
        return cls(redis, channel_of(redis_url))

    async def close(self) -> None:
        await self._redis.aclose()

    async def ping(self) -> None:
        """Raises `DoorbellLost` where the server does not answer within a second."""
        await self._within_a_second(self._redis.ping())

    async def ring(self, organization_id: UUID, position: int) -> None:
        """Say that an organization has changes up to `position`.

        Raises:
            DoorbellLost.
        """
        message = f"{organization_id} {position}"
        await self._within_a_second(self._redis.publish(self._channel, message))

    async def _within_a_second(self, call: Any) -> None:
        try:
            async with asyncio.timeout(1):
                await call
        except (RedisError, OSError, TimeoutError) as error:
            raise DoorbellLost(str(error) or type(error).__name__) from error

    async def listen(self) -> AsyncIterator[tuple[UUID, int] | None]:
        """Every ring from now on; None after a gap, when rings may have been missed.

        Goes on for ever: a lost server is told of once, and looked for again twice a second; what
        is no ring is passed over.
        """
        silent = False
        while True:
            try:
                async with self._redis.pubsub() as heard:
                    await heard.subscribe(self._channel)
                    silent = False
                    yield None
                    async for message in heard.listen():
                        if message["type"] != "message":
                            continue
                        if (ring := self._read(cast(bytes, message["data"]))) is not None:
                            yield ring
            except (RedisError, OSError) as error:
                if not silent:
                    log.warning("the bell is silent, trying again: %s", error)
                silent = True
                await asyncio.sleep(RECONNECT_SECONDS)

    def _read(self, message: bytes) -> tuple[UUID, int] | None:
        """The ring in a message; None where it is none, which is told once."""
        try:
            organization_id, position = message.decode().split()
            return UUID(organization_id), int(position)
        except ValueError:
            if not self._told_of_unreadable:
                log.warning("somebody else writes to our channel %s", self._channel)
            self._told_of_unreadable = True
            return None
