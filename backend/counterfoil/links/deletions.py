"""Reads of the receipts of deletions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.kit.conditions import AllOf, Compare, Condition, Operator, Parameters, to_sql
from counterfoil.kit.keyset import Key, Question
from counterfoil.kit.table import Row, Table
from counterfoil.links.models import Deletion
from counterfoil.viewer import Right, Viewer

DELETIONS = Table(Deletion)


def _own(viewer: Viewer) -> Condition:
    viewer.require(Right.READ)
    owner = DELETIONS.column("deletion.organization_id")
    return Compare(owner, Operator.EQ, viewer.organization_id)


def deletions(viewer: Viewer) -> Question:
    """All receipts, newest first."""
    newest = Key("deletion.deleted_at", descending=True)
    return Question(DELETIONS, _own(viewer), order=(newest,))


async def deletions_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The receipts among `ids`, in no order."""
    chosen = Compare(DELETIONS.column("deletion.id"), Operator.IN, tuple(ids))
    parameters = Parameters()
    where = to_sql(AllOf((_own(viewer), chosen)), parameters)
    return await DELETIONS.rows(names, where=where, parameters=parameters)
