"""The newest rate of a currency is the first one of its index."""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor


async def arrange(_: object, editor: BaseSchemaEditor) -> None:
    await editor.client.execute_script(
        "CREATE INDEX entry_rate_newest ON entry_rate (currency, rate_on, id)"
    )


async def disarrange(_: object, editor: BaseSchemaEditor) -> None:
    await editor.client.execute_script("DROP INDEX entry_rate_newest")


class Migration(migrations.Migration):
    dependencies = [("models", "0009_find_what_is_open")]

    operations = [ops.RunPython(arrange, disarrange)]
