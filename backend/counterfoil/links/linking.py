"""Adding and repairing logins: one attempt of one person, at the aggregator's own page.

The outcome is learned from the aggregator, never from the browser that comes back: a session is
followed while it is open, and exactly one process redeems it. A login that is found too late for
its session, or as it is cancelled, is ended at the aggregator through the outbox. Of a page that is
finished after its session has ended nobody learns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.aggregators.port import (
    AccountSnapshot,
    Aggregator,
    AggregatorError,
    Found,
    GrantSecret,
    Left,
    LinkPurpose,
    Repaired,
    Retry,
    Waiting,
)
from counterfoil.errors import InvalidInput
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.links import deciding, finishing, sessions
from counterfoil.links.answering import Answers
from counterfoil.links.finishing import Ended
from counterfoil.links.models import LinkClient, LinkSession, LinkSessionState
from counterfoil.links.opening import SignInPages, grant_of, refusal, sealed_handle
from counterfoil.links.operations import locked
from counterfoil.links.redeeming import Redeemer
from counterfoil.links.return_urls import return_address
from counterfoil.links.secrets import found_text, seal, unseal
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer


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
            opened = await self._pages.open(session, session.mode, grant)
        except AggregatorError as error:
            async with self.transactions.begin(viewer.organization_id) as uow:
                await sessions.discard(uow, session)
            raise refusal(error) from error
        async with self.transactions.begin(viewer.organization_id) as uow:
            handle = sealed_handle(self.keyring, session, opened)
            return await sessions.wait(uow, session, opened, handle), False

    async def _grant(self, viewer: Viewer, bank_link_id: UUID | None) -> GrantSecret | None:
        if bank_link_id is None:
            return None
        await locked(viewer, bank_link_id)
        return await grant_of(self.keyring, bank_link_id)

    @property
    def _pages(self) -> SignInPages:
        return SignInPages(self.aggregators, self.webhook_url, self.public_id)

    @property
    def _redeemer(self) -> Redeemer:
        return Redeemer(self.transactions, self.aggregators, self.keyring, self.pause)

    @property
    def answers(self) -> Answers:
        """For what a session asks before it stores anything."""
        return Answers(self.transactions, self.keyring, self.clock, self._pages, self._redeemer)

    async def advance(self, viewer: Viewer, session_id: UUID) -> LinkSession:
        """Ask the aggregator how a session stands, and finish it if the person has.

        Returns the session unchanged where it has ended, or while another process asks.

        Raises:
            NotFound: it is absent or another person's.
        """
        session = await sessions.own(viewer, session_id)
        unfinished = Q(state=LinkSessionState.WAITING) | Q(redeemed_encrypted__not_isnull=True)
        if await sessions.claim(session.id, unfinished, now=self.clock.now()):
            session = await LinkSession.get(id=session.id)
            try:
                await self._finish(session)
            except AggregatorError as error:
                async with self.transactions.begin(session.organization_id) as uow:
                    await finishing.troubled(uow, session.id, error)
        return await LinkSession.get(id=session.id)

    async def _finish(self, session: LinkSession) -> None:
        if session.redeemed_encrypted is not None:
            await self._redeemer.keep(session, session.redeemed_encrypted)
            return
        if session.handle_encrypted is None:
            return
        answer = await self._answer(session, session.handle_encrypted)
        if isinstance(answer, Found):
            await self._take(session, answer)
        elif isinstance(answer, Repaired):
            await self._repaired(session)
        else:
            async with self.transactions.begin(session.organization_id) as uow:
                if isinstance(answer, Left):
                    await finishing.end(uow, session.id, Ended.left(answer))
                else:
                    await finishing.still_waiting(uow, session.id)

    async def _answer(
        self, session: LinkSession, handle_encrypted: str
    ) -> Waiting | Left | Found | Repaired:
        handle = unseal(self.keyring, session.organization_id, session.id, handle_encrypted)
        return await self.aggregators[session.aggregator].finish_link(handle)

    def _sealed(self, session: LinkSession, found: Found) -> str:
        return seal(self.keyring, session.organization_id, session.id, found_text(found))

    async def _take(self, session: LinkSession, found: Found) -> None:
        """Redeem what a person signed in to, unless they are asked about it first."""
        sealed = self._sealed(session, found)
        async with self.transactions.begin(session.organization_id) as uow:
            redeems = await deciding.may_redeem(uow, session.id, found, sealed=sealed)
        if redeems:
            await self._redeemer.redeem(session, found)

    async def _repaired(self, session: LinkSession) -> None:
        accounts = await self._handed_over(session)
        async with self.transactions.begin(session.organization_id) as uow:
            if not await deciding.ask_accounts(uow, session.id, accounts, self.keyring):
                await finishing.repaired(uow, session.id)

    async def _handed_over(self, session: LinkSession) -> Sequence[AccountSnapshot]:
        """What the login of a session that adds accounts hands over now; else nothing.

        A login that does not tell, or not in time, is pulled without a question.
        """
        if session.mode is not LinkPurpose.ADD_ACCOUNTS or session.bank_link_id is None:
            return ()
        grant = await grant_of(self.keyring, session.bank_link_id)
        if grant is None:
            return ()
        try:
            snapshot = await self.aggregators[session.aggregator].snapshot(grant)
        except AggregatorError as error:
            if error.retry is Retry.NEVER or session.expires_at <= self.clock.now():
                return ()
            raise
        return snapshot.accounts

    async def cancel(self, viewer: Viewer, session_id: UUID) -> LinkSession:
        """End a session; a login that was found, or is being redeemed at this moment, is revoked.

        The aggregator is asked once more: nobody asks later. Where it does not tell, the session
        ends all the same, and says what to do.

        Raises:
            NotFound; LinkSessionEnded: it has ended already.
        """
        session = await sessions.own(viewer, session_id)
        told, sealed = True, None
        try:
            sealed = await self._found_by_now(session)
        except AggregatorError:
            told = False
        async with self.transactions.begin(viewer.organization_id) as uow:
            return await finishing.cancel(uow, session.id, found=sealed, told=told)

    async def _found_by_now(self, session: LinkSession) -> str | None:
        """What a person who adds a login has signed in to since somebody asked last, sealed.

        Raises:
            AggregatorError: it does not tell.
        """
        adding = session.mode is LinkPurpose.ADD and session.state is LinkSessionState.WAITING
        if not adding or session.handle_encrypted is None or session.found_encrypted is not None:
            return None
        answer = await self._answer(session, session.handle_encrypted)
        return self._sealed(session, answer) if isinstance(answer, Found) else None
