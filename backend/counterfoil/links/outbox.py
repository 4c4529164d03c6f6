"""Logins that are to be ended at the aggregator, each kept until that is done.

The row is written in the transaction that makes a login useless, the job leaves after it, and the
tick hands it out again until the aggregator has answered (`links.revoking`). A crash in between
loses nothing; the secret is destroyed when it is done.
"""

from __future__ import annotations

from uuid import UUID

from counterfoil.links.models import (
    BankLink,
    Grant,
    LinkSession,
    LinkSessionState,
    Revocation,
)
from counterfoil.unit_of_work import Job, UnitOfWork

_WITHOUT_LOGIN = (LinkSessionState.FAILED, LinkSessionState.EXPIRED, LinkSessionState.CANCELLED)


async def give_up_grant(uow: UnitOfWork, link: BankLink, *, reason: str) -> None:
    """Put a login's grant into the outbox, and destroy the copy that pulls use."""
    grant = await Grant.get(id=link.grant_id)
    await revoke(uow, grant.aggregator, grant.secret_encrypted, grant.id, reason=reason)
    await Grant.filter(id=grant.id).update(secret_encrypted="")


async def drop_found(uow: UnitOfWork, session: LinkSession) -> None:
    """Put what a person signed in to, and what nobody redeems now, into the outbox: the login is
    there at the aggregator all the same. The caller forgets the session's own copy of it.

    One that is redeemed is left to whoever follows the session. One that is being redeemed at this
    moment, or was and lost, is refused there, and that is the end of its row.
    """
    if session.found_encrypted is not None and session.redeemed_encrypted is None:
        await _drop(uow, session, session.found_encrypted)


async def drop_late(uow: UnitOfWork, session: LinkSession, sealed: str) -> None:
    """The same with what was found, and sealed for the row of a locked session, after that had
    ended without it. Where it has a login of it, or goes on otherwise, nothing is done."""
    if session.state not in _WITHOUT_LOGIN or session.redeemed_encrypted is not None:
        return
    if not await Revocation.exists(id=session.id):
        await _drop(uow, session, sealed)


async def _drop(uow: UnitOfWork, session: LinkSession, sealed: str) -> None:
    await revoke(uow, session.aggregator, sealed, session.id, reason="not wanted", unredeemed=True)


async def revoke(
    uow: UnitOfWork,
    aggregator: str,
    secret_encrypted: str,
    grant_id: UUID,
    *,
    reason: str,
    unredeemed: bool = False,
) -> None:
    """Put a login that nobody wants into the outbox; the secret stays bound to `grant_id`."""
    row = await Revocation.create(
        id=grant_id,
        organization_id=uow.organization_id,
        aggregator=aggregator,
        secret_encrypted=secret_encrypted,
        unredeemed=unredeemed,
        reason=reason,
        next_try_at=uow.now,
        created_at=uow.now,
    )
    uow.enqueue(Job("revoke", {"revocation_id": str(row.id)}, key=f"revoke:{row.id}:0"))
