"""Adding and repairing logins: one attempt of one person, at the aggregator's own page.

The outcome is learned from the aggregator, never from the browser that comes back: a session is
followed while it is open, and exactly one process redeems it. A login that comes too late for its
session is ended at the aggregator through the outbox.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.aggregators.port import (
    Aggregator,
    AggregatorError,
    Found,
    GrantSecret,
    Left,
    LinkPurpose,
    LinkRequest,
    NewLink,
    OpenUrl,
    Repaired,
    Waiting,
)
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring, bound_to
from counterfoil.kit.ids import new_id
from counterfoil.links import sessions
from counterfoil.links.models import (
    BankLink,
    LinkClient,
    LinkSession,
    LinkSessionState,
)
from counterfoil.links.operations import locked
from counterfoil.links.sessions import Ended
from counterfoil.unit_of_work import Transactions, UnitOfWork
from counterfoil.viewer import Right, Viewer

CLAIM = timedelta(seconds=90)
"""How long one process may take to ask and redeem before another may try."""


class AggregatorUnavailable(CounterfoilError):
    """The aggregator did not open a sign-in page."""

    code = "AGGREGATOR_UNAVAILABLE"
    retryable = True

    def __init__(self, cause: AggregatorError) -> None:
        self.cause = cause
        said = f" It said: {cause.provider_message}" if cause.provider_message else ""
        super().__init__(f"The sign-in page could not be opened. Try again in a minute.{said}")


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
            Forbidden, NotFound, InvalidInput, AggregatorUnavailable, IdempotencyKeyReused,
            InProgress.
        """
        viewer.require(Right.BANKS)
        back = self._return_url(return_url, client)
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
            raise AggregatorUnavailable(error) from error
        async with self.transactions.begin(viewer.organization_id) as uow:
            return await sessions.wait(uow, session, opened, self._sealed(session, opened)), False

    async def _open_page(
        self, viewer: Viewer, session: LinkSession, grant: GrantSecret | None
    ) -> OpenUrl:
        mark = urlencode({"session": self.public_id(session.id)})
        joint = "&" if "?" in session.return_url else "?"
        return await self.aggregators[session.aggregator].begin_link(
            LinkRequest(
                purpose=session.mode,
                client_user_id=str(viewer.user_id or viewer.organization_id),
                return_url=f"{session.return_url}{joint}{mark}",
                webhook_url=self._webhook_of(session.aggregator),
                mobile_app=session.client is LinkClient.MOBILE_APP,
                grant=grant,
            )
        )

    def _webhook_of(self, aggregator: str) -> str | None:
        return f"{self.webhook_url}/webhooks/{aggregator}" if self.webhook_url else None

    def _return_url(self, wanted: str | None, client: LinkClient) -> str:
        if wanted is None:
            return f"{self.public_url}/banks/add/return"
        if wanted.startswith("/") and not wanted.startswith(("//", "/\\")):
            return f"{self.public_url}{wanted}"
        if _origin(wanted) == _origin(self.public_url):
            return wanted
        if client is LinkClient.MOBILE_APP and wanted.startswith(self.app_return_urls):
            return wanted
        raise InvalidInput(
            "The return address is neither on this server nor a registered app link.",
            field=("return_url",),
        )

    async def _grant(self, viewer: Viewer, bank_link_id: UUID | None) -> GrantSecret | None:
        if bank_link_id is None:
            return None
        await locked(viewer, bank_link_id)
        link = await BankLink.get(id=bank_link_id).select_related("grant")
        bound = bound_to(link.organization_id, link.grant_id)
        return GrantSecret(self.keyring.decrypt(link.grant.secret_encrypted, associated=bound))

    def _sealed(self, session: LinkSession, opened: OpenUrl) -> sessions.Handle:
        return sessions.Handle(
            encrypted=self._encrypted(session.organization_id, session.id, opened.handle),
            hash=handle_hash(opened.handle),
        )

    def _encrypted(self, organization_id: UUID, row_id: UUID, secret: GrantSecret) -> str:
        return self.keyring.encrypt(secret.value, associated=bound_to(organization_id, row_id))

    async def advance(self, viewer: Viewer, session_id: UUID) -> LinkSession:
        """Ask the aggregator how a session stands, and finish it if the person has.

        Returns the session unchanged where it has ended, or while another process asks.

        Raises:
            NotFound: it is absent or another person's.
        """
        session = await own(viewer, session_id)
        if not await self._claim(session):
            return await LinkSession.get(id=session.id)
        await session.refresh_from_db(fields=["handle_encrypted"])
        bound = bound_to(session.organization_id, session.id)
        handle = GrantSecret(self.keyring.decrypt(str(session.handle_encrypted), associated=bound))
        try:
            await self._finish(session, handle)
        except AggregatorError as error:
            async with self.transactions.begin(session.organization_id) as uow:
                await sessions.troubled(uow, session.id, error)
        return await LinkSession.get(id=session.id)

    async def _claim(self, session: LinkSession) -> bool:
        now = self.clock.now()
        free = Q(redeeming_until=None) | Q(redeeming_until__lt=now)
        claimed = await LinkSession.filter(
            free, id=session.id, state=LinkSessionState.WAITING
        ).update(redeeming_until=now + CLAIM, polled_at=now)
        return bool(claimed)

    async def _finish(self, session: LinkSession, handle: GrantSecret) -> None:
        adapter = self.aggregators[session.aggregator]
        answer = await adapter.finish_link(handle)
        new = await adapter.redeem(answer.handover) if isinstance(answer, Found) else None
        async with self.transactions.begin(session.organization_id) as uow:
            if isinstance(answer, Found) and new is not None:
                await self._keep(uow, session, answer, new)
            elif isinstance(answer, Repaired):
                await sessions.repaired(uow, session.id)
            elif isinstance(answer, Left):
                await sessions.end(uow, session.id, Ended.left(answer))
            elif isinstance(answer, Waiting):
                await sessions.still_waiting(uow, session.id)

    async def _keep(
        self, uow: UnitOfWork, session: LinkSession, found: Found, new: NewLink
    ) -> None:
        grant_id = new_id()
        secret = self._encrypted(session.organization_id, grant_id, new.grant)
        await sessions.found(
            uow, session.id, found, new, grant_id=grant_id, secret_encrypted=secret
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


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
