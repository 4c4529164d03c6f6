"""What may be a hidden account stays out of sight pull after pull; what is not comes in whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.aggregators.port import AccountFailure, Completeness, ErrorKind
from counterfoil.links.models import BankLink
from tests.api.asking import statements
from tests.fakes import line, refusal
from tests.links.conftest import Shop, account_of
from tests.links.test_adding_again import (
    TRUTH,
    amounts,
    books,
    link,
    linked_anew,
    remove,
    renew,
    shop,
)
from tests.links.test_hiding import hide, show

__all__ = ["books", "link", "shop"]

FEES = (date(2026, 3, 3), date(2026, 3, 5))


def hand_over(shop: Shop, *aggregator_ids: str) -> None:
    """Let the bank hand over nothing but new accounts of these ids, each of another number."""
    shop.bank.accounts.clear()
    shop.bank.history.clear()
    shop.bank.lines.clear()
    for place, aggregator_id in enumerate(aggregator_ids):
        shop.bank.open_account(aggregator_id, number=f"770{place}", name=aggregator_id)


def tell(
    shop: Shop, account_id: str, amount_minor: int, text: str, days: Iterable[date], of: str = ""
) -> None:
    for day in days:
        shop.bank.report(
            line(
                f"{account_id} {of or text} {day}",
                account_id=account_id,
                amount_minor=amount_minor,
                description=text,
                dated_on=day,
            )
        )


@pytest.fixture
async def fees(shop: Shop, link: BankLink) -> BankAccount:
    """A hidden account with two lines, whose login goes on."""
    shop.bank.open_account("card", number="9", name="Card")
    tell(shop, "card", -500, "Monthly fee", FEES)
    await shop.pull(link)
    return await hide(shop, await account_of(link, "card"))


async def reissued(shop: Shop, account: BankAccount) -> BankLink:
    """A new login, which hands over an account that was hidden, under another number."""
    await hide(shop, account)
    renew(shop)
    at = shop.bank.accounts["new-checking"]
    shop.bank.accounts["new-checking"] = replace(at, number="7777")
    return await linked_anew(shop)


async def shown(link: BankLink) -> list[str]:
    """The accounts that a login brings into sight, by their ids; none that is asked about."""
    assert not await AccountQuestion.exists()
    rows = BankAccount.filter(bank_link_id=link.id, hidden_at=None, deleted_at=None)
    return sorted(map(str, await rows.values_list("aggregator_id", flat=True)))


async def later(shop: Shop, link: BankLink, account_id: str) -> None:
    """Another line of an account, and the pull that brings it."""
    tell(shop, account_id, -77, "Later", [date(2026, 3, 20)], of=str(len(shop.bank.history)))
    await shop.pull(link)


class TestTheSameHistory:
    async def test_it_stays_hidden_under_another_number_at_later_pulls_too(
        self, shop: Shop, link: BankLink
    ) -> None:
        again = await reissued(shop, await account_of(link))
        assert await shown(again) == []
        for _ in range(3):
            await later(shop, again, "new-checking")
            assert await shown(again) == []

    async def test_nor_is_any_history_read_again_for_it(
        self, shop: Shop, fees: BankAccount
    ) -> None:
        hand_over(shop, "one", "two")
        for name in ("one", "two"):
            tell(shop, name, -500, "Monthly fee", FEES)
        again = await linked_anew(shop)
        for name in ("one", "two"):
            assert await shown(again) == []
            with statements() as seen:
                await later(shop, again, name)
            assert not [each for each in seen if "prepared_coding" in each]  # weighed as it is read
        assert await shown(again) == []

    async def test_shown_again_it_is_asked_about_and_has_all_its_lines(
        self, shop: Shop, link: BankLink
    ) -> None:
        account = await account_of(link)
        again = await reissued(shop, account)
        await later(shop, again, "new-checking")
        await show(shop, account)
        await shop.pull(again)
        after = await account_of(again, "new-checking")
        assert await amounts(after) == TRUTH + Counter({-77: 1})
        question = await AccountQuestion.get(bank_account_id=after.id)
        assert question.candidates == [str(account.id)]


class TestAnotherHistory:
    async def test_two_equal_lines_among_its_own_do_not_hide_an_account(
        self, shop: Shop, fees: BankAccount
    ) -> None:
        hand_over(shop, "fresh")
        tell(shop, "fresh", -500, "Monthly fee", FEES)
        tell(shop, "fresh", -1_000, "Own", [date(2026, 3, day) for day in range(4, 10)])
        again = await linked_anew(shop)
        assert await shown(again) == ["fresh"]
        await later(shop, again, "fresh")
        after = await account_of(again, "fresh")
        assert await amounts(after) == {-500: 2, -1_000: 6, -77: 1}

    async def test_nor_do_many_equal_lines_among_more_of_its_own(
        self, shop: Shop, link: BankLink
    ) -> None:
        days = [date(2026, 3, day) for day in range(1, 8)]
        shop.bank.open_account("card", number="9", name="Card")
        tell(shop, "card", -500, "Daily fee", days)
        await shop.pull(link)
        await hide(shop, await account_of(link, "card"))
        hand_over(shop, "fresh")
        tell(shop, "fresh", -500, "Daily fee", days)
        tell(shop, "fresh", -1_000, "Own", days, of="1")
        tell(shop, "fresh", -2_000, "Own", days, of="2")
        again = await linked_anew(shop)
        assert await amounts(await account_of(again, "fresh")) == {-500: 7, -1_000: 7, -2_000: 7}


class TestAGuess:
    """What may be a hidden account is no more than that, whatever a later pull has."""

    async def test_does_not_show_the_hidden_one_that_comes_late(
        self, shop: Shop, link: BankLink, fees: BankAccount
    ) -> None:
        await remove(shop, await account_of(link))
        hand_over(shop, "sibling")
        tell(shop, "sibling", -500, "Monthly fee", FEES)
        shop.bank.account_failures = [AccountFailure("new-card", refusal(ErrorKind.BANK_DOWN))]
        again = await linked_anew(shop)
        assert await shown(again) == []
        shop.bank.account_failures = []
        shop.bank.open_account("new-card", number="9", name="Card")
        tell(shop, "new-card", -500, "Monthly fee", FEES)
        for _ in range(3):
            await shop.pull(again)
            assert await shown(again) == []
            await later(shop, again, "new-card")
        assert (await account_of(again, "new-card")).id == fees.id
        await later(shop, again, "sibling")
        assert await shown(again) == []

    async def test_does_not_show_a_twin_that_failed_for_once(
        self, shop: Shop, link: BankLink, fees: BankAccount
    ) -> None:
        await remove(shop, await account_of(link))
        hand_over(shop)
        for name in ("one", "two"):
            shop.bank.open_account(name, number="9", name=name)
            tell(shop, name, -500, "Monthly fee", FEES)
        again = await linked_anew(shop)
        assert await shown(again) == []
        one = shop.bank.accounts.pop("one")
        shop.bank.account_failures = [AccountFailure("one", refusal(ErrorKind.BANK_DOWN))]
        await shop.pull(again)
        shop.bank.accounts["one"], shop.bank.account_failures = one, []
        for name in ("one", "two"):
            await later(shop, again, name)
            assert await shown(again) == []

    async def test_ends_with_the_lines_that_tell_otherwise(
        self, shop: Shop, fees: BankAccount
    ) -> None:
        hand_over(shop, "fresh")
        tell(shop, "fresh", -500, "Monthly fee", FEES)
        shop.bank.completeness = Completeness.RECENT
        again = await linked_anew(shop)
        assert await shown(again) == []
        tell(shop, "fresh", -1_000, "Own", [date(2026, 3, day) for day in range(1, 10)])
        shop.bank.completeness = Completeness.COMPLETE
        await shop.pull(again)
        assert await shown(again) == ["fresh"]
        assert await amounts(await account_of(again, "fresh")) == {-500: 2, -1_000: 9}


class TestToldApartLater:
    async def test_by_older_lines_it_comes_with_its_whole_history(
        self, shop: Shop, link: BankLink
    ) -> None:
        days = [date(2026, 3, day) for day in range(1, 10)]
        tell(shop, "checking", -8, "Tea", days)
        await shop.pull(link)
        await hide(shop, await account_of(link))
        renew(shop)
        known = list(shop.bank.lines.values())
        shop.bank.history.clear()
        shop.bank.accounts["twin"] = replace(
            shop.bank.accounts["new-checking"], aggregator_id="twin"
        )
        shop.bank.completeness = Completeness.RECENT
        for name in ("twin", "new-checking"):
            tell(shop, name, -5, f"Recent {name}", [date(2026, 3, 12)])
        again = await linked_anew(shop)
        assert await shown(again) == []
        shop.bank.completeness = Completeness.COMPLETE
        tell(shop, "twin", -7, "Cake", days)
        shop.bank.report(*known)
        await shop.pull(again)
        assert await shown(again) == ["twin"]
        assert await amounts(await account_of(again, "twin")) == {-5: 1, -7: 9}
        cursors = len(shop.bank.cursors)
        await shop.pull(again)
        assert len(shop.bank.cursors) == cursors + 1
