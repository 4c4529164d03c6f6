"""A process dies with a redeemed login on its session: other tabs wait for that login too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.links.deciding import AnotherIsMade
from counterfoil.links.guarding import Choice
from counterfoil.links.models import BankLink, LinkSession, LinkSessionState
from counterfoil.links.secrets import Redeemed, redeemed_text, seal
from counterfoil.links.sessions import CLAIM
from tests.factories import KEYRING
from tests.fakes import TRANSIENT
from tests.links.attempts import answered, found_at_platypus, linked_at_platypus, signed_in
from tests.links.conftest import Shop

FOUND = found_at_platypus("1111")
AGAIN = found_at_platypus("1111", handover="handover-2")
OTHER_TAB = "a-key-of-another-tab"


async def redeemed_and_died(shop: Shop, session: LinkSession) -> None:
    """Its process stored what it had redeemed and died, longer ago than its claim holds."""
    text = redeemed_text(Redeemed(FOUND.institution, await shop.bank.redeem(FOUND.handover)))
    sealed = seal(KEYRING, session.organization_id, session.id, text)
    await LinkSession.filter(id=session.id).update(
        redeemed_encrypted=sealed, redeeming_until=shop.clock.now() + CLAIM
    )
    shop.clock.advance(CLAIM + timedelta(seconds=1))


async def test_who_signed_in_beside_it_waits_and_is_asked_once_it_is_made(shop: Shop) -> None:
    shop.bank.fail("redeem", TRANSIENT)
    first = await signed_in(shop, FOUND)
    await redeemed_and_died(shop, first)
    second = await signed_in(shop, AGAIN, key=OTHER_TAB)
    assert (second.state, second.found_encrypted) == (LinkSessionState.WAITING, None)
    assert await BankLink.all().count() == 0
    first = await shop.linking.advance(shop.viewer, first.id)
    second = await shop.linking.advance(shop.viewer, second.id)
    assert (first.state, second.state) == (LinkSessionState.DONE, LinkSessionState.DECIDING)
    [asked] = (second.question or {})["logins"]
    assert asked["bank_link_id"] == str(first.bank_link_id)


async def test_who_says_another_beside_it_is_told_to_wait_and_asked_about_it(shop: Shop) -> None:
    await linked_at_platypus(shop, "1111")
    first = await signed_in(shop, FOUND)
    second = await signed_in(shop, AGAIN, key=OTHER_TAB)
    await redeemed_and_died(shop, first)
    with pytest.raises(AnotherIsMade):
        await answered(shop, second, Choice.ANOTHER)
    assert await BankLink.all().count() == 1
    await shop.linking.advance(shop.viewer, first.id)
    second = await answered(shop, second, Choice.ANOTHER)
    assert second.state is LinkSessionState.DECIDING
    assert len((second.question or {})["logins"]) == 2


async def test_nobody_waits_for_one_whose_session_was_cancelled(shop: Shop) -> None:
    shop.bank.fail("redeem", TRANSIENT)
    first = await signed_in(shop, FOUND)
    await redeemed_and_died(shop, first)
    await shop.linking.cancel(shop.viewer, first.id)
    second = await signed_in(shop, AGAIN, key=OTHER_TAB)
    assert second.state is LinkSessionState.DONE
