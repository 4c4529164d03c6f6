"""Transactions that cannot begin, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tortoise.exceptions import TransactionManagementError
from tortoise.transactions import in_transaction

from counterfoil.identity.models import Organization
from counterfoil.kit.sql import execute
from counterfoil.plumbing.database import connected
from tests.factories import make_organization
from tests.services.postgres import PostgresServer


@contextmanager
def locked_by_another(url: str) -> Iterator[None]:
    """Another process writes to this SQLite database and does not end."""
    other = sqlite3.connect(url.removeprefix("sqlite://"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


async def write(*, until: asyncio.Event | None = None) -> None:
    async with in_transaction():
        await make_organization()
        if until is not None:
            await until.wait()


class TestSqlite:
    async def test_a_transaction_that_finds_the_file_locked_leaves_the_connection_usable(
        self, sqlite_url: str
    ) -> None:
        async with connected(sqlite_url):
            await execute("PRAGMA busy_timeout = 1")
            with locked_by_another(sqlite_url), pytest.raises(TransactionManagementError):
                await write()
            async with asyncio.timeout(5):
                await write()
                assert await Organization.all().count() == 1

    async def test_one_cancelled_while_it_waits_for_the_file_leaves_it_usable(
        self, sqlite_url: str
    ) -> None:
        async with connected(sqlite_url):
            with locked_by_another(sqlite_url):
                waiting = asyncio.create_task(write())
                await asyncio.wait([waiting], timeout=0.1)
                waiting.cancel()
                await asyncio.wait([waiting], timeout=0.1)
            async with asyncio.timeout(10):
                await write()
                assert await Organization.all().count() == 1

    async def test_one_cancelled_behind_another_transaction_does_not_let_a_third_in(
        self, sqlite_url: str
    ) -> None:
        async with connected(sqlite_url):
            over = asyncio.Event()
            first = asyncio.create_task(write(until=over))
            second, third = asyncio.create_task(write()), asyncio.create_task(write())
            await asyncio.wait([second], timeout=0.1)
            second.cancel()
            done, _ = await asyncio.wait([third], timeout=0.1)
            assert not done
            over.set()
            await asyncio.gather(first, third)
            assert await Organization.all().count() == 2


class TestPostgres:
    async def test_connections_that_died_are_replaced(
        self, postgres: PostgresServer, postgres_url: str
    ) -> None:
        async with connected(postgres_url, pool=3):
            await asyncio.gather(*(write() for _ in range(3)))
            for _ in range(5):
                postgres.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname LIKE 'template\\_%' AND pid <> pg_backend_pid()"
                )
                async with asyncio.timeout(5):
                    await write()
            assert await Organization.all().count() == 8
