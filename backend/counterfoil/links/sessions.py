"""The states of a link session: each step one transaction, none of them with the network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from counterfoil.aggregators.port import (
    AggregatorError,
    InstitutionSnapshot,
    Left,
    LinkPurpose,
    OpenUrl,
    Retry,
)
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links.models import (
    BankLink,
    Grant,
    Institution,
    LinkClient,
    LinkSession,
    LinkSessionState,
    RefreshTrigger,
)
from counterfoil.links.operations import request_refresh
from counterfoil.links.outbox import revoke
from counterfoil.links.status import LinkStatusCode
from counterfoil.unit_of_work import ChangeType, InProgress, UnitOfWork, forget, once
from counterfoil.viewer import ActorKind, Viewer

UNOPENED = timedelta(minutes=2)
"""How long a session may wait for its page to be opened before it counts as expired."""
PROBLEM_LIMIT = 500
PROBLEM_CODE_LIMIT = 60
OPEN = (LinkSessionState.STARTED, LinkSessionState.WAITING)


class LinkSessionEnded(CounterfoilError):
    """The session is over; a new one can be started."""

    code = "LINK_SESSION_ENDED"
    field = ("session_id",)

    def __init__(self, state: LinkSessionState) -> None:
        self.state = state
        super().__init__("This sign-in is already over. Start again with Add Bank/CC.")


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


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended without a login, in words."""

    state: LinkSessionState
    code: str | None
    words: str

    @classmethod
    def left(cls, answer: Left) -> Ended:
        """The person left the page, with or without an error before."""
        state = LinkSessionState.FAILED if answer.provider_code else LinkSessionState.CANCELLED
        return cls(state, answer.provider_code, answer.reason)


EXPIRED = Ended(
    LinkSessionState.EXPIRED,
    None,
    "The sign-in page was not finished in time. Nothing was saved. Start again.",
)


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
    await _record(uow, session, "startBankLink", {"mode": session.mode, **wanted})
    if session.state is not LinkSessionState.STARTED:
        return session
    session.state = LinkSessionState.WAITING
    session.open_url = opened.url
    session.handle_encrypted, session.handle_hash = handle.encrypted, handle.hash
    session.expires_at = opened.expires_at
    return await _save(uow, session)


async def locked(session_id: UUID) -> LinkSession:
    """A session, locked for the rest of the transaction."""
    return await LinkSession.filter(id=session_id).select_for_update(no_key=True).get()


async def still_waiting(uow: UnitOfWork, session_id: UUID) -> LinkSession:
    """The person has not finished; past its time the session expires."""
    session = await locked(session_id)
    session.redeeming_until = None
    if session.state in OPEN and session.expires_at <= uow.now:
        return await _end(uow, session, EXPIRED)
    await session.save(update_fields=["redeeming_until"])
    return session


async def end(uow: UnitOfWork, session_id: UUID, ended: Ended) -> LinkSession:
    """End a session without a login."""
    session = await locked(session_id)
    return await _end(uow, session, ended) if session.state in OPEN else session


async def cancel(uow: UnitOfWork, session_id: UUID) -> LinkSession:
    """End an open session by the person's own word.

    Raises:
        LinkSessionEnded.
    """
    session = await locked(session_id)
    if session.state not in OPEN:
        raise LinkSessionEnded(session.state)
    words = "You ended this sign-in. Nothing was saved."
    await _record(uow, session, "cancelLinkSession", {"state": LinkSessionState.CANCELLED})
    return await _end(uow, session, Ended(LinkSessionState.CANCELLED, None, words))


async def troubled(uow: UnitOfWork, session_id: UUID, error: AggregatorError) -> LinkSession:
    """The aggregator failed to answer: try again, or end where trying again is no use."""
    if error.retry is not Retry.NEVER:
        return await still_waiting(uow, session_id)
    said = error.provider_message or error.provider_code or "no reason given"
    words = f"The sign-in could not be finished ({said}). Nothing was saved. Start again."
    return await end(
        uow, session_id, Ended(LinkSessionState.FAILED, error.provider_code, words[:500])
    )


