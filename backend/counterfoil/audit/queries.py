"""Reads of the audit log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from counterfoil.audit.models import AuditEvent
from counterfoil.kit.conditions import (
    ALWAYS,
    AllOf,
    Column,
    Compare,
    Condition,
    Kind,
    Operator,
    Parameters,
    to_sql,
)
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.sql import among, fetch, texts
from counterfoil.kit.table import Row, Table
from counterfoil.viewer import Right, Viewer

_SHOWN = (
    "(NOT EXISTS (SELECT 1 FROM bank_account AS a"
    " LEFT JOIN bank_account AS h ON h.id = a.absorbed_by_id WHERE a.id = audit_event.object_id"
    " AND (a.hidden_at IS NOT NULL OR h.hidden_at IS NOT NULL))"
    " AND NOT EXISTS (SELECT 1 FROM bank_transaction AS t"
    " JOIN bank_account AS a ON a.id = t.bank_account_id"
    " WHERE t.id = audit_event.object_id AND a.hidden_at IS NOT NULL)"
    " AND NOT EXISTS (SELECT 1 FROM act AS done"
    " JOIN bank_account AS a ON a.id = done.bank_account_id"
    " WHERE done.id = audit_event.object_id AND a.hidden_at IS NOT NULL))"
)
AUDIT_EVENTS = Table(
    AuditEvent,
    computed={
        "audit_event.of_shown_object": Column(_SHOWN, Kind.BOOLEAN, nullable=False),
        "audit_event.shown_object_id": Column(
            f"CASE WHEN {_SHOWN} THEN audit_event.object_id END", Kind.UUID, nullable=True
        ),
    },
)
"""What is told of a hidden account, a line of one or an act about one, names no object and so leads
nowhere."""

_HIDDEN = (
    "a.organization_id = $2 AND (a.hidden_at IS NOT NULL OR EXISTS (SELECT 1"
    " FROM bank_account AS h WHERE h.id = a.absorbed_by_id AND h.hidden_at IS NOT NULL))"
)


def _own(viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    owner = AUDIT_EVENTS.column("audit_event.organization_id")
    return Compare(owner, Operator.EQ, viewer.organization_id)


def audit_events(viewer: Viewer, *, where: Condition = ALWAYS) -> Question:
    """Who did what in the viewer's organization, newest first.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    newest_first = (Key("audit_event.sequence", descending=True),)
    return Question(AUDIT_EVENTS, _own(viewer), where, newest_first)


async def audit_events_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The events among `ids`, in no order."""
    chosen = Compare(AUDIT_EVENTS.column("audit_event.id"), Operator.IN, tuple(ids))
    parameters = Parameters()
    where = to_sql(AllOf((_own(viewer), chosen)), parameters)
    return await AUDIT_EVENTS.rows(names, where=where, parameters=parameters)


async def hidden_among(viewer: Viewer, ids: Collection[UUID]) -> Mapping[UUID, bool]:
    """True for those of these ids that lead to a hidden account: its own, that of one that became
    it, of a line of it, or of an act about it. The others are left out.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    chosen = among("$1", "uuid")
    found = await fetch(
        f"SELECT a.id AS id FROM bank_account AS a WHERE a.id {chosen} AND {_HIDDEN} "  # noqa: S608
        "UNION ALL SELECT t.id FROM bank_transaction AS t JOIN bank_account AS a "
        f"ON a.id = t.bank_account_id WHERE t.id {chosen} AND {_HIDDEN} "
        "UNION ALL SELECT done.id FROM act AS done JOIN bank_account AS a "
        f"ON a.id = done.bank_account_id WHERE done.id {chosen} AND {_HIDDEN}",
        texts(ids),
        viewer.organization_id,
    )
    return {UUID(str(row["id"])): True for row in found}
