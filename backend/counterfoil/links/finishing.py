"""How link sessions end: with a login, without one, or past their time; always in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from counterfoil.aggregators.port import AggregatorError, Left, LinkPurpose, Retry
from counterfoil.errors import CounterfoilError
from counterfoil.links.ending import end_pull
from counterfoil.links.models import (
    LinkSession,
    LinkSessionState,
    RefreshTrigger,
    SessionQuestion,
)
from counterfoil.links.operations import find_living, request_refresh
from counterfoil.links.outbox import drop_found
from counterfoil.links.sessions import OPEN, locked, record, save
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Viewer

PROBLEM_LIMIT = 500
PROBLEM_CODE_LIMIT = 60
SAID_LIMIT = 250


class LinkSessionEnded(CounterfoilError):
    """The session is over; a new one can be started."""

    code = "LINK_SESSION_ENDED"
    field = ("session_id",)

    def __init__(self, state: LinkSessionState) -> None:
        self.state = state
        super().__init__("This sign-in is already over. Start again with Add Bank/CC.")


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

    def still_listed(self) -> Ended:
        """The same where a login may have been redeemed and lost."""
        return replace(self, words=self.words[: PROBLEM_LIMIT - len(STILL_LISTED)] + STILL_LISTED)


EXPIRED = Ended(
    LinkSessionState.EXPIRED,
    None,
    "The sign-in page was not finished in time. Nothing was saved. Start again.",
)
UNANSWERED = Ended(
    LinkSessionState.EXPIRED,
    None,
    "You were asked what to do with this sign-in, and no answer came in time. Nothing was saved. "
    "Start again.",
)
NONE_CHOSEN = Ended(
    LinkSessionState.EXPIRED,
    None,
    "Nobody said in time which deleted accounts to bring back, so none of them came back. "
    "Start again to bring them back.",
)
CANCELLED = Ended(LinkSessionState.CANCELLED, None, "You ended this sign-in. Nothing was saved.")
NONE_WANTED = Ended(
    LinkSessionState.CANCELLED, None, "You ended this sign-in. No deleted account came back."
)
LOGIN_GONE = Ended(
    LinkSessionState.FAILED,
    None,
    "The login was deleted in the meantime. Start again with Add Bank/CC if you want it back.",
)
LOGIN_GREW = Ended(
    LinkSessionState.FAILED,
    None,
    "The linked login got more accounts in the meantime than you shared here. It stays as it was, "
    "and this sign-in was ended. Start again, and share all of its accounts.",
)
STILL_LISTED = (
    " If your bank lists this sign-in among the services with access all the same, remove it there."
)
"""Said where a login may have been redeemed and lost: nobody here could end it."""


async def still_waiting(uow: UnitOfWork, session_id: UUID, *, told: bool = True) -> LinkSession:
    """The person has not finished, or the aggregator has not `told`; past its time the session
    expires."""
    session = await locked(session_id)
    session.redeeming_until = None
    if session.state in OPEN and session.expires_at <= uow.now:
        return await finish(uow, session, _expired(session, told=told))
    await session.save(update_fields=["redeeming_until"])
    return session


async def expire(uow: UnitOfWork, session_id: UUID) -> LinkSession:
    """End a session that is past its time, unless a process is going on with it."""
    session = await locked(session_id)
    busy = session.redeeming_until is not None and session.redeeming_until > uow.now
    if busy or session.redeemed_encrypted is not None:
        return session
    return await still_waiting(uow, session_id)


def _expired(session: LinkSession, *, told: bool) -> Ended:
    if session.state is not LinkSessionState.DECIDING:
        return _said_in_full(session, EXPIRED, told=told)
    return NONE_CHOSEN if _asks_for_accounts(session) else UNANSWERED


def _said_in_full(session: LinkSession, ended: Ended, *, told: bool = True) -> Ended:
    """With what to do about a login that may be lost: redeeming it was tried, and brought none; or
    the aggregator has not `told` whether there is one."""
    tried = session.state is LinkSessionState.WAITING and session.found_encrypted is not None
    if tried and session.redeemed_encrypted is None:
        return ended.still_listed()
    return ended if told or not _is_unfinished(session) else ended.still_listed()


def _is_unfinished(session: LinkSession) -> bool:
    """Whether nothing is known yet of what its person, who adds a login, does at the bank."""
    waits = session.state is LinkSessionState.WAITING and session.mode is LinkPurpose.ADD
    return waits and session.found_encrypted is None and session.redeemed_encrypted is None


def _asks_for_accounts(session: LinkSession) -> bool:
    return (session.question or {}).get("kind") == SessionQuestion.ACCOUNTS


async def end(uow: UnitOfWork, session_id: UUID, ended: Ended) -> LinkSession:
    """End a session without a login."""
    session = await locked(session_id)
    if session.state not in OPEN:
        return session
    return await finish(uow, session, _said_in_full(session, ended))


async def cancel(
    uow: UnitOfWork, session_id: UUID, *, found: str | None = None, told: bool = True
) -> LinkSession:
    """End an open session by the person's own word.

    `found` is what the aggregator told just before that the person had signed in to, sealed for
    the session's row; `told` is false where it did not answer.

    Raises:
        LinkSessionEnded.
    """
    session = await locked(session_id)
    if session.state not in OPEN:
        raise LinkSessionEnded(session.state)
    ended = NONE_WANTED if _asks_for_accounts(session) else CANCELLED
    ended = _said_in_full(session, ended, told=told)
    if _is_unfinished(session):
        session.found_encrypted = found
    session = await finish(uow, session, ended)
    await record(uow, session, "cancelLinkSession", {"state": session.state})
    return session


async def troubled(uow: UnitOfWork, session_id: UUID, error: AggregatorError) -> LinkSession:
    """The aggregator failed to answer: try again, or end where trying again is no use."""
    if error.retry is not Retry.NEVER:
        return await still_waiting(uow, session_id, told=False)
    said = (error.provider_message or error.provider_code or "no reason given")[:SAID_LIMIT]
    words = f"The sign-in could not be finished ({said}). Nothing was saved. Start again."
    ended = Ended(LinkSessionState.FAILED, error.provider_code, words)
    session = await locked(session_id)
    if session.state not in OPEN:
        return session
    refused = session.found_encrypted is not None
    return await finish(uow, session, ended.still_listed() if refused else ended)


async def repaired(uow: UnitOfWork, session_id: UUID) -> LinkSession:
    """An existing login works again, or hands over more accounts: end the session and pull what
    was missed. A login that was deleted meanwhile stays so."""
    session = await locked(session_id)
    if session.state not in OPEN:
        return session
    if session.bank_link_id is None:  # finished at the aggregator, yet without a login
        return await still_waiting(uow, session_id)
    added = session.mode is LinkPurpose.ADD_ACCOUNTS
    trigger = RefreshTrigger.ADDED if added else RefreshTrigger.REPAIR
    if not await pull(uow, session.bank_link_id, trigger):
        return await finish(uow, session, LOGIN_GONE)
    return await done(uow, session, session.bank_link_id)


async def pull(
    uow: UnitOfWork, bank_link_id: UUID, trigger: RefreshTrigger, *, afresh: bool = False
) -> bool:
    """Have a login pulled; false where it has ended.

    Of what was ADDED no pull that runs already knows: it would pass over an account that is to come
    back, and keep the cursor behind its lines. So it ends here, and another one begins; as it does
    `afresh`, where the login is another one.
    """
    link = await find_living(bank_link_id)
    if link is None:
        return False
    afresh = afresh or trigger is RefreshTrigger.ADDED
    if afresh and (ended := await end_pull(uow, link)) is not None:
        uow.upserted(ChangeType.REFRESH, ended.id, ended.revision)
    system = Viewer.system(uow.organization_id)
    await request_refresh(uow, system, bank_link_id=bank_link_id, trigger=trigger)
    return True


async def done(
    uow: UnitOfWork, session: LinkSession, bank_link_id: UUID, **facts: object
) -> LinkSession:
    """End a locked session with the login that came of it; `facts` go into the audit log."""
    facts = {"mode": session.mode, "bank_link_id": bank_link_id, **facts}
    await record(uow, session, "answerLinkStep", {"state": LinkSessionState.DONE, **facts})
    session.state, session.finished_at = LinkSessionState.DONE, uow.now
    session.bank_link_id = bank_link_id
    return await forget_page(uow, session)


async def finish(uow: UnitOfWork, session: LinkSession, ended: Ended) -> LinkSession:
    """End a locked session in words.

    One that asked which accounts to bring back has changed its login: that is pulled all the same.
    """
    if _asks_for_accounts(session) and session.bank_link_id is not None:
        await pull(uow, session.bank_link_id, RefreshTrigger.ADDED)
    await drop_found(uow, session)
    session.state, session.finished_at = ended.state, uow.now
    session.problem_code = ended.code[:PROBLEM_CODE_LIMIT] if ended.code else None
    session.problem = ended.words[:PROBLEM_LIMIT]
    return await forget_page(uow, session)


async def forget_page(uow: UnitOfWork, session: LinkSession) -> LinkSession:
    """Save a locked session that needs neither its page nor what was found there any more."""
    gone = ("handle_encrypted", "open_url", "redeeming_until", "found_encrypted", "question")
    session.update_from_dict(dict.fromkeys(gone))
    return await save(uow, session)
