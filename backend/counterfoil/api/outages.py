"""Telling an outage of the database or of Redis from a mistake of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import asyncpg
from redis.exceptions import RedisError
from tortoise.exceptions import DBConnectionError

from counterfoil.unit_of_work import DoorbellLost

_AWAY = (
    OSError,  # the network's errors and TimeoutError among them
    DBConnectionError,
    DoorbellLost,
    RedisError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


def is_outage(error: BaseException) -> bool:
    """Whether `error` says that something we depend on is away, and that trying again may help."""
    return any(_is_away(cause) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; the ORM wraps what the driver says."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _is_away(error: BaseException) -> bool:
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "pool is closing"
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error) or "busy" in str(error)
    return isinstance(error, _AWAY)
