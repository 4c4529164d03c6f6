"""`counterfoil accounts …`: what only whoever runs the server may do about hidden accounts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from tortoise.exceptions import DBConnectionError, OperationalError

from counterfoil.accounts.hidden import HiddenAccount, hidden_accounts, organization_of
from counterfoil.errors import CounterfoilError
from counterfoil.invitation import SchemaMissing
from counterfoil.kit.clock import Clock, SystemClock
from counterfoil.links.hiding import show_again
from counterfoil.plumbing.arq_queue import ArqQueue
from counterfoil.plumbing.database import DatabaseUnusable, connected, require_openable
from counterfoil.plumbing.redis_bus import RedisBus
from counterfoil.settings import Settings
from counterfoil.unit_of_work import Transactions


class NotHidden(CounterfoilError):
    """No hidden account has this id."""

    code = "NOT_FOUND"

    def __init__(self, given: str) -> None:
        self.given = given
        super().__init__(
            f"No hidden account has the id “{given}”. Run: counterfoil accounts hidden"
        )


def list_hidden(settings: Settings) -> int:
    """Print every hidden account; the exit code.

    Raises:
        DatabaseUnusable, SchemaMissing.
    """

    async def listed() -> Sequence[HiddenAccount]:
        async with _opened(settings):
            return await hidden_accounts()

    for account in asyncio.run(listed()):
        print("\n".join(lines_of(account)))  # noqa: T201
    return 0


def show(settings: Settings, *, given: str, reason: str) -> int:
    """Show a hidden account again; the exit code.

    Raises:
        NotHidden, InvalidInput, DatabaseUnusable, SchemaMissing.
    """

    async def shown() -> str:
        async with _opened(settings) as transactions:
            return await show_one(transactions, given=given, reason=reason)

    print(asyncio.run(shown()))  # noqa: T201
    return 0


def lines_of(account: HiddenAccount) -> Sequence[str]:
    """What the operator needs to know of a hidden account."""
    number = f" ••{account.number}" if account.number else ""
    where = f" at {account.institution}" if account.institution else ""
    seen = f", last handed over {_day(account.seen_at)}" if account.seen_at else ""
    why = f": {account.reason}" if account.reason else ""
    return [
        f"{account.id}  {account.name}{number}{where} ({account.organization})",
        f"    hidden {_day(account.hidden_at)} by {account.by or 'somebody'}{seen}{why}",
    ]


def _day(moment: object) -> str:
    return f"{moment:%Y-%m-%d}"


async def show_one(transactions: Transactions, *, given: str, reason: str) -> str:
    """Show a hidden account again, and say what was done.

    Raises:
        NotHidden; InvalidInput: the reason is empty or too long.
    """
    account_id = _id(given)
    organization_id = await organization_of(account_id)
    if organization_id is None:
        raise NotHidden(given)
    async with transactions.begin(organization_id) as uow:
        account = await show_again(uow, bank_account_id=account_id, reason=reason)
    feed = (
        "Its history is fetched now."
        if account.bank_link_id is not None
        else "It has no login: add its bank again to go on."
    )
    untied = f" {account.untied_because}" if account.untied_because else ""
    return f"{account.name} is shown again. {feed}{untied}"


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise NotHidden(given) from None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Transactions]:
    redis_url, database_url = settings.redis_url.reveal(), settings.database_url.reveal()
    require_openable(database_url)
    bus, queue = RedisBus.at(redis_url), ArqQueue.at(redis_url)
    clock: Clock = SystemClock()
    try:
        async with connected(database_url, pool=1):
            yield Transactions(clock, bus, queue)
    except (DBConnectionError, OSError) as problem:
        raise DatabaseUnusable(str(problem)) from problem
    except OperationalError as problem:
        raise SchemaMissing from problem
    finally:
        await bus.close()
        await queue.close()
