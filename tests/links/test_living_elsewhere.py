"""An account that one login handed over before, and that another one brings in now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from counterfoil.accounts.models import AccountQuestion, BankAccount
from counterfoil.aggregators.port import (
    AccountFailure,
    AccountType,
    ErrorKind,
    Found,
    FoundAccount,
    GrantSecret,
    LinkPurpose,
    Repaired,
)
from counterfoil.links.guarding import Choice
from counterfoil.links.models import (
    BankLink,
    Institution,
    LinkSession,
    LinkSessionState,
    RefreshTrigger,
)
from counterfoil.links.status import LinkStatusCode
from tests.factories import make_link
from tests.fakes import PLATYPUS, FakeAggregator, line, refusal
from tests.links.attempts import accounts_added, answered, begun, signed_in, wanted
from tests.links.conftest import Shop, account_of, fresh, make_shop, stored
from tests.links.test_adding_again import remove, renew


@dataclass
class Two:
    """A login without the account that was deleted there, and another one at the same bank."""

    first: BankLink
    second: BankLink
    moved: BankAccount
    second_shop: Shop


@pytest.fixture
async def two(shop: Shop, link: BankLink) -> Two:
    """Checking was deleted at the first login, and came back by the second one."""
    shop.bank.open_account("savings", number="1111")
    shop.bank.report(line("old"))
    await shop.pull(link, RefreshTrigger.FIRST_PULL)
    moved = await account_of(link)
    await remove(shop, moved)
    bank = FakeAggregator()
    bank.open_account("b-checking", name="Checking", number="0000")
    bank.open_account("b-own", name="Own", number="5555")
    bank.report(line("b-old", account_id="b-checking", description="Line old"))
    second_shop = make_shop(shop.organization, shop.viewer, bank=bank)
    second = await make_link(shop.organization, institution_id=link.institution_id, grant="grant-2")
    await second_shop.pull(second, RefreshTrigger.FIRST_PULL)
    return Two(link, second, moved, second_shop)


async def shown() -> list[str]:
    rows = await BankAccount.filter(deleted_at=None).order_by("name")
    return [row.name for row in rows]


async def asked_by_second(shop: Shop, link: BankLink) -> LinkSession:
    """A session that has added accounts to the second login."""
    key = "a-key-of-the-other-page"
    session = await begun(shop, mode=LinkPurpose.ADD_ACCOUNTS, link=link, key=key)
    shop.bank.answer(f"handle-{len(shop.bank.link_requests)}", Repaired())
    return await shop.linking.advance(shop.viewer, session.id)


@pytest.mark.parametrize(
    "trigger", [RefreshTrigger.SCHEDULE, RefreshTrigger.REPAIR, RefreshTrigger.ADDED]
)
async def test_a_pull_of_the_first_login_passes_it_over(
    shop: Shop, two: Two, trigger: RefreshTrigger
) -> None:
    shop.bank.report(line("newest"))
    await shop.pull(two.first, trigger)
    after = await BankAccount.get(id=two.moved.id)
    assert (after.bank_link_id, after.aggregator_id) == (two.second.id, "b-checking")
    assert await shown() == ["Checking", "Own", "Savings"]
    assert sorted(await stored(two.first)) == []
    assert sorted(await stored(two.second)) == ["b-old"]
    assert not await AccountQuestion.exists()


async def test_adding_accounts_to_the_first_login_does_not_offer_it(shop: Shop, two: Two) -> None:
    session = await accounts_added(shop, two.first)
    assert session.state is LinkSessionState.DONE
    await shop.work()
    assert (await BankAccount.get(id=two.moved.id)).bank_link_id == two.second.id
    assert await shown() == ["Checking", "Own", "Savings"]


async def test_deleted_at_both_and_chosen_at_both_it_comes_by_the_login_that_asked_first(
    shop: Shop, two: Two
) -> None:
    await remove(two.second_shop, await BankAccount.get(id=two.moved.id))
    first = await accounts_added(shop, two.first)
    second = await asked_by_second(two.second_shop, two.second)
    for session, at in ((first, shop), (second, two.second_shop)):
        assert session.state is LinkSessionState.DECIDING
        assert (await wanted(at, session, [two.moved.id])).state is LinkSessionState.DONE
    for at, login in ((two.second_shop, two.second), (shop, two.first)):
        await at.work()
        await at.pull(login)
    after = await BankAccount.get(id=two.moved.id)
    assert (after.deleted_at, after.bank_link_id) == (None, two.first.id)
    assert await shown() == ["Checking", "Own", "Savings"]
    assert sorted(await stored(two.first)) == ["old"]
    assert await stored(two.second) == {}


@pytest.mark.parametrize("choice", [Choice.FIX, Choice.ADD_ACCOUNTS])
async def test_nor_does_the_login_double_it_that_takes_the_place_of_the_first_one(
    shop: Shop, two: Two, choice: Choice
) -> None:
    at = await Institution.get(id=two.first.institution_id)
    platypus = replace(PLATYPUS, aggregator_id=at.aggregator_id, name=at.name)
    accounts = [
        FoundAccount("new-checking", "Checking", "0000", AccountType.BANK),
        FoundAccount("new-savings", "Savings", "1111", AccountType.BANK),
    ]
    session = await signed_in(shop, Found(platypus, accounts, GrantSecret("handover-1")))
    renew(shop)
    await answered(shop, session, choice, two.first)
    await shop.work()
    shop.bank.report(line("newest", account_id="new-checking"))
    await shop.pull(two.first)
    assert (await BankAccount.get(id=two.moved.id)).bank_link_id == two.second.id
    assert await shown() == ["Checking", "Own", "Savings"]
    assert await stored(two.first) == {}


@pytest.mark.parametrize(
    "facts", [{"name": "Other", "number": "5555"}, {"name": "Own", "number": None}]
)
async def test_what_is_only_a_little_like_it_is_new(
    shop: Shop, two: Two, facts: dict[str, str | None]
) -> None:
    shop.bank.open_account("third", **facts)
    await shop.pull(two.first, RefreshTrigger.ADDED)
    assert (await account_of(two.first, "third")).name == facts["name"]


async def test_what_a_person_says_is_another_login_has_accounts_of_its_own(
    shop: Shop, two: Two
) -> None:
    bank = FakeAggregator()
    bank.open_account("c-own", name="Own", number="5555")
    third = await make_link(
        shop.organization, institution_id=two.first.institution_id, grant="grant-3"
    )
    await make_shop(shop.organization, shop.viewer, bank=bank).pull(
        third, RefreshTrigger.FIRST_PULL
    )
    assert (await account_of(third, "c-own")).name == "Own"


async def test_so_has_it_where_one_of_them_failed_at_first(shop: Shop, two: Two) -> None:
    bank = FakeAggregator()
    bank.open_account("c-other", name="Other", number="7777")
    bank.account_failures = [AccountFailure("c-own", refusal(ErrorKind.BANK_DOWN))]
    third = await make_link(
        shop.organization, institution_id=two.first.institution_id, grant="grant-3"
    )
    third_shop = make_shop(shop.organization, shop.viewer, bank=bank)
    await third_shop.pull(third, RefreshTrigger.FIRST_PULL)
    bank.account_failures = []
    bank.open_account("c-own", name="Own", number="5555")
    await third_shop.pull(third)
    assert (await account_of(third, "c-own")).name == "Own"


async def no_more_handed_over(two: Two) -> None:
    del two.second_shop.bank.accounts["b-own"]
    await two.second_shop.pull(two.second)


async def gone(two: Two) -> None:
    two.second_shop.bank.fail_always("snapshot", refusal(ErrorKind.LINK_GONE))
    await two.second_shop.pull(two.second)
    assert (await fresh(two.second)).status_code is LinkStatusCode.GONE


@pytest.mark.parametrize("end", [no_more_handed_over, gone])
@pytest.mark.parametrize("aggregator_id", ["third", "b-own"])
async def test_what_the_other_login_brings_no_more_comes_by_the_one_that_has_it(
    shop: Shop, two: Two, end: Callable[[Two], Awaitable[None]], aggregator_id: str
) -> None:
    await end(two)
    shop.bank.open_account(aggregator_id, name="Own", number="5555")
    await shop.pull(two.first, RefreshTrigger.ADDED)
    assert (await account_of(two.first, aggregator_id)).name == "Own"
