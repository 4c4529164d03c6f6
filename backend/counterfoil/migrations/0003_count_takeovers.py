"""A refresh counts the workers that died with it."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0002_one_account_per_ledger_account")]

    operations = [
        ops.AddField(
            model_name="Refresh", name="takeovers", field=fields.IntField(default=0, db_default=0)
        )
    ]
