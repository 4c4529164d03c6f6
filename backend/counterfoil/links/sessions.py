"""The states of a link session: each step one transaction, none of them with the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.aggregators.port import (
    LinkPurpose,
    OpenUrl,
)
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links.models import (
    Institution,
    LinkClient,
    LinkSession,
    LinkSessionState,
)
from counterfoil.unit_of_work import ChangeType, InProgress, UnitOfWork, forget, once
from counterfoil.viewer import ActorKind, Viewer

UNOPENED = timedelta(minutes=2)
"""How long a session may wait for its page to be opened before it counts as expired."""
OPEN = (LinkSessionState.STARTED, LinkSessionState.WAITING, LinkSessionState.DECIDING)
CLAIM = timedelta(seconds=90)
"""How long one process may take to ask and redeem before another may try."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for."""

    mode: LinkPurpose
    client: LinkClient
    return_url: str
    institution_id: UUID | None
    bank_link_id: UUID | None


@dataclass(frozen=True, slots=True)
class Handle:
    """The aggregator's handle of a session, encrypted, and by hash."""

    encrypted: str
    hash: str


async def open(  # noqa: A001
    uow: UnitOfWork, viewer: Viewer, request: Request, *, aggregator: str, key: str
) -> tuple[LinkSession, bool]:
    """Begin a session, or find the one that this key began before (then the bool is true).

    Raises:
        NotFound: there is no such institution.
        IdempotencyKeyReused: the key was used for another request.
        InProgress: the first call with this key is still opening its page.
    """
    if not await _is_known(request.institution_id):
        raise NotFound(field=("institution_id",))
    session_id = new_id()
    first = await once(
        uow,
        actor=viewer.actor,
        operation="startBankLink",
        key=key,
        asked=request,
        object_id=session_id,
    )
    if first != session_id:
        return await _begun(first), True
    session = await LinkSession.create(
        id=session_id,
        organization_id=viewer.organization_id,
        user_id=viewer.user_id,
        mode=request.mode,
        client=request.client,
        state=LinkSessionState.STARTED,
        aggregator=aggregator,
        institution_id=request.institution_id,
        bank_link_id=request.bank_link_id,
        return_url=request.return_url,
        created_at=uow.now,
        expires_at=uow.now + UNOPENED,
    )
    _changed(uow, session)
    return session, False


async def _is_known(institution_id: UUID | None) -> bool:
    return institution_id is None or await Institution.exists(id=institution_id)


async def _begun(session_id: UUID) -> LinkSession:
    session = await LinkSession.get(id=session_id)
    if session.state is LinkSessionState.STARTED:
        raise InProgress
    return session


async def discard(uow: UnitOfWork, session: LinkSession) -> None:
    """Remove a session whose page could not be opened: a refusal leaves nothing behind."""
    await forget(uow, object_id=session.id)
    await LinkSession.filter(id=session.id).delete()
    uow.gone(ChangeType.LINK_SESSION, session.id)


async def wait(
    uow: UnitOfWork, session: LinkSession, opened: OpenUrl, handle: Handle
) -> LinkSession:
    """The page is open: wait for the person, unless the session was ended meanwhile."""
    session = await locked(session.id)
    wanted = {"institution_id": session.institution_id, "bank_link_id": session.bank_link_id}
    await record(uow, session, "startBankLink", {"mode": session.mode, **wanted})
    if session.state is not LinkSessionState.STARTED:
        return session
    session.state = LinkSessionState.WAITING
    session.open_url = opened.url
    session.handle_encrypted, session.handle_hash = handle.encrypted, handle.hash
    session.expires_at = opened.expires_at
    return await save(uow, session)


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


async def locked(session_id: UUID) -> LinkSession:
    """A session, locked for the rest of the transaction."""
    return await LinkSession.filter(id=session_id).select_for_update(no_key=True).get()


async def claim(session_id: UUID, which: Q, *, now: datetime) -> bool:
    """Whether this process alone may go on with a session for `CLAIM`: it is as `which` says, and
    nobody else does."""
    free = Q(redeeming_until=None) | Q(redeeming_until__lt=now)
    claimed = await LinkSession.filter(free, which, id=session_id).update(
        redeeming_until=now + CLAIM, polled_at=now
    )
    return bool(claimed)


async def record(uow: UnitOfWork, session: LinkSession, action: str, after: Facts) -> None:
    """Write down what the session's person did, whoever asked the aggregator how it stands."""
    person = Viewer(uow.organization_id, ActorKind.USER, session.user_id, frozenset())
    await audit.record(
        uow,
        person,
        action=action,
        object_type="LinkSession",
        object_id=session.id,
        after=after,
    )


async def save(uow: UnitOfWork, session: LinkSession) -> LinkSession:
    """Save a locked session under its next revision, and tell of it."""
    session.revision += 1
    await session.save()
    _changed(uow, session)
    return session


def _changed(uow: UnitOfWork, session: LinkSession) -> None:
    uow.upserted(ChangeType.LINK_SESSION, session.id, session.revision)
