"""The guard before a second login: what is asked, and every way to answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from counterfoil.aggregators.port import (
    ErrorKind,
    GrantSecret,
    LinkPurpose,
    Repaired,
    Retry,
)
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.links.answering import AnswerNotTaken
from counterfoil.links.deciding import DECIDE_WITHIN, AnotherIsMade
from counterfoil.links.ending import end_login
from counterfoil.links.guarding import Choice
from counterfoil.links.models import (
    BankLink,
    Grant,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshTrigger,
    Revocation,
)
from counterfoil.links.opening import AggregatorUnavailable
from counterfoil.links.operations import locked
from counterfoil.links.queries import open_sessions
from counterfoil.links.sessions import CLAIM
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_account, make_organization, make_viewer
from tests.fakes import NOW, TRANSIENT, refusal
from tests.links.attempts import (
    answered,
    begun,
    found_at_platypus,
    linked_at_platypus,
    signed_in,
)
from tests.links.conftest import Shop, fresh

FOUND = found_at_platypus("1111")


async def nothing_new(shop: Shop) -> bool:
    """Whether one login is linked as before, nothing was redeemed, and nothing is to be ended."""
    counts = [await model.all().count() for model in (BankLink, Grant, Refresh, Revocation)]
    return counts == [1, 1, 0, 0] and "redeem" not in shop.bank.calls


async def require_ended(shop: Shop) -> None:
    """One login is linked as before, and what was signed in to is ended at the aggregator."""
    assert [await model.all().count() for model in (BankLink, Grant, Refresh)] == [1, 1, 0]
    assert "redeem" not in shop.bank.calls
    row = await Revocation.get()
    assert (row.reason, row.unredeemed) == ("not wanted", True)
    await shop.sweeper.revoke(row.id)
    await row.refresh_from_db()
    assert row.outcome == "REMOTE"
    assert not row.secret_encrypted
    assert shop.bank.calls[-2:] == ["redeem", "revoke"]


class TestAsked:
    async def test_what_looks_like_a_linked_login_is_asked_about_before_it_is_redeemed(
        self, shop: Shop
    ) -> None:
        link = await linked_at_platypus(shop, "1111", "2222")
        session = await signed_in(shop, FOUND)
        assert session.state is LinkSessionState.DECIDING
        assert session.question == {
            "kind": "DUPLICATE",
            "logins": [{"bank_link_id": str(link.id), "shared": 1, "covers": False}],
        }
        assert session.expires_at == NOW + DECIDE_WITHIN
        assert (session.handle_encrypted, session.open_url) == (None, None)
        assert "handover-1" not in str(session.found_encrypted)
        assert await nothing_new(shop)

    async def test_nobody_follows_it_at_the_aggregator_and_its_person_finds_it_again(
        self, shop: Shop
    ) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        calls = list(shop.bank.calls)
        shop.clock.advance(timedelta(minutes=1))
        assert await shop.sweeper.sessions_to_follow() == []
        assert (await shop.linking.advance(shop.viewer, session.id)).question == session.question
        assert shop.bank.calls == calls
        [row] = await open_sessions(shop.viewer, ["link_session.id"])
        assert row["link_session.id"] == session.id

    async def test_a_login_that_has_ended_or_is_anothers_is_none(self, shop: Shop) -> None:
        ended = await linked_at_platypus(shop, "1111", ended_at=NOW)
        elsewhere = await make_organization()
        await BankLink.filter(id=ended.id).update(organization_id=elsewhere.id, ended_at=None)
        await linked_at_platypus(shop, "1111", ended_at=NOW)
        assert (await signed_in(shop, FOUND)).state is LinkSessionState.DONE

    async def test_a_deleted_account_makes_no_login_alike(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "2222")
        await make_account(link, number="1111", deleted_at=NOW)
        assert (await signed_in(shop, FOUND)).state is LinkSessionState.DONE

    async def test_of_two_attempts_at_once_the_second_is_asked_once_the_first_is_linked(
        self, shop: Shop
    ) -> None:
        hold = shop.bank.hold("redeem")
        first = asyncio.create_task(signed_in(shop, FOUND))
        await hold.reached.wait()
        again = found_at_platypus("1111", handover="handover-2")
        second = await signed_in(shop, again, key="a-key-of-another-tab")
        assert (second.state, second.redeeming_until) == (LinkSessionState.WAITING, None)
        hold.release.set()
        assert (await first).state is LinkSessionState.DONE
        second = await shop.linking.advance(shop.viewer, second.id)
        link = await BankLink.get()
        assert second.question == {
            "kind": "DUPLICATE",
            "logins": [{"bank_link_id": str(link.id), "shared": 0, "covers": True}],
        }

    async def test_one_whose_process_died_keeps_the_others_waiting_no_longer_than_its_claim(
        self, shop: Shop
    ) -> None:
        dead = await begun(shop)
        shop.bank.answer("handle-1", FOUND)
        shop.bank.fail("redeem", TRANSIENT)
        dead = await shop.linking.advance(shop.viewer, dead.id)
        await LinkSession.filter(id=dead.id).update(redeeming_until=NOW + CLAIM)
        again = found_at_platypus("1111", handover="handover-2")
        second = await signed_in(shop, again, key="a-key-of-another-tab")
        assert second.state is LinkSessionState.WAITING
        shop.clock.advance(CLAIM + timedelta(seconds=1))
        second = await shop.linking.advance(shop.viewer, second.id)
        assert second.state is LinkSessionState.DONE


class TestAnswer:
    async def test_without_the_right_it_is_forbidden_and_nothing_is_done(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        reader = replace(shop.viewer, rights=frozenset({Right.READ}))
        with pytest.raises(Forbidden, match="“banks”"):
            await shop.linking.answers.duplicate(
                reader, session.id, choice=Choice.FIX, bank_link_id=link.id
            )
        await session.refresh_from_db()
        assert session.state is LinkSessionState.DECIDING
        assert await nothing_new(shop)

    async def test_another_persons_session_is_not_found(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        for viewer in (
            await make_viewer(shop.organization),
            await make_viewer(await make_organization()),
        ):
            with pytest.raises(NotFound) as refused:
                await shop.linking.answers.duplicate(
                    viewer, session.id, choice=Choice.ANOTHER, bank_link_id=None
                )
            assert refused.value.field == ("session_id",)
        assert await nothing_new(shop)

    async def test_no_choice_is_refused(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        with pytest.raises(InvalidInput) as refused:
            await answered(shop, session, None)
        assert refused.value.field == ("choice",)
        assert await nothing_new(shop)

    async def test_a_login_that_was_not_asked_about_is_refused(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        other = await linked_at_platypus(shop, "2222")
        for login in (None, other):
            with pytest.raises(InvalidInput) as refused:
                await answered(shop, session, Choice.FIX, login)
            assert refused.value.field == ("bank_link_id",)
        assert "redeem" not in shop.bank.calls

    async def test_another_login_is_made(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        after = await answered(shop, session, Choice.ANOTHER)
        assert after.state is LinkSessionState.DONE
        assert not after.question
        assert not after.found_encrypted
        made = await BankLink.exclude(id=link.id).get()
        assert (after.bank_link_id, made.aggregator_id) == (made.id, "item-of-handover-1")
        refresh = await Refresh.get()
        assert (refresh.bank_link_id, refresh.trigger) == (made.id, RefreshTrigger.FIRST_PULL)

    async def test_fixing_one_that_has_more_accounts_opens_its_own_page(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111", "2222")
        session = await signed_in(shop, FOUND)
        after = await answered(shop, session, Choice.FIX, link)
        assert (after.state, after.mode) == (LinkSessionState.WAITING, LinkPurpose.REPAIR)
        assert (after.bank_link_id, after.open_url) == (link.id, "https://bank.example/handle-2")
        assert not after.question
        assert not after.found_encrypted
        assert after.redeeming_until is None
        request = shop.bank.link_requests[1]
        assert (request.purpose, request.grant) == (LinkPurpose.REPAIR, GrantSecret("grant-1"))
        await require_ended(shop)
        shop.bank.answer("handle-2", Repaired())
        done = await shop.linking.advance(shop.viewer, session.id)
        assert (done.state, done.bank_link_id) == (LinkSessionState.DONE, link.id)
        assert (await Refresh.get()).trigger is RefreshTrigger.REPAIR

    async def test_adding_to_it_opens_its_page_to_choose_accounts(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111", "2222")
        session = await signed_in(shop, FOUND)
        after = await answered(shop, session, Choice.ADD_ACCOUNTS, link)
        assert (after.state, after.mode) == (LinkSessionState.WAITING, LinkPurpose.ADD_ACCOUNTS)
        assert shop.bank.link_requests[1].purpose is LinkPurpose.ADD_ACCOUNTS
        shop.bank.answer("handle-2", Repaired())
        done = await shop.linking.advance(shop.viewer, session.id)
        assert done.state is LinkSessionState.DONE
        assert (await Refresh.get()).trigger is RefreshTrigger.ADDED

    async def test_answered_twice_it_is_done_once(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        first = await answered(shop, session, Choice.ANOTHER)
        again = await answered(shop, session, Choice.ANOTHER)
        assert (again.state, again.revision) == (first.state, first.revision)
        assert shop.bank.calls.count("redeem") == 1

    async def test_two_tabs_that_answer_at_once_get_one_outcome(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        hold = shop.bank.hold("redeem")
        first = asyncio.create_task(answered(shop, session, Choice.FIX, link))
        await hold.reached.wait()
        second = await answered(shop, session, Choice.ANOTHER)
        assert second.state is LinkSessionState.DECIDING
        hold.release.set()
        assert (await first).state is LinkSessionState.DONE
        assert shop.bank.calls.count("redeem") == 1
        assert await BankLink.all().count() == 1


class TestTwoTabs:
    @staticmethod
    async def both_asked(shop: Shop) -> tuple[LinkSession, LinkSession]:
        """Two sessions of the same accounts, both asked about the login that is linked."""
        first = await signed_in(shop, FOUND)
        again = found_at_platypus("1111", handover="handover-2")
        return first, await signed_in(shop, again, key="a-key-of-another-tab")

    async def test_who_says_another_after_another_was_made_is_asked_about_that_one(
        self, shop: Shop
    ) -> None:
        link = await linked_at_platypus(shop, "1111")
        first, second = await self.both_asked(shop)
        made = (await answered(shop, first, Choice.ANOTHER)).bank_link_id
        after = await answered(shop, second, Choice.ANOTHER)
        assert after.state is LinkSessionState.DECIDING
        assert after.revision > second.revision
        assert after.expires_at == second.expires_at
        asked = {each["bank_link_id"] for each in (after.question or {})["logins"]}
        assert asked == {str(link.id), str(made)}
        assert shop.bank.calls.count("redeem") == 1
        assert await BankLink.all().count() == 2

    async def test_who_says_it_of_that_one_too_gets_another(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        first, second = await self.both_asked(shop)
        await answered(shop, first, Choice.ANOTHER)
        after = await answered(shop, await answered(shop, second, Choice.ANOTHER), Choice.ANOTHER)
        assert after.state is LinkSessionState.DONE
        assert await BankLink.all().count() == 3

    async def test_while_another_is_made_nothing_is_done_and_the_question_stands(
        self, shop: Shop
    ) -> None:
        await linked_at_platypus(shop, "1111")
        first, second = await self.both_asked(shop)
        hold = shop.bank.hold("redeem")
        answering = asyncio.create_task(answered(shop, first, Choice.ANOTHER))
        await hold.reached.wait()
        with pytest.raises(AnotherIsMade) as told:
            await answered(shop, second, Choice.ANOTHER)
        assert told.value.retryable
        await second.refresh_from_db()
        assert (second.state, second.redeeming_until) == (LinkSessionState.DECIDING, None)
        hold.release.set()
        assert (await answering).state is LinkSessionState.DONE
        after = await answered(shop, second, Choice.ANOTHER)
        assert after.state is LinkSessionState.DECIDING
        assert await BankLink.all().count() == 2

    async def test_at_the_very_same_moment_at_most_one_is_made(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        sessions = await self.both_asked(shop)
        answers = [answered(shop, each, Choice.ANOTHER) for each in sessions]
        await asyncio.gather(*answers, return_exceptions=True)
        assert await BankLink.all().count() <= 2


class TestNotAnswered:
    async def test_past_its_time_the_tick_ends_it_in_words(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        await shop.tick(after=DECIDE_WITHIN - timedelta(seconds=1))
        await session.refresh_from_db()
        assert session.state is LinkSessionState.DECIDING
        await shop.tick(after=timedelta(seconds=1))
        ended = await LinkSession.get(id=session.id)
        assert ended.state is LinkSessionState.EXPIRED
        assert "no answer came in time. Nothing was saved." in str(ended.problem)
        assert not ended.question
        assert not ended.found_encrypted
        await require_ended(shop)

    async def test_an_answer_past_its_time_ends_it_too(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        shop.clock.advance(DECIDE_WITHIN)
        after = await answered(shop, session, Choice.ANOTHER)
        assert after.state is LinkSessionState.EXPIRED
        await require_ended(shop)

    async def test_one_that_is_being_answered_is_not_ended_by_the_tick(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        shop.clock.advance(DECIDE_WITHIN - timedelta(seconds=1))
        hold = shop.bank.hold("redeem")
        answering = asyncio.create_task(answered(shop, session, Choice.ANOTHER))
        await hold.reached.wait()
        await shop.tick(after=timedelta(seconds=2))
        hold.release.set()
        assert (await answering).state is LinkSessionState.DONE

    async def test_cancelled_nothing_is_left(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert after.state is LinkSessionState.CANCELLED
        assert after.problem == "You ended this sign-in. Nothing was saved."
        assert not after.question
        assert not after.found_encrypted
        await require_ended(shop)


class TestFaults:
    async def test_a_handover_that_is_over_ends_it_in_words(self, shop: Shop) -> None:
        await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        over = refusal(ErrorKind.LINK_GONE, code="INVALID_PUBLIC_TOKEN", message="It expired.")
        shop.bank.fail("redeem", over)
        after = await answered(shop, session, Choice.ANOTHER)
        assert after.state is LinkSessionState.FAILED
        assert "It expired." in str(after.problem)
        assert "Nothing was saved. Start again." in str(after.problem)
        assert await BankLink.all().count() == 1

    async def test_an_aggregator_that_does_not_answer_leaves_the_question(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        shop.bank.fail("redeem", TRANSIENT)
        with pytest.raises(AnswerNotTaken) as told:
            await answered(shop, session, Choice.FIX, link)
        assert told.value.retryable
        await session.refresh_from_db()
        assert (session.state, session.redeeming_until) == (LinkSessionState.DECIDING, None)
        assert (await answered(shop, session, Choice.FIX, link)).state is LinkSessionState.DONE

    async def test_a_page_that_does_not_open_leaves_the_question(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111", "2222")
        session = await signed_in(shop, FOUND)
        shop.bank.fail("begin_link", refusal(ErrorKind.TRANSIENT, retry=Retry.SOON))
        with pytest.raises(AggregatorUnavailable):
            await answered(shop, session, Choice.FIX, link)
        after = await answered(shop, session, Choice.FIX, link)
        assert after.state is LinkSessionState.WAITING

    async def test_cancelled_while_its_page_opens_it_stays_cancelled(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111", "2222")
        session = await signed_in(shop, FOUND)
        hold = shop.bank.hold("begin_link")
        answering = asyncio.create_task(answered(shop, session, Choice.FIX, link))
        await hold.reached.wait()
        await shop.linking.cancel(shop.viewer, session.id)
        hold.release.set()
        assert (await answering).state is LinkSessionState.CANCELLED
        await require_ended(shop)

    async def test_cancelled_while_it_is_redeemed_the_new_login_is_ended(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        hold = shop.bank.hold("redeem")
        answering = asyncio.create_task(answered(shop, session, Choice.FIX, link))
        await hold.reached.wait()
        await shop.linking.cancel(shop.viewer, session.id)
        hold.release.set()
        assert (await answering).state is LinkSessionState.CANCELLED
        assert (await fresh(link)).aggregator_id == link.aggregator_id
        reasons = [row.reason for row in await Revocation.all().order_by("reason")]
        assert reasons == ["not wanted", "session ended"]
        await shop.sweeper.revoke(session.id)
        assert (await Revocation.get(id=session.id)).outcome == "LOCAL_ONLY"

    async def test_a_login_deleted_meanwhile_is_not_found_and_another_can_be_chosen(
        self, shop: Shop
    ) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        async with shop.transactions.begin(shop.organization.id) as uow:
            await end_login(uow, await locked(shop.viewer, link.id), reason="deleted")
        with pytest.raises(NotFound) as refused:
            await answered(shop, session, Choice.FIX, link)
        assert refused.value.field == ("bank_link_id",)
        assert "redeem" not in shop.bank.calls
        after = await answered(shop, session, Choice.ANOTHER)
        assert after.state is LinkSessionState.DONE
        assert after.bank_link_id != link.id

    async def test_a_crash_before_it_is_redeemed_leaves_the_question(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        await LinkSession.filter(id=session.id).update(redeeming_until=NOW + CLAIM)
        busy = await answered(shop, session, Choice.FIX, link)
        assert busy.state is LinkSessionState.DECIDING
        assert await nothing_new(shop)
        shop.clock.advance(CLAIM + timedelta(seconds=1))
        assert (await answered(shop, session, Choice.FIX, link)).state is LinkSessionState.DONE

    async def test_a_crash_between_redeeming_and_storing_ends_in_words(self, shop: Shop) -> None:
        link = await linked_at_platypus(shop, "1111")
        session = await signed_in(shop, FOUND)
        await shop.bank.redeem(FOUND.handover)  # and here the process dies
        after = await answered(shop, session, Choice.FIX, link)
        assert after.state is LinkSessionState.FAILED
        assert "Nothing was saved. Start again. If your bank lists" in str(after.problem)
        assert str(after.problem).endswith("remove it there.")
        assert (await fresh(link)).aggregator_id == link.aggregator_id
