"""Reads of journal entries and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.identity.models import Organization
from counterfoil.kit.conditions import (
    ALWAYS,
    AllOf,
    Column,
    Compare,
    Condition,
    Kind,
    Operator,
    Parameters,
    columns_in,
    to_sql,
)
from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Join, Row, Table
from counterfoil.ledger.models import EntryRate, JournalEntry, JournalLine
from counterfoil.viewer import Right, Viewer


def _exponent_of(currency_sql: str) -> str:
    """The digits of a currency after the point, in SQL; most have two."""
    others: dict[int, list[str]] = {}
    for code, digits in EXPONENTS.items():
        if digits != 2:
            others.setdefault(digits, []).append(f"'{code}'")
    cases = " ".join(
        f"WHEN {currency_sql} IN ({', '.join(codes)}) THEN {digits}"
        for digits, codes in others.items()
    )
    return f"CASE {cases} ELSE 2 END"


def _number(of: str) -> str:
    """An entry's number as people read it, as `numbering.shown_number` has it."""
    digits = f"CAST({of}.number AS TEXT)"
    return (
        f"CAST({of}.fiscal_year AS TEXT) || '-' || CASE WHEN {of}.number < 1000"
        f" THEN substr('000' || {digits}, length({digits}), 4) ELSE {digits} END"
    )


_BASE = "(SELECT o.base_currency FROM organization AS o WHERE o.id = journal_entry.organization_id)"
_REVERSAL = (
    "(SELECT {what} FROM journal_entry AS r"
    " WHERE r.reverses_id = journal_entry.id AND r.state = 'POSTED')"
)
_MATCHED = (
    "match_journal_item AS i ON i.journal_line_id = l.id"
    " JOIN match_group AS m ON m.id = i.match_id AND m.sealed JOIN act AS a ON a.id = m.act_id"
)
_BY_HAND = (
    "hand_clearing AS h ON h.journal_line_id = l.id AND h.origin = 'PERSON'"
    " JOIN act AS a ON a.id = h.act_id"
)
_SETTLED = (
    "(SELECT 1 FROM journal_line AS l JOIN {how}"
    " WHERE l.journal_entry_id = journal_entry.id AND a.actor <> journal_entry.created_by)"
)

