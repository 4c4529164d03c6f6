"""What every adapter must do: each registered one, over HTTP, against the sandbox bank.

Nothing here is about one aggregator: a new line in the registry is tested without a new test.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from counterfoil.aggregators.port import (
    AccountType,
    Aggregator,
    AggregatorError,
    ChangesPage,
    Completeness,
    ErrorKind,
    Found,
    GrantSecret,
    HintKind,
    Left,
    LinkPurpose,
    LinkRequest,
    NewLink,
    OpenUrl,
    Repaired,
    Retry,
    RevokeResult,
    TransactionSnapshot,
    Waiting,
    WebhookRefused,
    Webhooks,
)
from counterfoil.aggregators.registry import ADAPTERS, open_aggregators
from counterfoil.kit.clock import SystemClock
from tests.aggregators.sandbox import PLATYPUS, Person, SandboxBank, sandbox_bank
from tests.kit.scripted_server import Request, scripted_server

AT_ONCE = {"initial_seconds": 0, "historical_seconds": 0}
RETURN_URL = "http://127.0.0.1:8000/link/return"
NOWHERE = GrantSecret("access-sandbox-00000000-0000-0000-0000-000000000000")


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxBank]:
    with sandbox_bank() as bank:
        yield bank


@pytest.fixture
def bank(process: SandboxBank) -> SandboxBank:
    """The bank, empty, with all data ready at once."""
    process.control("/load", {"reset": True, "scenario": AT_ONCE})
    return process


@pytest.fixture(params=sorted(ADAPTERS))
async def aggregator(
    bank: SandboxBank, request: pytest.FixtureRequest
) -> AsyncIterator[Aggregator]:
    async with open_aggregators(bank.settings(), SystemClock()) as adapters:
        yield adapters[request.param]


async def begin(
    aggregator: Aggregator,
    purpose: LinkPurpose = LinkPurpose.ADD,
    *,
    grant: GrantSecret | None = None,
    webhook_url: str | None = None,
) -> OpenUrl:
    return await aggregator.begin_link(
        LinkRequest(purpose, "user-1", RETURN_URL, webhook_url, mobile_app=False, grant=grant)
    )


async def at(page: OpenUrl, act: Callable[[Person], object]) -> None:
    """Let a person act at the page while this loop goes on."""
    await asyncio.to_thread(act, Person(page.url))


async def found(aggregator: Aggregator, page: OpenUrl) -> Found:
    outcome = await aggregator.finish_link(page.handle)
    assert isinstance(outcome, Found)
    return outcome


async def link(aggregator: Aggregator, *, webhook_url: str | None = None) -> NewLink:
    """A redeemed login of user_good."""
    page = await begin(aggregator, webhook_url=webhook_url)
    await at(page, Person.links)
    return await aggregator.redeem((await found(aggregator, page)).handover)


async def pages(
    aggregator: Aggregator, grant: GrantSecret, cursor: str | None = None
) -> list[ChangesPage]:
    return [page async for page in aggregator.changes(grant, cursor)]


def _told(page: ChangesPage) -> list[TransactionSnapshot]:
    return [*page.added, *page.modified]


async def refusal(coroutine: object) -> AggregatorError:
    with pytest.raises(AggregatorError) as raised:
        await coroutine  # type: ignore[misc]
    return raised.value


class TestInstitutions:
    async def test_found_by_name(self, aggregator: Aggregator) -> None:
        found = await aggregator.institutions("platypus", "US")
        assert (PLATYPUS, "First Platypus Bank") in [(i.aggregator_id, i.name) for i in found]

    async def test_nothing_of_that_name(self, aggregator: Aggregator) -> None:
        assert list(await aggregator.institutions("zzzzzz", "US")) == []

    async def test_without_a_name_there_are_some(self, aggregator: Aggregator) -> None:
        assert len(await aggregator.institutions("", "US")) > 3


class TestLinking:
    async def test_an_attempt_that_never_was(self, aggregator: Aggregator) -> None:
        assert isinstance(await aggregator.finish_link(GrantSecret("link-none")), Left)

    async def test_a_made_up_handover_is_refused(self, aggregator: Aggregator) -> None:
        problem = await refusal(aggregator.redeem(GrantSecret("public-none")))
        assert problem.retry is Retry.NEVER

    async def test_waiting_until_the_person_has_finished(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        assert await aggregator.finish_link(page.handle) == Waiting()
        await at(page, Person.chooses_bank)
        assert await aggregator.finish_link(page.handle) == Waiting()

    async def test_the_page_ends(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        assert page.expires_at > datetime.now(UTC)
        assert page.expires_at.tzinfo is UTC

    async def test_a_wrong_password_is_still_waiting(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.chooses_bank)
        await at(page, lambda person: person.signs_in(password="wrong"))
        assert await aggregator.finish_link(page.handle) == Waiting()

    async def test_left_by_the_person(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.opens)
        await at(page, lambda person: person.leaves(step="institutions"))
        assert isinstance(await aggregator.finish_link(page.handle), Left)

    async def test_left_then_finished_after_all(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.opens)
        await at(page, lambda person: person.leaves(step="institutions"))
        await at(page, Person.links)
        assert isinstance(await aggregator.finish_link(page.handle), Found)

    async def test_found_says_which_bank_and_accounts(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.links)
        outcome = await found(aggregator, page)
        assert outcome.institution.aggregator_id == PLATYPUS
        assert {account.type for account in outcome.accounts} >= {
            AccountType.BANK,
            AccountType.CREDIT_CARD,
        }
        assert all(account.aggregator_id and account.name for account in outcome.accounts)

    async def test_reading_twice_gives_the_same(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.links)
        assert await found(aggregator, page) == await found(aggregator, page)

    async def test_a_security_code(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.chooses_bank)
        await at(page, lambda person: person.signs_in(password="mfa_device"))
        await at(page, lambda person: person.answers("9999"))
        assert await aggregator.finish_link(page.handle) == Waiting()
        await at(page, lambda person: person.answers("1234"))
        await at(page, Person.shares_everything)
        assert isinstance(await aggregator.finish_link(page.handle), Found)

    async def test_a_handover_works_once(self, aggregator: Aggregator) -> None:
        page = await begin(aggregator)
        await at(page, Person.links)
        handover = (await found(aggregator, page)).handover
        login = await aggregator.redeem(handover)
        assert login.aggregator_id
        assert login.grant.value not in repr(login)
        assert (await refusal(aggregator.redeem(handover))).retry is Retry.NEVER

    async def test_the_accounts_found_are_those_of_the_snapshot(
        self, aggregator: Aggregator
    ) -> None:
        page = await begin(aggregator)
        await at(page, Person.links)
        outcome = await found(aggregator, page)
        login = await aggregator.redeem(outcome.handover)
        snapshot = await aggregator.snapshot(login.grant)
        assert {a.aggregator_id for a in snapshot.accounts} == {
            a.aggregator_id for a in outcome.accounts
        }


class TestSnapshot:
    async def test_of_a_login_that_never_was(self, aggregator: Aggregator) -> None:
        assert (await refusal(aggregator.snapshot(NOWHERE))).kind is ErrorKind.LINK_GONE

    async def test_what_is_owed_on_a_card_is_negative(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        login = await link(aggregator)
        snapshot = await aggregator.snapshot(login.grant)
        assert snapshot.health.error is None
        state = await asyncio.to_thread(bank.control, "/state")
        owned = {
            account["name"]: int(Decimal(account["balance"]) * 100)
            for each in state["logins"]
            for account in each["accounts"]
        }
        assert {a.name: a.current_minor for a in snapshot.accounts} == owned
        assert any((a.current_minor or 0) < 0 for a in snapshot.accounts)

    async def test_the_banks_name_comes_with_the_health(self, aggregator: Aggregator) -> None:
        login = await link(aggregator)
        institution = (await aggregator.health(login.grant)).institution
        assert institution is not None
        assert (institution.aggregator_id, institution.name) == (PLATYPUS, "First Platypus Bank")


class TestChanges:
    async def test_of_a_login_that_never_was(self, aggregator: Aggregator) -> None:
        problem = await refusal(pages(aggregator, NOWHERE))
        assert (problem.kind, problem.retry) == (ErrorKind.LINK_GONE, Retry.NEVER)

    async def test_nothing_is_ready_at_first(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        await asyncio.to_thread(
            bank.control, "/scenario", {"initial_seconds": 60, "historical_seconds": 120}
        )
        login = await link(aggregator)
        (page,) = await pages(aggregator, login.grant)
        assert page.completeness is Completeness.NOT_READY
        assert (list(page.added), page.next_cursor, page.has_more) == ([], "", False)
        await asyncio.to_thread(bank.control, "/clock", {"seconds": 61})
        recent = await pages(aggregator, login.grant)
        assert recent[-1].completeness is Completeness.RECENT
        await asyncio.to_thread(bank.control, "/clock", {"seconds": 61})
        older = await pages(aggregator, login.grant, recent[-1].next_cursor)
        assert older[-1].completeness is Completeness.COMPLETE
        first_days = [line.dated_on for page in recent for line in page.added]
        later_days = [line.dated_on for page in older for line in page.added]
        assert min(later_days) < min(first_days)

    async def test_everything_once_then_nothing(self, aggregator: Aggregator) -> None:
        login = await link(aggregator)
        first = await pages(aggregator, login.grant)
        ids = [line.aggregator_id for page in first for line in page.added]
        assert len(ids) == len(set(ids)) > 0
        assert first[-1].completeness is Completeness.COMPLETE
        again = await pages(aggregator, login.grant, first[-1].next_cursor)
        assert [(list(p.added), list(p.modified), list(p.removed)) for p in again] == [([], [], [])]

    async def test_amounts_and_their_signs_are_the_banks(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        """The bank's own sign is ours: + into the account; the protocol between turns it."""
        login = await link(aggregator)
        account_id, name = bank.checking()
        told = await asyncio.to_thread(bank.control, f"/accounts/{account_id}/lines")
        snapshot = await aggregator.snapshot(login.grant)
        (ours,) = [a for a in snapshot.accounts if a.name == name]
        lines = [line for page in await pages(aggregator, login.grant) for line in page.added]
        amounts = sorted(
            line.amount_minor for line in lines if line.account_id == ours.aggregator_id
        )
        assert amounts == sorted(int(Decimal(str(line["amount"])) * 100) for line in told["lines"])

    async def test_added_modified_removed(self, aggregator: Aggregator, bank: SandboxBank) -> None:
        login = await link(aggregator)
        cursor = (await pages(aggregator, login.grant))[-1].next_cursor
        account_id, _ = bank.checking()
        posted_on = datetime.now(UTC).date().isoformat()
        body = {"amount": -12.34, "description": "COFFEE", "posted_on": posted_on}
        line_id = bank.control(f"/accounts/{account_id}/lines", body)["line_id"]
        (added,) = await pages(aggregator, login.grant, cursor)
        (line,) = added.added
        assert (line.amount_minor, line.pending) == (-1234, False)
        assert line.dated_on.isoformat() == posted_on
        bank.control(f"/lines/{line_id}", {"amount": -20})
        (modified,) = await pages(aggregator, login.grant, added.next_cursor)
        (changed,) = modified.modified
        assert (changed.aggregator_id, changed.amount_minor) == (line.aggregator_id, -2000)
        assert changed.raw_hash != line.raw_hash
        bank.control(f"/lines/{line_id}/remove", {})
        (removed,) = await pages(aggregator, login.grant, modified.next_cursor)
        assert [gone.aggregator_id for gone in removed.removed] == [line.aggregator_id]

    async def test_a_pending_line_that_posts_names_what_it_was(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        login = await link(aggregator)
        cursor = (await pages(aggregator, login.grant))[-1].next_cursor
        account_id, _ = bank.checking()
        line_id = bank.control(f"/accounts/{account_id}/lines", {"amount": -5})["line_id"]
        (page,) = await pages(aggregator, login.grant, cursor)
        (pending,) = page.added
        assert pending.pending
        bank.control(f"/lines/{line_id}/post", {})
        (page,) = await pages(aggregator, login.grant, page.next_cursor)
        (posted,) = page.added
        assert (posted.pending, posted.pending_id) == (False, pending.aggregator_id)
        assert [gone.aggregator_id for gone in page.removed] == [pending.aggregator_id]

    async def test_many_pages(self, aggregator: Aggregator, bank: SandboxBank) -> None:
        login = await link(aggregator)
        cursor = (await pages(aggregator, login.grant))[-1].next_cursor
        account_id, _ = bank.checking()
        await asyncio.to_thread(
            bank.control, f"/accounts/{account_id}/generate", {"count": 1200, "days": 300}
        )
        come = await pages(aggregator, login.grant, cursor)
        assert [page.has_more for page in come] == [True] * (len(come) - 1) + [False]
        assert len(come) > 2
        ids = {line.aggregator_id for page in come for line in page.added}
        assert len(ids) == 1200

    async def test_a_change_between_two_pages_begins_again(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        login = await link(aggregator)
        cursor = (await pages(aggregator, login.grant))[-1].next_cursor
        account_id, _ = bank.checking()
        await asyncio.to_thread(
            bank.control, f"/accounts/{account_id}/generate", {"count": 700, "days": 300}
        )
        reading = aiter(aggregator.changes(login.grant, cursor))
        first = await anext(reading)
        assert first.has_more
        changed = bank.control(f"/accounts/{account_id}/lines")["lines"][-1]["line_id"]
        bank.control(f"/lines/{changed}", {"amount": -4321})
        problem = await refusal(anext(reading))
        assert (problem.kind, problem.retry) == (ErrorKind.RESTART_PAGINATION, Retry.SOON)
        again = await pages(aggregator, login.grant, cursor)
        assert sum(len(page.added) for page in again) >= 700
        assert -432100 in {line.amount_minor for page in again for line in _told(page)}


class TestHealth:
    async def test_of_a_login_that_never_was(self, aggregator: Aggregator) -> None:
        assert (await refusal(aggregator.health(NOWHERE))).kind is ErrorKind.LINK_GONE

    async def test_a_healthy_login(self, aggregator: Aggregator) -> None:
        login = await link(aggregator)
        assert (await aggregator.health(login.grant)).error is None

    async def test_broken_then_repaired_with_the_same_ids(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        login = await link(aggregator)
        before = await aggregator.snapshot(login.grant)
        bank.control(f"/items/{login.aggregator_id}", {"login_required": True})
        broken = (await aggregator.health(login.grant)).error
        assert broken is not None
        assert (broken.kind, broken.retry) == (ErrorKind.BAD_CREDENTIALS, Retry.NEVER)
        assert (await refusal(pages(aggregator, login.grant))).kind is ErrorKind.BAD_CREDENTIALS
        page = await begin(aggregator, LinkPurpose.REPAIR, grant=login.grant)
        assert await aggregator.finish_link(page.handle) == Waiting()
        await at(page, Person.opens)
        await at(page, Person.signs_in)
        assert await aggregator.finish_link(page.handle) == Repaired()
        after = await aggregator.snapshot(login.grant)
        assert after.health.error is None
        assert {a.aggregator_id for a in after.accounts} == {
            a.aggregator_id for a in before.accounts
        }

    async def test_a_repair_may_ask_which_accounts(self, aggregator: Aggregator) -> None:
        login = await link(aggregator)
        page = await begin(aggregator, LinkPurpose.ADD_ACCOUNTS, grant=login.grant)
        await at(page, Person.opens)
        await at(page, Person.signs_in)
        await at(page, Person.shares_everything)
        assert await aggregator.finish_link(page.handle) == Repaired()

    async def test_an_ended_permission(self, aggregator: Aggregator, bank: SandboxBank) -> None:
        login = await link(aggregator)
        bank.control(
            f"/items/{login.aggregator_id}",
            {"error": "ITEM_LOGIN_REQUIRED", "reason": "OAUTH_CONSENT_EXPIRED"},
        )
        error = (await aggregator.health(login.grant)).error
        assert error is not None
        assert error.kind is ErrorKind.CONSENT_EXPIRED


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "kind", "retry"),
        [
            ("down", ErrorKind.BANK_DOWN, Retry.SOON),
            ("unavailable", ErrorKind.TRANSIENT, Retry.SOON),
            ("half", ErrorKind.TRANSIENT, Retry.SOON),
            ("malformed", ErrorKind.PROTOCOL, Retry.SCHEDULED),
            ("rate_limit", ErrorKind.RATE_LIMITED, Retry.SOON),
        ],
    )
    async def test_each_has_its_kind_and_passes(
        self,
        aggregator: Aggregator,
        bank: SandboxBank,
        fault: str,
        kind: ErrorKind,
        retry: Retry,
    ) -> None:
        login = await link(aggregator)
        bank.control("/faults", {"kind": fault, "item_id": login.aggregator_id})
        problem = await refusal(pages(aggregator, login.grant))
        assert (problem.kind, problem.retry, problem.mapped) == (kind, retry, True)
        bank.control("/faults/clear", {})
        assert (await pages(aggregator, login.grant))[-1].completeness is Completeness.COMPLETE

    async def test_a_used_up_limit_names_its_time(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        login = await link(aggregator)
        bank.control("/faults", {"kind": "rate_limit", "item_id": login.aggregator_id})
        problem = await refusal(pages(aggregator, login.grant))
        assert problem.retry_at is not None
        assert timedelta(0) < problem.retry_at - datetime.now(UTC) <= timedelta(seconds=60)

    async def test_wrong_keys(self, bank: SandboxBank) -> None:
        settings = bank.settings(PLAID_SECRET="another")
        async with open_aggregators(settings, SystemClock()) as adapters:
            for adapter in adapters.values():
                problem = await refusal(adapter.health(NOWHERE))
                assert (problem.kind, problem.retry) == (ErrorKind.OUR_CONFIG, Retry.NEVER)


class TestRefresh:
    async def test_asks_the_bank_or_says_that_it_can_t(self, aggregator: Aggregator) -> None:
        login = await link(aggregator)
        if aggregator.capabilities.live_refresh:
            await aggregator.refresh(login.grant)
        else:
            assert (await refusal(aggregator.refresh(login.grant))).kind is ErrorKind.UNSUPPORTED


class TestRevoke:
    async def test_what_never_was_is_gone(self, aggregator: Aggregator) -> None:
        assert await aggregator.revoke(NOWHERE) is RevokeResult.ALREADY_GONE

    async def test_once_and_once_more(self, aggregator: Aggregator) -> None:
        login = await link(aggregator)
        assert await aggregator.revoke(login.grant) is RevokeResult.REMOTE
        assert await aggregator.revoke(login.grant) is RevokeResult.ALREADY_GONE
        assert (await refusal(aggregator.snapshot(login.grant))).kind is ErrorKind.LINK_GONE


async def delivered(requests: list[Request], code: str) -> Request:
    """The first webhook with this code, as soon as it has come."""
    async with asyncio.timeout(15):
        while True:
            for request in requests:
                if request.document.get("webhook_code") == code:
                    return request
            await asyncio.sleep(0.02)


class TestEvents:
    async def test_unproved_is_refused(self, aggregator: Aggregator) -> None:
        if aggregator.capabilities.webhooks is not Webhooks.SIGNED:
            pytest.skip("its webhooks are not signed")
        with pytest.raises(WebhookRefused):
            await aggregator.events({}, b"{}")

    async def test_proved_hints_and_a_changed_byte(
        self, aggregator: Aggregator, bank: SandboxBank
    ) -> None:
        if aggregator.capabilities.webhooks is not Webhooks.SIGNED:
            pytest.skip("its webhooks are not signed")
        async with scripted_server() as receiver:
            login = await link(aggregator, webhook_url=f"{receiver.address}/webhooks")
            finished = await delivered(receiver.requests, "SESSION_FINISHED")
            bank.control(f"/items/{login.aggregator_id}", {"login_required": True})
            failed = await delivered(receiver.requests, "ERROR")
        (hint,) = await aggregator.events(finished.headers, finished.body)
        assert hint.kind is HintKind.LINK_SESSION
        assert hint.session_handle is not None
        assert isinstance(await aggregator.finish_link(hint.session_handle), Found)
        (hint,) = await aggregator.events(failed.headers, failed.body)
        assert (hint.kind, hint.link_id) == (HintKind.HEALTH, login.aggregator_id)
        with pytest.raises(WebhookRefused):
            await aggregator.events(failed.headers, failed.body.replace(b"ITEM", b"item", 1))


class TestCapabilities:
    def test_are_plain_data(self, aggregator: Aggregator) -> None:
        assert aggregator.name in ADAPTERS
        assert aggregator.capabilities.max_history_days > 0
        assert dataclasses.is_dataclass(aggregator.capabilities)
