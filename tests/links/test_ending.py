"""Ending a login."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AggregatorError, ErrorKind, Hint, HintKind
from counterfoil.errors import NotFound
from counterfoil.kit.crypto import bound_to
from counterfoil.links.ending import end_if_unused, end_login
from counterfoil.links.hints import receive_hints
from counterfoil.links.models import (
    BankLink,
    Grant,
    Refresh,
    RefreshState,
    RefreshTrigger,
    Revocation,
    StagedPage,
)
from counterfoil.links.operations import find_living
from counterfoil.links.queries import links_by_id, refreshes_by_id
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, ChangeKind, ChangeType
from tests.factories import KEYRING, make_account
from tests.fakes import NOW, line, refusal
from tests.links.conftest import Shop, fresh, refresh_of


async def ended(shop: Shop, link: BankLink) -> BankLink:
    """The login, ended by itself."""
    async with shop.transactions.begin(link.organization_id) as uow:
        living = await find_living(link.id)
        assert living is not None
        await end_login(uow, living, reason="deleted")
    return await fresh(link)


async def unused(shop: Shop, link: BankLink) -> bool:
    async with shop.transactions.begin(link.organization_id) as uow:
        return await end_if_unused(uow, await fresh(link), reason="hidden")


class TestEndLogin:
    async def test_its_secret_moves_to_the_outbox(self, shop: Shop, link: BankLink) -> None:
        await ended(shop, link)
        assert (await Grant.get(id=link.grant_id)).secret_encrypted == ""
        row = await Revocation.get(id=link.grant_id)
        assert (row.aggregator, row.reason, row.next_try_at) == ("plaid", "deleted", NOW)
        assert row.secret_encrypted is not None
        bound = bound_to(link.organization_id, link.grant_id)
        assert KEYRING.decrypt(row.secret_encrypted, associated=bound) == "grant-1"
        await shop.work()
        assert shop.bank.calls == ["revoke"]
        await row.refresh_from_db()
        assert (row.done_at, row.outcome) == (NOW, "REMOTE")
        assert not row.secret_encrypted

    async def test_without_the_job_the_tick_ends_it(self, shop: Shop, link: BankLink) -> None:
        await ended(shop, link)
        shop.queue.take()
        await shop.tick()
        await shop.work()
        assert shop.bank.calls == ["revoke"]

    async def test_nothing_of_it_is_due_any_more(self, shop: Shop, link: BankLink) -> None:
        await BankLink.filter(id=link.id).update(next_update_at=NOW, next_health_at=NOW)
        after = await ended(shop, link)
        assert (after.ended_at, after.revision) == (NOW, link.revision + 1)
        assert (after.next_update_at, after.next_health_at, after.news_at) == (None, None, None)
        shop.queue.take()
        await Revocation.all().delete()
        await shop.tick(after=timedelta(days=1))
        assert shop.queue.jobs == []

    async def test_nobody_sees_it_or_its_pulls(self, shop: Shop, link: BankLink) -> None:
        refresh = await shop.pull(link)
        assert await links_by_id(shop.viewer, [link.id], ["bank_link.id"])
        assert await refreshes_by_id(shop.viewer, [refresh.id], ["refresh.id"])
        await ended(shop, link)
        assert await links_by_id(shop.viewer, [link.id], ["bank_link.id"]) == []
        assert await refreshes_by_id(shop.viewer, [refresh.id], ["refresh.id"]) == []
        with pytest.raises(NotFound):
            await shop.request(link)
        told = await Change.filter(object_id=link.id).order_by("-position").first()
        assert told is not None
        assert (told.type, told.kind) == (ChangeType.BANK_LINK, ChangeKind.GONE)

    async def test_hints_and_health_find_nothing(self, shop: Shop, link: BankLink) -> None:
        await ended(shop, link)
        shop.queue.take()
        hints = [
            Hint(kind, link_id=link.aggregator_id) for kind in (HintKind.PULL, HintKind.HEALTH)
        ]
        await receive_hints(shop.transactions, aggregator="plaid", hints=hints)
        await shop.sweeper.check_health(link.id)
        assert (shop.queue.jobs, shop.bank.calls) == ([], [])
        assert not await Refresh.all().exists()

    @pytest.mark.parametrize("error", [None, refusal(ErrorKind.BAD_CREDENTIALS)])
    async def test_one_that_ends_while_its_health_is_asked_is_left_alone(
        self, shop: Shop, link: BankLink, error: AggregatorError | None
    ) -> None:
        shop.bank.health_error = error
        hold = shop.bank.hold("health")
        asking = asyncio.create_task(shop.sweeper.check_health(link.id))
        await hold.reached.wait()
        before = await ended(shop, link)
        hold.release.set()
        await asking
        after = await fresh(link)
        assert (after.revision, after.status_code) == (before.revision, before.status_code)
        assert not await Refresh.all().exists()

    async def test_hidden_accounts_are_cut_off_and_stay_hidden(
        self, shop: Shop, link: BankLink
    ) -> None:
        hidden = await make_account(link, hidden_at=NOW)
        await ended(shop, link)
        after = await BankAccount.get(id=hidden.id)
        assert (after.bank_link_id, after.aggregator_id) == (None, None)
        assert after.hidden_at == NOW


class TestAPullOfALoginThatEnds:
    async def test_its_late_page_is_refused(self, shop: Shop, link: BankLink) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"))
        shop.bank.hold("changes").release.set()
        second = shop.bank.hold("changes")
        refresh = await shop.request(link)
        work = asyncio.create_task(shop.work())
        await second.reached.wait()
        await ended(shop, link)
        second.release.set()
        await work
        after = await refresh_of(refresh.id)
        assert (after.state, after.under_way, after.generation) == (RefreshState.FAILED, None, 1)
        assert after.finished_at == NOW
        assert not await StagedPage.all().exists()
        assert not await BankTransaction.all().exists()
        assert (await fresh(link)).cursor is None

    async def test_its_failure_is_not_noted(self, shop: Shop, link: BankLink) -> None:
        shop.bank.fail_always("snapshot", refusal(ErrorKind.BAD_CREDENTIALS))
        hold = shop.bank.hold("snapshot")
        await shop.request(link)
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        before = await ended(shop, link)
        hold.release.set()
        await work
        after = await fresh(link)
        assert (after.status_code, after.revision) == (before.status_code, before.revision)

    async def test_one_that_waits_in_the_queue_never_begins(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await shop.request(link, RefreshTrigger.PERSON)
        await ended(shop, link)
        await shop.work()
        assert shop.bank.calls == ["revoke"]
        assert (await refresh_of(refresh.id)).state is RefreshState.FAILED


class TestEndIfUnused:
    async def test_a_login_with_a_shown_account_goes_on(self, shop: Shop, link: BankLink) -> None:
        await make_account(link)
        await make_account(link, hidden_at=NOW)
        assert not await unused(shop, link)
        assert (await fresh(link)).ended_at is None
        assert not await Revocation.all().exists()

    async def test_one_whose_accounts_are_all_hidden_ends(self, shop: Shop, link: BankLink) -> None:
        await make_account(link, hidden_at=NOW)
        assert await unused(shop, link)
        assert (await fresh(link)).ended_at == NOW
