"""From the first schema, with a row in every table, up to the newest one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.fields.relational import RelationalField
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

import counterfoil.migrations
from counterfoil.kit.sql import execute, fetch, on_sqlite
from counterfoil.plumbing.database import configuration, connected, migrate
from tests.conftest import migrate as by_command
from tests.fakes import NOW
from tests.services.postgres import PostgresServer

ONE = UUID(int=1)
"""The id of every row: so every reference finds its row."""
NAMES = sorted(
    path.stem for path in Path(str(counterfoil.migrations.__file__)).parent.glob("[0-9]*.py")
)
Row = Mapping[str, Any]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of each kind without any table."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'empty.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    server.sql("CREATE DATABASE empty")
    yield server.url("empty")
    server.drop("empty")


def tables(context: TortoiseContext) -> Sequence[type[Model]]:
    """The models, each behind those that it refers to."""
    assert context.apps is not None
    waiting = list(context.apps["models"].values())
    ordered: list[type[Model]] = []
    while waiting:
        ready = [model for model in waiting if _referred_to(model) <= {*ordered, model}]
        ordered += ready
        waiting = [model for model in waiting if model not in ready]
    return ordered


def _referred_to(model: type[Model]) -> set[type[Model]]:
    names = model._meta.fk_fields | model._meta.o2o_fields
    references = [model._meta.fields_map[name] for name in names]
    return {field.related_model for field in references if isinstance(field, RelationalField)}


async def columns(table: str) -> Sequence[str]:
    if on_sqlite():
        return [row["name"] for row in await fetch(f'PRAGMA table_info("{table}")')]
    rows = await fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1", table
    )
    return [row["column_name"] for row in rows]


async def leading_columns(table: str) -> set[str]:
    """The columns that an index of the table begins with."""
    if on_sqlite():
        rows = await fetch(
            "SELECT i.name AS name FROM pragma_index_list($1) AS l, pragma_index_info(l.name) AS i"
            " WHERE i.seqno = 0",
            table,
        )
    else:
        rows = await fetch(
            "SELECT a.attname AS name FROM pg_index AS i JOIN pg_attribute AS a"
            " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid = CAST($1 AS text)::regclass",
            table,
        )
    return {row["name"] for row in rows}


_FIRST: Mapping[str, Mapping[str, object]] = {
    "journal_entry": {"number": None, "fiscal_year": None, "posted_at": None},
    "journal_line": {"cleared_minor": 0},
    "bank_transaction": {"reconciled_minor": 0},
}
"""What a draft entry, its lines and a bank line have to begin with."""


def value_of(field: fields.Field[Any]) -> object:
    """Something that a column of this kind may hold."""
    match field:
        case fields.UUIDField():
            return ONE
        case fields.DatetimeField():
            return NOW
        case fields.DateField():
            return date(2026, 3, 9)
        case fields.BooleanField():
            return False
        case fields.JSONField():
            return "[]"
        case fields.CharField() | fields.TextField():
            enum_type = getattr(field, "enum_type", None)
            return next(iter(enum_type)).value if enum_type else "x"
        case fields.IntField() | fields.BigIntField() | fields.SmallIntField():
            return 1
        case fields.DecimalField():
            return "1.5" if on_sqlite() else Decimal("1.5")
    raise AssertionError(f"no value for {field}")


async def fill(model: type[Model]) -> None:
    """Put a row into a table, if it is there, with whichever of the model's columns it has."""
    table = model._meta.db_table
    by_column = {column: name for name, column in model._meta.fields_db_projection.items()}
    names = await columns(table)
    if not names:
        return
    first = _FIRST.get(table, {})
    values = [first.get(name, value_of(model._meta.fields_map[by_column[name]])) for name in names]
    marks = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    quoted = ", ".join(f'"{name}"' for name in names)
    await execute(f'INSERT INTO "{table}" ({quoted}) VALUES ({marks})', *values)  # noqa: S608


Stored = Mapping[type[Model], Sequence[Row]]


async def stored(context: TortoiseContext) -> Stored:
    """The rows of every table that there is and that has any."""
    return {model: rows for model in tables(context) if (rows := await rows_of(model))}


async def fill_new(context: TortoiseContext, there: Stored) -> None:
    for model in tables(context):
        if model not in there:
            await fill(model)


def require_kept(before: Stored, after: Stored) -> None:
    for model, [old] in before.items():
        [new] = after[model]
        assert {column: new[column] for column in old} == dict(old)


async def rows_of(model: type[Model]) -> Sequence[Row]:
    if not await columns(model._meta.db_table):
        return ()
    return await fetch(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608


class TestMigrations:
    async def test_each_leaves_the_rows_of_every_table_as_they_were(self, empty_url: str) -> None:
        before: Stored = {}
        for name in NAMES:
            await migrate(empty_url, upto=name)
            async with connected(empty_url) as context:
                there = await stored(context)
                require_kept(before, there)
                await fill_new(context, there)
                before = await stored(context)
        async with connected(empty_url) as context:
            for model in tables(context):
                [loaded] = await model.all()
                assert loaded.pk == ONE

    async def test_all_at_once_and_twice_is_once(self, empty_url: str) -> None:
        by_command(empty_url)
        by_command(empty_url)
        async with connected(empty_url):
            applied = await fetch("SELECT name FROM tortoise_migrations ORDER BY name")
        assert [row["name"] for row in applied] == NAMES

    async def test_the_tables_have_the_columns_of_the_models(self, database_url: str) -> None:
        async with connected(database_url) as context:
            for model in tables(context):
                stored = set(await columns(model._meta.db_table))
                assert stored == set(model._meta.fields_db_projection.values()), model

    async def test_the_models_say_nothing_that_no_migration_does(self, sqlite_url: str) -> None:
        async with connected(sqlite_url) as context:
            assert context.apps is not None
            detector = MigrationAutodetector(context.apps, configuration(sqlite_url)["apps"])
            writers = await detector.changes()
        assert [operation for writer in writers for operation in writer.operations] == []

    @pytest.mark.parametrize(
        ("table", "column"),
        [
            ("journal_entry", "act_id"),
            ("exclusion", "act_id"),
            ("act", "parent_id"),
            ("account_start", "ledger_account_id"),
            ("match_group", "act_id"),
            ("hand_clearing", "act_id"),
            ("coding_example", "act_id"),
        ],
    )
    async def test_an_index_begins_with_what_rows_are_looked_for_by(
        self, database: str, table: str, column: str
    ) -> None:
        assert column in await leading_columns(table)

    def test_their_numbers_follow_each_other(self) -> None:
        assert [int(name[:4]) for name in NAMES] == list(range(1, len(NAMES) + 1))
