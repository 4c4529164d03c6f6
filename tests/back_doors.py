"""Ways by which rows leave a table without its triggers hearing of them: each must be shut."""

# ruff: noqa: S608 - statements put together from names of our own tables and columns

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from counterfoil.kit.guards import Kept
from counterfoil.kit.sql import execute, fetch, on_sqlite


async def assert_shut(url: str, kept: Kept) -> None:
    """Neither TRUNCATE nor, on a connection without our settings, REPLACE takes a row away."""
    before = await _rows(kept)
    assert before != []
    if on_sqlite():
        _assert_not_replaced(Path(url.removeprefix("sqlite://")), kept)
    else:
        with pytest.raises(IntegrityError, match="_KEPT"):
            await execute(f"TRUNCATE {kept.table} CASCADE")
    assert await _rows(kept) == before


async def _rows(kept: Kept) -> Sequence[dict[str, Any]]:
    return await fetch(f"SELECT * FROM {kept.table} ORDER BY {kept.keys[0][0]}")


def _assert_not_replaced(path: Path, kept: Kept) -> None:
    code = f"{kept.table.upper()}_KEPT"
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.row_factory = sqlite3.Row
        for statement, values in _replacements(plain, kept):
            with pytest.raises(sqlite3.IntegrityError, match=code):
                plain.execute(statement, values)


def _replacements(plain: sqlite3.Connection, kept: Kept) -> Iterator[tuple[str, Sequence[object]]]:
    """For each key, a row with another's key and none of its other unique columns."""
    for key in kept.keys:
        there = " AND ".join(f"{column} IS NOT NULL" for column in key)
        row = plain.execute(
            f"SELECT * FROM {kept.table} AS kept WHERE {there} AND {kept.which}"
        ).fetchone()
        assert row is not None, key
        columns = list(row.keys())
        names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
        others = {each for other in kept.keys for each in other} - set(key)
        values = [f"other-{row[name]}" if name in others else row[name] for name in columns]
        yield f"INSERT OR REPLACE INTO {kept.table} ({names}) VALUES ({marks})", values
