"""Naming a ledger account by what the client knows of it."""

from __future__ import annotations

import strawberry
from strawberry import UNSET

from counterfoil.api import ids
from counterfoil.ledger.given import AccountRef


@strawberry.input(one_of=True, description="A ledger account, by one of its names.")
class LedgerAccountRef:
    id: strawberry.ID | None = strawberry.field(default=UNSET, description="Its id here.")
    external_id: str | None = strawberry.field(
        default=UNSET, description="What another system calls it."
    )
    number: str | None = strawberry.field(
        default=UNSET, description="Its number in the chart, in this case."
    )


def account_ref(given: LedgerAccountRef, *, field: tuple[str, ...]) -> AccountRef:
    """The reference as the rooms take it; an id of something else names no account.

    Raises:
        NotFound: the id is none of a ledger account.
    """
    if given.id:
        return AccountRef(id=ids.decode(given.id, "LedgerAccount", field=field))
    return AccountRef(external_id=given.external_id or None, number=given.number or None)
