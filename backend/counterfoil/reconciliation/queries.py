"""Reads of matches and acts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

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
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Join, Row, Table
from counterfoil.ledger.journal import ENTRIES, LINES
from counterfoil.ledger.journal import SEARCHED as ENTRIES_SEARCHED
from counterfoil.reconciliation.models import Act, Match, MatchBankItem, MatchJournalItem
from counterfoil.viewer import Right, Viewer

MATCHES = Table(Match)
_SHOWN = "owner.deleted_at IS NULL AND owner.hidden_at IS NULL"
BANK_ITEMS = Table(
    MatchBankItem,
    (Join("match_group", Match, "match_group.id = match_bank_item.match_id"),),
    computed={
        "match_bank_item.of_visible_account": Column(
            "EXISTS (SELECT 1 FROM bank_transaction AS line"  # noqa: S608
            " JOIN bank_account AS owner ON owner.id = line.bank_account_id"
            f" WHERE line.id = match_bank_item.bank_transaction_id AND {_SHOWN})",
            Kind.BOOLEAN,
            nullable=False,
        ),
    },
)
JOURNAL_ITEMS = Table(
    MatchJournalItem, (Join("match_group", Match, "match_group.id = match_journal_item.match_id"),)
)
ACTS = Table(
    Act,
    computed={
        "act.of_visible_account": Column(
            "EXISTS (SELECT 1 FROM bank_account AS owner"  # noqa: S608
            f" WHERE owner.id = act.bank_account_id AND {_SHOWN})",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "act.of_deleted_account": Column(
            "EXISTS (SELECT 1 FROM bank_account AS owner"
            " WHERE owner.id = act.bank_account_id AND owner.deleted_at IS NOT NULL)",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "act.of_hidden_account": Column(
            "EXISTS (SELECT 1 FROM bank_account AS owner"
            " WHERE owner.id = act.bank_account_id AND owner.hidden_at IS NOT NULL)",
            Kind.BOOLEAN,
            nullable=False,
        ),
    },
)
OPEN_LINES = replace(
    LINES,
    computed={
        **LINES.computed,
        "journal_entry.shown_number": ENTRIES.computed["journal_entry.shown_number"],
        "journal_line.uncleared": Column(
            "(CASE WHEN journal_line.cleared_minor <> journal_line.amount_minor"
            " THEN TRUE ELSE FALSE END)",
            Kind.BOOLEAN,
            nullable=False,
        ),
        "journal_line.matchable": Column(
            "(journal_line.posted_on IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM journal_entry AS own LEFT JOIN journal_entry AS back"
            " ON back.reverses_id = own.id AND back.state = 'POSTED'"
            " WHERE own.id = journal_line.journal_entry_id"
            " AND (own.reverses_id IS NOT NULL OR back.id IS NOT NULL)))",
            Kind.BOOLEAN,
            nullable=False,
        ),
    },
)
OPEN_LINES_SEARCHED = ("journal_line.memo", *ENTRIES_SEARCHED)

_BY_CLEARING = "ORDER BY match_group.cleared_on, match_group.id"


def _of_matches(table: Table, viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    owner = table.column("match_group.organization_id")
    sealed = table.column("match_group.sealed")
    return AllOf(
        (
            Compare(owner, Operator.EQ, viewer.organization_id),
            Compare(sealed, Operator.EQ, True),
        )
    )


async def _among(
    table: Table,
    scope: Condition,
    key: str,
    ids: Collection[UUID],
    names: Collection[str],
    tail: str = "",
) -> Sequence[Row]:
    condition = AllOf((scope, Compare(table.column(key), Operator.IN, tuple(ids))))
    parameters = Parameters()
    where = to_sql(condition, parameters)
    return await table.rows(
        names, using=list(columns_in(condition)), where=where, tail=tail, parameters=parameters
    )


async def matches_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The matches among `ids`, in no order."""
    return await _among(MATCHES, _of_matches(MATCHES, viewer), "match_group.id", ids, names)


