"""What the tick finds: due, stuck, dead, expired, owed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.aggregators.port import ErrorKind, GrantSecret, RevokeResult
from counterfoil.kit.crypto import bound_to
from counterfoil.kit.ids import new_id
from counterfoil.links.leases import LEASE
from counterfoil.links.models import (
    BankLink,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    RefreshTrigger,
    Revocation,
)
from counterfoil.links.revoking import REVOKE_LIMIT
from counterfoil.links.schedule import HEALTH_INTERVAL
from counterfoil.links.status import LinkStatusCode
from counterfoil.links.sweeping import POLL, TAKEOVERS
from tests.factories import KEYRING, make_link, make_refresh, make_session
from tests.fakes import NOW, TRANSIENT, refusal
from tests.links.conftest import INTERVAL, TICK, Shop, fresh, refresh_of

SECOND = timedelta(seconds=1)


def names(shop: Shop) -> list[str]:
    return [job.name for job in shop.queue.jobs]


class TestLinksThatAreDue:
    async def test_nothing_is_due(self, shop: Shop, link: BankLink) -> None:
        await BankLink.filter(id=link.id).update(next_update_at=NOW + SECOND)
        await shop.tick()
        assert shop.queue.jobs == []
        assert await Refresh.all().count() == 0

    async def test_a_link_is_pulled_when_its_next_update_says(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.pull(link)
        await shop.tick(after=INTERVAL - SECOND)
        assert shop.queue.jobs == []
        await shop.tick(after=SECOND)
        assert names(shop) == ["run_refresh"]
        await shop.work()
        newest = await Refresh.all().order_by("-id").first()
        assert newest is not None
        assert (newest.trigger, newest.state) == (RefreshTrigger.SCHEDULE, RefreshState.DONE)
        assert (await fresh(link)).next_update_at == NOW + 2 * INTERVAL

    async def test_one_that_is_under_way_is_not_asked_for_again(
        self, shop: Shop, link: BankLink
    ) -> None:
        await BankLink.filter(id=link.id).update(next_update_at=NOW)
        await shop.tick()
        await shop.tick(after=TICK / 2)
        assert len(shop.queue.jobs) == 1
        assert await Refresh.all().count() == 1


class TestRefreshesThatAreStuck:
    async def test_one_that_waits_no_longer_than_a_tick_is_left_alone(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.request(link)
        shop.queue.take()
        await shop.tick(after=TICK)
        assert shop.queue.jobs == []

    async def test_one_whose_job_was_lost_is_handed_out_again(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await shop.request(link)
        shop.queue.take()
        await shop.tick(after=TICK + SECOND)
        [job] = shop.queue.jobs
        assert job.key == f"refresh:{refresh.id}:1"
        await shop.work()
        after = await refresh_of(refresh.id)
        assert (after.state, after.generation, after.takeovers) == (RefreshState.DONE, 1, 0)

    async def test_it_then_has_two_ticks(self, shop: Shop, link: BankLink) -> None:
        await shop.request(link)
        shop.queue.take()
        await shop.tick(after=TICK + SECOND)
        shop.queue.take()
        await shop.tick(after=TICK)
        await shop.tick(after=TICK)
        assert shop.queue.jobs == []
        await shop.tick(after=SECOND)
        assert names(shop) == ["run_refresh"]

    async def test_however_long_the_queue_is_waiting_is_no_reason_to_give_up(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await shop.request(link)
        for _ in range(3 * TAKEOVERS):
            await shop.tick(after=3 * TICK)
        shop.queue.jobs = shop.queue.jobs[-1:]
        await shop.work()
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE


class TestWorkersThatDied:
    async def died(self, shop: Shop, link: BankLink, *, takeovers: int = 0) -> Refresh:
        """A refresh whose worker was heard of last at the present moment."""
        return await make_refresh(
            link,
            state=RefreshState.RUNNING,
            lease_until=shop.clock.now() + LEASE,
            takeovers=takeovers,
        )

    async def test_one_that_may_still_live_is_left_alone(self, shop: Shop, link: BankLink) -> None:
        refresh = await self.died(shop, link)
        await shop.tick(after=LEASE)
        assert (await refresh_of(refresh.id)).generation == 0
        assert shop.queue.jobs == []

    async def test_its_refresh_is_taken_over_within_two_ticks(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await self.died(shop, link)
        for _ in range(2):
            await shop.tick(after=TICK)
            await shop.work()
        after = await refresh_of(refresh.id)
        assert (after.state, after.generation, after.takeovers) == (RefreshState.DONE, 1, 1)

    async def test_two_sweeps_hand_it_out_once(self, shop: Shop, link: BankLink) -> None:
        refresh = await self.died(shop, link)
        shop.clock.advance(LEASE + SECOND)
        seen = await refresh_of(refresh.id)
        await shop.sweeper._hand_out(seen)
        await shop.sweeper._hand_out(seen)
        assert len(shop.queue.jobs) == 1
        assert (await refresh_of(refresh.id)).generation == 1

    async def test_the_fifth_takeover_is_tried(self, shop: Shop, link: BankLink) -> None:
        refresh = await self.died(shop, link, takeovers=TAKEOVERS - 1)
        await shop.tick(after=LEASE + SECOND)
        await shop.work()
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE

    async def test_after_five_takeovers_it_is_given_up_in_words(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await self.died(shop, link, takeovers=TAKEOVERS)
        await shop.tick(after=LEASE + SECOND)
        assert shop.queue.jobs == []
        after, link = await refresh_of(refresh.id), await fresh(link)
        assert (after.state, after.under_way) == (RefreshState.FAILED, None)
        assert link.status_code is LinkStatusCode.ERROR
        assert link.status_provider_message == "This pull was interrupted 6 times."
        assert link.next_update_at == shop.clock.now() + INTERVAL


class TestHealth:
    async def broken(self, link: BankLink) -> None:
        await BankLink.filter(id=link.id).update(
            status_code=LinkStatusCode.NEEDS_SIGN_IN, next_health_at=NOW, next_update_at=None
        )

    async def test_while_a_person_must_act_only_the_health_is_asked_for(
        self, shop: Shop, link: BankLink
    ) -> None:
        await self.broken(link)
        shop.bank.health_error = refusal(ErrorKind.BAD_CREDENTIALS)
        await shop.tick()
        await shop.work()
        assert shop.bank.calls == ["health"]
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.NEEDS_SIGN_IN
        assert (after.next_update_at, after.next_health_at) == (None, NOW + HEALTH_INTERVAL)
        await shop.tick(after=HEALTH_INTERVAL - SECOND)
        assert shop.queue.jobs == []

    async def test_a_repair_made_elsewhere_is_followed_by_a_pull(
        self, shop: Shop, link: BankLink
    ) -> None:
        await self.broken(link)
        await shop.tick()
        await shop.work()
        assert (await fresh(link)).status_code is LinkStatusCode.OK
        assert (await Refresh.get()).trigger is RefreshTrigger.REPAIR

    async def test_a_question_that_went_unanswered_changes_nothing(
        self, shop: Shop, link: BankLink
    ) -> None:
        await self.broken(link)
        shop.bank.fail("health", TRANSIENT)
        await shop.tick()
        await shop.work()
        after = await fresh(link)
        assert (after.status_code, after.next_update_at) == (LinkStatusCode.NEEDS_SIGN_IN, None)
        assert after.next_health_at == NOW + HEALTH_INTERVAL
        assert after.revision == link.revision

    async def test_another_fault_shows_as_another_status(self, shop: Shop, link: BankLink) -> None:
        await self.broken(link)
        shop.bank.fail("health", refusal(ErrorKind.LINK_GONE))
        await shop.tick()
        await shop.work()
        after = await fresh(link)
        assert (after.status_code, after.revision) == (LinkStatusCode.GONE, link.revision + 1)

    async def test_during_a_pull_its_end_decides(self, shop: Shop, link: BankLink) -> None:
        await make_refresh(link, state=RefreshState.RUNNING)
        shop.bank.health_error = refusal(ErrorKind.BAD_CREDENTIALS)
        await shop.sweeper.check_health(link.id)
        assert (await fresh(link)).status_code is LinkStatusCode.OK

    async def test_a_link_that_is_not_there(self, shop: Shop) -> None:
        await shop.sweeper.check_health(new_id())
        assert shop.bank.calls == []


class TestRevocations:
    async def owed(self, shop: Shop) -> Revocation:
        row_id = new_id()
        bound = bound_to(shop.organization.id, row_id)
        return await Revocation.create(
            id=row_id,
            organization_id=shop.organization.id,
            aggregator="plaid",
            secret_encrypted=KEYRING.encrypt("grant-9", associated=bound),
            reason="session ended",
            next_try_at=NOW,
            created_at=NOW,
        )

    async def test_one_is_tried_until_it_is_done(self, shop: Shop) -> None:
        revocation = await self.owed(shop)
        shop.bank.fail("revoke", TRANSIENT, refusal(ErrorKind.BANK_DOWN))
        for tries in (1, 2):
            await shop.tick()
            await shop.work()
            await revocation.refresh_from_db()
            assert (revocation.attempts, revocation.done_at) == (tries, None)
            assert revocation.secret_encrypted is not None
            assert revocation.next_try_at is not None
            await shop.tick()
            assert shop.queue.jobs == []
            shop.clock.moment = revocation.next_try_at
        await shop.tick()
        await shop.work()
        await revocation.refresh_from_db()
        assert (revocation.outcome, revocation.done_at) == ("REMOTE", shop.clock.now())
        assert not revocation.secret_encrypted
        assert not revocation.next_try_at

    async def test_one_whose_worker_died_is_handed_out_again_and_found_gone(
        self, shop: Shop
    ) -> None:
        revocation = await self.owed(shop)
        await shop.tick()
        first = shop.queue.take()
        await shop.bank.revoke(GrantSecret("grant-9"))  # and here the worker dies
        await shop.tick(after=REVOKE_LIMIT)
        again = shop.queue.jobs
        assert [job.arguments for job in again] == [job.arguments for job in first]
        assert again[0].key != first[0].key
        await shop.work()
        await revocation.refresh_from_db()
        assert revocation.outcome == RevokeResult.ALREADY_GONE

    async def test_one_that_is_done_is_not_done_again(self, shop: Shop) -> None:
        revocation = await self.owed(shop)
        await shop.sweeper.revoke(revocation.id)
        await shop.sweeper.revoke(revocation.id)
        assert shop.bank.calls == ["revoke"]


class TestSessions:
    async def test_one_whose_page_never_opened_expires(self, shop: Shop) -> None:
        session = await make_session(
            shop.viewer, state=LinkSessionState.STARTED, expires_at=NOW + SECOND
        )
        await shop.tick()
        assert (await LinkSession.get(id=session.id)).state is LinkSessionState.STARTED
        await shop.tick(after=SECOND)
        after = await LinkSession.get(id=session.id)
        assert after.state is LinkSessionState.EXPIRED
        assert "Start again" in str(after.problem)

    async def test_open_ones_are_followed_when_nobody_asked_for_a_while(self, shop: Shop) -> None:
        new = await make_session(shop.viewer)
        await make_session(shop.viewer, polled_at=NOW)
        await make_session(shop.viewer, state=LinkSessionState.DONE)
        assert [row.id for row in await shop.sweeper.sessions_to_follow()] == [new.id]
        shop.clock.advance(POLL + SECOND)
        assert len(await shop.sweeper.sessions_to_follow()) == 2


class TestManyLinks:
    @pytest.mark.parametrize("count", [12])
    async def test_each_that_is_due_is_pulled_once(self, shop: Shop, count: int) -> None:
        shop.bank.open_account()
        for _ in range(count):
            await make_link(shop.organization, next_update_at=NOW)
        await shop.tick()
        await shop.tick()
        assert names(shop) == ["run_refresh"] * count
        assert await Refresh.all().count() == count
