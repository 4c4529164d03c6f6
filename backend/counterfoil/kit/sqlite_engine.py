"""SQLite as a Tortoise engine whose transactions begin as writers.

A SQLite transaction that reads first and writes later fails at once with "database is locked"
when another process wrote in between, whatever the busy timeout. Ours begin IMMEDIATE: they wait
for the lock at their start, where waiting is possible (https://sqlite.org/lang_transaction.html).
"""

from __future__ import annotations

import sqlite3
from typing import Any

from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.exceptions import TransactionManagementError


class ImmediateTransaction(SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins."""

    async def begin(self) -> None:
        try:
            await self._connection.commit()
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as locked:
            raise TransactionManagementError(locked) from locked


class ImmediateSqliteClient(SqliteClient):
    """Tortoise's client with such transactions."""

    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateSqliteClient


def get_client_class(db_info: dict[str, Any]) -> type[SqliteClient]:
    """The hook by which Tortoise finds an engine's client."""
    return client_class
