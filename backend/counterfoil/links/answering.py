"""Answering what a session asks, with the network between its transactions.

One process at a time answers a session. Until an answer has done all that it does, the question
stands, and can be answered again: whoever dies in between has stored nothing but a redeemed login,
which is gone on with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.aggregators.port import AggregatorError, ErrorKind, Found, LinkPurpose, Retry
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.kit.clock import Clock
from counterfoil.kit.crypto import Keyring
from counterfoil.links import deciding, finishing, sessions
from counterfoil.links.guarding import Choice, Likeness
from counterfoil.links.models import LinkSession, LinkSessionState
from counterfoil.links.opening import SignInPages, grant_of, refusal, sealed_handle
from counterfoil.links.questions import (
    accounts_asked_about,
    chosen_accounts,
    chosen_login,
    logins_asked_about,
)
from counterfoil.links.redeeming import Redeemer
from counterfoil.links.secrets import TakeOver, read_found, unseal
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer


class AnswerNotTaken(CounterfoilError):
    """The aggregator did not hand the login over now; later it may."""

    code = "AGGREGATOR_UNAVAILABLE"
    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "The bank's login could not be fetched now, and nothing was saved. "
            "Answer again in a minute."
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person answers; made for one call after the other by `Linking`."""

    transactions: Transactions
    keyring: Keyring
    clock: Clock
    pages: SignInPages
    redeemer: Redeemer

    async def duplicate(
        self,
        viewer: Viewer,
        session_id: UUID,
        *,
        choice: Choice | None,
        bank_link_id: UUID | None,
    ) -> LinkSession:
        """Say what a login is that looks like a linked one; the session as it is then.

        FIX or ADD_ACCOUNTS of a login whose accounts were all found puts what was found in its
        place; else the page of that login opens. Of ANOTHER the session asks again where one more
        login like it was linked since. A session that does not ask this (any more), or
        that another process answers, is given back as it is.

        Raises:
            NotFound, Forbidden; InvalidInput: the answer names nothing that was asked about.
            AnswerNotTaken, AnotherIsMade, AggregatorUnavailable, AggregatorRefused,
            AggregatorNotSetUp.
        """
        session = await sessions.own(viewer, session_id)
        viewer.require(Right.BANKS)
        asked = logins_asked_about(session.question)
        if asked is None:
            return session
        login = chosen_login(asked, choice, bank_link_id)
        async with self._alone_with(session) as mine:
            if mine is not None and login is None:
                await self._make_another(mine, asked)
            elif mine is not None and login is not None:
                await self._choose(mine, login, choice)
        return await LinkSession.get(id=session.id)

    async def _make_another(self, session: LinkSession, asked: Collection[Likeness]) -> None:
        found = await self._found(session)
        if found is None:
            return
        async with self.transactions.begin(session.organization_id) as uow:
            redeems = await deciding.may_be_another(uow, session.id, found, asked)
        if redeems:
            await self._redeem(session, found)

    @asynccontextmanager
    async def _alone_with(self, session: LinkSession) -> AsyncIterator[LinkSession | None]:
        """The session as it is now, for this process alone; None where it is not to be had."""
        asks = Q(state=LinkSessionState.DECIDING, redeemed_encrypted=None)
        asks &= Q(revision=session.revision)
        claimed = await sessions.claim(session.id, asks, now=self.clock.now())
        if not claimed:
            yield None
            return
        try:
            mine = await LinkSession.get(id=session.id)
            yield None if await self._is_too_late(mine) else mine
        finally:
            still_asks = LinkSession.filter(id=session.id, state=LinkSessionState.DECIDING)
            await still_asks.update(redeeming_until=None)

    async def _is_too_late(self, session: LinkSession) -> bool:
        if session.expires_at > self.clock.now():
            return False
        async with self.transactions.begin(session.organization_id) as uow:
            await finishing.still_waiting(uow, session.id)
        return True

    async def _choose(self, session: LinkSession, login: Likeness, choice: Choice | None) -> None:
        """Take a login over if what was found has all of its accounts now, whatever was so when the
        question was asked; else open its page."""
        found = await self._found(session)
        if found is None:
            return
        async with self.transactions.begin(session.organization_id) as uow:
            covered = await deciding.still_covered(uow, login.bank_link_id, found)
        adding = choice is Choice.ADD_ACCOUNTS
        if covered:
            await self._redeem(session, found, TakeOver(login.bank_link_id, found.accounts, adding))
            return
        mode = LinkPurpose.ADD_ACCOUNTS if adding else LinkPurpose.REPAIR
        try:
            await self._go_to_page(session, login.bank_link_id, mode)
        except AggregatorError as error:
            if error.kind is not ErrorKind.LINK_GONE:
                raise refusal(error) from error
            await self._redeem(session, found, TakeOver(login.bank_link_id, None, adding))

    async def _found(self, session: LinkSession) -> Found | None:
        """What the person signed in to. Where no key opens it, the session ends in words: None."""
        try:
            stored = session.found_encrypted or ""
            secret = unseal(self.keyring, session.organization_id, session.id, stored)
        except AggregatorError as error:
            await self._end(session, error)
            return None
        return read_found(secret)

    async def _redeem(
        self, session: LinkSession, found: Found, takes_over: TakeOver | None = None
    ) -> None:
        """Redeem what was found. A handover that is refused for good ends the session in words."""
        try:
            await self.redeemer.redeem(session, found, takes_over=takes_over)
        except AggregatorError as error:
            if error.retry is not Retry.NEVER:
                raise AnswerNotTaken from error
            await self._end(session, error)

    async def _end(self, session: LinkSession, error: AggregatorError) -> None:
        async with self.transactions.begin(session.organization_id) as uow:
            await finishing.troubled(uow, session.id, error)

    async def _go_to_page(
        self, session: LinkSession, bank_link_id: UUID, mode: LinkPurpose
    ) -> None:
        grant = await grant_of(self.keyring, bank_link_id)
        if grant is None:
            raise NotFound(field=("bank_link_id",))
        opened = await self.pages.open(session, mode, grant)
        handle = sealed_handle(self.keyring, session, opened)
        async with self.transactions.begin(session.organization_id) as uow:
            await deciding.go_to_page_of(
                uow, session.id, bank_link_id, mode=mode, opened=opened, handle=handle
            )

    async def accounts(
        self, viewer: Viewer, session_id: UUID, *, bank_account_ids: Collection[UUID] | None
    ) -> LinkSession:
        """Say which deleted accounts to bring back; the session as it is then.

        A session that does not ask this (any more) is given back as it is.

        Raises:
            NotFound, Forbidden; InvalidInput: an account that was not asked about, or no list.
        """
        session = await sessions.own(viewer, session_id)
        viewer.require(Right.BANKS)
        asked = accounts_asked_about(session.question)
        if asked is None:
            return session
        chosen = chosen_accounts(asked, bank_account_ids)
        async with self.transactions.begin(viewer.organization_id) as uow:
            return await deciding.bring_back(uow, session.id, chosen)
