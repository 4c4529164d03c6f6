"""Accounts that were deleted here and that their login still hands over: who wants them back?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import ErrorKind, LinkPurpose, Repaired
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.links import leases
from counterfoil.links.deciding import DECIDE_WITHIN
from counterfoil.links.ending import end_login
from counterfoil.links.models import (
    BankLink,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    RefreshTrigger,
)
from counterfoil.links.operations import locked
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_account, make_viewer
from tests.fakes import NOW, TRANSIENT, line, refusal
from tests.links.attempts import accounts_added, begun, deleted_account, wanted
from tests.links.conftest import Shop, stored


@pytest.fixture
async def gone(shop: Shop) -> BankAccount:
    """A deleted account, which the bank still has as `savings`."""
    shop.bank.open_account("savings")
    return await deleted_account(shop, "savings", name="Savings", number="7730")


async def untouched(account: BankAccount) -> bool:
    """Whether a deleted account is as it was, and nothing is pulled."""
    now = await BankAccount.get(id=account.id)
    stays = (now.bank_link_id, now.aggregator_id, now.wanted_at) == (None, None, None)
    return stays and await Refresh.all().count() == 0


class TestAsked:
    async def test_which_of_them_to_bring_back(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        assert session.state is LinkSessionState.DECIDING
        assert session.question == {
            "kind": "ACCOUNTS",
            "accounts": [
                {
                    "aggregator_id": "savings",
                    "name": "Savings",
                    "number": "7730",
                    "bank_account_id": str(gone.id),
                }
            ],
        }
        assert session.expires_at == NOW + DECIDE_WITHIN
        assert await shop.sweeper.sessions_to_follow() == []
        assert await untouched(gone)

    async def test_nothing_where_none_was_deleted(self, shop: Shop, link: BankLink) -> None:
        session = await accounts_added(shop, link)
        assert session.state is LinkSessionState.DONE
        assert (await Refresh.get()).trigger is RefreshTrigger.ADDED

    @pytest.mark.parametrize("reason", ["hidden", "absorbed", "shown", "not handed over"])
    async def test_nothing_of_one_that_cannot_come_back_so(
        self, shop: Shop, link: BankLink, reason: str
    ) -> None:
        other = await make_account(link)
        facts: dict[str, dict[str, Any]] = {
            "hidden": {"hidden_at": NOW},
            "absorbed": {"absorbed_by_id": other.id},
            "shown": {"deleted_at": None},
        }
        await deleted_account(shop, "savings", **facts.get(reason, {}))
        if reason != "not handed over":
            shop.bank.open_account("savings")
        assert (await accounts_added(shop, link)).state is LinkSessionState.DONE

    async def test_nothing_by_a_mere_repair(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await begun(shop, mode=LinkPurpose.REPAIR, link=link)
        shop.bank.answer("handle-1", Repaired())
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.DONE
        assert (await Refresh.get()).trigger is RefreshTrigger.REPAIR
        assert (await BankAccount.get(id=gone.id)).wanted_at is None

    async def test_again_where_the_login_did_not_tell(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        shop.bank.fail("snapshot", TRANSIENT)
        session = await accounts_added(shop, link)
        assert (session.state, session.redeeming_until) == (LinkSessionState.WAITING, None)
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.DECIDING

    async def test_nothing_where_the_login_will_not_tell(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        shop.bank.fail("snapshot", refusal(ErrorKind.BAD_CREDENTIALS))
        session = await accounts_added(shop, link)
        assert session.state is LinkSessionState.DONE

    async def test_a_login_deleted_meanwhile_ends_it_in_words(
        self, shop: Shop, link: BankLink
    ) -> None:
        session = await begun(shop, mode=LinkPurpose.ADD_ACCOUNTS, link=link)
        shop.bank.answer("handle-1", Repaired())
        async with shop.transactions.begin(shop.organization.id) as uow:
            await end_login(uow, await locked(shop.viewer, link.id), reason="deleted")
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.FAILED
        assert "was deleted in the meantime" in str(after.problem)
        assert await Refresh.all().count() == 0


class TestAnswer:
    async def test_without_the_right_it_is_forbidden_and_nothing_comes_back(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        reader = replace(shop.viewer, rights=frozenset({Right.READ}))
        with pytest.raises(Forbidden, match="“banks”"):
            await shop.linking.answers.accounts(reader, session.id, bank_account_ids=[gone.id])
        assert await untouched(gone)

    async def test_another_persons_session_is_not_found(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        colleague = await make_viewer(shop.organization)
        with pytest.raises(NotFound):
            await shop.linking.answers.accounts(colleague, session.id, bank_account_ids=[gone.id])
        assert await untouched(gone)

    async def test_no_list_or_an_account_that_was_not_asked_about_is_refused(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        for ids in (None, [gone.id, new_id()]):
            with pytest.raises(InvalidInput) as refused:
                await wanted(shop, session, ids)
            assert refused.value.field == ("bank_account_ids",)
        assert await untouched(gone)

    async def test_the_chosen_ones_are_wanted_and_the_others_are_not(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        shop.bank.open_account("old-card")
        card = await deleted_account(shop, "old-card", name="Old Card")
        session = await accounts_added(shop, link)
        after = await wanted(shop, session, [gone.id])
        assert (after.state, after.bank_link_id) == (LinkSessionState.DONE, link.id)
        assert not after.question
        back = await BankAccount.get(id=gone.id)
        assert (back.bank_link_id, back.aggregator_id) == (link.id, "savings")
        assert (back.wanted_at, back.deleted_at) == (NOW, NOW)
        left = await BankAccount.get(id=card.id)
        assert (left.bank_link_id, left.wanted_at) == (None, None)
        refresh = await Refresh.get()
        assert (refresh.state, refresh.trigger) == (RefreshState.QUEUED, RefreshTrigger.ADDED)

    async def test_none_may_be_chosen_and_the_login_is_pulled_all_the_same(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        after = await wanted(shop, await accounts_added(shop, link), [])
        assert after.state is LinkSessionState.DONE
        assert (await BankAccount.get(id=gone.id)).wanted_at is None
        assert (await Refresh.get()).trigger is RefreshTrigger.ADDED

    async def test_a_pull_that_runs_already_ends_and_another_one_brings_them(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        running = await shop.request(link)
        async with shop.transactions.begin(shop.organization.id) as uow:
            await leases.take(uow, running.id, running.generation)
        await wanted(shop, session, [gone.id])
        ended = await Refresh.get(id=running.id)
        assert (ended.state, ended.under_way) == (RefreshState.FAILED, None)
        following = await Refresh.get(under_way=link.id)
        assert (following.state, following.trigger) == (RefreshState.QUEUED, RefreshTrigger.ADDED)

    async def test_answered_twice_the_first_answer_holds(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        first = await wanted(shop, session, [])
        again = await wanted(shop, session, [gone.id])
        assert (again.state, again.revision) == (LinkSessionState.DONE, first.revision)
        assert (await BankAccount.get(id=gone.id)).wanted_at is None
        assert await Refresh.all().count() == 1

    async def test_one_that_came_back_meanwhile_is_left_alone(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        other = await make_account(link, aggregator_id="savings")
        after = await wanted(shop, session, [gone.id])
        assert after.state is LinkSessionState.DONE
        assert (await BankAccount.get(id=gone.id)).bank_link_id is None
        assert (await BankAccount.get(id=other.id)).aggregator_id == "savings"

    async def test_a_login_deleted_meanwhile_ends_it_in_words(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        async with shop.transactions.begin(shop.organization.id) as uow:
            await end_login(uow, await locked(shop.viewer, link.id), reason="deleted")
        after = await wanted(shop, session, [gone.id])
        assert after.state is LinkSessionState.FAILED
        assert await untouched(gone)


class TestNotAnswered:
    async def test_past_its_time_none_comes_back_and_the_login_is_pulled(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        await shop.tick(after=DECIDE_WITHIN + timedelta(seconds=1))
        after = await LinkSession.get(id=session.id)
        assert after.state is LinkSessionState.EXPIRED
        assert "none of them came back" in str(after.problem)
        assert (await BankAccount.get(id=gone.id)).wanted_at is None
        assert (await Refresh.get(bank_link_id=link.id)).trigger is RefreshTrigger.ADDED

    async def test_cancelled_none_comes_back_and_the_login_is_pulled(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        session = await accounts_added(shop, link)
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert after.state is LinkSessionState.CANCELLED
        assert after.problem == "You ended this sign-in. No deleted account came back."
        assert (await Refresh.get()).trigger is RefreshTrigger.ADDED


class TestComeBack:
    async def test_the_chosen_one_has_its_whole_history_and_the_other_one_stays_away(
        self, shop: Shop, link: BankLink, gone: BankAccount
    ) -> None:
        shop.bank.open_account("old-card", number="9999")
        card = await deleted_account(shop, "old-card", number="9999")
        shop.bank.report(line("1", account_id="savings"), line("2", account_id="old-card"))
        await shop.pull(link)
        shop.bank.report(line("3", account_id="savings"))
        await wanted(shop, await accounts_added(shop, link), [gone.id])
        await shop.work()
        back = await BankAccount.get(id=gone.id)
        assert (back.deleted_at, back.wanted_at, back.bank_link_id) == (None, None, link.id)
        assert sorted(await stored(link)) == ["1", "3"]
        left = await BankAccount.get(id=card.id)
        assert (left.deleted_at, left.bank_link_id) == (NOW, None)
        assert await BankAccount.all().count() == 3
