"""Whether the books are what they say: read anew from the rows, for an operator's peace of mind.

The database refuses what would break the books; this proves that it did. Every check is a
statement that names the rows which break a rule; none means that the rule holds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from tortoise.transactions import in_transaction

from counterfoil.audit.models import AuditEvent
from counterfoil.audit.operations import FIRST_HASH, hash_of
from counterfoil.kit.sql import execute, fetch, on_sqlite

SHOWN = 20
"""Rows that are named of one broken rule."""
_AT_ONCE = 1000
"""Audit events that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold; `broken` selects the ids (as `id`) of rows for which it does not."""

    sentence: str
    broken: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, and the rows that break it: the first of them, by id."""

    sentence: str
    ids: Sequence[str]

    @property
    def holds(self) -> bool:
        return not self.ids


_RECONCILED = (
    "COALESCE((SELECT SUM(i.amount_minor) FROM match_bank_item AS i"
    " JOIN match_group AS m ON m.id = i.match_id AND m.sealed"
    " WHERE i.bank_transaction_id = t.id), 0)"
)
_CLEARED = (
    "COALESCE((SELECT SUM(i.amount_minor) FROM match_journal_item AS i"
    " JOIN match_group AS m ON m.id = i.match_id AND m.sealed"
    " WHERE i.journal_line_id = l.id), 0)"
    " + COALESCE((SELECT SUM(h.amount_minor) FROM hand_clearing AS h"
    " WHERE h.journal_line_id = l.id), 0)"
)
_PART_OF = (
    "(({part} = 0) OR ({whole} > 0 AND {part} BETWEEN 0 AND {whole})"
    " OR ({whole} < 0 AND {part} BETWEEN {whole} AND 0))"
)
_RUNNING = (
    "SELECT l.ledger_account_id, l.currency, l.posted_on,"
    " SUM(SUM(l.amount_minor)) OVER day_by_day AS amount_minor,"
    " SUM(SUM(l.base_minor)) OVER day_by_day AS base_minor"
    " FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id"
    " WHERE e.state = 'POSTED' GROUP BY l.ledger_account_id, l.currency, l.posted_on"
    " WINDOW day_by_day AS (PARTITION BY l.ledger_account_id, l.currency ORDER BY l.posted_on)"
)

