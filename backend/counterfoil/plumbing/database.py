"""The database as Tortoise sees it: where it is, which tables it has, how it is migrated."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext

from counterfoil.errors import CounterfoilError

MODELS = [
    "counterfoil.unit_of_work",
    "counterfoil.audit.models",
    "counterfoil.identity.models",
    "counterfoil.ledger.models",
    "counterfoil.accounts.models",
    "counterfoil.transactions.models",
    "counterfoil.links.models",
    "counterfoil.reconciliation.models",
]


class DatabaseUnusable(CounterfoilError):
    """The database can't be reached or opened."""

    code = "NOT_SET_UP"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The database does not answer: {reason.strip()} (see DATABASE_URL)")


def configuration(database_url: str, *, pool: int = 10) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite:///path` or `postgres://user:password@host:port/name`.

    A PostgreSQL server on a Unix socket is named by `?host=/folder`.
    """
    return {
        "connections": {"default": _connection(database_url, pool)},
        "apps": {
            "models": {
                "models": MODELS,
                "default_connection": "default",
                "migrations": "counterfoil.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(database_url: str, pool: int) -> dict[str, Any]:
    url = urlsplit(database_url)
    if url.scheme == "sqlite":
        return {"engine": "counterfoil.kit.sqlite_engine", "credentials": _sqlite(url.path)}
    query = dict(pair.partition("=")[::2] for pair in url.query.split("&") if pair)
    return {
        "engine": "counterfoil.kit.postgres_engine",
        "credentials": {
            "host": unquote(query.get("host", "")) or url.hostname or "localhost",
            "port": url.port or 5432,
            "user": unquote(url.username or "postgres"),
            "password": unquote(url.password) if url.password else None,
            "database": unquote(url.path.lstrip("/")),
            "minsize": 1,
            "maxsize": pool,
        },
    }


def _sqlite(path: str) -> dict[str, Any]:
    return {
        "file_path": str(Path(unquote(path))),
        "journal_mode": "WAL",
        "busy_timeout": 5000,
        "synchronous": "NORMAL",
        "recursive_triggers": "ON",  # or REPLACE would remove what no trigger lets go
    }


@asynccontextmanager
async def connected(database_url: str, *, pool: int = 10) -> AsyncIterator[TortoiseContext]:
    """The models bound to this database for as long as the body runs, in every task."""
    context = TortoiseContext()
    EXECUTOR_CACHE.clear()  # it is kept by connection name, whatever the database behind it
    async with context:
        await context.init(
            config=configuration(database_url, pool=pool), _enable_global_fallback=True
        )
        yield context


async def migrate(database_url: str, *, upto: str | None = None) -> None:
    """Bring the schema to the newest version; does nothing when it is there already.

    `upto` is the name of the last migration to apply, if not of all. Nothing is taken back.

    Raises:
        DatabaseUnusable: it can't be reached or opened.
        ValueError: it is further than `upto`.
    """
    from asyncpg import InterfaceError, PostgresError
    from tortoise.exceptions import DBConnectionError
    from tortoise.migrations.executor import MigrationTarget

    from counterfoil.plumbing.climbing import Climbing

    require_openable(database_url)
    config = configuration(database_url, pool=1)
    try:
        async with TortoiseContext() as context:
            await context.init(config=config, init_connections=False)
            climbing = Climbing(context.connections.get("default"), config["apps"])
            target = MigrationTarget("models", upto or "__latest__")
            await climbing.migrate([target], direction="forward")
    except (DBConnectionError, InterfaceError, OSError, PostgresError) as problem:
        raise DatabaseUnusable(str(problem)) from problem


def require_openable(database_url: str) -> None:
    """Make a SQLite file and its folder. (aiosqlite never ends when it can't open its file.)

    Raises:
        DatabaseUnusable: it can't be made or opened.
    """
    url = urlsplit(database_url)
    if url.scheme != "sqlite":
        return
    path = Path(unquote(url.path))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as opened:
            opened.execute("PRAGMA schema_version")
    except (OSError, sqlite3.Error) as problem:
        raise DatabaseUnusable(f"{path}: {problem}") from None
