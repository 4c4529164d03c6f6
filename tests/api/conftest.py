"""A database for the tests of the edge, which stores little: one kind is enough."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from counterfoil.plumbing.database import connected


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[str]:
    """A fresh SQLite database with the models bound to it; its address."""
    async with connected(sqlite_url):
        yield sqlite_url