ENTRIES = Table(
    JournalEntry,
    (Join("organization", Organization, "organization.id = journal_entry.organization_id"),),
    computed={
        "journal_entry.shown_number": Column(_number("journal_entry"), Kind.TEXT, nullable=True),
        "journal_entry.total_minor": Column(
            "(SELECT CAST(COALESCE(SUM(l.base_minor), 0) AS BIGINT) FROM journal_line AS l"
            " WHERE l.journal_entry_id = journal_entry.id AND l.base_minor > 0)",
            Kind.WHOLE,
            nullable=False,
            exponent_sql=_exponent_of(_BASE),
        ),
        "journal_entry.reversed": Column(
            f"EXISTS {_REVERSAL.format(what='1')}", Kind.BOOLEAN, nullable=False
        ),
        "journal_entry.opens_an_account": Column(
            "EXISTS (SELECT 1 FROM account_start AS s"
            " WHERE s.opening_entry_id = journal_entry.id AND s.ended_on IS NULL)",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "journal_entry.settled_by_another": Column(
            f"(EXISTS {_SETTLED.format(how=_MATCHED)} OR EXISTS {_SETTLED.format(how=_BY_HAND)})",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "journal_entry.reversal_number": Column(
            _REVERSAL.format(what=_number("r")), Kind.TEXT, nullable=True
        ),
    },
)
LINES = Table(
    JournalLine,
    (
        Join("journal_entry", JournalEntry, "journal_entry.id = journal_line.journal_entry_id"),
        Join("organization", Organization, "organization.id = journal_line.organization_id"),
    ),
    computed={
        "journal_line.day": Column("journal_line.posted_on", Kind.DATE, nullable=False),
        "journal_line.place": Column(
            "CAST(journal_line.position AS INTEGER)", Kind.WHOLE, nullable=False
        ),
        "journal_entry.place": Column("journal_entry.number", Kind.WHOLE, nullable=False),
        "journal_entry.shown_number": Column(_number("journal_entry"), Kind.TEXT, nullable=True),
    },
)
RATES = Table(
    EntryRate,
    (Join("journal_entry", JournalEntry, "journal_entry.id = entry_rate.journal_entry_id"),),
    computed={
        "entry_rate.rate_text": Column("CAST(entry_rate.rate AS TEXT)", Kind.TEXT, nullable=False),
    },
)
NEWEST_FIRST = (
    Key("journal_entry.posted_on", descending=True),
    Key("journal_entry.number", descending=True),
)
SEARCHED = (
    "journal_entry.shown_number",
    "journal_entry.reference",
    "journal_entry.memo",
    "journal_entry.contact",
    "journal_entry.external_id",
)


def _owned(table: Table, viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    alias = "journal_entry" if table is RATES else table.alias
    owner = table.column(f"{alias}.organization_id")
    return Compare(owner, Operator.EQ, viewer.organization_id)


def entries(
    viewer: Viewer, *, where: Condition = ALWAYS, order: Sequence[Key] = NEWEST_FIRST
) -> Question:
    """The journal entries of the viewer's organization, drafts too.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    return Question(ENTRIES, _owned(ENTRIES, viewer), where, tuple(order))


async def entries_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The entries among `ids`, in no order."""
    return await _among(ENTRIES, viewer, "journal_entry.id", ids, names)


async def reversals_by_entry(
    viewer: Viewer, entry_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The entries that take these back, at most one each."""
    return await _among(ENTRIES, viewer, "journal_entry.reverses_id", entry_ids, names)


async def lines_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The journal lines among `ids`, in no order."""
    return await _among(LINES, viewer, "journal_line.id", ids, names)


async def lines_by_entry(
    viewer: Viewer, entry_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The lines of these entries, in their order."""
    tail = "ORDER BY journal_line.journal_entry_id, journal_line.position"
    return await _among(LINES, viewer, "journal_line.journal_entry_id", entry_ids, names, tail)


async def rates_by_entry(
    viewer: Viewer, entry_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The rates of these entries, by currency."""
    tail = "ORDER BY entry_rate.currency"
    return await _among(RATES, viewer, "entry_rate.journal_entry_id", entry_ids, names, tail)


async def last_rates(viewer: Viewer, names: Collection[str]) -> Sequence[Row]:
    """The newest rate that was used for each currency in a posted entry, by currency."""
    parameters = Parameters()
    owned = _owned(RATES, viewer)
    newest = _NEWEST_RATES.format(organization=parameters.add(viewer.organization_id))
    return await RATES.rows(
        names,
        using=list(columns_in(owned)),
        where=f"{to_sql(owned, parameters)} AND entry_rate.id IN ({newest})",
        tail="ORDER BY entry_rate.currency",
        parameters=parameters,
    )


_NEWEST_RATES = """
WITH RECURSIVE used (currency) AS (
    SELECT MIN(r.currency) FROM entry_rate AS r
    UNION ALL
    SELECT (SELECT MIN(r.currency) FROM entry_rate AS r WHERE r.currency > u.currency)
    FROM used AS u WHERE u.currency IS NOT NULL
)
SELECT (SELECT n.id FROM entry_rate AS n JOIN journal_entry AS e ON e.id = n.journal_entry_id
        WHERE n.currency = u.currency AND e.organization_id = {organization} AND e.state = 'POSTED'
        ORDER BY n.rate_on DESC, n.id DESC LIMIT 1)
FROM used AS u WHERE u.currency IS NOT NULL
"""
# The index is stepped through from one currency to the next, and each read from its newest end.


async def _among(
    table: Table,
    viewer: Viewer,
    key: str,
    ids: Collection[UUID],
    names: Collection[str],
    tail: str = "",
) -> Sequence[Row]:
    chosen = Compare(table.column(key), Operator.IN, tuple(ids))
    condition = AllOf((_owned(table, viewer), chosen))
    parameters = Parameters()
    where = to_sql(condition, parameters)
    return await table.rows(
        names, using=list(columns_in(condition)), where=where, tail=tail, parameters=parameters
    )
