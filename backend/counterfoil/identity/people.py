"""Reads of the people of an organization, for showing who did something."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from counterfoil.identity.models import User
from counterfoil.kit.conditions import Compare, Operator, Parameters, to_sql
from counterfoil.kit.table import Row, Table
from counterfoil.viewer import Right, Viewer

PEOPLE = Table(User)


async def people_by_id(
    viewer: Viewer, ids: Collection[UUID], names: Collection[str]
) -> Sequence[Row]:
    """The members of the viewer's organization among `ids`, in no order.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    parameters = Parameters()
    chosen = to_sql(Compare(PEOPLE.column("user.id"), Operator.IN, tuple(ids)), parameters)
    member = (
        'EXISTS (SELECT 1 FROM membership AS m WHERE m.user_id = "user".id'  # noqa: S608
        f" AND m.organization_id = {parameters.add(viewer.organization_id)})"
    )
    return await PEOPLE.rows(names, where=f"{chosen} AND {member}", parameters=parameters)
