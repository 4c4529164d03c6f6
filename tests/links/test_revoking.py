"""A login that nobody wants is ended at the bank, whoever runs beside, and whatever fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import pytest

from counterfoil.aggregators.port import ErrorKind, GrantSecret, NewLink
from counterfoil.kit.crypto import bound_to
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute
from counterfoil.links.models import Revocation
from counterfoil.links.outbox import revoke
from counterfoil.links.redeeming import KEEP_TRIES
from counterfoil.links.revoking import REVOKE_LIMIT
from counterfoil.links.schedule import LONGEST_PAUSE
from counterfoil.links.secrets import found_text, seal
from counterfoil.links.sweeping import Sweeper
from tests.factories import KEYRING
from tests.fakes import NOW, TRANSIENT, FakeAggregator, Hold, refusal
from tests.links.attempts import found_at_platypus
from tests.links.conftest import TICK, Shop

FOUND = found_at_platypus("1111")
LOST = "a sign-in that nobody wants was not redeemed"


async def signed_in_and_not_wanted(shop: Shop) -> Revocation:
    """What a person signed in to, put into the outbox at this moment."""
    shop.bank.answer("handle-1", FOUND)
    row_id = new_id()
    sealed = seal(KEYRING, shop.organization.id, row_id, found_text(FOUND))
    async with shop.transactions.begin(shop.organization.id) as uow:
        await revoke(uow, "plaid", sealed, row_id, reason="not wanted", unredeemed=True)
    return await Revocation.get(id=row_id)


async def as_stored(row: Revocation) -> Revocation:
    return await Revocation.get(id=row.id)


async def in_the_end(shop: Shop, row: Revocation) -> Revocation:
    """The row once the ticks have nothing more to do for it."""
    for _ in range(3):
        await shop.tick(after=LONGEST_PAUSE)
        await shop.work()
    return await as_stored(row)


async def require_ended(shop: Shop, row: Revocation) -> None:
    """The login is ended at the bank, and its secret destroyed."""
    after = await in_the_end(shop, row)
    assert (after.outcome, after.done_at is not None) == ("REMOTE", True)
    assert not after.secret_encrypted
    assert not after.next_try_at
    assert shop.bank._revoked == {"grant-of-handover-1"}


class TestTwoRuns:
    async def test_a_second_one_beside_the_first_does_nothing(self, shop: Shop) -> None:
        row = await signed_in_and_not_wanted(shop)
        first_call, second_call = shop.bank.hold("redeem"), shop.bank.hold("redeem")
        shop.bank.fail("revoke", TRANSIENT)
        first = asyncio.create_task(shop.sweeper.revoke(row.id))
        await first_call.reached.wait()
        second = asyncio.create_task(shop.sweeper.revoke(row.id))
        await either(second, second_call)
        first_call.release.set()
        await first
        second_call.release.set()
        await second
        assert shop.bank.calls == ["redeem", "revoke"]
        await require_ended(shop, row)

    async def test_a_tick_right_after_the_commit_is_no_second_try(self, shop: Shop) -> None:
        row = await signed_in_and_not_wanted(shop)
        shop.bank.fail("revoke", TRANSIENT)
        await shop.tick()
        assert len({job.key for job in shop.queue.jobs}) == 2
        await shop.work()
        assert shop.bank.calls == ["redeem", "revoke"]
        assert (await as_stored(row)).attempts == 1
        await require_ended(shop, row)

    async def test_one_that_waits_in_the_queue_is_not_handed_out_at_every_tick(
        self, shop: Shop
    ) -> None:
        await signed_in_and_not_wanted(shop)
        shop.queue.take()
        await shop.tick()
        await shop.tick(after=TICK)
        await shop.tick(after=REVOKE_LIMIT)
        one, same, other = (job.key for job in shop.queue.jobs)
        assert one == same
        assert other != one

    async def test_one_that_outlasts_its_time_keeps_what_it_redeemed(self, shop: Shop) -> None:
        row = await signed_in_and_not_wanted(shop)
        first_call, second_call = shop.bank.hold("redeem"), shop.bank.hold("redeem")
        shop.bank.fail("revoke", TRANSIENT)
        first = asyncio.create_task(shop.sweeper.revoke(row.id))
        await first_call.reached.wait()
        shop.clock.advance(REVOKE_LIMIT)
        second = asyncio.create_task(shop.sweeper.revoke(row.id))
        await second_call.reached.wait()
        first_call.release.set()
        await first
        second_call.release.set()
        await second
        assert shop.bank.calls == ["redeem", "redeem", "revoke"]
        assert (await as_stored(row)).done_at is None
        await require_ended(shop, row)

    async def test_one_that_hears_late_that_it_redeemed_stores_it_over_the_refusal(
        self, shop: Shop
    ) -> None:
        bank = SlowBank()
        slow = replace(shop, bank=bank, sweeper=replace(shop.sweeper, aggregators={"plaid": bank}))
        row = await signed_in_and_not_wanted(slow)
        bank.fail("revoke", TRANSIENT)
        answer = bank.answer_late()
        first = asyncio.create_task(slow.sweeper.revoke(row.id))
        await answer.reached.wait()
        shop.clock.advance(REVOKE_LIMIT)
        await slow.sweeper.revoke(row.id)
        assert (await as_stored(row)).outcome == "LOCAL_ONLY"
        answer.release.set()
        await first
        after = await as_stored(row)
        assert (after.done_at, after.outcome, after.unredeemed) == (None, None, False)
        bound = bound_to(shop.organization.id, row.id)
        stored = KEYRING.decrypt(str(after.secret_encrypted), associated=bound)
        assert stored == "grant-of-handover-1"
        await require_ended(slow, row)


class SlowBank(FakeAggregator):
    """A bank that can redeem at once, and answer much later."""

    def __init__(self) -> None:
        super().__init__()
        self._late: Hold | None = None

    def answer_late(self) -> Hold:
        """Keep the next answer to a redeeming back until released."""
        self._late = Hold()
        return self._late

    async def redeem(self, handover: GrantSecret) -> NewLink:
        new = await super().redeem(handover)
        late, self._late = self._late, None
        if late is not None:
            late.reached.set()
            await late.release.wait()
        return new


async def either(task: asyncio.Task[None], hold: Hold) -> None:
    """Wait until a task is done, or is held."""
    reached = asyncio.create_task(hold.reached.wait())
    await asyncio.wait({task, reached}, return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()


class TestNotRedeemed:
    async def test_a_handover_that_is_over_is_let_go_of_and_logged(
        self, shop: Shop, caplog: pytest.LogCaptureFixture
    ) -> None:
        row = await signed_in_and_not_wanted(shop)
        shop.bank.fail("redeem", refusal(ErrorKind.LINK_GONE, code="INVALID_PUBLIC_TOKEN"))
        await shop.sweeper.revoke(row.id)
        after = await as_stored(row)
        assert (after.outcome, after.done_at) == ("LOCAL_ONLY", NOW)
        assert not after.secret_encrypted
        [told] = [record for record in caplog.records if LOST in record.getMessage()]
        assert str(row.id) in told.getMessage()
        assert "INVALID_PUBLIC_TOKEN" in told.getMessage()
        assert "handover-1" not in told.getMessage()

    @pytest.mark.parametrize("error", [TRANSIENT, refusal(ErrorKind.OUR_CONFIG)])
    async def test_a_fault_on_our_side_is_no_reason_to_let_go_of_it(
        self, shop: Shop, error: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        row = await signed_in_and_not_wanted(shop)
        shop.bank.fail("redeem", error)
        await shop.sweeper.revoke(row.id)
        after = await as_stored(row)
        assert (after.unredeemed, after.done_at, after.attempts) == (True, None, 1)
        assert after.secret_encrypted == row.secret_encrypted
        assert LOST not in caplog.text
        await require_ended(shop, row)


@dataclass
class AbsentTable:
    """The outbox is away from the moment when a login is redeemed; `pauses` later it is back."""

    shop: Shop
    pauses: int

    async def take(self) -> None:
        await execute('ALTER TABLE "revocation" RENAME TO "revocation_away"')

    async def __call__(self, seconds: float) -> None:
        self.pauses -= 1
        if self.pauses == 0:
            await self.give_back()

    async def give_back(self) -> None:
        await execute('ALTER TABLE "revocation_away" RENAME TO "revocation"')

    def sweeper(self) -> Sweeper:
        return replace(self.shop.sweeper, pause=self)


class TestTheDatabaseIsAway:
    async def test_what_was_redeemed_is_stored_once_it_is_back(self, shop: Shop) -> None:
        row = await signed_in_and_not_wanted(shop)
        away = AbsentTable(shop, pauses=KEEP_TRIES - 1)
        shop.bank.fail("revoke", TRANSIENT)
        await self.revoke(shop, row, away)
        after = await as_stored(row)
        assert (after.unredeemed, after.done_at) == (False, None)
        await require_ended(shop, row)

    async def test_what_cannot_be_stored_is_ended_all_the_same(self, shop: Shop) -> None:
        row = await signed_in_and_not_wanted(shop)
        away = AbsentTable(shop, pauses=KEEP_TRIES)
        ending = shop.bank.hold("revoke")
        revoking = asyncio.create_task(self.revoke(shop, row, away))
        await ending.reached.wait()
        await away.give_back()
        ending.release.set()
        await revoking
        await require_ended(shop, row)

    @staticmethod
    async def revoke(shop: Shop, row: Revocation, away: AbsentTable) -> None:
        """A run during which the table goes away, while the bank redeems."""
        hold = shop.bank.hold("redeem")
        revoking = asyncio.create_task(away.sweeper().revoke(row.id))
        await hold.reached.wait()
        await away.take()
        hold.release.set()
        await revoking
