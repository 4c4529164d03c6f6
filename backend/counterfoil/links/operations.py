"""Writing links: asking for a pull, and settling what one brought."""

from __future__ import annotations

from uuid import UUID

from counterfoil.audit import operations as audit
from counterfoil.errors import NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links.meanings import MEANINGS
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger
from counterfoil.links.status import Upkeep
from counterfoil.unit_of_work import ChangeType, Job, UnitOfWork
from counterfoil.viewer import Right, Viewer

_NEWS = (RefreshTrigger.WEBHOOK, RefreshTrigger.REPAIR, RefreshTrigger.ADDED)


def refresh_job(refresh: Refresh) -> Job:
    """The job that runs a refresh in its present generation."""
    return Job(
        "run_refresh",
        {"refresh_id": str(refresh.id), "generation": refresh.generation},
        key=f"refresh:{refresh.id}:{refresh.generation}",
    )


async def locked(viewer: Viewer, bank_link_id: UUID) -> BankLink:
    """The viewer's link, locked for the rest of the transaction.

    Raises:
        NotFound: it is absent, ended, or another organization's.
    """
    link = await (
        BankLink.filter(
            id=bank_link_id, organization_id=viewer.organization_id, ended_at__isnull=True
        )
        .select_for_update(no_key=True)
        .first()
    )
    if link is None:
        raise NotFound(field=("bank_link_id",))
    return link


async def find_living(bank_link_id: UUID) -> BankLink | None:
    """A link, locked for the rest of the transaction; None once it has ended."""
    living = BankLink.filter(id=bank_link_id, ended_at=None)
    return await living.select_for_update(no_key=True).first()


async def request_refresh(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_link_id: UUID,
    trigger: RefreshTrigger = RefreshTrigger.PERSON,
) -> Refresh:
    """Queue a pull of a link, or return the one that is under way.

    News (a webhook, a repaired sign-in, added accounts) that come while a pull runs may be too late
    for it: they are noted, and `follow_news` makes one more pull of them, however many they were.
    A pull that has not begun yet is one of what was added.

    Raises:
        NotFound, Forbidden.
    """
    link = await locked(viewer, bank_link_id)
    viewer.require(Right.BANKS)
    if under_way := await Refresh.filter(under_way=link.id).first():
        if trigger in _NEWS and under_way.state is RefreshState.RUNNING:
            await BankLink.filter(id=link.id).update(news_at=uow.now)
        elif trigger is RefreshTrigger.ADDED:
            await Refresh.filter(id=under_way.id).update(trigger=trigger)
        return under_way
    refresh = await Refresh.create(
        id=new_id(),
        organization_id=uow.organization_id,
        bank_link_id=link.id,
        under_way=link.id,
        trigger=trigger,
        state=RefreshState.QUEUED,
        queued_at=uow.now,
    )
    await touch(uow, link, refresh)
    if trigger is RefreshTrigger.PERSON:
        await audit.record(
            uow,
            viewer,
            action="refreshBankLink",
            object_type="BankLink",
            object_id=link.id,
            after={"refresh_id": refresh.id},
        )
    uow.enqueue(refresh_job(refresh))
    return refresh


async def follow_news(uow: UnitOfWork, link: BankLink) -> None:
    """After a pull of a locked link: pull once more, if there was news while it ran.

    Where somebody had to act, the news are taken for a repair: it is tried, once.
    """
    if link.news_at is None:
        return
    await BankLink.filter(id=link.id).update(news_at=None)
    must_act = MEANINGS[link.status_code].upkeep is Upkeep.HEALTH
    trigger = RefreshTrigger.REPAIR if must_act else RefreshTrigger.WEBHOOK
    system = Viewer.system(uow.organization_id)
    await request_refresh(uow, system, bank_link_id=link.id, trigger=trigger)


async def touch(uow: UnitOfWork, link: BankLink, refresh: Refresh) -> None:
    """Save a link under its next revision, and tell of it and of its refresh."""
    link.revision += 1
    await link.save()
    uow.upserted(ChangeType.BANK_LINK, link.id, link.revision)
    uow.upserted(ChangeType.REFRESH, refresh.id, refresh.revision)
