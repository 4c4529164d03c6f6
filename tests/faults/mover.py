"""A process that deletes an account and adds it again, and may die at a moment of its choice.

`python -m tests.faults.mover <database> <account> <folder> <day> <moment>`: it goes on wherever an
earlier one died. `moment` is the number of the statement before which it kills itself with SIGKILL,
or `committed` (before the first job is queued), `revoked` (before the bank's answer is written
down), or `never`. `folder` is what the bank keeps: a file for each login that lives there. `day`
is how many days later than the others it runs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import GrantSecret, RevokeResult
from counterfoil.identity.models import Organization
from counterfoil.links.deletion_preview import Chosen, preview
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger, Revocation
from counterfoil.links.removing import delete
from counterfoil.plumbing.database import connected
from counterfoil.unit_of_work import Job
from counterfoil.viewer import Viewer
from tests.factories import KEYRING, make_link
from tests.fakes import FakeAggregator, RecordingQueue, line
from tests.faults.bookkeeper import arm
from tests.links.conftest import Shop, make_shop

OLD, NEW = "grant-1", "grant-2"
AMOUNTS = (-450, -450, -90_000, 12_000)


def fill(bank: FakeAggregator, prefix: str) -> None:
    """One account with its lines, under ids of this prefix."""
    account_id = f"{prefix}-checking"
    bank.open_account(account_id, number="4021", name="Checking")
    for number, amount in enumerate(AMOUNTS):
        told = {"amount_minor": amount, "description": f"Line {max(number, 1)}"}
        bank.report(line(f"{prefix}-{number}", account_id=account_id, **told))


class Bank(FakeAggregator):
    """A bank whose logins outlive the process."""

    def __init__(self, folder: Path, *, deadly: bool) -> None:
        super().__init__()
        self.folder = folder
        self.deadly = deadly

    async def revoke(self, grant: GrantSecret) -> RevokeResult:
        login = self.folder / grant.value
        if not login.exists():
            return RevokeResult.ALREADY_GONE
        login.unlink()
        if self.deadly:
            die()
        return RevokeResult.REMOTE


class DeadlyQueue(RecordingQueue):
    """Where the process dies that has committed."""

    async def enqueue(self, job: Job) -> None:
        die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def move(shop: Shop, account_id: UUID, bank: Bank) -> None:
    """Delete the account with its login, and link it anew, up to where nothing is left to do."""
    account = await BankAccount.get(id=account_id)
    old = await BankLink.filter(ended_at=None).order_by("id").first()
    if account.deleted_at is None and account.bank_link_id and old and _is_old(account):
        await remove(shop, account)
    link = await BankLink.filter(ended_at=None).first() or await add(shop, bank)
    if not await Refresh.filter(bank_link_id=link.id).exists():
        await shop.request(link, RefreshTrigger.FIRST_PULL)
    await shop.work()
    while await is_owed(link):
        await shop.tick(after=timedelta(minutes=1))
        await shop.work()


def _is_old(account: BankAccount) -> bool:
    return str(account.aggregator_id).startswith("old-")


async def remove(shop: Shop, account: BankAccount) -> None:
    chosen = Chosen.accounts([account.id])
    token = (await preview(shop.viewer, chosen)).token
    async with shop.transactions.begin(shop.organization.id) as uow:
        await delete(uow, shop.viewer, chosen, token=token, key="delete-it", keyring=KEYRING)


async def add(shop: Shop, bank: Bank) -> BankLink:
    """A login at the same institution."""
    (bank.folder / NEW).touch()
    ended = await BankLink.all().order_by("id").first()
    assert ended is not None
    return await make_link(shop.organization, grant=NEW, institution_id=ended.institution_id)


async def is_owed(link: BankLink) -> bool:
    """Whether a pull or an end at the bank is still to be done."""
    pulled = await Refresh.exists(bank_link_id=link.id, state=RefreshState.DONE)
    return not pulled or await Revocation.exists(done_at=None)


async def main(database_url: str, account: str, folder: str, day: str, moment: str) -> None:
    async with connected(database_url, pool=2):
        row = await BankAccount.get(id=account)
        organization = await Organization.get(id=row.organization_id)
        bank = Bank(Path(folder), deadly=moment == "revoked")
        fill(bank, "new")
        queue = DeadlyQueue() if moment == "committed" else RecordingQueue()
        shop = make_shop(organization, Viewer.system(organization.id), bank=bank, queue=queue)
        shop.clock.advance(timedelta(days=int(day)))
        if moment.isdigit():
            arm(int(moment))
        await move(shop, row.id, bank)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
