"""Redeeming what a person signed in to: a handover works once, so its grant is stored at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from counterfoil.aggregators.port import Aggregator, Found
from counterfoil.kit.crypto import Keyring
from counterfoil.kit.ids import new_id
from counterfoil.links.arriving import Arrived, arrive
from counterfoil.links.models import LinkSession
from counterfoil.links.secrets import Redeemed, TakeOver, read_redeemed, redeemed_text, seal, unseal
from counterfoil.unit_of_work import Transactions

log = logging.getLogger(__name__)

KEEP_TRIES = 10
"""How often a redeemed login is tried to be stored, a second apart: it exists nowhere else."""


@dataclass(frozen=True, slots=True)
class Redeemer:
    """Turns handovers of claimed sessions into logins."""

    transactions: Transactions
    aggregators: Mapping[str, Aggregator]
    keyring: Keyring
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def redeem(
        self, session: LinkSession, found: Found, *, takes_over: TakeOver | None = None
    ) -> None:
        """Redeem a handover; make a login of it, or put it in the place of another one.

        Raises:
            AggregatorError: it was not redeemed.
        """
        new = await self.aggregators[session.aggregator].redeem(found.handover)
        redeemed = Redeemed(found.institution, new, takes_over)
        await self.keep(session, await self._hold_on_to(session, redeemed))

    async def _hold_on_to(self, session: LinkSession, redeemed: Redeemed) -> str:
        """Store a redeemed login at once, by itself: a handover works once, and if this process
        dies now, whoever asks next goes on with what is stored here."""
        text = redeemed_text(redeemed)
        sealed = seal(self.keyring, session.organization_id, session.id, text)
        session_row = LinkSession.filter(id=session.id)
        await keep_trying(lambda: session_row.update(redeemed_encrypted=sealed), self.pause)
        return sealed

    async def keep(self, session: LinkSession, stored: str) -> None:
        """Go on with a redeemed login that is stored on its session.

        Raises:
            AggregatorError: OUR_CONFIG, the keys at hand do not open it.
        """
        secret = unseal(self.keyring, session.organization_id, session.id, stored)
        redeemed = read_redeemed(secret)
        grant_id, grant = new_id(), redeemed.new.grant
        arrived = Arrived(
            institution=redeemed.institution,
            aggregator_id=redeemed.new.aggregator_id,
            grant_id=grant_id,
            secret_encrypted=seal(self.keyring, session.organization_id, grant_id, grant),
            takes_over=redeemed.takes_over,
        )
        async with self.transactions.begin(session.organization_id) as uow:
            await arrive(uow, session.id, arrived)


async def keep_trying(
    store: Callable[[], Awaitable[object]], pause: Callable[[float], Awaitable[None]]
) -> None:
    """Store a redeemed login, however often that fails at first: it exists nowhere else.

    Raises what the last of `KEEP_TRIES` tries raised.
    """
    for left in reversed(range(KEEP_TRIES)):
        try:
            await store()
            return
        except Exception:  # whatever is wrong with the database, the login must not be lost
            if left == 0:
                raise
            log.exception("a redeemed login could not be stored, trying again")
            await pause(1)
