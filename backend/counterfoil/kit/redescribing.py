"""A migration of what the database does not hold: the values that an enumeration may have."""

from __future__ import annotations

from tortoise.migrations.operations import AlterField
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class Redescribe(AlterField):
    """A field whose description alone changed, as that of an enumeration with a new value.

    Nothing is done in the database: on SQLite an altered field is a new table, which loses the
    triggers and indexes of the old one.
    """

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Leave the table as it is."""

    async def database_backward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        """Leave the table as it is."""