async def repaired(uow: UnitOfWork, session_id: UUID) -> LinkSession:
    """An existing login works again: end the session and pull what was missed."""
    session = await locked(session_id)
    if session.state not in OPEN:
        return session
    if session.bank_link_id is None:  # finished at the aggregator, yet without a login
        return await still_waiting(uow, session_id)
    await _pull(uow, session.bank_link_id, RefreshTrigger.REPAIR)
    return await _done(uow, session, session.bank_link_id)


async def found(
    uow: UnitOfWork,
    session_id: UUID,
    snapshot: InstitutionSnapshot,
    aggregator_id: str,
    *,
    grant_id: UUID,
    secret_encrypted: str,
) -> LinkSession:
    """Make a link of a redeemed login; where the session has ended meanwhile, revoke it.

    The stored copy of the login goes in the same transaction, so that this happens once.
    """
    session = await locked(session_id)
    if session.redeemed_encrypted is None:
        return session
    session.update_from_dict({"redeemed_encrypted": None})
    if session.state not in OPEN:
        await revoke(uow, session.aggregator, secret_encrypted, grant_id, reason="session ended")
        return await _forget_page(uow, session)
    institution = await _institution(session.aggregator, snapshot)
    await Grant.create(
        id=grant_id,
        organization_id=uow.organization_id,
        aggregator=session.aggregator,
        secret_encrypted=secret_encrypted,
        created_at=uow.now,
    )
    link = await BankLink.create(
        id=new_id(),
        organization_id=uow.organization_id,
        institution_id=institution.id,
        grant_id=grant_id,
        aggregator=session.aggregator,
        aggregator_id=aggregator_id,
        name=institution.name,
        status_code=LinkStatusCode.LINKING,
        status_since=uow.now,
        created_at=uow.now,
    )
    await _pull(uow, link.id, RefreshTrigger.FIRST_PULL)
    return await _done(uow, session, link.id)


async def _institution(aggregator: str, snapshot: InstitutionSnapshot) -> Institution:
    institution, _ = await Institution.update_or_create(
        defaults={
            "name": snapshot.name,
            "url": snapshot.url,
            "countries": list(snapshot.countries),
        },
        aggregator=aggregator,
        aggregator_id=snapshot.aggregator_id,
    )
    return institution


async def _pull(uow: UnitOfWork, bank_link_id: UUID, trigger: RefreshTrigger) -> None:
    system = Viewer.system(uow.organization_id)
    await request_refresh(uow, system, bank_link_id=bank_link_id, trigger=trigger)


async def _done(uow: UnitOfWork, session: LinkSession, bank_link_id: UUID) -> LinkSession:
    facts = {"mode": session.mode, "bank_link_id": bank_link_id}
    await _record(uow, session, "answerLinkStep", {"state": LinkSessionState.DONE, **facts})
    session.state, session.finished_at = LinkSessionState.DONE, uow.now
    session.bank_link_id = bank_link_id
    return await _forget_page(uow, session)


async def _record(uow: UnitOfWork, session: LinkSession, action: str, after: Facts) -> None:
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


async def _end(uow: UnitOfWork, session: LinkSession, ended: Ended) -> LinkSession:
    session.state, session.finished_at = ended.state, uow.now
    session.problem_code = ended.code[:PROBLEM_CODE_LIMIT] if ended.code else None
    session.problem = ended.words[:PROBLEM_LIMIT]
    return await _forget_page(uow, session)


async def _forget_page(uow: UnitOfWork, session: LinkSession) -> LinkSession:
    session.update_from_dict({"handle_encrypted": None, "open_url": None, "redeeming_until": None})
    return await _save(uow, session)


async def _save(uow: UnitOfWork, session: LinkSession) -> LinkSession:
    session.revision += 1
    await session.save()
    _changed(uow, session)
    return session


def _changed(uow: UnitOfWork, session: LinkSession) -> None:
    uow.upserted(ChangeType.LINK_SESSION, session.id, session.revision)
