"""Adding and repairing logins: one attempt of one person, at the aggregator's own page.

The outcome is learned from the aggregator, never from the browser that comes back: a session is
followed while it is open, and exactly one process redeems it. A login that comes too late for its
session is ended at the aggregator through the outbox.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    ErrorKind,
    Found,
    GrantSecret,
    Left,
    LinkPurpose,
    LinkRequest,
    NewLink,
    OpenUrl,
    Repaired,
    Retry,
)
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.kit.ids import new_id
from counterfoil.links import sessions
from counterfoil.links.models import (
    BankLink,
    LinkClient,
    LinkSession,
    LinkSessionState,
)
from counterfoil.links.operations import locked
from counterfoil.links.return_urls import return_address, with_query
from counterfoil.links.secrets import read_redeemed, redeemed_text, seal, unseal
from counterfoil.links.sessions import Ended
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer

log = logging.getLogger(__name__)

CLAIM = timedelta(seconds=90)
"""How long one process may take to ask and redeem before another may try."""
KEEP_TRIES = 10
"""How often a redeemed login is tried to be stored, a second apart: it exists nowhere else."""


class AggregatorUnavailable(CounterfoilError):
    """The aggregator did not open a sign-in page now; later it may."""

    code = "AGGREGATOR_UNAVAILABLE"
    retryable = True

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(
            f"The sign-in page could not be opened. Try again in a minute.{_said(cause)}"
        )


class AggregatorRefused(CounterfoilError):
    """The aggregator will not open a sign-in page, however often it is asked."""

    code = "AGGREGATOR_UNAVAILABLE"

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(f"The aggregator refused to open a sign-in page.{_said(cause)}")


class AggregatorNotSetUp(CounterfoilError):
    """The keys of the aggregator are missing or refused."""

    code = "NOT_SET_UP"

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        super().__init__(
            "The aggregator's keys are missing or refused. An administrator must set them."
        )


def _said(cause: AggregatorError) -> str:
    return f" It said: {cause.provider_message}" if cause.provider_message else ""


def _refusal(cause: AggregatorError) -> CounterfoilError:
    if cause.kind is ErrorKind.OUR_CONFIG:
        return AggregatorNotSetUp(cause)
    if cause.retry is Retry.NEVER:
        return AggregatorRefused(cause)
    return AggregatorUnavailable(cause)


@dataclass(frozen=True, slots=True)
class Linking:
    """Link sessions with the network between their transactions; made by a composition root.

    `webhook_url` is the origin that aggregators reach, or None. `public_id` gives the id under
    which clients know a session. `app_return_urls` are the prefixes that a mobile app may be
    returned to.
    """

    transactions: Transactions
    aggregators: Mapping[str, Aggregator]
    keyring: Keyring
    clock: Clock
    public_url: str
    webhook_url: str | None
    public_id: Callable[[UUID], str]
    default_aggregator: str = "plaid"
    app_return_urls: tuple[str, ...] = ()
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def start(
        self,
        viewer: Viewer,
        *,
        mode: LinkPurpose,
        client: LinkClient,
        return_url: str | None,
        institution_id: UUID | None,
        bank_link_id: UUID | None,
        idempotency_key: str,
    ) -> tuple[LinkSession, bool]:
        """Open a session and the aggregator's page for it; the bool says that it was there before.

        Raises:
            Forbidden, NotFound, InvalidInput, AggregatorUnavailable, AggregatorRefused,
            AggregatorNotSetUp, IdempotencyKeyReused, InProgress.
        """
        viewer.require(Right.BANKS)
        back = return_address(
            return_url,
            mobile_app=client is LinkClient.MOBILE_APP,
            public_url=self.public_url,
            app_return_urls=self.app_return_urls,
        )
        if (bank_link_id is None) is not (mode is LinkPurpose.ADD):
            raise InvalidInput(
                "Say which login to repair; a new one has none yet.", field=("bank_link_id",)
            )
        request = sessions.Request(mode, client, back, institution_id, bank_link_id)
        async with self.transactions.begin(viewer.organization_id) as uow:
            session, replayed = await sessions.open(
                uow, viewer, request, aggregator=self.default_aggregator, key=idempotency_key
            )
            grant = await self._grant(viewer, bank_link_id)
        if replayed:
            return session, True
        try:
            opened = await self._open_page(viewer, session, grant)
        except AggregatorError as error:
            async with self.transactions.begin(viewer.organization_id) as uow:
                await sessions.discard(uow, session)
            raise _refusal(error) from error
        async with self.transactions.begin(viewer.organization_id) as uow:
            return await sessions.wait(uow, session, opened, self._sealed(session, opened)), False

    async def _open_page(
        self, viewer: Viewer, session: LinkSession, grant: GrantSecret | None
    ) -> OpenUrl:
        mark = {"session": self.public_id(session.id)}
        return await self.aggregators[session.aggregator].begin_link(
            LinkRequest(
                purpose=session.mode,
                client_user_id=str(viewer.user_id or viewer.organization_id),
                return_url=with_query(session.return_url, mark),
                webhook_url=self._webhook_of(session.aggregator),
                mobile_app=session.client is LinkClient.MOBILE_APP,
                grant=grant,
            )
        )

    def _webhook_of(self, aggregator: str) -> str | None:
        return f"{self.webhook_url}/webhooks/{aggregator}" if self.webhook_url else None

    async def _grant(self, viewer: Viewer, bank_link_id: UUID | None) -> GrantSecret | None:
        if bank_link_id is None:
            return None
        await locked(viewer, bank_link_id)
        link = await BankLink.get(id=bank_link_id).select_related("grant")
        stored = link.grant.secret_encrypted
        return unseal(self.keyring, link.organization_id, link.grant_id, stored)

    def _sealed(self, session: LinkSession, opened: OpenUrl) -> sessions.Handle:
        return sessions.Handle(
            encrypted=seal(self.keyring, session.organization_id, session.id, opened.handle),
            hash=handle_hash(opened.handle),
        )

    async def advance(self, viewer: Viewer, session_id: UUID) -> LinkSession:
        """Ask the aggregator how a session stands, and finish it if the person has.

        Returns the session unchanged where it has ended, or while another process asks.

        Raises:
            NotFound: it is absent or another person's.
        """
        session = await own(viewer, session_id)
        if await self._claim(session):
            session = await LinkSession.get(id=session.id)
            try:
                await self._finish(session)
            except AggregatorError as error:
                async with self.transactions.begin(session.organization_id) as uow:
                    await sessions.troubled(uow, session.id, error)
        return await LinkSession.get(id=session.id)

    async def _claim(self, session: LinkSession) -> bool:
        """Whether this process may ask: nobody else does, and there is something to ask."""
        now = self.clock.now()
        free = Q(redeeming_until=None) | Q(redeeming_until__lt=now)
        unfinished = Q(state=LinkSessionState.WAITING) | Q(redeemed_encrypted__not_isnull=True)
        claimed = await LinkSession.filter(free, unfinished, id=session.id).update(
            redeeming_until=now + CLAIM, polled_at=now
        )
        return bool(claimed)

    async def _finish(self, session: LinkSession) -> None:
        if session.redeemed_encrypted is not None:
            await self._keep(session, session.redeemed_encrypted)
            return
        if session.handle_encrypted is None:
            return
        handle = self._unsealed(session, session.handle_encrypted)
        adapter = self.aggregators[session.aggregator]
        answer = await adapter.finish_link(handle)
        if isinstance(answer, Found):
            new = await adapter.redeem(answer.handover)
            await self._keep(session, await self._hold_on_to(session, answer, new))
            return
        async with self.transactions.begin(session.organization_id) as uow:
            if isinstance(answer, Repaired):
                await sessions.repaired(uow, session.id)
            elif isinstance(answer, Left):
                await sessions.end(uow, session.id, Ended.left(answer))
            else:
                await sessions.still_waiting(uow, session.id)

    def _unsealed(self, session: LinkSession, stored: str) -> GrantSecret:
        return unseal(self.keyring, session.organization_id, session.id, stored)

    async def _hold_on_to(self, session: LinkSession, found: Found, new: NewLink) -> str:
        """Store a redeemed login at once, by itself: a handover works once, and if this process
        dies now, whoever asks next makes a link of what is stored here."""
        text = redeemed_text(found, new)
        sealed = seal(self.keyring, session.organization_id, session.id, text)
        for left in reversed(range(KEEP_TRIES)):
            try:
                await LinkSession.filter(id=session.id).update(redeemed_encrypted=sealed)
                break
            except Exception:  # whatever is wrong with the database, the login must not be lost
                if left == 0:
                    raise
                log.exception("a redeemed login could not be stored, trying again")
                await self.pause(1)
        return sealed

    async def _keep(self, session: LinkSession, redeemed: str) -> None:
        institution, new = read_redeemed(self._unsealed(session, redeemed))
        grant_id = new_id()
        sealed = seal(self.keyring, session.organization_id, grant_id, new.grant)
        async with self.transactions.begin(session.organization_id) as uow:
            await sessions.found(
                uow,
                session.id,
                institution,
                new.aggregator_id,
                grant_id=grant_id,
                secret_encrypted=sealed,
            )

    async def cancel(self, viewer: Viewer, session_id: UUID) -> LinkSession:
        """End a session; a login that is being redeemed at this very moment is revoked.

        Raises:
            NotFound; LinkSessionEnded: it has ended already.
        """
        session = await own(viewer, session_id)
        async with self.transactions.begin(viewer.organization_id) as uow:
            return await sessions.cancel(uow, session.id)


async def own(viewer: Viewer, session_id: UUID) -> LinkSession:
    """The viewer's own session.

    Raises:
        NotFound: it is absent or another person's.
    """
    mine = LinkSession.filter(id=session_id, organization_id=viewer.organization_id)
    if viewer.user_id is not None:
        mine = mine.filter(user_id=viewer.user_id)
    session = await mine.first()
    if session is None:
        raise NotFound(field=("session_id",))
    return session


def handle_hash(handle: GrantSecret) -> str:
    """By which a webhook finds the session, without the handle being readable in the table."""
    return hashlib.sha256(handle.value.encode()).hexdigest()
