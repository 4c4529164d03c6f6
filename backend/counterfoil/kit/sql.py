"""SQL written once for both databases, for what the ORM cannot say or says too slowly.

Statements number their parameters `$1`, `$2`, … as PostgreSQL does; for SQLite they become `?1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

_NUMBERED = re.compile(r"\$(\d+)")


def connection() -> BaseDBAsyncClient:
    """The current connection: the transaction's, inside one."""
    return get_connection("default")


def on_sqlite() -> bool:
    """Whether the statement will run on SQLite."""
    return connection().capabilities.dialect == "sqlite"


async def fetch(statement: str, *arguments: object) -> Sequence[dict[str, Any]]:
    """Run a statement and return its rows, each as a dict of columns.

    On SQLite, UUIDs and moments come back as they are stored there, that is as text.
    """
    client = connection()
    if client.capabilities.dialect == "sqlite":
        statement = _NUMBERED.sub(r"?\1", statement)
        return await client.execute_query_dict(statement, [_stored(a) for a in arguments])
    return await client.execute_query_dict(statement, list(arguments))


async def fetch_records(statement: str, *arguments: object) -> Sequence[Mapping[str, Any]]:
    """As `fetch`, but with the driver's own rows, read by name: nothing is copied."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        statement = _NUMBERED.sub(r"?\1", statement)
        arguments = tuple(_stored(a) for a in arguments)
    _, records = await client.execute_query(statement, list(arguments))
    return records


async def execute(statement: str, *arguments: object) -> int:
    """Run a statement and return how many rows it touched."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        statement = _NUMBERED.sub(r"?\1", statement)
        arguments = tuple(_stored(a) for a in arguments)
    count, _ = await client.execute_query(statement, list(arguments))
    return int(count)


async def execute_many(statement: str, records: Iterable[Sequence[object]]) -> None:
    """Run a statement once for each record, in one round."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        statement = _NUMBERED.sub(r"?\1", statement)
        records = ([_stored(value) for value in record] for record in records)
    await client.execute_many(statement, list(map(list, records)))


async def insert_records(
    table: str, columns: Sequence[str], records: Iterable[Sequence[object]]
) -> None:
    """Insert many rows: by COPY on PostgreSQL, by one prepared statement on SQLite.

    On PostgreSQL `records` is read while the server already takes the first of them.
    """
    if on_sqlite():
        marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
        names = ", ".join(columns)
        await execute_many(f"INSERT INTO {table} ({names}) VALUES ({marks})", records)
        return
    async with connection().acquire_connection() as raw:
        await raw.copy_records_to_table(table, records=records, columns=columns)


async def plan_each_time() -> None:
    """Let PostgreSQL plan every statement of this transaction for its very arguments.

    A plan that it keeps may have been made when the table was empty; it stays as bad however many
    rows the same transaction adds. SQLite keeps none.
    """
    if not on_sqlite():
        await execute("SET LOCAL plan_cache_mode = force_custom_plan")


def among(parameter: str, kind: str = "text") -> str:
    """What follows a column to ask whether it is one of `texts`, which are `parameter`.

    `kind` is what PostgreSQL calls the column's type.
    """
    if on_sqlite():
        return f"IN (SELECT value FROM json_each({parameter}))"
    return f"= ANY({parameter}::{kind}[])"


def texts(values: Iterable[object]) -> object:
    """Many texts as one parameter, however many they are."""
    written = list(map(str, values))
    return orjson.dumps(written).decode() if on_sqlite() else written


def _stored(value: object) -> object:
    """A value as Tortoise stores it in SQLite."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
