"""Looking for the accounts that a login may hand over again, while another pull does the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from counterfoil.accounts.known import hidden_elsewhere, unattached
from counterfoil.accounts.models import BankAccount
from counterfoil.links.models import BankLink
from counterfoil.links.wanting import lock_accounts
from counterfoil.plumbing.database import connected
from counterfoil.unit_of_work import Transactions
from tests.factories import make_account, make_link, make_organization
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue


@pytest.fixture
async def logins(postgres_url: str) -> AsyncIterator[tuple[BankLink, BankLink]]:
    """Two logins of one organization, each with a hidden account."""
    async with connected(postgres_url, pool=4):
        organization = await make_organization()
        one, two = await make_link(organization), await make_link(organization)
        await make_account(one, hidden_at=NOW)
        await make_account(two, hidden_at=NOW)
        yield one, two


async def test_two_pulls_at_once_do_not_wait_for_each_others_hidden_accounts(
    logins: tuple[BankLink, BankLink],
) -> None:
    both = asyncio.Barrier(2)

    async def pull(link: BankLink) -> list[BankAccount]:
        transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
        ids = {"bank_link_id": link.id}
        async with transactions.begin(link.organization_id):
            await lock_accounts(link)
            await both.wait()
            free = await unattached(link.organization_id, handed_over=["new"], **ids)
            found = await hidden_elsewhere(link.organization_id, besides=free, **ids)
            await both.wait()
        return list(found)

    one, two = logins
    async with asyncio.timeout(20):
        elsewhere = await asyncio.gather(pull(one), pull(two))
    assert [[row.bank_link_id for row in rows] for rows in elsewhere] == [[two.id], [one.id]]
