"""Accounts lie sorted by name as people read them, so that a page begins at its first row.

The index is over the very expression by which queries fold a name, which is not the same on both
databases. It takes the place of the one over the bare name, by which nothing was ever sorted.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

FOLDED = {"sqlite": "lower(name)", "postgres": 'lower(name COLLATE "C")'}


async def sort(_: object, editor: BaseSchemaEditor) -> None:
    folded = FOLDED[editor.client.capabilities.dialect]
    await editor.client.execute_script(
        f"CREATE INDEX bank_account_by_name ON bank_account (organization_id, {folded}, id)"
    )


async def unsort(_: object, editor: BaseSchemaEditor) -> None:
    await editor.client.execute_script("DROP INDEX bank_account_by_name")


class Migration(migrations.Migration):
    dependencies = [("models", "0004_note_news")]

    operations = [
        ops.RemoveIndex("BankAccount", fields=["organization_id", "name"]),
        ops.RunPython(sort, unsort),
    ]
