"""Makes the schema: our scalars, our errors, no suggestions."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry
from strawberry.schema.config import StrawberryConfig

from counterfoil.api.errors import USER_ERRORS
from counterfoil.api.scalars import SCALARS
from counterfoil.api.sharing import SharingExecutor


def make_schema(
    *, query: type, mutation: type | None, subscription: type | None, types: Sequence[type] = ()
) -> strawberry.Schema:
    """A schema of these roots. `types` names those that only an interface leads to."""
    return strawberry.Schema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=[*USER_ERRORS, *types],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        execution_context_class=SharingExecutor,
    )
