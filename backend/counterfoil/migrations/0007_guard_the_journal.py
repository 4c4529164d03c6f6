"""The database itself refuses what would break the journal.

An unbalanced posted entry, one without number, rate or behind the hard lock, a change to a posted
one, a reversal that does not mirror or whose bank lines are still reconciled, more cleared than
there is, another base currency, a hard lock that moves back. Lines are written while their entry is
a draft, so that the checks need no deferred trigger, which SQLite has not.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

from counterfoil.kit.guards import Guard, Held, Kept, Trigger, dropped

_LIMIT = 10**15
_NO_DRAFT = (
    "NEW.state <> 'DRAFT' OR NEW.number IS NOT NULL OR NEW.fiscal_year IS NOT NULL"
    " OR NEW.posted_at IS NOT NULL"
)
_LINES = "SELECT 1 FROM journal_line AS l WHERE l.journal_entry_id = NEW.id"
_UNMIRRORED_LINE = (
    "SELECT 1 FROM journal_line AS l WHERE l.journal_entry_id = NEW.reverses_id"
    " AND NOT EXISTS (SELECT 1 FROM journal_line AS m WHERE m.journal_entry_id = NEW.id"
    " AND m.position = l.position AND m.ledger_account_id = l.ledger_account_id"
    " AND m.currency = l.currency AND m.amount_minor = -l.amount_minor"
    " AND m.base_minor = -l.base_minor)"
)
_UNMIRRORED_RATE = (
    "SELECT 1 FROM entry_rate AS r WHERE r.journal_entry_id = NEW.reverses_id"
    " AND NOT EXISTS (SELECT 1 FROM entry_rate AS m WHERE m.journal_entry_id = NEW.id"
    " AND m.currency = r.currency AND m.rate = r.rate AND m.rate_on = r.rate_on"
    " AND m.source = r.source)"
)
_POSTED_ENTRY = (
    "(SELECT e.state FROM journal_entry AS e WHERE e.id = {row}.journal_entry_id FOR SHARE)"
    " = 'POSTED'"
)


def _same(*columns: str) -> str:
    return " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)


def _beyond(part: str, whole: str) -> str:
    """Whether a part has not the sign of the whole, or is more than it."""
    return (
        f"({part} <> 0 AND (({whole} >= 0 AND ({part} < 0 OR {part} > {whole}))"
        f" OR ({whole} < 0 AND ({part} > 0 OR {part} < {whole}))))"
    )


_CLEARED = (
    "((SELECT COALESCE(SUM(i.amount_minor), 0) FROM match_journal_item AS i"
    " JOIN match_group AS m ON m.id = i.match_id AND m.sealed"
    " WHERE i.journal_line_id = {row}.id)"
    " + (SELECT COALESCE(SUM(h.amount_minor), 0) FROM hand_clearing AS h"
    " WHERE h.journal_line_id = {row}.id))"
)

TRIGGERS: tuple[Trigger, ...] = (
    Guard(
        "journal_entry_begins_as_draft",
        "journal_entry",
        "INSERT",
        [("JOURNAL_ENTRY_NOT_DRAFT", _NO_DRAFT)],
    ),
    Guard(
        "journal_entry_is_draft_or_posted",
        "journal_entry",
        "UPDATE",
        [("JOURNAL_ENTRY_NOT_DRAFT", _NO_DRAFT)],
        when="OLD.state = 'DRAFT' AND NEW.state <> 'POSTED'",
    ),
    Guard(
        "journal_entry_balances",
        "journal_entry",
        "UPDATE",
        [
            (
                "JOURNAL_ENTRY_UNNUMBERED",
                "NEW.number IS NULL OR NEW.fiscal_year IS NULL OR NEW.posted_at IS NULL",
            ),
            (
                "JOURNAL_NUMBER_OUT_OF_TURN",
                "NEW.number <> 1 + (SELECT COALESCE(MAX(e.number), 0) FROM journal_entry AS e"
                " WHERE e.organization_id = NEW.organization_id"
                " AND e.fiscal_year = NEW.fiscal_year)",
            ),
            (
                "PERIOD_LOCKED",
                "EXISTS (SELECT 1 FROM books AS b WHERE b.organization_id = NEW.organization_id"
                " AND NEW.posted_on <= b.hard_lock_on)",
            ),
            ("JOURNAL_ENTRY_TOO_SHORT", f"(SELECT COUNT(*) FROM ({_LINES}) AS counted) < 2"),
            (
                "JOURNAL_ENTRY_UNBALANCED",
                "(SELECT SUM(l.base_minor) FROM journal_line AS l"
                " WHERE l.journal_entry_id = NEW.id) <> 0",
            ),
            (
                "JOURNAL_ENTRY_UNBALANCED",
                "(SELECT COUNT(DISTINCT l.currency) FROM journal_line AS l"
                " WHERE l.journal_entry_id = NEW.id) = 1 AND (SELECT SUM(l.amount_minor)"
                " FROM journal_line AS l WHERE l.journal_entry_id = NEW.id) <> 0",
            ),
            (
                "JOURNAL_LINE_OF_NOTHING",
                f"EXISTS ({_LINES} AND l.amount_minor = 0 AND l.base_minor = 0)",
            ),
            ("JOURNAL_LINE_CLEARED", f"EXISTS ({_LINES} AND l.cleared_minor <> 0)"),
            (
                "JOURNAL_LINE_TOO_LARGE",
                f"EXISTS ({_LINES} AND (ABS(l.amount_minor) >= {_LIMIT}"
                f" OR ABS(l.base_minor) >= {_LIMIT}))",
            ),
            (
                "JOURNAL_LINE_OF_ANOTHER_DAY",
                f"EXISTS ({_LINES} AND l.posted_on IS DISTINCT FROM NEW.posted_on)",
            ),
            (
                "JOURNAL_LINE_OF_ANOTHER_CURRENCY",
                "EXISTS (SELECT 1 FROM journal_line AS l"
                " JOIN ledger_account AS a ON a.id = l.ledger_account_id"
                " WHERE l.journal_entry_id = NEW.id AND (a.organization_id <> NEW.organization_id"
                " OR l.organization_id <> NEW.organization_id OR a.currency <> l.currency))",
            ),
            (
                "BASE_AMOUNT_DIFFERS",
                "EXISTS (SELECT 1 FROM journal_line AS l"
                " JOIN organization AS o ON o.id = NEW.organization_id"
                " WHERE l.journal_entry_id = NEW.id AND l.currency = o.base_currency"
                " AND l.amount_minor <> l.base_minor)",
            ),
            (
                "RATE_MISSING",
                "EXISTS (SELECT 1 FROM journal_line AS l"
                " JOIN organization AS o ON o.id = NEW.organization_id"
                " WHERE l.journal_entry_id = NEW.id AND l.currency <> o.base_currency"
                " AND l.amount_minor <> 0 AND NOT EXISTS (SELECT 1 FROM entry_rate AS r"
                " WHERE r.journal_entry_id = NEW.id AND r.currency = l.currency))",
            ),
            (
                "REVERSAL_DOES_NOT_MIRROR",
                "NEW.reverses_id IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM journal_entry AS e"
                " WHERE e.id = NEW.reverses_id AND e.state = 'POSTED'"
                " AND e.organization_id = NEW.organization_id)"
                f" OR EXISTS ({_UNMIRRORED_LINE}) OR EXISTS ({_UNMIRRORED_RATE})"
                " OR (SELECT COUNT(*) FROM journal_line AS l WHERE l.journal_entry_id = NEW.id)"
                " <> (SELECT COUNT(*) FROM journal_line AS l"
                " WHERE l.journal_entry_id = NEW.reverses_id))",
            ),
            (
                "REVERSED_ENTRY_STILL_MATCHED",
                "EXISTS (SELECT 1 FROM journal_line AS l"
                " JOIN match_journal_item AS j ON j.journal_line_id = l.id"
                " JOIN match_group AS m ON m.id = j.match_id AND m.sealed"
                " JOIN match_bank_item AS b ON b.match_id = m.id"
                " WHERE l.journal_entry_id = NEW.reverses_id)",
            ),
        ],
        when="OLD.state <> 'POSTED' AND NEW.state = 'POSTED'",
        held=[Held("journal_line", "journal_entry_id = NEW.reverses_id")],
    ),
    Guard(
        "journal_entry_stays_posted",
        "journal_entry",
        "UPDATE",
        [
            (
                "JOURNAL_ENTRY_POSTED",
                _same(
                    "id",
                    "organization_id",
                    "state",
                    "fiscal_year",
                    "number",
                    "posted_on",
                    "transaction_on",
                    "reference",
                    "source",
                    "external_id",
                    "reverses_id",
                    "act_id",
                    "created_by",
                    "created_at",
                    "posted_at",
                    "past_lock_on",
                ),
            )
        ],
        when="OLD.state = 'POSTED'",
    ),
    Guard(
        "journal_entry_is_kept",
        "journal_entry",
        "DELETE",
        [("JOURNAL_ENTRY_POSTED", "OLD.state = 'POSTED'")],
    ),
    Guard(
        "journal_line_comes_with_draft",
        "journal_line",
        "INSERT",
        [
            ("JOURNAL_ENTRY_POSTED", _POSTED_ENTRY.format(row="NEW")),
            ("JOURNAL_LINE_CLEARED", "NEW.cleared_minor <> 0"),
        ],
    ),
    Guard(
        "journal_line_stays_posted",
        "journal_line",
        "UPDATE",
        [
            (
                "JOURNAL_ENTRY_POSTED",
                f"({_POSTED_ENTRY.format(row='OLD')} OR {_POSTED_ENTRY.format(row='NEW')})",
            )
        ],
        when=_same(
            "id",
            "organization_id",
            "journal_entry_id",
            "position",
            "ledger_account_id",
            "amount_minor",
            "currency",
            "base_minor",
            "posted_on",
        ),
    ),
    Guard(
        "journal_line_is_cleared_by_what_there_is",
        "journal_line",
        "UPDATE",
        [
            (
                "CLEARED_IS_NOT_THE_SUM",
                f"NEW.cleared_minor <> {_CLEARED.format(row='NEW')}",
            ),
            ("CLEARED_TOO_MUCH", _beyond("NEW.cleared_minor", "NEW.amount_minor")),
        ],
        when="NEW.cleared_minor <> OLD.cleared_minor",
    ),
    Guard(
        "journal_line_is_kept",
        "journal_line",
        "DELETE",
        [("JOURNAL_ENTRY_POSTED", _POSTED_ENTRY.format(row="OLD"))],
    ),
    Guard(
        "entry_rate_comes_with_draft",
        "entry_rate",
        "INSERT",
        [("JOURNAL_ENTRY_POSTED", _POSTED_ENTRY.format(row="NEW"))],
    ),
    Guard(
        "entry_rate_stays_posted",
        "entry_rate",
        "UPDATE",
        [
            (
                "JOURNAL_ENTRY_POSTED",
                f"({_POSTED_ENTRY.format(row='OLD')} OR {_POSTED_ENTRY.format(row='NEW')})",
            )
        ],
    ),
    Guard(
        "entry_rate_is_kept",
        "entry_rate",
        "DELETE",
        [("JOURNAL_ENTRY_POSTED", _POSTED_ENTRY.format(row="OLD"))],
    ),
    *(
        Guard(
            f"ledger_balance_can_be_counted_{event.lower()}",
            "ledger_balance",
            event,
            [
                (
                    "LEDGER_BALANCE_TOO_LARGE",
                    f"ABS(NEW.amount_minor) >= {1000 * _LIMIT}"
                    f" OR ABS(NEW.base_minor) >= {1000 * _LIMIT}",
                )
            ],
        )
        for event in ("INSERT", "UPDATE")
    ),
    Guard(
        "base_currency_stays",
        "organization",
        "UPDATE",
        [
            (
                "BASE_CURRENCY_FIXED",
                "EXISTS (SELECT 1 FROM journal_entry AS e"
                " WHERE e.organization_id = OLD.id AND e.state = 'POSTED')",
            )
        ],
        when=_same("id", "base_currency"),
    ),
    Guard(
        "ledger_account_stays_what_its_lines_are",
        "ledger_account",
        "UPDATE",
        [
            (
                "LEDGER_ACCOUNT_IN_USE",
                "EXISTS (SELECT 1 FROM journal_line AS l WHERE l.ledger_account_id = OLD.id"
                " AND (l.organization_id <> NEW.organization_id OR l.currency <> NEW.currency))",
            )
        ],
        when=_same("organization_id", "currency"),
    ),
    Guard(
        "hard_lock_only_moves_on",
        "books",
        "UPDATE",
        [
            (
                "HARD_LOCK_IS_FINAL",
                "NEW.hard_lock_on IS NULL OR NEW.hard_lock_on < OLD.hard_lock_on"
                f" OR {_same('organization_id')}",
            )
        ],
        when="OLD.hard_lock_on IS NOT NULL",
    ),
    Guard(
        "hard_lock_is_kept",
        "books",
        "DELETE",
        [("HARD_LOCK_IS_FINAL", "OLD.hard_lock_on IS NOT NULL")],
    ),
    Kept(
        "journal_entry",
        [
            ("id",),
            ("organization_id", "external_id"),
            ("reverses_id",),
        ],
    ),
    Kept("journal_line", [("id",), ("journal_entry_id", "position")]),
    Kept("entry_rate", [("id",), ("journal_entry_id", "currency")]),
    Kept(
        "ledger_account",
        [("id",), ("organization_id", "number"), ("organization_id", "external_id")],
    ),
    Kept("books", [("organization_id",)], which="kept.hard_lock_on IS NOT NULL"),
    Kept("organization", [("id",)]),
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
    dependencies = [("models", "0006_books_and_reconciliation")]

    operations = [ops.RunPython(guard, unguard)]
