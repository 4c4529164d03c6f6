"""Webhooks as hints."""

from __future__ import annotations

import logging

import pytest

from counterfoil.aggregators.port import GrantSecret, Hint, HintKind
from counterfoil.links.hints import receive_hints
from counterfoil.links.models import BankLink, Refresh, RefreshTrigger
from counterfoil.links.opening import handle_hash
from tests.factories import make_session
from tests.fakes import NOW
from tests.links.conftest import Shop


async def receive(shop: Shop, *hints: Hint) -> None:
    await receive_hints(shop.transactions, aggregator="plaid", hints=hints)


class TestReceiveHints:
    @pytest.mark.parametrize("kind", list(HintKind))
    async def test_about_a_login_that_is_not_ours_nothing_happens(
        self, shop: Shop, kind: HintKind
    ) -> None:
        unknown = GrantSecret("unknown")
        await receive(shop, Hint(kind, link_id="unknown", session_handle=unknown))
        assert shop.queue.jobs == []
        assert await Refresh.all().count() == 0

    @pytest.mark.parametrize("kind", [HintKind.PULL, HintKind.HEALTH, HintKind.IGNORED])
    async def test_a_login_that_is_unknown_is_named_in_the_log(
        self, shop: Shop, link: BankLink, kind: HintKind, caplog: pytest.LogCaptureFixture
    ) -> None:
        await BankLink.filter(id=link.id).update(ended_at=NOW)
        with caplog.at_level(logging.WARNING, logger="counterfoil.links.hints"):
            await receive(shop, Hint(kind, link_id="item-lost"))
            await receive(shop, Hint(kind, link_id=link.aggregator_id))
        [told] = [one.getMessage() for one in caplog.records]
        assert told == "a webhook of plaid names a login that is unknown: item-lost"
        assert shop.queue.jobs == []

    async def test_of_another_aggregator_nothing_happens(self, shop: Shop, link: BankLink) -> None:
        hint = Hint(HintKind.PULL, link_id=link.aggregator_id)
        await receive_hints(shop.transactions, aggregator="other", hints=[hint])
        assert shop.queue.jobs == []

    async def test_fifty_that_suggest_a_pull_are_one_pull(self, shop: Shop, link: BankLink) -> None:
        await receive(shop, *[Hint(HintKind.PULL, link_id=link.aggregator_id)] * 50)
        assert [job.name for job in shop.queue.jobs] == ["run_refresh"]
        assert (await Refresh.get()).trigger is RefreshTrigger.WEBHOOK

    async def test_about_health_asks_for_the_health(self, shop: Shop, link: BankLink) -> None:
        await receive(shop, Hint(HintKind.HEALTH, link_id=link.aggregator_id))
        [job] = shop.queue.jobs
        assert (job.name, job.arguments["bank_link_id"]) == ("check_health", str(link.id))
        assert await Refresh.all().count() == 0

    async def test_about_a_session_looks_at_that_session(self, shop: Shop) -> None:
        handle = GrantSecret("handle-7")
        session = await make_session(
            shop.viewer, handle=handle.value, handle_hash=handle_hash(handle)
        )
        await receive(shop, Hint(HintKind.LINK_SESSION, session_handle=handle))
        [job] = shop.queue.jobs
        assert (job.name, job.arguments["session_id"]) == ("advance_session", str(session.id))

    async def test_one_to_be_ignored_is_ignored(self, shop: Shop, link: BankLink) -> None:
        await receive(shop, Hint(HintKind.IGNORED, link_id=link.aggregator_id))
        assert shop.queue.jobs == []
