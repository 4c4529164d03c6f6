"""What a pull is said to bring, while it runs, when it fails and at its end."""

from __future__ import annotations

import asyncio

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountFailure, ErrorKind, Retry
from counterfoil.links.models import BankLink, Refresh, RefreshPhase, RefreshState
from counterfoil.links.status import LinkStatusCode
from tests.factories import make_link
from tests.fakes import NOW, line, refusal
from tests.links.conftest import Shop, account_of, fresh

GONE = ["hidden_at", "deleted_at"]
REFUSED = refusal(ErrorKind.BAD_CREDENTIALS, retry=Retry.NEVER)
MISSING = AccountFailure("savings", refusal(ErrorKind.PROTOCOL))


async def show_no_more(shop: Shop, link: BankLink, how: str) -> None:
    """A second account with new lines, which is hidden or deleted; the first has one new line."""
    shop.bank.open_account("savings", name="Savings", number="9")
    await shop.pull(link)
    savings = await account_of(link, "savings")
    await BankAccount.filter(id=savings.id).update(**{how: NOW})
    if how == "deleted_at":
        await BankAccount.filter(id=savings.id).update(bank_link_id=None, aggregator_id=None)
    shop.bank.report(line("s-1", account_id="savings"), line("s-2", account_id="savings"))
    shop.bank.report(line("c-1"))


def told(refresh: Refresh) -> tuple[int, int, int]:
    return refresh.accounts, refresh.balances, refresh.lines


@pytest.mark.parametrize("how", GONE)
class TestWhatIsShownNoMore:
    async def test_its_lines_are_not_counted_while_it_runs(
        self, shop: Shop, link: BankLink, how: str
    ) -> None:
        await show_no_more(shop, link, how)
        refresh = await shop.request(link)
        hold = shop.bank.hold("snapshot")
        running = asyncio.create_task(shop.importer.run(refresh.id, 0))
        await hold.reached.wait()
        now = await Refresh.get(id=refresh.id)
        assert (now.phase, told(now)) == (RefreshPhase.ACCOUNTS, (0, 0, 1))
        hold.release.set()
        await running
        done = await Refresh.get(id=refresh.id)
        assert (done.state, told(done)) == (RefreshState.DONE, (1, 1, 1))

    async def test_nor_where_it_fails(self, shop: Shop, link: BankLink, how: str) -> None:
        await show_no_more(shop, link, how)
        shop.bank.fail("snapshot", REFUSED)
        refresh = await shop.pull(link)
        assert (refresh.state, told(refresh)) == (RefreshState.FAILED, (0, 0, 1))

    async def test_that_it_fails_makes_nothing_partial(
        self, shop: Shop, link: BankLink, how: str
    ) -> None:
        await show_no_more(shop, link, how)
        shop.bank.accounts.pop("savings")
        shop.bank.account_failures = [MISSING]
        await shop.pull(link)
        now = await fresh(link)
        assert (now.status_code, now.status_missing) == (LinkStatusCode.OK, None)


class TestANewLogin:
    async def test_its_lines_are_counted_as_they_come(self, shop: Shop, link: BankLink) -> None:
        shop.bank.report(line("c-1"), line("c-2"))
        shop.bank.fail("snapshot", REFUSED)
        assert told(await shop.pull(link)) == (0, 0, 2)

    async def test_not_before_its_end_where_one_of_them_may_be_hidden(
        self, shop: Shop, link: BankLink
    ) -> None:
        await show_no_more(shop, link, "hidden_at")
        other = await make_link(shop.organization)
        shop.bank.fail("snapshot", REFUSED)
        assert told(await shop.pull(other)) == (0, 0, 0)
