"""Who did something: a person of the organization, the product, or who runs the server."""

from __future__ import annotations

from uuid import UUID

import strawberry

from counterfoil.api.context import Info
from counterfoil.api.enums import ActorKind
from counterfoil.identity.people import people_by_id

PRODUCT = "Counterfoil"
OPERATOR = "Operator"
SOMEBODY = "Somebody who left"


@strawberry.type(description="Who did something.")
class Actor:
    user_id: strawberry.Private[UUID | None]
    kind: ActorKind = strawberry.field(
        description="A person, the product itself, or who runs the server."
    )

    @strawberry.field(
        description=(
            "What to call them: a person's name, “Counterfoil” for the product itself, “Operator” "
            "for who runs the server."
        )
    )
    async def name(self, info: Info) -> str:
        if self.user_id is None:
            return OPERATOR if self.kind is ActorKind.OPERATOR else PRODUCT
        rows = await info.context.loaders.many(
            people_by_id, "user.id", self.user_id, frozenset({"user.name"})
        )
        return str(rows[0]["user.name"]) if rows else SOMEBODY


def actor(word: str) -> Actor:
    """Who is meant by the word that records keep of an actor (`Viewer.actor`)."""
    kind, _, user_id = word.partition(":")
    return Actor(user_id=UUID(user_id) if user_id else None, kind=ActorKind(kind))


def actor_of(kind: str, user_id: UUID | None) -> Actor:
    """Who is meant by an actor's kind and person."""
    return Actor(user_id=user_id, kind=ActorKind(kind))
