"""Reads of bank accounts beside the table of linked accounts (`links.queries`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.viewer import Viewer


async def absorbers(viewer: Viewer, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """Of those among `ids` that turned out to be another account's double, that account's id.

    Clients may have kept such an id, and it goes on meaning the account. Whether the viewer sees
    that account is not looked at.
    """
    found = await BankAccount.filter(
        id__in=list(ids), organization_id=viewer.organization_id, absorbed_by_id__not_isnull=True
    ).values_list("id", "absorbed_by_id")
    return dict(found)


async def resolved(viewer: Viewer, bank_account_id: UUID) -> UUID:
    """The id that an account has by now; mostly the same."""
    return (await absorbers(viewer, [bank_account_id])).get(bank_account_id, bank_account_id)
