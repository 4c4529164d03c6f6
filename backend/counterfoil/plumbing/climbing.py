"""Tortoise's migrations without building every model twice for every operation.

An operation looks at one table and at those that it refers to. Tortoise builds the models of all
tables for it, of before and of after, which is most of what a first start would wait for. Here a
model is built when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.migration import Migration
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model

_Key = tuple[str, str]
"""The label of an app, and the name of a model of it."""
_REFERENCES = (ForeignKeyFieldInstance, ManyToManyFieldInstance)


class BuiltWhenAsked(StateApps):
    """The models of `states`; each is built with those that it refers to, when it is asked for."""

    def __init__(self, states: Mapping[_Key, ModelState], connections: dict[str, str]) -> None:
        super().__init__(default_connections=connections)
        self.states = states

    def get_model(self, app_label: str, model_name: str | None = None) -> type[Model]:
        """A model by the names of its app and itself, or by both in one: "models.Act".

        Raises:
            KeyError: there is none.
        """
        key = self.split_reference(app_label) if model_name is None else (app_label, model_name)
        if key[1] not in self.apps.get(key[0], {}):
            self._build(key)
        return self.apps[key[0]][key[1]]

    def forget(self) -> None:
        """What is asked for from now on is as the states are now."""
        self.apps.clear()

    def changing(self, states: Mapping[_Key, ModelState]) -> BuiltWhenAsked:
        """The same for other states."""
        return BuiltWhenAsked(states, dict(self._default_connections))

    def referred_to(self, key: _Key) -> set[_Key]:
        """What a model refers to by itself."""
        fields = self.states[key].fields.values()
        names = [field.model_name for field in fields if isinstance(field, _REFERENCES)]
        return {self.split_reference(name) for name in names}

    def _build(self, key: _Key) -> None:
        waiting, needed = [key], {key}
        while waiting:
            more = self.referred_to(waiting.pop()) - needed
            waiting += more
            needed |= more
        for app_label, name in sorted(needed):
            if name not in self.apps.get(app_label, {}):
                self.register_model(app_label, self.states[app_label, name].render(self))
        self._init_relations()
        self._build_initial_querysets()


class StateWhenAsked(State):
    """A state of the schema whose models are built when they are asked for."""

    def reload_model(self, app_label: str, model_name: str) -> None:
        self._models().forget()

    def reload_models(self, model_tuples: Iterable[_Key]) -> None:
        self._models().forget()

    def validate_relations_initialized(self) -> None:
        """Pass when all models that are referred to are there.

        Raises:
            RuntimeError: one is not.
        """
        missing = {to for key in self.models for to in self._models().referred_to(key)}
        if missing := missing - self.models.keys():
            raise RuntimeError(f"models that no migration makes are referred to: {missing}")

    def clone(self) -> StateWhenAsked:
        models = {key: model.clone() for key, model in self.models.items()}
        return StateWhenAsked(models, self._models().changing(models))

    def _models(self) -> BuiltWhenAsked:
        return cast(BuiltWhenAsked, self.apps)


class Climbing(MigrationExecutor):
    """Tortoise's executor on such states."""

    async def _project_state(
        self, applied: set[MigrationKey], *, upto: MigrationKey | None = None
    ) -> State:
        connections = {
            label: each["default_connection"] for label, each in self.loader.apps_config.items()
        }
        models: dict[_Key, ModelState] = {}
        state = StateWhenAsked(models, BuiltWhenAsked(models, connections))
        plan = self._full_plan()
        for key in plan[: plan.index(upto)] if upto else plan:
            migration = self.loader.graph.nodes[key]
            if key in applied and isinstance(migration, Migration):
                await migration.apply(state, dry_run=True)
        return state
