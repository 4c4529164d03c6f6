"""The job queue: arq on Redis, which may forget every job, because the tick knows them all."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from arq.connections import ArqRedis, RedisSettings
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from counterfoil.unit_of_work import DoorbellLost, Job

QUEUE = "counterfoil:jobs"


def redis_settings(redis_url: str) -> RedisSettings:
    """arq's connection settings; a server that restarts is waited for, not died of."""
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries = 60
    settings.retry_on_timeout = True
    settings.retry_on_error = [RedisConnectionError, RedisTimeoutError, OSError]
    settings.retry = Retry(ExponentialBackoff(cap=2, base=0.05), retries=30)
    return settings


def serialize(job: dict[str, Any]) -> bytes:
    """A job as JSON: what comes back out of Redis is never code."""
    return orjson.dumps(job, default=str)


def deserialize(stored: bytes) -> dict[str, Any]:
    job: dict[str, Any] = orjson.loads(stored)
    return job


class ArqQueue:
    """Puts jobs into arq's queue."""

    def __init__(self, redis: ArqRedis) -> None:
        self._redis = redis

    @classmethod
    def at(cls, redis_url: str) -> ArqQueue:
        """A queue on the server at `redis_url`; connects when it is first used."""
        return cls(
            ArqRedis(
                ConnectionPool.from_url(redis_url, socket_connect_timeout=1),
                job_serializer=serialize,
                job_deserializer=deserialize,
                default_queue_name=QUEUE,
            )
        )

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    async def enqueue(self, job: Job) -> None:
        """Queue a job; the same key while it waits or runs is the same job.

        Raises:
            DoorbellLost.
        """
        arguments: dict[str, Any] = dict(job.arguments)
        try:
            async with asyncio.timeout(1):
                await self._redis.enqueue_job(job.name, _job_id=job.key, **arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise DoorbellLost(str(error) or type(error).__name__) from error
