"""What every object with an id has in common (https://relay.dev/graphql/objectidentification.htm)."""

from __future__ import annotations

import strawberry


@strawberry.interface(
    description="An object with an id that stays the same and is unique among all objects."
)
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque: keep it and pass it back, but read nothing out of it."
    )