async def matches_by_bank_transaction(
    viewer: Viewer, bank_transaction_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The matches that take something of these bank lines, in the order in which they cleared."""
    scope, key = _of_matches(BANK_ITEMS, viewer), "match_bank_item.bank_transaction_id"
    return await _among(BANK_ITEMS, scope, key, bank_transaction_ids, names, _BY_CLEARING)


async def matches_by_journal_line(
    viewer: Viewer, journal_line_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The matches that take something of these journal lines, in the order of clearing."""
    scope, key = _of_matches(JOURNAL_ITEMS, viewer), "match_journal_item.journal_line_id"
    return await _among(JOURNAL_ITEMS, scope, key, journal_line_ids, names, _BY_CLEARING)


async def bank_items_by_match(
    viewer: Viewer, match_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """What bank lines give to these matches, without those of accounts that are shown no more."""
    visible = BANK_ITEMS.column("match_bank_item.of_visible_account")
    scope = AllOf((_of_matches(BANK_ITEMS, viewer), Compare(visible, Operator.EQ, True)))
    key = "match_bank_item.match_id"
    tail = "ORDER BY match_bank_item.id"
    return await _among(BANK_ITEMS, scope, key, match_ids, names, tail)


async def journal_items_by_match(
    viewer: Viewer, match_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """What journal lines give to these matches."""
    scope, key = _of_matches(JOURNAL_ITEMS, viewer), "match_journal_item.match_id"
    tail = "ORDER BY match_journal_item.id"
    return await _among(JOURNAL_ITEMS, scope, key, match_ids, names, tail)


def _own_acts(viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    return Compare(ACTS.column("act.organization_id"), Operator.EQ, viewer.organization_id)


def _listed_acts(viewer: Viewer) -> Condition:
    hidden = Compare(ACTS.column("act.of_hidden_account"), Operator.EQ, False)
    return AllOf((_own_acts(viewer), hidden))


def acts(viewer: Viewer, *, bank_account_id: UUID | None = None) -> Question:
    """What was done in the books, or for one bank account, newest first; a bulk without its parts.

    Of a hidden bank account there are none. Of a deleted one there are none either, though what
    was done for it stands among all.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    parts = [_listed_acts(viewer), Compare(ACTS.column("act.parent_id"), Operator.IS_NULL, True)]
    if bank_account_id is not None:
        account = ACTS.column("act.bank_account_id")
        visible = ACTS.column("act.of_visible_account")
        parts.append(Compare(account, Operator.EQ, bank_account_id))
        parts.append(Compare(visible, Operator.EQ, True))
    return Question(ACTS, AllOf(tuple(parts)), order=(Key("act.acted_at", descending=True),))


async def acts_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The acts among `ids`, in no order, but for hidden accounts'."""
    return await _among(ACTS, _listed_acts(viewer), "act.id", ids, names)


async def parts_by_act(
    viewer: Viewer, act_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The parts of these acts, in the order in which they were done, but for hidden accounts'."""
    scope = _listed_acts(viewer)
    return await _among(ACTS, scope, "act.parent_id", act_ids, names, "ORDER BY act.id")


async def entries_by_act(
    viewer: Viewer, act_ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The entries that these acts made, in the order in which they made them."""
    viewer.require(Right.READ)
    owner = ENTRIES.column("journal_entry.organization_id")
    scope = Compare(owner, Operator.EQ, viewer.organization_id)
    tail = "ORDER BY journal_entry.id"
    return await _among(ENTRIES, scope, "journal_entry.act_id", act_ids, names, tail)


def open_journal_lines(
    viewer: Viewer, ledger_account_id: UUID | None, *, currency: str, where: Condition = ALWAYS
) -> Question:
    """The posted lines of a ledger account that are not cleared, or only in part, newest first.

    Lines of reversed entries and of reversals are not among them: no line of a bank is theirs.
    Without a ledger account there are none.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    column = OPEN_LINES.column
    kept_in = () if ledger_account_id is None else (ledger_account_id,)
    scope = AllOf(
        (
            Compare(column("journal_line.organization_id"), Operator.EQ, viewer.organization_id),
            Compare(column("journal_line.ledger_account_id"), Operator.IN, kept_in),
            Compare(column("journal_line.currency"), Operator.EQ, currency),
            Compare(column("journal_line.uncleared"), Operator.EQ, True),
            Compare(column("journal_line.matchable"), Operator.EQ, True),
        )
    )
    newest_first = (Key("journal_line.posted_on", descending=True),)
    return Question(OPEN_LINES, scope, where, newest_first)
