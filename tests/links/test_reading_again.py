"""Pulls of a login of which an account is wanted back: its history lies behind the cursor."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.links.importing import RETRIES
from counterfoil.links.leases import LEASE
from counterfoil.links.models import (
    BankLink,
    RefreshState,
    RefreshTrigger,
    StagedPage,
)
from tests.fakes import NOW, RESTART, TRANSIENT, line
from tests.links.conftest import Shop, fresh, refresh_of

TWO_TICKS = timedelta(minutes=1)


@pytest.fixture
async def known(shop: Shop, link: BankLink) -> BankLink:
    """A login with two lines, which its cursor covers; from now on a page has one line."""
    shop.bank.report(line("1"), line("2"))
    await shop.pull(link)
    shop.bank.page_size = 1
    shop.bank.cursors.clear()
    return await fresh(link)


async def want(link: BankLink) -> None:
    """Ask the account back, as a person does who shows it again."""
    await BankAccount.filter(bank_link_id=link.id).update(wanted_at=NOW)


class TestReadingAgain:
    async def test_nothing_is_read_twice_while_no_account_is_wanted(
        self, shop: Shop, known: BankLink
    ) -> None:
        shop.bank.report(line("3"))
        await shop.pull(known)
        assert shop.bank.cursors == ["2"]

    async def test_the_saved_cursor_comes_first_and_an_empty_one_after(
        self, shop: Shop, known: BankLink
    ) -> None:
        await want(known)
        shop.bank.report(line("3"))
        refresh = await shop.pull(known)
        assert refresh.state is RefreshState.DONE
        assert shop.bank.cursors == ["2", None]
        assert refresh.lines == 4
        assert (await fresh(known)).cursor == "3"

    async def test_a_login_without_a_cursor_is_read_once(self, shop: Shop, link: BankLink) -> None:
        shop.bank.report(line("1"))
        await shop.pull(link)
        shop.bank.cursors.clear()
        await BankLink.filter(id=link.id).update(cursor=None)
        await want(link)
        await shop.pull(link)
        assert shop.bank.cursors == [None]

    async def test_a_passing_fault_in_the_second_reading_goes_on_in_it(
        self, shop: Shop, known: BankLink
    ) -> None:
        await want(known)
        shop.bank.report(line("3"))
        shop.bank.fail("changes", None, None, *[TRANSIENT] * RETRIES)
        refresh = await shop.pull(known)
        assert refresh.state is RefreshState.DONE
        assert shop.bank.cursors == ["2", None, *["1/3"] * RETRIES]

    async def test_lines_that_move_meanwhile_begin_it_all_again(
        self, shop: Shop, known: BankLink
    ) -> None:
        await want(known)
        shop.bank.fail("changes", None, None, RESTART)
        refresh = await shop.pull(known)
        assert (refresh.state, refresh.lines) == (RefreshState.DONE, 2)
        assert shop.bank.cursors == ["2", None, "2", None]

    async def test_the_next_worker_goes_on_in_the_second_reading(
        self, shop: Shop, known: BankLink
    ) -> None:
        await want(known)
        shop.bank.report(line("3"))
        for _ in range(2):
            shop.bank.hold("changes").release.set()
        third = shop.bank.hold("changes")
        refresh = await shop.request(known)
        dying = asyncio.create_task(shop.work())
        await third.reached.wait()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        staged = await StagedPage.all().order_by("number")
        assert [page.from_start for page in staged] == [False, True]
        shop.bank.cursors.clear()
        await shop.tick(after=LEASE + TWO_TICKS)
        await shop.work()
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE
        assert shop.bank.cursors == ["1/3"]

    async def test_one_that_is_asked_back_after_the_reading_is_not_missed(
        self, shop: Shop, known: BankLink
    ) -> None:
        hold = shop.bank.hold("snapshot")
        refresh = await shop.request(known)
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        await want(known)
        hold.release.set()
        await work
        assert (await refresh_of(refresh.id)).state is RefreshState.RUNNING
        assert shop.bank.cursors == ["2"]
        await shop.tick(after=timedelta(seconds=1))
        await shop.work()
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE
        assert shop.bank.cursors == ["2", None]


class TestAddedAccounts:
    async def test_a_pull_that_waits_becomes_one_of_what_was_added(
        self, shop: Shop, link: BankLink
    ) -> None:
        waiting = await shop.request(link)
        asked = await shop.request(link, RefreshTrigger.ADDED)
        assert asked.id == waiting.id
        assert (await refresh_of(waiting.id)).trigger is RefreshTrigger.ADDED

    async def test_one_that_runs_is_followed_by_another(self, shop: Shop, link: BankLink) -> None:
        hold = shop.bank.hold("changes")
        running = await shop.request(link)
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        await shop.request(link, RefreshTrigger.ADDED)
        hold.release.set()
        await work
        assert (await refresh_of(running.id)).trigger is RefreshTrigger.SCHEDULE
        assert shop.bank.calls.count("changes") == 2
