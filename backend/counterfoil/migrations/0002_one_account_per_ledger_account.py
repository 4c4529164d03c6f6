"""The database itself holds that an open bank account has its ledger account for itself."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0001_first_tables")]

    operations = [
        ops.RunSQL(
            "CREATE UNIQUE INDEX one_open_bank_account_per_ledger_account "
            "ON bank_account (ledger_account_id) "
            "WHERE deleted_at IS NULL AND hidden_at IS NULL AND ledger_account_id IS NOT NULL",
            "DROP INDEX one_open_bank_account_per_ledger_account",
        )
    ]
