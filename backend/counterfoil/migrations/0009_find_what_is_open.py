"""What is still open lies together, however long the history of what is settled has grown.

The conditions are those of the computed columns `bank_transaction.unsettled` and
`journal_line.uncleared`: a query that says them is answered from these indexes. PostgreSQL is told to count how many rows
they are true of: without that it takes them for nearly all.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

UNSETTLED = (
    "(CASE WHEN reconciled_minor <> amount_minor OR amount_minor = 0"
    " OR undecided_at IS NOT NULL THEN TRUE ELSE FALSE END)"
)
UNCLEARED = "(CASE WHEN cleared_minor <> amount_minor THEN TRUE ELSE FALSE END)"
OPEN = {
    "bank_transaction_unsettled": ("bank_transaction", "bank_account_id, dated_on", UNSETTLED),
    "journal_line_uncleared": ("journal_line", "ledger_account_id, posted_on", UNCLEARED),
}


async def gather(_: object, editor: BaseSchemaEditor) -> None:
    run = editor.client.execute_script
    for name, (table, columns, condition) in OPEN.items():
        await run(f"CREATE INDEX {name} ON {table} ({columns}, id) WHERE {condition}")
        if editor.client.capabilities.dialect == "postgres":
            await run(f"CREATE STATISTICS {name}_share ON {condition} FROM {table}")


async def scatter(_: object, editor: BaseSchemaEditor) -> None:
    run = editor.client.execute_script
    for name in OPEN:
        if editor.client.capabilities.dialect == "postgres":
            await run(f"DROP STATISTICS {name}_share")
        await run(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("models", "0008_guard_what_is_booked")]

    operations = [ops.RunPython(gather, scatter)]
