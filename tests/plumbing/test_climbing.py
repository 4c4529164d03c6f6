"""What our migrations make is what Tortoise's own executor makes of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext
from tortoise.fields import IntField
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.api import migrate as by_tortoise
from tortoise.migrations.operations import CreateModel
from tortoise.migrations.schema_generator.state import ModelState
from tortoise.models import Model

from counterfoil.plumbing.climbing import BuiltWhenAsked, StateWhenAsked
from counterfoil.plumbing.database import configuration, migrate

FIFTH = "0005_sort_accounts_by_name"


def schema(path: Path) -> Sequence[str]:
    with closing(sqlite3.connect(path)) as opened:
        return [sql for (sql,) in opened.execute("SELECT sql FROM sqlite_schema ORDER BY rowid")]


@pytest.fixture
def state() -> StateWhenAsked:
    """A table of payees and one of bills, which name a payee."""
    models: dict[tuple[str, str], ModelState] = {}
    state = StateWhenAsked(models, BuiltWhenAsked(models, {}))
    payee: ForeignKeyFieldInstance[Model] = ForeignKeyFieldInstance("models.Payee")
    for made in (
        CreateModel("Bill", [("id", IntField(primary_key=True)), ("payee", payee)]),
        CreateModel("Payee", [("id", IntField(primary_key=True))]),
    ):
        made.state_forward("models", state)
    return state


class TestMigrating:
    async def test_the_schema_is_tortoises_own(self, tmp_path: Path) -> None:
        ours, theirs = tmp_path / "ours.sqlite3", tmp_path / "theirs.sqlite3"
        await migrate(f"sqlite://{ours}", upto=FIFTH)
        async with TortoiseContext():
            config = configuration(f"sqlite://{theirs}", pool=1)
            await by_tortoise(config=config, target=f"models.{FIFTH}")
        assert schema(ours) == schema(theirs)

    async def test_nothing_is_taken_back(self, tmp_path: Path) -> None:
        path = tmp_path / "ours.sqlite3"
        await migrate(f"sqlite://{path}", upto=FIFTH)
        before = schema(path)
        with pytest.raises(ValueError, match="Backward"):
            await migrate(f"sqlite://{path}", upto="0001_first_tables")
        assert schema(path) == before


class TestStateWhenAsked:
    async def test_a_model_knows_the_one_that_it_refers_to(self, state: StateWhenAsked) -> None:
        payee = state.apps.get_model("models.Payee")
        bill = state.apps.get_model("models", "Bill")
        reference = bill._meta.fields_map["payee"]
        assert isinstance(reference, ForeignKeyFieldInstance)
        assert reference.related_model is payee
        assert bill._meta.fields_db_projection == {"id": "id", "payee_id": "payee_id"}

    async def test_a_copy_stays_as_it_was(self, state: StateWhenAsked) -> None:
        before = state.clone()
        state.models["models", "Payee"].fields["town"] = IntField()
        state.reload_model("models", "Payee")
        assert "town" in state.apps.get_model("models.Payee")._meta.fields_map
        assert "town" not in before.apps.get_model("models.Payee")._meta.fields_map

    async def test_nothing_refers_to_what_is_not_there(self, state: StateWhenAsked) -> None:
        state.validate_relations_initialized()
        del state.models["models", "Payee"]
        with pytest.raises(RuntimeError, match="Payee"):
            state.validate_relations_initialized()

    async def test_a_model_that_is_not_there_is_not_found(self, state: StateWhenAsked) -> None:
        with pytest.raises(KeyError):
            state.apps.get_model("models.Cheque")
