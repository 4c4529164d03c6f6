"""What becomes of a redeemed login: a new one, or the place of one that is linked.

Each is one transaction. A login that comes too late is ended at the aggregator.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from counterfoil.aggregators.port import InstitutionSnapshot
from counterfoil.kit.ids import new_id
from counterfoil.links.finishing import LOGIN_GONE, LOGIN_GREW, done, finish, forget_page, pull
from counterfoil.links.guarding import Sought
from counterfoil.links.likeness import covers
from counterfoil.links.models import BankLink, Grant, Institution, LinkSession, RefreshTrigger
from counterfoil.links.operations import find_living
from counterfoil.links.outbox import give_up_grant, revoke
from counterfoil.links.secrets import TakeOver
from counterfoil.links.sessions import OPEN, locked
from counterfoil.links.status import LinkStatusCode
from counterfoil.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Arrived:
    """A redeemed login, its grant sealed for the row `grant_id`.

    `takes_over` says whose place it takes; None: it is a new one.
    """

    institution: InstitutionSnapshot
    aggregator_id: str
    grant_id: UUID
    secret_encrypted: str
    takes_over: TakeOver | None = None


async def arrive(uow: UnitOfWork, session_id: UUID, arrived: Arrived) -> LinkSession:
    """Make of a redeemed login what its session's person wanted.

    Where the session has ended meanwhile, or the login that was to be fixed, it is revoked. The
    stored copy of it goes in the same transaction, so that this happens once.
    """
    session = await locked(session_id)
    if session.redeemed_encrypted is None:
        return session
    session.update_from_dict({"redeemed_encrypted": None, "found_encrypted": None})
    if session.state not in OPEN:
        await _revoke(uow, session, arrived, reason="session ended")
        return await forget_page(uow, session)
    if arrived.takes_over is not None:
        return await _take_over(uow, session, arrived, arrived.takes_over)
    link = await _make_login(uow, session, arrived)
    await pull(uow, link.id, RefreshTrigger.FIRST_PULL)
    return await done(uow, session, link.id)


async def _revoke(uow: UnitOfWork, session: LinkSession, arrived: Arrived, *, reason: str) -> None:
    secret = arrived.secret_encrypted
    await revoke(uow, session.aggregator, secret, arrived.grant_id, reason=reason)


async def _make_login(uow: UnitOfWork, session: LinkSession, arrived: Arrived) -> BankLink:
    institution = await institution_of(session.aggregator, arrived.institution)
    await _keep_grant(uow, session, arrived)
    return await BankLink.create(
        id=new_id(),
        organization_id=uow.organization_id,
        institution_id=institution.id,
        grant_id=arrived.grant_id,
        aggregator=session.aggregator,
        aggregator_id=arrived.aggregator_id,
        name=institution.name,
        status_code=LinkStatusCode.LINKING,
        status_since=uow.now,
        created_at=uow.now,
    )


async def _take_over(
    uow: UnitOfWork, session: LinkSession, arrived: Arrived, takes_over: TakeOver
) -> LinkSession:
    link = await find_living(takes_over.bank_link_id)
    if link is None:
        await _revoke(uow, session, arrived, reason="its login was deleted")
        return await finish(uow, session, LOGIN_GONE)
    if not await _covers(link, arrived, takes_over):
        await _revoke(uow, session, arrived, reason="its login has more accounts")
        return await finish(uow, session, LOGIN_GREW)
    await _swap(uow, link, session, arrived)
    trigger = RefreshTrigger.ADDED if takes_over.adding else RefreshTrigger.REPAIR
    await pull(uow, link.id, trigger, afresh=True)
    return await done(uow, session, link.id, took_over=True)


async def _covers(link: BankLink, arrived: Arrived, takes_over: TakeOver) -> bool:
    """Whether no account of a locked login is lost where this one takes its place."""
    if takes_over.accounts is None:
        return True
    return await covers(link, Sought(arrived.institution, takes_over.accounts))


async def _swap(uow: UnitOfWork, link: BankLink, session: LinkSession, arrived: Arrived) -> None:
    """Put a redeemed login in the place of a locked one: the row stays, with its accounts.

    The old grant goes to the outbox; the cursor was the old login's, so the next pull reads from
    the beginning.
    """
    institution = await institution_of(session.aggregator, arrived.institution)
    await give_up_grant(uow, link, reason="taken over")
    await _keep_grant(uow, session, arrived)
    link.update_from_dict(
        {
            **_CLEARED,
            "grant_id": arrived.grant_id,
            "institution_id": institution.id,
            "aggregator_id": arrived.aggregator_id,
            "name": institution.name,
            "status_code": LinkStatusCode.LINKING,
            "status_since": uow.now,
        }
    )
    await link.save()


_CLEARED = {
    "cursor": None,
    "status_provider_code": None,
    "status_provider_message": None,
    "status_request_id": None,
    "status_retry_at": None,
    "status_missing": None,
    "next_update_at": None,
    "next_health_at": None,
    "news_at": None,
    "failures": 0,
    "consent_expires_at": None,
}
"""What was said of a login as it was before another one took its place."""


async def _keep_grant(uow: UnitOfWork, session: LinkSession, arrived: Arrived) -> None:
    await Grant.create(
        id=arrived.grant_id,
        organization_id=uow.organization_id,
        aggregator=session.aggregator,
        secret_encrypted=arrived.secret_encrypted,
        created_at=uow.now,
    )


async def institution_of(aggregator: str, snapshot: InstitutionSnapshot) -> Institution:
    """The institution as the aggregator lists it now, known from here on."""
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
