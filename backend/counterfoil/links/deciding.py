"""What a session asks after the sign-in, before anything is stored: each step one transaction.

A login that looks like a linked one is not redeemed until a person said what it is. An account that
was deleted here does not come back because its login still hands it over: a person says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.keys import exact_of
from counterfoil.accounts.models import AccountKey, BankAccount, KeyKind
from counterfoil.aggregators.port import AccountSnapshot, Found, LinkPurpose, OpenUrl
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.kit.crypto import Keyring
from counterfoil.links.arriving import institution_of
from counterfoil.links.finishing import LOGIN_GONE, done, finish, pull, still_waiting
from counterfoil.links.guarding import Likeness, Sought
from counterfoil.links.likeness import alike, covers
from counterfoil.links.models import (
    LinkSession,
    LinkSessionState,
    RefreshTrigger,
    SessionQuestion,
)
from counterfoil.links.operations import find_living
from counterfoil.links.outbox import drop_found, drop_late
from counterfoil.links.questions import Offered, accounts_asked_about, kept
from counterfoil.links.sessions import Handle, locked, record, save
from counterfoil.unit_of_work import ChangeType, UnitOfWork

DECIDE_WITHIN = timedelta(minutes=25)
"""How long a question waits: a handover lives half an hour at the aggregator."""


class AnotherIsMade(CounterfoilError):
    """Two sign-ins at one institution do not become logins at the same moment."""

    code = "IN_PROGRESS"
    retryable = True

    def __init__(self) -> None:
        super().__init__(
            "Another sign-in at this bank is being finished at this moment. Nothing was saved yet. "
            "Answer again in a minute."
        )


async def may_redeem(uow: UnitOfWork, session_id: UUID, found: Found, *, sealed: str) -> bool:
    """Whether what a person signed in to becomes a login now.

    Else the session asks about the logins that it looks like; or it waits, while another login at
    the same institution is being made, past its time as well: its person has finished. Or it is
    over: then what was found is ended by the outbox. `sealed` is what was found, for its row. One
    session of an organization is looked at after the other, so that no two pass at once.
    """
    session = await locked(session_id)
    if session.state is not LinkSessionState.WAITING:
        await drop_late(uow, session, sealed)
        return False
    institution = await institution_of(session.aggregator, found.institution)
    await uow.position()
    uow.upserted(ChangeType.LINK_SESSION, session.id, session.revision)
    if await _is_redeemed_beside(session, institution.id, uow.now):
        session.redeeming_until = None
        await session.save(update_fields=["redeeming_until"])
        return False
    session.institution_id, session.found_encrypted = institution.id, sealed
    like = await alike(session.organization_id, session.aggregator, sought(found))
    if like:
        await _ask(uow, session, SessionQuestion.DUPLICATE, {"logins": kept(like)})
    else:
        await session.save(update_fields=["institution_id", "found_encrypted"])
    return not like


async def _is_redeemed_beside(session: LinkSession, institution_id: UUID, now: datetime) -> bool:
    """Whether another session has passed here and its login is still to come: it is being made at
    this moment, or what a dead process had redeemed waits for whoever makes it."""
    beside = LinkSession.filter(
        Q(redeeming_until__gt=now) | Q(redeemed_encrypted__not_isnull=True),
        organization_id=session.organization_id,
        institution_id=institution_id,
        found_encrypted__not_isnull=True,
    )
    return await beside.exclude(id=session.id).exists()


def sought(found: Found) -> Sought:
    """What was found, as the guard compares it."""
    return Sought(found.institution, found.accounts)


async def may_be_another(
    uow: UnitOfWork, session_id: UUID, found: Found, asked: Collection[Likeness]
) -> bool:
    """Whether what was found may become a login of its own, next to those that were `asked` about.

    Where another one like it was linked since, the session asks again, about all of them. One
    session of an organization is looked at after the other.

    Raises:
        AnotherIsMade: a login at the same institution is being made at this moment.
    """
    session = await locked(session_id)
    if session.state is not LinkSessionState.DECIDING or session.institution_id is None:
        return False
    await uow.position()
    uow.upserted(ChangeType.LINK_SESSION, session.id, session.revision)
    if await _is_redeemed_beside(session, session.institution_id, uow.now):
        raise AnotherIsMade
    like = await alike(session.organization_id, session.aggregator, sought(found))
    if {each.bank_link_id for each in like} <= {each.bank_link_id for each in asked}:
        return True
    session.question = {"kind": SessionQuestion.DUPLICATE, "logins": kept(like)}
    await save(uow, session)
    return False


async def still_covered(uow: UnitOfWork, bank_link_id: UUID, found: Found) -> bool:
    """Whether what was found still has all accounts of a login, which others may have changed
    since the question was asked.

    Raises:
        NotFound: it was deleted in the meantime.
    """
    link = await find_living(bank_link_id)
    if link is None or link.organization_id != uow.organization_id:
        raise NotFound(field=("bank_link_id",))
    return await covers(link, sought(found))


async def ask_accounts(
    uow: UnitOfWork, session_id: UUID, accounts: Collection[AccountSnapshot], keyring: Keyring
) -> bool:
    """Ask which deleted accounts to bring back, where a login hands any over; else false."""
    session = await locked(session_id)
    if session.state is not LinkSessionState.WAITING or session.bank_link_id is None:
        return False
    offered = await _deleted_among(session, accounts, await key_of(uow, keyring))
    if not offered:
        return False
    await _ask(uow, session, SessionQuestion.ACCOUNTS, {"accounts": kept(offered)})
    return True


async def _deleted_among(
    session: LinkSession, accounts: Collection[AccountSnapshot], key: bytes
) -> Sequence[Offered]:
    by_digest = {
        exact_of(key, session.aggregator, each.aggregator_id): each.aggregator_id
        for each in accounts
    }
    keys = (
        await AccountKey.filter(
            organization_id=session.organization_id,
            kind=KeyKind.EXACT,
            digest__in=list(by_digest),
            bank_account__deleted_at__not_isnull=True,
            bank_account__hidden_at=None,
            bank_account__absorbed_by_id=None,
            bank_account__wanted_at=None,
        )
        .order_by("seen_at")
        .select_related("bank_account")
    )
    newest = {row.digest: row.bank_account for row in keys}
    offered = [
        Offered(by_digest[digest], row.name, row.number, row.id) for digest, row in newest.items()
    ]
    return sorted(offered, key=lambda one: (one.name, one.bank_account_id))


async def _ask(
    uow: UnitOfWork, session: LinkSession, kind: SessionQuestion, asked: Mapping[str, Any]
) -> None:
    """From here on nobody follows the session at the aggregator; its page has done its work."""
    session.state, session.question = LinkSessionState.DECIDING, {"kind": kind, **asked}
    session.expires_at = uow.now + DECIDE_WITHIN
    gone = ("handle_encrypted", "open_url", "redeeming_until")
    session.update_from_dict(dict.fromkeys(gone))
    await save(uow, session)


async def go_to_page_of(
    uow: UnitOfWork,
    session_id: UUID,
    bank_link_id: UUID,
    *,
    mode: LinkPurpose,
    opened: OpenUrl,
    handle: Handle,
) -> LinkSession:
    """Go on at the page of a linked login instead; what was found is ended by the outbox."""
    session = await locked(session_id)
    if session.state is not LinkSessionState.DECIDING:
        return session
    await drop_found(uow, session)
    facts = {"mode": mode, "bank_link_id": bank_link_id}
    await record(uow, session, "answerLinkStep", {"state": LinkSessionState.WAITING, **facts})
    session.state, session.mode = LinkSessionState.WAITING, mode
    session.bank_link_id, session.open_url = bank_link_id, opened.url
    session.handle_encrypted, session.handle_hash = handle.encrypted, handle.hash
    session.expires_at = opened.expires_at
    gone = ("found_encrypted", "question", "redeeming_until")
    session.update_from_dict(dict.fromkeys(gone))
    return await save(uow, session)


async def bring_back(uow: UnitOfWork, session_id: UUID, chosen: Sequence[Offered]) -> LinkSession:
    """Want the chosen accounts back on their login, and have it pulled: that brings them.

    One that came back otherwise, or whose place another account has, is left alone. Past its time
    the session expires; where its login is deleted, it ends in words.
    """
    session = await locked(session_id)
    if accounts_asked_about(session.question) is None or session.bank_link_id is None:
        return session
    if session.expires_at <= uow.now:
        return await still_waiting(uow, session_id)
    if await find_living(session.bank_link_id) is None:
        return await finish(uow, session, LOGIN_GONE)
    wanted = await _want(uow, session.bank_link_id, chosen)
    await pull(uow, session.bank_link_id, RefreshTrigger.ADDED)
    return await done(uow, session, session.bank_link_id, bank_account_ids=wanted)


async def _want(uow: UnitOfWork, bank_link_id: UUID, chosen: Sequence[Offered]) -> Sequence[UUID]:
    attached = await BankAccount.filter(bank_link_id=bank_link_id).only("id", "aggregator_id")
    taken = {row.aggregator_id for row in attached}
    free = {one.bank_account_id: one for one in chosen if one.aggregator_id not in taken}
    rows = await (
        BankAccount.filter(
            id__in=list(free),
            organization_id=uow.organization_id,
            bank_link_id=None,
            deleted_at__not_isnull=True,
            hidden_at=None,
            absorbed_by_id=None,
        )
        .order_by("id")
        .select_for_update(no_key=True)
    )
    for row in rows:
        row.bank_link_id, row.aggregator_id = bank_link_id, free[row.id].aggregator_id
        row.wanted_at = uow.now
    if rows:
        await BankAccount.bulk_update(rows, ["bank_link_id", "aggregator_id", "wanted_at"])
    return [row.id for row in rows]
