"""The database as Tortoise sees it: where it is, which tables it has, how it is migrated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise.context import TortoiseContext

MODELS = [
    "counterfoil.unit_of_work",
    "counterfoil.identity.models",
    "counterfoil.ledger.models",
    "counterfoil.accounts.models",
    "counterfoil.transactions.models",
    "counterfoil.links.models",
]


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
        "engine": "tortoise.backends.asyncpg",
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
    }


@asynccontextmanager
async def connected(database_url: str, *, pool: int = 10) -> AsyncIterator[TortoiseContext]:
    """The models bound to this database for as long as the body runs, in every task."""
    context = TortoiseContext()
    async with context:
        await context.init(
            config=configuration(database_url, pool=pool), _enable_global_fallback=True
        )
        yield context


async def migrate(database_url: str) -> None:
    """Bring the schema to the newest version; does nothing when it is there already."""
    from tortoise.migrations.api import migrate as run

    async with TortoiseContext():
        await run(config=configuration(database_url, pool=1))
