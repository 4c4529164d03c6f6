"""Link sessions: from the button to a login, and every way not to get there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.expressions import Q

from counterfoil.aggregators.port import (
    AccountType,
    ErrorKind,
    Found,
    FoundAccount,
    GrantSecret,
    Left,
    LinkPurpose,
    Repaired,
    Retry,
)
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.crypto import bound_to
from counterfoil.kit.ids import new_id
from counterfoil.links.finishing import LinkSessionEnded
from counterfoil.links.models import (
    BankLink,
    Grant,
    Institution,
    LinkClient,
    LinkSession,
    LinkSessionState,
    Refresh,
    RefreshState,
    RefreshTrigger,
    Revocation,
)
from counterfoil.links.opening import (
    AggregatorNotSetUp,
    AggregatorRefused,
    AggregatorUnavailable,
    handle_hash,
)
from counterfoil.links.secrets import Redeemed, redeemed_text, seal
from counterfoil.links.sessions import CLAIM, claim
from counterfoil.links.status import LinkStatusCode
from counterfoil.unit_of_work import (
    Change,
    ChangeKind,
    IdempotencyKey,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InProgress,
)
from counterfoil.viewer import Forbidden, Right
from tests.factories import (
    KEYRING,
    make_institution,
    make_link,
    make_organization,
    make_session,
    make_viewer,
)
from tests.fakes import NOW, PLATYPUS, TRANSIENT, refusal
from tests.links.conftest import Shop, fresh

KEY = "a-key-of-the-page"
FOUND = Found(
    PLATYPUS,
    [FoundAccount("checking", "Checking", "0000", AccountType.BANK)],
    GrantSecret("handover-1"),
)


async def start(shop: Shop, **values: Any) -> tuple[LinkSession, bool]:
    asked: dict[str, Any] = {
        "mode": LinkPurpose.ADD,
        "client": LinkClient.WEB,
        "return_url": None,
        "institution_id": None,
        "bank_link_id": None,
        "idempotency_key": KEY,
    }
    viewer = values.pop("viewer", shop.viewer)
    return await shop.linking.start(viewer, **{**asked, **values})


async def session_of(session_id: UUID) -> LinkSession:
    return await LinkSession.get(id=session_id)


async def nothing_made() -> bool:
    """Whether there is no login, no secret and no pull."""
    counts = [await model.all().count() for model in (BankLink, Grant, Refresh)]
    return counts == [0, 0, 0]


class TestStart:
    async def test_without_the_right_it_is_forbidden_and_nothing_begins(self, shop: Shop) -> None:
        reader = await make_viewer(shop.organization, {Right.READ})
        with pytest.raises(Forbidden, match="“banks”"):
            await start(shop, viewer=reader)
        assert await LinkSession.all().count() == 0
        assert await IdempotencyKey.all().count() == 0
        assert shop.bank.calls == []

    async def test_it_opens_the_aggregators_page_and_waits(self, shop: Shop) -> None:
        session, replayed = await start(shop)
        assert not replayed
        assert session.state is LinkSessionState.WAITING
        assert session.open_url == "https://bank.example/handle-1"
        assert session.expires_at == NOW + timedelta(minutes=30)
        [request] = shop.bank.link_requests
        assert request.purpose is LinkPurpose.ADD
        assert request.client_user_id == str(shop.viewer.user_id)
        assert request.return_url == (
            f"https://books.example/banks/add/return?session={session.id}"
        )

    async def test_the_handle_is_not_readable_in_the_table(self, shop: Shop) -> None:
        session, _ = await start(shop)
        stored = await session_of(session.id)
        assert "handle-1" not in str(stored.handle_encrypted)
        bound = bound_to(shop.organization.id, session.id)
        assert KEYRING.decrypt(str(stored.handle_encrypted), associated=bound) == "handle-1"
        assert stored.handle_hash == handle_hash(GrantSecret("handle-1"))

    async def test_the_same_key_again_is_the_same_session(self, shop: Shop) -> None:
        first, _ = await start(shop)
        again, replayed = await start(shop)
        assert (again.id, replayed) == (first.id, True)
        assert again.open_url == first.open_url
        assert len(shop.bank.link_requests) == 1

    async def test_the_key_of_another_person_is_another_key(self, shop: Shop) -> None:
        first, _ = await start(shop)
        colleague = await make_viewer(shop.organization)
        other, replayed = await start(shop, viewer=colleague)
        assert (other.id != first.id, replayed) == (True, False)

    async def test_the_same_key_with_another_request_is_refused(self, shop: Shop) -> None:
        await start(shop)
        with pytest.raises(IdempotencyKeyReused):
            await start(shop, client=LinkClient.MOBILE_APP)
        assert await LinkSession.all().count() == 1

    @pytest.mark.parametrize("key", ["short", "k" * 129, "with\nbreak", "ünprintable"])
    async def test_a_key_that_is_no_key_is_refused(self, shop: Shop, key: str) -> None:
        with pytest.raises(IdempotencyKeyInvalid):
            await start(shop, idempotency_key=key)
        assert await LinkSession.all().count() == 0

    async def test_while_the_first_call_opens_its_page_a_second_is_told_so(
        self, shop: Shop
    ) -> None:
        hold = shop.bank.hold("begin_link")
        first = asyncio.create_task(start(shop))
        await hold.reached.wait()
        with pytest.raises(InProgress) as told:
            await start(shop)
        assert told.value.retryable
        hold.release.set()
        session, _ = await first
        assert (await start(shop))[0].id == session.id

    async def test_an_aggregator_that_does_not_answer_leaves_nothing_behind(
        self, shop: Shop
    ) -> None:
        busy = refusal(ErrorKind.TRANSIENT, retry=Retry.SOON, message="Back soon.")
        shop.bank.fail("begin_link", busy)
        with pytest.raises(AggregatorUnavailable, match="Back soon") as refused:
            await start(shop)
        assert refused.value.retryable
        assert await LinkSession.all().count() == 0
        assert await IdempotencyKey.all().count() == 0
        gone = await Change.all().order_by("-position").first()
        assert gone is not None
        assert gone.kind is ChangeKind.GONE
        assert (await start(shop))[0].state is LinkSessionState.WAITING

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            (ErrorKind.OUR_CONFIG, AggregatorNotSetUp),
            (ErrorKind.LINK_GONE, AggregatorRefused),
        ],
    )
    async def test_a_refusal_for_good_is_not_to_be_tried_again(
        self, shop: Shop, kind: ErrorKind, error: type[CounterfoilError]
    ) -> None:
        shop.bank.fail("begin_link", refusal(kind))
        with pytest.raises(error) as refused:
            await start(shop)
        assert not refused.value.retryable
        assert await LinkSession.all().count() == 0

    async def test_one_that_was_cancelled_while_its_page_opened_stays_cancelled(
        self, shop: Shop
    ) -> None:
        hold = shop.bank.hold("begin_link")
        starting = asyncio.create_task(start(shop))
        await hold.reached.wait()
        opening = await LinkSession.get(state=LinkSessionState.STARTED)
        await shop.linking.cancel(shop.viewer, opening.id)
        hold.release.set()
        session, _ = await starting
        assert session.state is LinkSessionState.CANCELLED
        assert (await session_of(session.id)).open_url is None

    async def test_an_institution_that_is_not_there(self, shop: Shop) -> None:
        with pytest.raises(NotFound) as refused:
            await start(shop, institution_id=new_id())
        assert refused.value.field == ("institution_id",)
        known = await make_institution()
        assert (await start(shop, institution_id=known.id))[0].institution_id == known.id

    async def test_a_repair_needs_its_login_and_an_addition_none(
        self, shop: Shop, link: BankLink
    ) -> None:
        for mode, bank_link_id in ((LinkPurpose.REPAIR, None), (LinkPurpose.ADD, link.id)):
            with pytest.raises(InvalidInput) as refused:
                await start(shop, mode=mode, bank_link_id=bank_link_id)
            assert refused.value.field == ("bank_link_id",)
        assert await LinkSession.all().count() == 0

    async def test_a_repair_of_another_organizations_login_is_not_found(self, shop: Shop) -> None:
        theirs = await make_link(await make_organization())
        with pytest.raises(NotFound):
            await start(shop, mode=LinkPurpose.REPAIR, bank_link_id=theirs.id)
        assert await LinkSession.all().count() == 0
        assert await IdempotencyKey.all().count() == 0

    async def test_a_repair_hands_the_logins_secret_over(self, shop: Shop, link: BankLink) -> None:
        await start(shop, mode=LinkPurpose.REPAIR, bank_link_id=link.id)
        [request] = shop.bank.link_requests
        assert request.grant == GrantSecret("grant-1")


class TestReturnAddress:
    @pytest.mark.parametrize(
        ("wanted", "client", "kept"),
        [
            ("/banks", LinkClient.WEB, "https://books.example/banks"),
            ("https://books.example/x?y=1", LinkClient.WEB, "https://books.example/x?y=1"),
            ("https://app.example/back", LinkClient.MOBILE_APP, "https://app.example/back"),
        ],
    )
    async def test_one_of_ours_is_taken(
        self, shop: Shop, wanted: str, client: LinkClient, kept: str
    ) -> None:
        session, _ = await start(shop, return_url=wanted, client=client)
        assert session.return_url == kept
        joint = "&" if "?" in kept else "?"
        [request] = shop.bank.link_requests
        assert request.return_url == f"{kept}{joint}session={session.id}"

    @pytest.mark.parametrize(
        ("wanted", "client"),
        [
            ("https://evil.example/", LinkClient.WEB),
            ("//evil.example/", LinkClient.WEB),
            ("/\\evil.example/", LinkClient.WEB),
            ("http://books.example/", LinkClient.WEB),
            ("https://books.example.evil.example/", LinkClient.WEB),
            ("https://books.example@evil.example/", LinkClient.WEB),
            ("https://app.example/back", LinkClient.WEB),
            ("https://app.example.evil/back", LinkClient.MOBILE_APP),
            ("javascript:alert(1)", LinkClient.WEB),
        ],
    )
    async def test_any_other_is_refused(self, shop: Shop, wanted: str, client: LinkClient) -> None:
        with pytest.raises(InvalidInput) as refused:
            await start(shop, return_url=wanted, client=client)
        assert refused.value.field == ("return_url",)
        assert await LinkSession.all().count() == 0


async def redeemed_and_died(shop: Shop) -> LinkSession:
    """A session whose process died after it had stored the redeemed login, before the link."""
    session, _ = await start(shop)
    shop.bank.answer("handle-1", FOUND)
    new = await shop.bank.redeem(FOUND.handover)
    text = redeemed_text(Redeemed(PLATYPUS, new))
    await LinkSession.filter(id=session.id).update(
        redeemed_encrypted=seal(KEYRING, session.organization_id, session.id, text),
        redeeming_until=NOW + CLAIM,
    )
    return session


class TestAdvance:
    async def test_another_persons_session_is_not_found(self, shop: Shop) -> None:
        session = await make_session(shop.viewer)
        for viewer in (
            await make_viewer(shop.organization),
            await make_viewer(await make_organization()),
        ):
            with pytest.raises(NotFound):
                await shop.linking.advance(viewer, session.id)
        assert shop.bank.calls == []

    async def test_while_the_person_is_at_the_bank_it_waits(self, shop: Shop) -> None:
        session, _ = await start(shop)
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.WAITING
        assert (after.polled_at, after.redeeming_until) == (NOW, None)

    async def test_found_makes_the_login_and_its_first_pull(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.DONE
        assert (after.finished_at, after.problem) == (NOW, None)
        assert not after.handle_encrypted
        assert not after.open_url
        link = await BankLink.get(id=after.bank_link_id).select_related("grant", "institution")
        assert (link.aggregator_id, link.name) == ("item-of-handover-1", "First Platypus Bank")
        assert link.status_code is LinkStatusCode.LINKING
        assert link.organization_id == shop.organization.id
        assert link.institution.aggregator_id == PLATYPUS.aggregator_id
        bound = bound_to(shop.organization.id, link.grant_id)
        secret = KEYRING.decrypt(link.grant.secret_encrypted, associated=bound)
        assert secret == "grant-of-handover-1"
        refresh = await Refresh.get(bank_link_id=link.id)
        assert (refresh.state, refresh.trigger) == (
            RefreshState.QUEUED,
            RefreshTrigger.FIRST_PULL,
        )

    async def test_the_first_pull_brings_the_accounts(self, shop: Shop) -> None:
        shop.bank.open_account()
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        after = await shop.linking.advance(shop.viewer, session.id)
        await shop.work()
        link = await BankLink.get(id=after.bank_link_id)
        assert link.status_code is LinkStatusCode.OK

    async def test_a_bank_that_is_known_is_not_listed_twice(self, shop: Shop) -> None:
        await make_institution(aggregator_id=PLATYPUS.aggregator_id, name="Old Name")
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        await shop.linking.advance(shop.viewer, session.id)
        assert [row.name for row in await Institution.all()] == ["First Platypus Bank"]

    async def test_asked_in_parallel_it_is_redeemed_exactly_once(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        await asyncio.gather(*(shop.linking.advance(shop.viewer, session.id) for _ in range(6)))
        assert shop.bank.calls.count("redeem") == 1
        assert await BankLink.all().count() == 1
        assert (await session_of(session.id)).state is LinkSessionState.DONE

    async def test_after_it_is_done_asking_again_asks_nobody(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        await shop.linking.advance(shop.viewer, session.id)
        calls = list(shop.bank.calls)
        again = await shop.linking.advance(shop.viewer, session.id)
        assert again.state is LinkSessionState.DONE
        assert shop.bank.calls == calls

    async def test_repaired_pulls_what_was_missed(self, shop: Shop, link: BankLink) -> None:
        await BankLink.filter(id=link.id).update(status_code=LinkStatusCode.NEEDS_SIGN_IN)
        session, _ = await start(shop, mode=LinkPurpose.REPAIR, bank_link_id=link.id)
        shop.bank.answer("handle-1", Repaired())
        after = await shop.linking.advance(shop.viewer, session.id)
        assert (after.state, after.bank_link_id) == (LinkSessionState.DONE, link.id)
        refresh = await Refresh.get(bank_link_id=link.id)
        assert refresh.trigger is RefreshTrigger.REPAIR
        await shop.work()
        assert (await fresh(link)).status_code is LinkStatusCode.OK

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (Left(None, "You closed the page."), LinkSessionState.CANCELLED),
            (Left("ITEM_LOCKED", "The bank locked it."), LinkSessionState.FAILED),
        ],
    )
    async def test_left_ends_in_words_and_makes_nothing(
        self, shop: Shop, answer: Left, state: LinkSessionState
    ) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", answer)
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is state
        assert (after.problem_code, after.problem) == (answer.provider_code, answer.reason)
        assert await nothing_made()

    async def test_past_its_time_it_expires_in_words(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.clock.advance(timedelta(minutes=30))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.EXPIRED
        assert "not finished in time" in str(after.problem)
        assert await nothing_made()

    async def test_who_finished_in_time_is_let_in_later(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        shop.clock.advance(timedelta(minutes=31))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.DONE

    async def test_a_passing_fault_leaves_it_waiting(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.fail("finish_link", TRANSIENT)
        after = await shop.linking.advance(shop.viewer, session.id)
        assert (after.state, after.redeeming_until) == (LinkSessionState.WAITING, None)

    async def test_a_passing_fault_past_its_time_is_its_end(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.fail_always("finish_link", TRANSIENT)
        shop.clock.advance(timedelta(minutes=30))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.EXPIRED

    async def test_a_refusal_ends_it_in_words(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.fail("finish_link", refusal(ErrorKind.OUR_CONFIG, message="Wrong keys."))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.FAILED
        assert "Wrong keys." in str(after.problem)
        assert "If your bank lists" not in str(after.problem)
        assert after.problem_code == "OUR_CONFIG"

    async def test_a_crash_between_redeeming_and_storing_leaves_words_and_no_half_login(
        self, shop: Shop
    ) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        await claim(session.id, Q(state=LinkSessionState.WAITING), now=shop.clock.now())
        await shop.bank.redeem(FOUND.handover)  # and here the process dies
        untouched = await shop.linking.advance(shop.viewer, session.id)
        assert untouched.state is LinkSessionState.WAITING
        shop.clock.advance(CLAIM + timedelta(seconds=1))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.FAILED
        assert "Nothing was saved. Start again." in str(after.problem)
        assert await nothing_made()
        assert "If your bank lists this sign-in" in str(after.problem)

    async def test_where_the_bank_never_says_whether_it_was_redeemed_its_end_says_what_to_do(
        self, shop: Shop
    ) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        shop.bank.fail_always("redeem", TRANSIENT)
        await shop.linking.advance(shop.viewer, session.id)
        shop.clock.advance(timedelta(minutes=31))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.EXPIRED
        assert str(after.problem).endswith("remove it there.")
        assert await nothing_made()

    async def test_a_redeemed_login_is_made_a_link_of_by_whoever_comes_after_a_crash(
        self, shop: Shop
    ) -> None:
        session = await redeemed_and_died(shop)
        assert (await shop.linking.advance(shop.viewer, session.id)).bank_link_id is None
        shop.clock.advance(CLAIM + timedelta(seconds=1))
        assert [s.id for s in await shop.sweeper.sessions_to_follow()] == [session.id]
        after = await shop.linking.advance(shop.viewer, session.id)
        assert (after.state, after.redeemed_encrypted) == (LinkSessionState.DONE, None)
        link = await BankLink.get(id=after.bank_link_id).select_related("grant")
        bound = bound_to(shop.organization.id, link.grant_id)
        secret = KEYRING.decrypt(link.grant.secret_encrypted, associated=bound)
        assert secret == "grant-of-handover-1"
        assert shop.bank.calls.count("finish_link") == 0
        assert await shop.sweeper.sessions_to_follow() == []

    async def test_a_redeemed_login_of_a_session_that_was_cancelled_is_ended(
        self, shop: Shop
    ) -> None:
        session = await redeemed_and_died(shop)
        await shop.linking.cancel(shop.viewer, session.id)
        shop.clock.advance(CLAIM + timedelta(seconds=1))
        assert [s.id for s in await shop.sweeper.sessions_to_follow()] == [session.id]
        await shop.linking.advance(shop.viewer, session.id)
        assert await BankLink.all().count() == 0
        assert await Revocation.all().count() == 1
        assert await shop.sweeper.sessions_to_follow() == []

    async def test_one_that_ends_there_without_a_login_expires(self, shop: Shop) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", Repaired())
        after = await shop.linking.advance(shop.viewer, session.id)
        assert (after.state, after.redeeming_until) == (LinkSessionState.WAITING, None)
        shop.clock.advance(timedelta(hours=1))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.EXPIRED

    async def test_one_that_another_process_asks_about_is_left_to_it(self, shop: Shop) -> None:
        session, _ = await start(shop)
        await LinkSession.filter(id=session.id).update(redeeming_until=NOW + timedelta(seconds=1))
        after = await shop.linking.advance(shop.viewer, session.id)
        assert after.state is LinkSessionState.WAITING
        assert "finish_link" not in shop.bank.calls


class TestCancel:
    async def test_another_persons_session_is_not_found(self, shop: Shop) -> None:
        session = await make_session(shop.viewer)
        with pytest.raises(NotFound):
            await shop.linking.cancel(await make_viewer(shop.organization), session.id)
        assert (await session_of(session.id)).state is LinkSessionState.WAITING

    async def test_it_ends_in_words(self, shop: Shop) -> None:
        session, _ = await start(shop)
        after = await shop.linking.cancel(shop.viewer, session.id)
        assert after.state is LinkSessionState.CANCELLED
        assert after.problem == "You ended this sign-in. Nothing was saved."
        assert not after.handle_encrypted
        assert not after.open_url

    async def test_one_that_has_ended_cannot_be_cancelled(self, shop: Shop) -> None:
        session = await make_session(shop.viewer, state=LinkSessionState.DONE)
        with pytest.raises(LinkSessionEnded):
            await shop.linking.cancel(shop.viewer, session.id)
        assert (await session_of(session.id)).state is LinkSessionState.DONE

    async def test_while_it_is_redeemed_the_login_is_ended_at_the_aggregator(
        self, shop: Shop
    ) -> None:
        session, _ = await start(shop)
        shop.bank.answer("handle-1", FOUND)
        hold = shop.bank.hold("redeem")
        advancing = asyncio.create_task(shop.linking.advance(shop.viewer, session.id))
        await hold.reached.wait()
        await shop.linking.cancel(shop.viewer, session.id)
        hold.release.set()
        assert (await advancing).state is LinkSessionState.CANCELLED
        assert await nothing_made()
        await shop.work()
        rows = await Revocation.all().order_by("outcome").values_list("reason", "outcome")
        assert rows == [("not wanted", "LOCAL_ONLY"), ("session ended", "REMOTE")]
        assert await Revocation.exclude(secret_encrypted=None).count() == 0
        assert shop.bank.calls[-1] == "revoke"
