"""Ending at the aggregator what the outbox holds: one run at a time, over the network.

What a person signed in to and nobody wants is redeemed first: there is no other way to end it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    ErrorKind,
    GrantSecret,
    Retry,
    RevokeResult,
)
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.links import schedule
from counterfoil.links.models import Revocation
from counterfoil.links.redeeming import keep_trying
from counterfoil.links.secrets import read_found, seal, unseal

log = logging.getLogger(__name__)

REVOKE_LIMIT = timedelta(minutes=2)
"""How long one run may take before another may try; its calls and its storing take less."""


@dataclass(frozen=True, slots=True)
class Revoker:
    """Ends logins at their aggregators.

    A run that lasts longer than its limit may meet the next one, so each writes no more than it
    found out, and nothing over what another has found out since.
    """

    aggregators: Mapping[str, Aggregator]
    keyring: Keyring
    clock: Clock
    pause: Callable[[float], Awaitable[None]]

    async def revoke(self, revocation_id: UUID) -> None:
        """End a login, and destroy its secret once that is done.

        Does nothing while another run is at it, or before the time of its next try.
        """
        row = await _claimed(revocation_id, now=self.clock.now())
        if row is None:
            return
        try:
            if row.unredeemed:
                await self._redeem_and_end(row)
            else:
                await self._end(row, self._secret(row))
        except AggregatorError as error:
            log.warning("a login could not be ended at %s yet: %s", row.aggregator, error)
            later = self.clock.now() + schedule.pause(row.attempts, row.id)
            await Revocation.filter(id=row.id, done_at=None).update(next_try_at=later)

    def _secret(self, row: Revocation) -> GrantSecret:
        return unseal(self.keyring, row.organization_id, row.id, row.secret_encrypted or "")

    async def _end(self, row: Revocation, grant: GrantSecret) -> None:
        result = await self.aggregators[row.aggregator].revoke(grant)
        await self._done(row, result)

    async def _done(self, row: Revocation, result: RevokeResult, **still: bool) -> bool:
        """Write down how it ended, if it has not, and is `still` as this run found it."""
        done = await Revocation.filter(id=row.id, done_at=None, **still).update(
            done_at=self.clock.now(), outcome=result.value, secret_encrypted=None, next_try_at=None
        )
        return bool(done)

    async def _redeem_and_end(self, row: Revocation) -> None:
        handover = read_found(self._secret(row)).handover
        try:
            grant = (await self.aggregators[row.aggregator].redeem(handover)).grant
        except AggregatorError as error:
            if error.retry is not Retry.NEVER or error.kind is ErrorKind.OUR_CONFIG:
                raise
            await self._give_up(row, error)
            return
        await self._hold_on_to(row, grant)
        await self._end(row, grant)

    async def _give_up(self, row: Revocation, error: AggregatorError) -> None:
        """Let go of what was redeemed before, or in time by nobody; unless it was by another run,
        whose grant stands in the row by now."""
        if await self._done(row, RevokeResult.LOCAL_ONLY, unredeemed=True):
            log.warning(
                "a sign-in that nobody wants was not redeemed at %s, so it is not ended there "
                "(revocation %s): %s",
                row.aggregator,
                row.id,
                error,
            )

    async def _hold_on_to(self, row: Revocation, grant: GrantSecret) -> None:
        """Store a redeemed grant at once, whatever stands in its row: it exists nowhere else.

        Where it can't be stored it is ended all the same, while this process has it.
        """
        sealed = seal(self.keyring, row.organization_id, row.id, grant)

        async def store() -> None:
            await Revocation.filter(id=row.id).update(
                secret_encrypted=sealed,
                unredeemed=False,
                done_at=None,
                outcome=None,
                next_try_at=self.clock.now() + REVOKE_LIMIT,
            )

        try:
            await keep_trying(store, self.pause)
        except Exception:
            log.exception("a redeemed login could not be stored, ending it unstored")


async def _claimed(revocation_id: UUID, *, now: datetime) -> Revocation | None:
    """What is due, for this run alone up to `REVOKE_LIMIT`; None where it is not to be had."""
    due = Revocation.filter(id=revocation_id, done_at=None, next_try_at__lte=now)
    if not await due.update(next_try_at=now + REVOKE_LIMIT, attempts=F("attempts") + 1):
        return None
    return await Revocation.get(id=revocation_id)
