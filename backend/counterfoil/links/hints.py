"""Webhooks as hints: each is a reason to look, none is believed."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from counterfoil.aggregators.port import Hint, HintKind
from counterfoil.links.models import BankLink, LinkSession, RefreshTrigger
from counterfoil.links.opening import handle_hash
from counterfoil.links.operations import find_living, request_refresh
from counterfoil.links.settling import warn_of_end
from counterfoil.links.sweeping import health_job
from counterfoil.unit_of_work import Job, Transactions
from counterfoil.viewer import Viewer

log = logging.getLogger(__name__)


async def receive_hints(
    transactions: Transactions, *, aggregator: str, hints: Iterable[Hint]
) -> None:
    """Queue what verified hints suggest; of a login that we don't have its id is logged: it may be
    one whose grant was lost, which an operator ends at the aggregator (docs/operating.md)."""
    for hint in hints:
        if hint.kind is HintKind.LINK_SESSION:
            await _follow_session(transactions, hint)
        elif hint.link_id is not None:
            await _look_at_link(transactions, aggregator, hint)


async def _look_at_link(transactions: Transactions, aggregator: str, hint: Hint) -> None:
    link = await BankLink.get_or_none(aggregator=aggregator, aggregator_id=hint.link_id)
    if link is None:
        log.warning("a webhook of %s names a login that is unknown: %s", aggregator, hint.link_id)
        return
    if hint.kind is HintKind.IGNORED or link.ended_at is not None:
        return
    async with transactions.begin(link.organization_id) as uow:
        if await find_living(link.id) is None:
            return
        if hint.consent_ends_at is not None:
            await warn_of_end(uow, link.id, hint.consent_ends_at)
        if hint.kind is HintKind.HEALTH:
            uow.enqueue(health_job(link.id, uow.now))
            return
        await request_refresh(
            uow,
            Viewer.system(link.organization_id),
            bank_link_id=link.id,
            trigger=RefreshTrigger.WEBHOOK,
        )


async def _follow_session(transactions: Transactions, hint: Hint) -> None:
    if hint.session_handle is None:
        return
    session = await LinkSession.get_or_none(handle_hash=handle_hash(hint.session_handle))
    if session is None:
        return
    async with transactions.begin(session.organization_id) as uow:
        uow.enqueue(advance_job(session, at=int(uow.now.timestamp())))


def advance_job(session: LinkSession, *, at: int) -> Job:
    """The job that asks how a session stands; `at` (seconds) keeps it to one a second."""
    return Job(
        "advance_session",
        {"session_id": str(session.id), "organization_id": str(session.organization_id)},
        key=f"advance:{session.id}:{at}",
    )
