"""What many rows at once came to, for clients."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from counterfoil.api.errors import UserError, user_error
from counterfoil.errors import CounterfoilError
from counterfoil.ledger.rows import RowStatus

__all__ = ["ATOMIC", "CLIENT_REF", "RowStatus", "told"]

strawberry.enum(
    RowStatus,
    description=(
        "What became of a row. Open: values may be added; treat an unknown one as UPDATED."
    ),
)

ATOMIC = "Whether one refused row keeps all of them from being written."
CLIENT_REF = "The client's own word for the row, given back with its result."


def told(errors: Sequence[CounterfoilError]) -> list[UserError]:
    """Errors of the rooms for the client."""
    return [user_error(error) for error in errors]
