"""A link notes that the bank had news while a pull ran."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0003_count_takeovers")]

    operations = [
        ops.AddField(model_name="BankLink", name="news_at", field=fields.DatetimeField(null=True))
    ]
