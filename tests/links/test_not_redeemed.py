"""What a person signed in to, and nobody could redeem yet, when its session ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.aggregators.port import AggregatorError, ErrorKind, Left, Retry
from counterfoil.links.models import (
    LinkSession,
    LinkSessionState,
    Revocation,
)
from counterfoil.links.secrets import Redeemed, redeemed_text, seal
from counterfoil.links.sessions import CLAIM
from tests.factories import KEYRING
from tests.fakes import NOW, PLATYPUS, TRANSIENT, refusal
from tests.links.attempts import (
    STILL_LISTED,
    found_at_platypus,
    require_ended_at_the_bank,
    signed_in,
)
from tests.links.conftest import Shop

FOUND = found_at_platypus("1111")


async def found(shop: Shop, error: AggregatorError = TRANSIENT) -> LinkSession:
    """A session after its person signed in, and redeeming that failed."""
    shop.bank.fail("redeem", error)
    return await signed_in(shop, FOUND)


class TestCancelled:
    async def test_it_is_ended_at_the_bank(self, shop: Shop) -> None:
        session = await found(shop)
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert after.state is LinkSessionState.CANCELLED
        assert after.problem == "You ended this sign-in. Nothing was saved." + STILL_LISTED
        await require_ended_at_the_bank(shop)

    async def test_one_that_was_redeemed_after_all_is_let_go_of(self, shop: Shop) -> None:
        session = await found(shop)
        await shop.bank.redeem(FOUND.handover)  # what the answer would have told, that was lost
        await shop.linking.cancel(shop.viewer, session.id)
        await shop.work()
        assert (await Revocation.get()).outcome == "LOCAL_ONLY"
        assert "revoke" not in shop.bank.calls

    async def test_one_that_a_dead_process_redeemed_is_ended_by_its_grant_alone(
        self, shop: Shop
    ) -> None:
        session = await found(shop)
        text = redeemed_text(Redeemed(PLATYPUS, await shop.bank.redeem(FOUND.handover)))
        sealed = seal(KEYRING, session.organization_id, session.id, text)
        await LinkSession.filter(id=session.id).update(
            redeemed_encrypted=sealed, redeeming_until=NOW + CLAIM
        )
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert after.problem == "You ended this sign-in. Nothing was saved."
        shop.clock.advance(CLAIM + timedelta(seconds=1))
        await shop.linking.advance(shop.viewer, session.id)
        await shop.work()
        row = await Revocation.get()
        assert (row.reason, row.outcome) == ("session ended", "REMOTE")


class TestEndedOtherwise:
    async def test_past_its_time_it_is_ended_at_the_bank(self, shop: Shop) -> None:
        session = await found(shop)
        shop.bank.fail("redeem", TRANSIENT)
        shop.clock.advance(timedelta(minutes=31))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.EXPIRED
        assert str(after.problem).endswith("Nothing was saved. Start again." + STILL_LISTED)
        await require_ended_at_the_bank(shop)

    @pytest.mark.parametrize("said", ["Gone.", "x" * 500])
    async def test_however_much_a_page_that_is_over_says_what_to_do_is_said_too(
        self, shop: Shop, said: str
    ) -> None:
        session = await found(shop)
        shop.bank.answer("handle-1", Left("INVALID_LINK_TOKEN", said))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert str(after.problem).endswith(STILL_LISTED)
        assert len(str(after.problem)) <= 500
        await require_ended_at_the_bank(shop)

    async def test_refused_for_our_keys_it_is_ended_once_they_are_right(self, shop: Shop) -> None:
        wrong = refusal(ErrorKind.OUR_CONFIG, retry=Retry.NEVER, message="Wrong keys.")
        session = await found(shop, wrong)
        assert session.state is LinkSessionState.FAILED
        assert "Wrong keys." in str(session.problem)
        assert str(session.problem).endswith(STILL_LISTED)
        await require_ended_at_the_bank(shop)
