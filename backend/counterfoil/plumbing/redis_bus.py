"""The doorbell: Redis pub/sub, which carries ids and positions and may lose any of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from counterfoil.unit_of_work import DoorbellLost

log = logging.getLogger(__name__)

CHANNEL = "counterfoil:changes"
RECONNECT_SECONDS = 0.5


class RedisBus:
    """Rings for changes, and hears the rings of all processes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @classmethod
    def at(cls, redis_url: str) -> RedisBus:
        """A bus on the server at `redis_url`; connects when it is first used."""
        redis = Redis.from_url(redis_url, socket_connect_timeout=1, socket_timeout=None)
        return cls(redis)

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
        await self._within_a_second(self._redis.publish(CHANNEL, f"{organization_id} {position}"))

    async def _within_a_second(self, call: Any) -> None:
        try:
            async with asyncio.timeout(1):
                await call
        except (RedisError, OSError, TimeoutError) as error:
            raise DoorbellLost(str(error) or type(error).__name__) from error

    async def listen(self) -> AsyncIterator[tuple[UUID, int] | None]:
        """Every ring from now on; None after a gap, when rings may have been missed.

        Goes on for ever: a lost server is looked for again twice a second.
        """
        while True:
            try:
                async with self._redis.pubsub() as heard:
                    await heard.subscribe(CHANNEL)
                    yield None
                    async for message in heard.listen():
                        if message["type"] == "message":
                            yield _read(cast(bytes, message["data"]))
            except (RedisError, OSError) as error:
                log.warning("the bell is silent, trying again: %s", error)
                await asyncio.sleep(RECONNECT_SECONDS)


def _read(message: bytes) -> tuple[UUID, int]:
    organization_id, position = message.decode().split()
    return UUID(organization_id), int(position)
