"""The database itself refuses what would break a match, a booked bank line, an act or an audit.

A match that does not add up or points at nothing, more matched than there is, a change to a
booked bank line, and a change to what was done. Items are written while their match is not sealed;
sealing makes them count.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

from counterfoil.kit.guards import Consequence, Guard, Held, Kept, Trigger, dropped

_SEALED = "(SELECT m.sealed FROM match_group AS m WHERE m.id = {row}.match_id FOR SHARE)"
_BANK_SUM = (
    "(SELECT COALESCE(SUM(b.amount_minor), 0) FROM match_bank_item AS b WHERE b.match_id = NEW.id)"
)
_JOURNAL_SUM = "(SELECT COALESCE(SUM(j.amount_minor), 0) FROM match_journal_item AS j WHERE j.match_id = NEW.id)"


def _same(*columns: str) -> str:
    return " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)


def _beyond(part: str, whole: str) -> str:
    """Whether a part has not the sign of the whole, or is more than it."""
    return (
        f"({part} <> 0 AND (({whole} >= 0 AND ({part} < 0 OR {part} > {whole}))"
        f" OR ({whole} < 0 AND ({part} > 0 OR {part} < {whole}))))"
    )


_RECONCILED = (
    "(SELECT COALESCE(SUM(i.amount_minor), 0) FROM match_bank_item AS i"
    " JOIN match_group AS m ON m.id = i.match_id AND m.sealed"
    " WHERE i.bank_transaction_id = {row}.id)"
)
_CLEARED = (
    "((SELECT COALESCE(SUM(i.amount_minor), 0) FROM match_journal_item AS i"
    " JOIN match_group AS m ON m.id = i.match_id AND m.sealed"
    " WHERE i.journal_line_id = {row}.id)"
    " + (SELECT COALESCE(SUM(h.amount_minor), 0) FROM hand_clearing AS h"
    " WHERE h.journal_line_id = {row}.id))"
)
_BANK_LINES = (
    "id IN (SELECT b.bank_transaction_id FROM match_bank_item AS b WHERE b.match_id = NEW.id)"
)
_JOURNAL_LINES = (
    "id IN (SELECT j.journal_line_id FROM match_journal_item AS j WHERE j.match_id = NEW.id)"
)
_BOTH_SIDES = (Held("bank_transaction", _BANK_LINES), Held("journal_line", _JOURNAL_LINES))
_RECOUNT_BANK = (
    "UPDATE bank_transaction SET reconciled_minor = "
    + _RECONCILED.format(row="bank_transaction")
    + f" WHERE {_BANK_LINES}"
)
_RECOUNT_JOURNAL = (
    "UPDATE journal_line SET cleared_minor = "
    + _CLEARED.format(row="journal_line")
    + f" WHERE {_JOURNAL_LINES}"
)
_RECOUNT_HAND = (
    "UPDATE journal_line SET cleared_minor = "
    + _CLEARED.format(row="journal_line")
    + " WHERE id = {row}.journal_line_id"
)

TRIGGERS: tuple[Trigger, ...] = (
    Guard("match_begins_open", "match_group", "INSERT", [("MATCH_SEALED", "NEW.sealed")]),
    Guard(
        "match_adds_up",
        "match_group",
        "UPDATE",
        [
            ("MATCH_DOES_NOT_ADD_UP", f"{_BANK_SUM} <> {_JOURNAL_SUM}"),
            (
                "MATCH_OF_NOTHING",
                "(SELECT COUNT(*) FROM match_bank_item AS b WHERE b.match_id = NEW.id)"
                " + (SELECT COUNT(*) FROM match_journal_item AS j WHERE j.match_id = NEW.id) < 2",
            ),
            (
                "MATCH_ITEM_OF_NOTHING",
                "EXISTS (SELECT 1 FROM match_bank_item AS b"
                " WHERE b.match_id = NEW.id AND b.amount_minor = 0)"
                " OR EXISTS (SELECT 1 FROM match_journal_item AS j"
                " WHERE j.match_id = NEW.id AND j.amount_minor = 0)",
            ),
            (
                "MATCH_ITEM_OF_WRONG_SIGN",
                "EXISTS (SELECT 1 FROM match_bank_item AS b"
                " JOIN bank_transaction AS t ON t.id = b.bank_transaction_id"
                f" WHERE b.match_id = NEW.id AND {_beyond('b.amount_minor', 't.amount_minor')})"
                " OR EXISTS (SELECT 1 FROM match_journal_item AS j"
                " JOIN journal_line AS l ON l.id = j.journal_line_id"
                f" WHERE j.match_id = NEW.id AND {_beyond('j.amount_minor', 'l.amount_minor')})",
            ),
            (
                "MATCH_OF_UNBOOKABLE_LINE",
                "EXISTS (SELECT 1 FROM match_bank_item AS b"
                " JOIN bank_transaction AS t ON t.id = b.bank_transaction_id"
                " JOIN bank_account AS a ON a.id = t.bank_account_id"
                " WHERE b.match_id = NEW.id AND (t.pending OR t.removed_at IS NOT NULL"
                " OR t.excluded_at IS NOT NULL OR t.currency <> NEW.currency"
                " OR t.organization_id <> NEW.organization_id"
                " OR a.ledger_account_id IS DISTINCT FROM NEW.ledger_account_id))",
            ),
            (
                "MATCH_OF_FOREIGN_ENTRY",
                "EXISTS (SELECT 1 FROM match_journal_item AS j"
                " JOIN journal_line AS l ON l.id = j.journal_line_id"
                " JOIN journal_entry AS e ON e.id = l.journal_entry_id"
                " WHERE j.match_id = NEW.id AND (e.state <> 'POSTED'"
                " OR l.currency <> NEW.currency OR l.organization_id <> NEW.organization_id"
                " OR l.ledger_account_id <> NEW.ledger_account_id))",
            ),
            (
                "MATCH_OF_REVERSED_ENTRY",
                "EXISTS (SELECT 1 FROM match_bank_item AS b WHERE b.match_id = NEW.id)"
                " AND EXISTS (SELECT 1 FROM match_journal_item AS j"
                " JOIN journal_line AS l ON l.id = j.journal_line_id"
                " JOIN journal_entry AS e ON e.id = l.journal_entry_id"
                " LEFT JOIN journal_entry AS r ON r.reverses_id = e.id AND r.state = 'POSTED'"
                " WHERE j.match_id = NEW.id AND (e.reverses_id IS NOT NULL OR r.id IS NOT NULL))",
            ),
        ],
        when="NEW.sealed AND NOT OLD.sealed",
        held=_BOTH_SIDES,
    ),
    Guard(
        "match_stays_sealed",
        "match_group",
        "UPDATE",
        [
            (
                "MATCH_SEALED",
                _same(
                    "id", "organization_id", "ledger_account_id", "currency", "cleared_on", "act_id"
                ),
            )
        ],
        when="OLD.sealed",
    ),
    Guard("match_is_kept", "match_group", "DELETE", [("MATCH_SEALED", "OLD.sealed")]),
    Consequence(
        "match_counts",
        "match_group",
        "UPDATE",
        [_RECOUNT_BANK, _RECOUNT_JOURNAL],
        when="NEW.sealed <> OLD.sealed",
        held=_BOTH_SIDES,
    ),
    *(
        Guard(
            f"{table}_{verb}",
            table,
            event,
            [("MATCH_SEALED", condition)],
        )
        for table in ("match_bank_item", "match_journal_item")
        for verb, event, condition in (
            ("comes_before_the_seal", "INSERT", _SEALED.format(row="NEW")),
            ("is_kept", "DELETE", _SEALED.format(row="OLD")),
            (
                "stays",
                "UPDATE",
                f"({_SEALED.format(row='OLD')} OR {_SEALED.format(row='NEW')})",
            ),
        )
    ),
    Guard(
        "hand_clearing_clears_what_there_is",
        "hand_clearing",
        "INSERT",
        [
            ("HAND_CLEARING_OF_NOTHING", "NEW.amount_minor = 0"),
            (
                "HAND_CLEARING_OF_DRAFT",
                "NOT EXISTS (SELECT 1 FROM journal_line AS l WHERE l.id = NEW.journal_line_id"
                " AND l.organization_id = NEW.organization_id AND l.posted_on IS NOT NULL"
                f" AND NOT {_beyond('NEW.amount_minor', 'l.amount_minor')})",
            ),
        ],
    ),
    Guard("hand_clearing_stays", "hand_clearing", "UPDATE", [("HAND_CLEARING_FIXED", "1 = 1")]),
    Consequence(
        "hand_clearing_counts",
        "hand_clearing",
        "INSERT",
        [_RECOUNT_HAND.format(row="NEW")],
        held=[Held("journal_line", "id = NEW.journal_line_id")],
    ),
    Consequence(
        "hand_clearing_counts_no_more",
        "hand_clearing",
        "DELETE",
        [_RECOUNT_HAND.format(row="OLD")],
        held=[Held("journal_line", "id = OLD.journal_line_id")],
    ),
    Guard(
        "bank_transaction_begins_unreconciled",
        "bank_transaction",
        "INSERT",
        [("RECONCILED_IS_NOT_THE_SUM", "NEW.reconciled_minor <> 0")],
    ),
    Guard(
        "bank_transaction_is_reconciled_by_what_there_is",
        "bank_transaction",
        "UPDATE",
        [
            (
                "RECONCILED_IS_NOT_THE_SUM",
                f"NEW.reconciled_minor <> {_RECONCILED.format(row='NEW')}",
            ),
            ("RECONCILED_TOO_MUCH", _beyond("NEW.reconciled_minor", "NEW.amount_minor")),
        ],
        when="NEW.reconciled_minor <> OLD.reconciled_minor",
    ),
    Guard(
        "bank_transaction_stays_booked",
        "bank_transaction",
        "UPDATE",
        [
            (
                "BANK_TRANSACTION_BOOKED",
                _same(
                    "amount_minor",
                    "currency",
                    "dated_on",
                    "pending",
                    "removed_at",
                    "excluded_at",
                    "bank_account_id",
                ),
            )
        ],
        when="OLD.reconciled_minor <> 0 AND NEW.reconciled_minor <> 0",
    ),
    Guard("audit_event_stays", "audit_event", "UPDATE", [("AUDIT_EVENT_FIXED", "1 = 1")]),
    Guard("audit_event_is_kept", "audit_event", "DELETE", [("AUDIT_EVENT_FIXED", "1 = 1")]),
    Guard("act_is_kept", "act", "DELETE", [("ACT_FIXED", "1 = 1")]),
    Guard(
        "act_stays",
        "act",
        "UPDATE",
        [
            (
                "ACT_FIXED",
                _same(
                    "id",
                    "organization_id",
                    "kind",
                    "actor",
                    "acted_at",
                    "parent_id",
                    "operation",
                    "idempotency_key",
                    "input_hash",
                )
                + " OR OLD.undone_at IS NOT NULL",
            )
        ],
    ),
    Kept("act", [("id",), ("organization_id", "actor", "operation", "idempotency_key")]),
    Kept("audit_event", [("id",), ("organization_id", "sequence")]),
    Kept("match_group", [("id",)]),
    Kept("match_bank_item", [("id",), ("match_id", "bank_transaction_id")]),
    Kept("match_journal_item", [("id",), ("match_id", "journal_line_id")]),
    Kept("hand_clearing", [("id",)]),
    Kept(
        "bank_transaction",
        [("id",), ("bank_account_id", "aggregator_id")],
        which="kept.reconciled_minor <> 0",
    ),
)


async def guard(_: object, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    for trigger in TRIGGERS:
        await editor.client.execute_script(trigger.sql(dialect))


async def unguard(_: object, editor: BaseSchemaEditor) -> None:
    dialect = editor.client.capabilities.dialect
    for trigger in reversed(TRIGGERS):
        await editor.client.execute_script(dropped(trigger, dialect))


class Migration(migrations.Migration):
    dependencies = [("models", "0007_guard_the_journal")]

    operations = [ops.RunPython(guard, unguard)]
