"""Which linked logins are like what a person signed in to, as the rows tell at this moment.

Who acts on the answer holds what keeps it true: the organization's counter against a login that is
made meanwhile, the lock of a login against accounts that it gets meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.accounts.models import BankAccount
from counterfoil.links.guarding import (
    Likeness,
    LinkedAccount,
    LinkedLogin,
    Sought,
    duplicates_of,
)
from counterfoil.links.models import BankLink


async def alike(organization_id: UUID, aggregator: str, found: Sought) -> Sequence[Likeness]:
    """The logins that are linked at an aggregator and like what was found, the likest first."""
    links = await BankLink.filter(
        organization_id=organization_id, aggregator=aggregator, ended_at=None
    ).select_related("institution")
    return duplicates_of(found, await _with_accounts(links))


async def covers(link: BankLink, found: Sought) -> bool:
    """Whether all accounts of a locked login are among those found: those that it shows, and those
    that are to come back to it."""
    await link.fetch_related("institution")
    like = duplicates_of(found, await _with_accounts([link]))
    return any(each.covers for each in like)


async def _with_accounts(links: Collection[BankLink]) -> Sequence[LinkedLogin]:
    accounts = await _accounts_of([link.id for link in links])
    return [
        LinkedLogin(
            link.id, link.institution.aggregator_id, link.institution.name, accounts[link.id]
        )
        for link in links
    ]


async def _accounts_of(
    bank_link_ids: Collection[UUID],
) -> Mapping[UUID, Sequence[LinkedAccount]]:
    accounts: dict[UUID, list[LinkedAccount]] = {each: [] for each in bank_link_ids}
    there = Q(deleted_at=None) | Q(wanted_at__not_isnull=True)
    shown = BankAccount.filter(there, bank_link_id__in=list(bank_link_ids), hidden_at=None)
    for row in await shown:
        if row.bank_link_id is not None:
            linked = LinkedAccount(row.bank_name, row.number, row.type)
            accounts[row.bank_link_id].append(linked)
    return accounts
