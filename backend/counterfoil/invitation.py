"""`counterfoil sign-in-link`: makes the first person if there is none, and a one-time link."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.exceptions import DBConnectionError, OperationalError

from counterfoil.errors import CounterfoilError
from counterfoil.identity.operations import (
    FirstPerson,
    first_start,
    first_user,
    make_sign_in_link,
)
from counterfoil.identity.passwords import Passwords
from counterfoil.identity.queries import organizations_of
from counterfoil.kit.clock import Clock, SystemClock
from counterfoil.ledger.operations import seed_chart
from counterfoil.plumbing.arq_queue import ArqQueue
from counterfoil.plumbing.database import DatabaseUnusable, connected, require_openable
from counterfoil.plumbing.redis_bus import RedisBus
from counterfoil.settings import Settings
from counterfoil.unit_of_work import Transactions


class NobodyToInvite(CounterfoilError):
    """There is no person, although the first start was made."""

    code = "NOT_SET_UP"

    def __init__(self) -> None:
        super().__init__("There is nobody who could sign in.")


class SchemaMissing(CounterfoilError):
    """The database has no tables yet, or those of another version."""

    code = "NOT_SET_UP"

    def __init__(self) -> None:
        super().__init__("The database's schema is not the current one. Run: counterfoil migrate")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that signs in once, and the first person where this very call made them."""

    link: str
    first: FirstPerson | None

    def lines(self) -> Sequence[str]:
        """What a person at the console needs to know; secrets in the clear."""
        lines = [f"Sign in, once and within the hour: {self.link}"]
        if self.first is not None:
            lines.append(
                f"Or with {self.first.email} and the password {self.first.password.reveal()} "
                "(shown only now)"
            )
        return lines


def run(settings: Settings) -> int:
    """Print an invitation; the exit code.

    Raises:
        DatabaseUnusable, SchemaMissing, NobodyToInvite: nobody can be invited.
    """
    for line in asyncio.run(_invited(settings)).lines():
        print(line)  # noqa: T201
    return 0


async def _invited(settings: Settings) -> Invitation:
    redis_url, database_url = settings.redis_url.reveal(), settings.database_url.reveal()
    require_openable(database_url)
    bus, queue = RedisBus.at(redis_url), ArqQueue.at(redis_url)
    clock = SystemClock()
    try:
        async with connected(database_url, pool=1):
            return await invite(
                Transactions(clock, bus, queue), clock=clock, public_url=settings.public_url
            )
    except (DBConnectionError, OSError) as problem:
        raise DatabaseUnusable(str(problem)) from problem
    except OperationalError as problem:
        raise SchemaMissing from problem
    finally:
        await bus.close()
        await queue.close()


async def invite(transactions: Transactions, *, clock: Clock, public_url: str) -> Invitation:
    """Make the first organization, person and chart where there are none, and a link.

    Raises:
        NobodyToInvite: there is nobody.
    """
    first = await first_start(Passwords(), now=clock.now())
    user = await first_user()
    if user is None:
        raise NobodyToInvite
    for organization in await organizations_of(user):
        async with transactions.begin(organization.id) as uow:
            await seed_chart(uow, base_currency=organization.base_currency)
    token = await make_sign_in_link(user, now=clock.now())
    return Invitation(f"{public_url}/sign-in?token={token.reveal()}", first)
