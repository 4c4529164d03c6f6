"""SQLite as a Tortoise engine whose transactions begin as writers.

A SQLite transaction that reads first and writes later fails at once with "database is locked"
when another process wrote in between, whatever the busy timeout. Ours begin IMMEDIATE: they wait
for the lock at their start, where waiting is possible (https://sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins."""

    async def begin(self) -> None:
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as locked:
            raise TransactionManagementError(locked) from locked


class ReleasedOnFailure(SqliteTransactionContext):
    """Gives the connection back when the transaction could not begin.

    Tortoise's own keeps its lock then, and every later statement of the process waits for ever.
    """

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            self.token = get_connections().set(self.connection_name, self.connection)
        except BaseException:
            self._trxlock.release()
            raise
        try:
            await self.connection.begin()
        except BaseException:
            await self._give_back()
            raise
        client: TransactionalDBClient = self.connection
        return client

    async def _give_back(self) -> None:
        """The order to begin may still be on its way to SQLite's thread: undo it behind it."""
        try:
            await asyncio.shield(self.connection._connection.rollback())
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()


class ImmediateSqliteClient(SqliteClient):
    """Tortoise's client with such transactions."""

    def _in_transaction(self) -> TransactionContext:
        return ReleasedOnFailure(ImmediateTransaction(self), self._lock)


client_class = ImmediateSqliteClient


def get_client_class(db_info: dict[str, Any]) -> type[SqliteClient]:
    """The hook by which Tortoise finds an engine's client."""
    return client_class
