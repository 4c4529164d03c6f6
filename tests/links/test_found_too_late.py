"""A person has finished at the bank, and their session ends before anybody learned of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from counterfoil.aggregators.port import LinkPurpose
from counterfoil.links.models import (
    LinkSession,
    LinkSessionState,
    Revocation,
)
from counterfoil.links.sessions import CLAIM
from tests.fakes import TRANSIENT
from tests.links.attempts import (
    STILL_LISTED,
    begun,
    found_at_platypus,
    linked_at_platypus,
    require_ended_at_the_bank,
)
from tests.links.conftest import Shop

FOUND = found_at_platypus("1111")
NOTHING_SAVED = "You ended this sign-in. Nothing was saved."
OTHER_TAB = "a-key-of-another-tab"


async def finished(shop: Shop) -> LinkSession:
    """A session whose person has finished its page, and nobody has asked."""
    session = await begun(shop)
    shop.bank.answer("handle-1", FOUND)
    return session


class TestCancelled:
    async def test_it_is_ended_at_the_bank(self, shop: Shop) -> None:
        session = await finished(shop)
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert (after.state, after.problem) == (LinkSessionState.CANCELLED, NOTHING_SAVED)
        await require_ended_at_the_bank(shop)

    async def test_where_the_bank_does_not_tell_it_says_what_to_do(self, shop: Shop) -> None:
        session = await finished(shop)
        shop.bank.fail("finish_link", TRANSIENT)
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert after.state is LinkSessionState.CANCELLED
        assert after.problem == NOTHING_SAVED + STILL_LISTED
        assert await Revocation.all().count() == 0

    async def test_and_whoever_was_asking_ends_it_then(self, shop: Shop) -> None:
        session = await finished(shop)
        hold = shop.bank.hold("finish_link")
        advancing = asyncio.create_task(shop.linking.advance(shop.viewer, session.id))
        await hold.reached.wait()
        shop.bank.fail("finish_link", TRANSIENT)
        await shop.linking.cancel(shop.viewer, session.id)
        hold.release.set()
        assert (await advancing).state is LinkSessionState.CANCELLED
        await require_ended_at_the_bank(shop)

    async def test_whoever_was_asking_ends_it_no_second_time(self, shop: Shop) -> None:
        session = await finished(shop)
        hold = shop.bank.hold("finish_link")
        advancing = asyncio.create_task(shop.linking.advance(shop.viewer, session.id))
        await hold.reached.wait()
        await shop.linking.cancel(shop.viewer, session.id)
        hold.release.set()
        assert (await advancing).state is LinkSessionState.CANCELLED
        await require_ended_at_the_bank(shop)

    @pytest.mark.parametrize("mode", [LinkPurpose.REPAIR, LinkPurpose.ADD_ACCOUNTS])
    async def test_one_that_can_make_no_login_is_not_asked_about(
        self, shop: Shop, mode: LinkPurpose
    ) -> None:
        session = await begun(shop, mode=mode, link=await linked_at_platypus(shop, "1111"))
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert (after.state, after.problem) == (LinkSessionState.CANCELLED, NOTHING_SAVED)
        assert "finish_link" not in shop.bank.calls


async def test_past_its_time_and_the_bank_not_telling_it_says_what_to_do(shop: Shop) -> None:
    session = await finished(shop)
    shop.bank.fail("finish_link", TRANSIENT)
    shop.clock.advance(timedelta(minutes=31))
    after = await shop.linking.advance(shop.viewer, session.id)
    assert after.state is LinkSessionState.EXPIRED
    assert str(after.problem).endswith("Nothing was saved. Start again." + STILL_LISTED)


async def test_past_its_time_it_waits_for_the_one_that_is_made_beside_it(shop: Shop) -> None:
    first = await finished(shop)
    second = await begun(shop, key=OTHER_TAB)
    shop.bank.answer("handle-2", found_at_platypus("2222", handover="handover-2"))
    shop.clock.advance(timedelta(minutes=31))
    hold = shop.bank.hold("redeem")
    making = asyncio.create_task(shop.linking.advance(shop.viewer, first.id))
    await hold.reached.wait()
    waiting = await shop.linking.advance(shop.viewer, second.id)
    assert (waiting.state, waiting.redeeming_until) == (LinkSessionState.WAITING, None)
    hold.release.set()
    assert (await making).state is LinkSessionState.DONE
    shop.clock.advance(CLAIM)
    assert [each.id for each in await shop.sweeper.sessions_to_follow()] == [second.id]
    after = await shop.linking.advance(shop.viewer, second.id)
    assert after.state is LinkSessionState.DECIDING