RULES = (
    Rule(
        "Every posted entry has at least two lines and balances in the base currency.",
        "SELECT e.id FROM journal_entry AS e"
        " LEFT JOIN journal_line AS l ON l.journal_entry_id = e.id"
        " WHERE e.state = 'POSTED' GROUP BY e.id"
        " HAVING COUNT(l.id) < 2 OR SUM(l.base_minor) <> 0",
    ),
    Rule(
        "Every posted entry of one currency balances in it.",
        "SELECT e.id FROM journal_entry AS e JOIN journal_line AS l ON l.journal_entry_id = e.id"
        " WHERE e.state = 'POSTED' GROUP BY e.id"
        " HAVING COUNT(DISTINCT l.currency) = 1 AND SUM(l.amount_minor) <> 0",
    ),
    Rule(
        "Lines carry the date of their posted entry, and those of drafts none.",
        "SELECT l.id FROM journal_line AS l JOIN journal_entry AS e ON e.id = l.journal_entry_id"
        " WHERE (e.state = 'POSTED' AND (l.posted_on IS NULL OR l.posted_on <> e.posted_on))"
        " OR (e.state <> 'POSTED' AND l.posted_on IS NOT NULL)",
    ),
    Rule(
        "Entry numbers of a fiscal year begin at 1 and have no holes.",
        "SELECT MIN(CAST(e.id AS TEXT)) AS id FROM journal_entry AS e"
        " LEFT JOIN fiscal_year AS y"
        " ON y.organization_id = e.organization_id AND y.year = e.fiscal_year"
        " WHERE e.state = 'POSTED' GROUP BY e.organization_id, e.fiscal_year, y.last_number"
        " HAVING COUNT(DISTINCT e.number) <> MAX(e.number) OR MIN(e.number) <> 1"
        " OR y.last_number IS NULL OR y.last_number <> MAX(e.number)",
    ),
    Rule(
        "A reversal mirrors its entry, account by account.",
        "SELECT r.id FROM journal_entry AS r"
        " JOIN journal_line AS l ON l.journal_entry_id IN (r.id, r.reverses_id)"
        " WHERE r.state = 'POSTED' AND r.reverses_id IS NOT NULL"
        " GROUP BY r.id, l.ledger_account_id, l.currency"
        " HAVING SUM(l.amount_minor) <> 0 OR SUM(l.base_minor) <> 0",
    ),
    Rule(
        "No bank line is reconciled with an entry that was reversed.",
        "SELECT m.id FROM match_group AS m JOIN match_journal_item AS j ON j.match_id = m.id"
        " JOIN journal_line AS l ON l.id = j.journal_line_id"
        " JOIN journal_entry AS r ON r.reverses_id = l.journal_entry_id AND r.state = 'POSTED'"
        " WHERE m.sealed AND EXISTS (SELECT 1 FROM match_bank_item AS b WHERE b.match_id = m.id)",
    ),
    Rule(
        "Every match is finished, and its two sides add up to the same.",
        "SELECT m.id FROM match_group AS m WHERE NOT m.sealed OR"
        " COALESCE((SELECT SUM(amount_minor) FROM match_bank_item AS b"
        " WHERE b.match_id = m.id), 0)"
        " <> COALESCE((SELECT SUM(amount_minor) FROM match_journal_item AS j"
        " WHERE j.match_id = m.id), 0)",
    ),
    Rule(
        "Every item of a match ties a bank line of the match's currency that is there.",
        "SELECT i.id FROM match_bank_item AS i LEFT JOIN match_group AS m ON m.id = i.match_id"
        " LEFT JOIN bank_transaction AS t ON t.id = i.bank_transaction_id"
        " WHERE m.id IS NULL OR t.id IS NULL OR t.removed_at IS NOT NULL OR t.pending"
        " OR t.currency <> m.currency OR t.organization_id <> m.organization_id",
    ),
    Rule(
        "Every item of a match ties a posted line of the match's ledger account that is there.",
        "SELECT i.id FROM match_journal_item AS i LEFT JOIN match_group AS m ON m.id = i.match_id"
        " LEFT JOIN journal_line AS l ON l.id = i.journal_line_id"
        " WHERE m.id IS NULL OR l.id IS NULL OR l.posted_on IS NULL"
        " OR l.currency <> m.currency OR l.ledger_account_id <> m.ledger_account_id",
    ),
    Rule(
        "What a bank line says is reconciled is the sum of its matches, and no more than itself.",
        "SELECT t.id FROM bank_transaction AS t"
        f" WHERE (t.reconciled_minor <> 0 OR EXISTS (SELECT 1 FROM match_bank_item AS i"
        f" WHERE i.bank_transaction_id = t.id)) AND (t.reconciled_minor <> {_RECONCILED}"
        f" OR NOT {_PART_OF.format(part='t.reconciled_minor', whole='t.amount_minor')})",
    ),
    Rule(
        "What a journal line says is cleared is the sum of its matches and hand clearings, and "
        "no more than itself.",
        f"SELECT l.id FROM journal_line AS l WHERE l.cleared_minor <> {_CLEARED}"
        f" OR NOT {_PART_OF.format(part='l.cleared_minor', whole='l.amount_minor')}",
    ),
    Rule(
        "Kept balances of ledger accounts equal the sums of their lines, day by day.",
        f"SELECT b.id FROM ledger_balance AS b LEFT JOIN ({_RUNNING}) AS r"
        " ON r.ledger_account_id = b.ledger_account_id AND r.currency = b.currency"
        " AND r.posted_on = b.day"
        " WHERE r.posted_on IS NULL OR r.amount_minor <> b.amount_minor"
        " OR r.base_minor <> b.base_minor",
    ),
    Rule(
        "Every day on which a ledger account moved has its kept balance.",
        f"SELECT r.ledger_account_id AS id FROM ({_RUNNING}) AS r LEFT JOIN ledger_balance AS b"
        " ON r.ledger_account_id = b.ledger_account_id AND r.currency = b.currency"
        " AND r.posted_on = b.day WHERE b.id IS NULL",
    ),
    Rule(
        "Positions of changes have no holes from the oldest kept one on.",
        "SELECT h.organization_id AS id FROM change_head AS h"
        " JOIN change AS c ON c.organization_id = h.organization_id"
        " GROUP BY h.organization_id, h.position"
        " HAVING COUNT(DISTINCT c.position) <> h.position - MIN(c.position) + 1",
    ),
)


@asynccontextmanager
async def one_moment() -> AsyncIterator[None]:
    """Everything read inside is as it was at one moment, while others go on writing.

    Without it, what is posted between two statements looks broken to the second one. On SQLite
    nobody else may use the connection meanwhile.
    """
    if not on_sqlite():
        async with in_transaction():
            await execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    await execute("BEGIN")  # in_transaction would keep writers waiting
    try:
        yield
    finally:
        await execute("ROLLBACK")


async def findings() -> AsyncIterator[Finding]:
    """Every rule with the rows that break it, one after the other: inside `one_moment`."""
    for rule in RULES:
        rows = await fetch(f"{rule.broken} LIMIT {SHOWN}")
        yield Finding(rule.sentence, tuple(str(row["id"]) for row in rows))
    yield Finding("Every chain of audit events is whole.", await _broken_events())


async def _broken_events() -> Sequence[str]:
    """The ids of audit events that are not what their chain says."""
    broken: list[str] = []
    for row in await fetch("SELECT DISTINCT organization_id FROM audit_event"):
        owner = UUID(str(row["organization_id"]))
        end = (0, FIRST_HASH)
        while events := await _behind(owner, end[0]):
            broken += broken_in(events, end)
            end = (events[-1].sequence, events[-1].hash)
    return broken[:SHOWN]


async def _behind(organization_id: UUID, sequence: int) -> Sequence[AuditEvent]:
    """The next events of an organization's chain."""
    return (
        await AuditEvent.filter(organization_id=organization_id, sequence__gt=sequence)
        .order_by("sequence")
        .limit(_AT_ONCE)
    )


def broken_in(chain: Sequence[AuditEvent], behind: tuple[int, str]) -> Sequence[str]:
    """The ids of events of one organization, in order, that do not follow their predecessor.

    `behind` is the sequence and the hash of the event before the first of them.
    """
    expected = (behind[0] + 1, behind[1])
    broken: list[str] = []
    for event in chain:
        if (event.sequence, event.previous_hash) != expected or event.hash != hash_of(event):
            broken.append(str(event.id))
        expected = (event.sequence + 1, event.hash)
    return broken
