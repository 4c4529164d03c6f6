"""Asking for a pull."""

from __future__ import annotations

import asyncio

import pytest

from counterfoil.errors import NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links.models import BankLink, Refresh, RefreshState, RefreshTrigger
from counterfoil.links.operations import request_refresh
from counterfoil.unit_of_work import Change, ChangeType
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_link, make_organization, make_refresh, make_viewer
from tests.links.conftest import Shop, fresh


async def ask(shop: Shop, viewer: Viewer, link: BankLink) -> Refresh:
    async with shop.transactions.begin(viewer.organization_id) as uow:
        return await request_refresh(uow, viewer, bank_link_id=link.id)


class TestRequestRefresh:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, shop: Shop, link: BankLink
    ) -> None:
        reader = await make_viewer(shop.organization, set(Right) - {Right.BANKS})
        with pytest.raises(Forbidden, match="“banks”"):
            await ask(shop, reader, link)
        assert await Refresh.all().count() == 0
        assert await Change.all().count() == 0
        assert (await fresh(link)).revision == link.revision
        assert (shop.queue.jobs, shop.bell.rings) == ([], [])

    async def test_another_organizations_link_answers_exactly_as_an_absent_one(
        self, shop: Shop
    ) -> None:
        theirs = await make_link(await make_organization())
        absent = BankLink(id=new_id())
        answers = []
        for link in (theirs, absent):
            with pytest.raises(NotFound) as refused:
                await ask(shop, shop.viewer, link)
            answers.append((str(refused.value), refused.value.code, refused.value.field))
        assert answers[0] == answers[1]
        assert await Refresh.all().count() == 0
        assert shop.queue.jobs == []

    async def test_it_queues_one_pull_and_tells_of_it_once_committed(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await ask(shop, shop.viewer, link)
        assert (refresh.state, refresh.trigger) == (RefreshState.QUEUED, RefreshTrigger.PERSON)
        assert refresh.queued_at == shop.clock.now()
        [job] = shop.queue.jobs
        assert (job.name, dict(job.arguments)) == (
            "run_refresh",
            {"refresh_id": str(refresh.id), "generation": 0},
        )
        assert job.key == f"refresh:{refresh.id}:0"
        assert shop.bell.rings == [(shop.organization.id, 1)]
        changes = await Change.all()
        assert {(c.type, c.object_id, c.revision) for c in changes} == {
            (ChangeType.BANK_LINK, link.id, link.revision + 1),
            (ChangeType.REFRESH, refresh.id, 1),
        }

    async def test_two_clicks_are_one_pull(self, shop: Shop, link: BankLink) -> None:
        first = await ask(shop, shop.viewer, link)
        second = await ask(shop, shop.viewer, link)
        assert second.id == first.id
        assert await Refresh.all().count() == 1
        assert len(shop.queue.jobs) == 1

    async def test_two_clicks_at_the_same_moment_are_one_pull(
        self, shop: Shop, link: BankLink
    ) -> None:
        refreshes = await asyncio.gather(*(ask(shop, shop.viewer, link) for _ in range(5)))
        assert len({refresh.id for refresh in refreshes}) == 1
        assert len(shop.queue.jobs) == 1

    async def test_one_that_runs_is_returned(self, shop: Shop, link: BankLink) -> None:
        running = await make_refresh(link, state=RefreshState.RUNNING)
        assert (await ask(shop, shop.viewer, link)).id == running.id
        assert shop.queue.jobs == []

    async def test_after_one_has_ended_another_begins(self, shop: Shop, link: BankLink) -> None:
        ended = await make_refresh(link, state=RefreshState.DONE)
        assert (await ask(shop, shop.viewer, link)).id != ended.id

    async def test_any_status_may_be_refreshed(self, shop: Shop, link: BankLink) -> None:
        await BankLink.filter(id=link.id).update(status_code="LOCKED")
        assert (await ask(shop, shop.viewer, link)).state is RefreshState.QUEUED
