"""A login's health is asked while its grant is swapped: the answer is about the old one."""

from __future__ import annotations

import asyncio

import pytest

from counterfoil.aggregators.port import AggregatorError, ErrorKind
from counterfoil.links.guarding import Choice
from counterfoil.links.models import LinkSessionState, Refresh
from counterfoil.links.status import LinkStatusCode
from tests.fakes import refusal
from tests.links.attempts import answered, found_at_platypus, linked_at_platypus, signed_in
from tests.links.conftest import Shop, fresh


@pytest.mark.parametrize("said", [refusal(ErrorKind.LINK_GONE), None])
async def test_it_says_nothing_about_a_login_that_was_taken_over(
    shop: Shop, said: AggregatorError | None
) -> None:
    link = await linked_at_platypus(shop, "1111", status_code=LinkStatusCode.NEEDS_SIGN_IN)
    session = await signed_in(shop, found_at_platypus("1111"))
    hold = shop.bank.hold("health")
    asking = asyncio.create_task(shop.sweeper.check_health(link.id))
    await hold.reached.wait()
    after = await answered(shop, session, Choice.FIX, link)
    assert after.state is LinkSessionState.DONE
    shop.bank.open_account("new-1111", name="Account 1111", number="1111")
    await shop.work()
    before, pulls = await fresh(link), await Refresh.all().count()
    assert before.status_code is LinkStatusCode.OK
    shop.bank.health_error = said
    hold.release.set()
    await asking
    now = await fresh(link)
    assert (now.status_code, now.revision) == (LinkStatusCode.OK, before.revision)
    assert (now.next_update_at, now.next_health_at) == (before.next_update_at, None)
    assert await Refresh.all().count() == pulls
