"""Who asks, and for which organization."""

from __future__ import annotations

from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.context import Info
from counterfoil.api.link_sessions import LinkSession, open_link_sessions
from counterfoil.api.node import Node
from counterfoil.api.permissions import Right
from counterfoil.api.scalars import CurrencyCode
from counterfoil.identity import queries


@strawberry.type(description="A company with its books.")
class Organization(Node):
    id: strawberry.ID = strawberry.field(description="Opaque id.")
    name: str = strawberry.field(description="Its name.")
    base_currency: CurrencyCode = strawberry.field(description="The currency of its books.")
    time_zone: str = strawberry.field(description="Its zone, by its name in the tz database.")


@strawberry.type(description="A person.")
class User(Node):
    id: strawberry.ID = strawberry.field(description="Opaque id.")
    name: str = strawberry.field(description="What to call them.")
    email: str = strawberry.field(description="The address that they sign in with.")


@strawberry.type(description="Who asks: a person or a token, in one organization.")
class Viewer:
    @strawberry.field(description="The organization that is looked at.")
    async def organization(self, info: Info) -> Organization:
        return await own_organization(info)

    @strawberry.field(description="The person; null for a token.")
    async def user(self, info: Info) -> User | None:
        return await own_user(info)

    @strawberry.field(description="What the viewer may do here, in the order of their names.")
    def rights(self, info: Info) -> list[Right]:
        return sorted(info.context.signed_in().rights)

    @strawberry.field(
        description="The viewer's attempts to link that are not at an end, newest first."
    )
    async def open_link_sessions(self, info: Info) -> list[LinkSession]:
        return await open_link_sessions(info)


async def organization(info: Info, row_id: UUID) -> Organization | None:
    """The viewer's own organization; no other is ever shown."""
    viewer = info.context.signed_in()
    return await own_organization(info) if row_id == viewer.organization_id else None


async def own_organization(info: Info) -> Organization:
    """The organization that the viewer looks at."""
    row = await queries.organization(info.context.signed_in())
    return Organization(
        id=strawberry.ID(ids.encode("Organization", row.id)),
        name=row.name,
        base_currency=CurrencyCode(row.base_currency),
        time_zone=row.time_zone,
    )


async def user(info: Info, row_id: UUID) -> User | None:
    """The viewer's own person; no other is shown."""
    return await own_user(info) if row_id == info.context.signed_in().user_id else None


async def own_user(info: Info) -> User | None:
    """The person who asks; None where it is none."""
    row = await queries.user(info.context.signed_in())
    if row is None:
        return None
    return User(id=strawberry.ID(ids.encode("User", row.id)), name=row.name, email=row.email)
