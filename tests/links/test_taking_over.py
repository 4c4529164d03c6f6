"""A login's grant is swapped for that of a new sign-in: one sign-in, one login, nothing doubled."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import ErrorKind, LinkPurpose
from counterfoil.audit.models import AuditEvent
from counterfoil.links import leases
from counterfoil.links.ending import end_login
from counterfoil.links.guarding import Choice
from counterfoil.links.leases import LeaseLost
from counterfoil.links.models import (
    BankLink,
    Grant,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    RefreshTrigger,
    Revocation,
    StagedPage,
)
from counterfoil.links.operations import locked
from counterfoil.links.secrets import Redeemed, TakeOver, redeemed_text, seal
from counterfoil.links.sessions import CLAIM
from counterfoil.links.status import LinkStatusCode
from counterfoil.transactions.models import BankTransaction
from tests.factories import KEYRING, make_account
from tests.fakes import NOW, line, line_with, refusal
from tests.links.attempts import (
    answered,
    found_at_platypus,
    linked_at_platypus,
    secret_of,
    signed_in,
)
from tests.links.conftest import Shop, fresh, stored

FOUND = found_at_platypus("1111")


async def redeemed_and_died(shop: Shop, link: BankLink) -> LinkSession:
    """A session whose process died after it had stored the redeemed login, before the swap."""
    session = await signed_in(shop, FOUND)
    new = await shop.bank.redeem(FOUND.handover)
    text = redeemed_text(Redeemed(FOUND.institution, new, TakeOver(link.id, FOUND.accounts)))
    await LinkSession.filter(id=session.id).update(
        redeemed_encrypted=seal(KEYRING, session.organization_id, session.id, text),
        redeeming_until=NOW + CLAIM,
    )
    return session


@pytest.mark.parametrize("choice", [Choice.FIX, Choice.ADD_ACCOUNTS])
async def test_the_login_stays_with_its_accounts_and_gets_the_new_grant(
    shop: Shop, choice: Choice
) -> None:
    link = await linked_at_platypus(
        shop,
        "1111",
        cursor="7",
        failures=3,
        status_code=LinkStatusCode.NEEDS_SIGN_IN,
        status_provider_code="ITEM_LOGIN_REQUIRED",
        next_health_at=NOW + timedelta(hours=1),
    )
    after = await answered(shop, await signed_in(shop, FOUND), choice, link)
    assert (after.state, after.bank_link_id) == (LinkSessionState.DONE, link.id)
    swapped = await BankLink.get()
    assert (swapped.id, swapped.aggregator_id) == (link.id, "item-of-handover-1")
    assert not swapped.cursor
    assert (swapped.failures, swapped.next_health_at) == (0, None)
    assert swapped.status_code is LinkStatusCode.LINKING
    assert swapped.status_provider_code is None
    assert swapped.revision > link.revision
    assert await secret_of(swapped) == "grant-of-handover-1"
    assert (await BankAccount.get()).bank_link_id == link.id
    refresh = await Refresh.get()
    adding = choice is Choice.ADD_ACCOUNTS
    trigger = RefreshTrigger.ADDED if adding else RefreshTrigger.REPAIR
    assert (refresh.state, refresh.trigger) == (RefreshState.QUEUED, trigger)
    assert len(shop.bank.link_requests) == 1


async def test_the_old_login_is_ended_at_the_aggregator_and_its_secret_destroyed(
    shop: Shop,
) -> None:
    link = await linked_at_platypus(shop, "1111")
    await answered(shop, await signed_in(shop, FOUND), Choice.FIX, link)
    revocation = await Revocation.get()
    assert (revocation.id, revocation.reason) == (link.grant_id, "taken over")
    assert [grant.id for grant in await Grant.exclude(secret_encrypted="")] == [
        (await fresh(link)).grant_id
    ]
    await shop.sweeper.revoke(revocation.id)
    await revocation.refresh_from_db()
    assert revocation.outcome == "REMOTE"
    assert not revocation.secret_encrypted


async def test_a_crash_before_the_old_one_is_ended_loses_nothing(shop: Shop) -> None:
    link = await linked_at_platypus(shop, "1111")
    await answered(shop, await signed_in(shop, FOUND), Choice.FIX, link)
    shop.queue.take()  # the jobs die with the process
    await shop.tick(after=timedelta(seconds=1))
    assert "revoke" in [job.name for job in shop.queue.take()]
    await shop.sweeper.revoke((await Revocation.get()).id)
    assert (await Revocation.get()).outcome == "REMOTE"
    assert await secret_of(link) == "grant-of-handover-1"


@pytest.mark.parametrize("later", [{}, {"deleted_at": NOW, "wanted_at": NOW}])
async def test_one_that_got_an_account_since_the_question_is_fixed_at_its_own_page(
    shop: Shop, later: dict[str, object]
) -> None:
    link = await linked_at_platypus(shop, "1111")
    session = await signed_in(shop, FOUND)
    await make_account(link, number="2222", bank_name="Account 2222", **later)
    after = await answered(shop, session, Choice.FIX, link)
    assert (after.state, after.mode) == (LinkSessionState.WAITING, LinkPurpose.REPAIR)
    assert "redeem" not in shop.bank.calls
    assert await secret_of(link) == "grant-1"
    assert [row.reason for row in await Revocation.all()] == ["not wanted"]


async def test_one_that_gets_an_account_while_it_is_redeemed_stays_and_the_new_one_is_ended(
    shop: Shop,
) -> None:
    link = await linked_at_platypus(shop, "1111")
    session = await signed_in(shop, FOUND)
    hold = shop.bank.hold("redeem")
    answering = asyncio.create_task(answered(shop, session, Choice.FIX, link))
    await hold.reached.wait()
    await make_account(link, number="2222", bank_name="Account 2222")
    hold.release.set()
    after = await answering
    assert after.state is LinkSessionState.FAILED
    assert "got more accounts in the meantime" in str(after.problem)
    assert await secret_of(link) == "grant-1"
    assert (await Revocation.get()).reason == "its login has more accounts"
    assert await Refresh.all().count() == 0


async def test_the_pull_under_way_ends_and_its_late_page_is_refused(shop: Shop) -> None:
    link = await linked_at_platypus(shop, "1111")
    session = await signed_in(shop, FOUND)
    running = await shop.request(link)
    async with shop.transactions.begin(shop.organization.id) as uow:
        lease = await leases.take(uow, running.id, running.generation)
    assert lease is not None
    await StagedPage.create(
        refresh_id=running.id, number=1, next_cursor="1", has_more=True, content="{}"
    )
    await answered(shop, session, Choice.FIX, link)
    ended = await Refresh.get(id=running.id)
    assert (ended.state, ended.under_way) == (RefreshState.FAILED, None)
    assert await StagedPage.all().count() == 0
    with pytest.raises(LeaseLost):
        async with shop.transactions.begin(shop.organization.id) as uow:
            await leases.hold(uow, lease)
    assert (await Refresh.get(under_way=link.id)).trigger is RefreshTrigger.REPAIR


async def test_a_login_that_the_aggregator_no_longer_knows_is_taken_over_in_any_case(
    shop: Shop,
) -> None:
    link = await linked_at_platypus(shop, "1111", "2222")
    session = await signed_in(shop, FOUND)
    shop.bank.fail("begin_link", refusal(ErrorKind.LINK_GONE, code="ITEM_NOT_FOUND"))
    after = await answered(shop, session, Choice.FIX, link)
    assert (after.state, after.bank_link_id) == (LinkSessionState.DONE, link.id)
    assert await secret_of(link) == "grant-of-handover-1"


async def test_it_is_written_down_who_did_it(shop: Shop) -> None:
    link = await linked_at_platypus(shop, "1111")
    await answered(shop, await signed_in(shop, FOUND), Choice.FIX, link)
    event = await AuditEvent.get(action="answerLinkStep")
    assert event.user_id == shop.viewer.user_id
    assert event.after == {
        "state": "DONE",
        "mode": "ADD",
        "bank_link_id": str(link.id),
        "took_over": True,
    }


async def test_what_a_dead_process_had_redeemed_is_swapped_in_by_the_next_one(
    shop: Shop,
) -> None:
    link = await linked_at_platypus(shop, "1111")
    session = await redeemed_and_died(shop, link)
    shop.clock.advance(CLAIM + timedelta(seconds=1))
    assert [each.id for each in await shop.sweeper.sessions_to_follow()] == [session.id]
    answers = [shop.linking.advance(shop.viewer, session.id) for _ in range(3)]
    await asyncio.gather(*answers)
    after = await LinkSession.get(id=session.id)
    assert (after.state, after.bank_link_id) == (LinkSessionState.DONE, link.id)
    assert await secret_of(link) == "grant-of-handover-1"
    assert await Revocation.all().count() == 1
    assert await shop.sweeper.sessions_to_follow() == []


async def test_what_was_redeemed_in_time_is_swapped_in_although_the_question_is_over(
    shop: Shop,
) -> None:
    link = await linked_at_platypus(shop, "1111")
    session = await redeemed_and_died(shop, link)
    await shop.tick(after=timedelta(hours=1))
    await shop.linking.advance(shop.viewer, session.id)
    assert (await LinkSession.get(id=session.id)).state is LinkSessionState.DONE
    assert await secret_of(link) == "grant-of-handover-1"


async def test_a_login_deleted_meanwhile_stays_deleted_and_the_new_one_is_ended(
    shop: Shop,
) -> None:
    link = await linked_at_platypus(shop, "1111")
    session = await signed_in(shop, FOUND)
    hold = shop.bank.hold("redeem")
    answering = asyncio.create_task(answered(shop, session, Choice.FIX, link))
    await hold.reached.wait()
    async with shop.transactions.begin(shop.organization.id) as uow:
        await end_login(uow, await locked(shop.viewer, link.id), reason="deleted")
    hold.release.set()
    after = await answering
    assert after.state is LinkSessionState.FAILED
    assert "was deleted in the meantime" in str(after.problem)
    assert (await fresh(link)).ended_at == NOW
    assert await Refresh.all().count() == 0
    reasons = [each.reason for each in await Revocation.all().order_by("reason")]
    assert reasons == ["deleted", "its login was deleted"]


async def test_under_entirely_new_ids_the_next_pull_brings_nothing_double(shop: Shop) -> None:
    shop.bank.open_account("old-1", name="Account 1111", number="1111")
    shop.bank.report(line("old-line-1", account_id="old-1"), line("old-line-2", account_id="old-1"))
    link = await linked_at_platypus(shop)
    await shop.pull(link, RefreshTrigger.FIRST_PULL)
    before = await BankAccount.get()
    session = await signed_in(shop, FOUND)
    shop.bank.accounts.clear()
    shop.bank.history.clear()
    shop.bank.open_account("new-1111", name="Account 1111", number="1111")
    for number in (1, 2):
        told = line(f"new-line-{number}", account_id="new-1111")
        shop.bank.report(line_with(told, description=f"Line old-line-{number}"))
    await answered(shop, session, Choice.FIX, link)
    await shop.work()
    account = await BankAccount.get()
    assert (account.id, account.aggregator_id) == (before.id, "new-1111")
    assert sorted(await stored(link)) == ["new-line-1", "new-line-2"]
    assert await BankTransaction.filter(removed_at=None).count() == 2
    assert (await fresh(link)).status_code is LinkStatusCode.OK
    assert (await Revocation.get()).outcome == "REMOTE"
