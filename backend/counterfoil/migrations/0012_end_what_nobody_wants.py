"""The outbox also ends what a person signed in to and nobody redeemed."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0011_accounts_for_life")]

    operations = [
        ops.AddField(
            model_name="Revocation",
            name="unredeemed",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
