"""A client's id of a bank account: one that it kept of a double goes on meaning the account."""

from __future__ import annotations

from uuid import UUID

from counterfoil.accounts.queries import resolved
from counterfoil.api import ids
from counterfoil.viewer import Viewer


async def account_id(viewer: Viewer, value: str, *, field: tuple[str, ...]) -> UUID:
    """The row id of the bank account that a client means.

    Raises:
        NotFound: the text is no id of a bank account.
    """
    return await resolved(viewer, ids.decode(value, "BankAccount", field=field))
