"""PostgreSQL as a Tortoise engine that gets over connections which died in its pool.

A server that restarts, or a firewall between, leaves dead connections in the pool. Tortoise's own
context keeps such a connection out of the pool for ever when BEGIN fails on it: after ten of them
the process hangs. Ours ends it and begins on another one; nothing has been sent on it yet.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from asyncpg.exceptions import (
    AdminShutdownError,
    InterfaceError,
    InternalClientError,
    PostgresConnectionError,
)
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections

_DEAD = (AdminShutdownError, InterfaceError, InternalClientError, PostgresConnectionError, OSError)


class OnLivingConnection(TransactionContextPooled):
    """Begins on the first connection of the pool that is alive."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        for _ in range(self.client._parent._pool.get_size()):
            with suppress(*_DEAD):
                return await self._begun()
        return await self._begun()

    async def _begun(self) -> TransactionalDBClient:
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
        except BaseException:
            get_connections().reset(self.token)
            with suppress(InterfaceError):  # it may have left the pool by itself
                self.client._connection.terminate()
            await pool.release(self.client._connection)
            raise
        return self.client


class PostgresClient(AsyncpgDBClient):
    """Tortoise's client with such transactions."""

    def _in_transaction(self) -> TransactionContext:
        return OnLivingConnection(TransactionWrapper(self), self._pool_init_lock)


client_class = PostgresClient


def get_client_class(db_info: dict[str, Any]) -> type[AsyncpgDBClient]:
    """The hook by which Tortoise finds an engine's client."""
    return client_class
