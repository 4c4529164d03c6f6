"""Pulls, against a bank in memory."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from counterfoil.accounts.models import BalanceReport, BankAccount, FeedState
from counterfoil.aggregators.port import (
    AccountFailure,
    AggregatorError,
    Completeness,
    ErrorKind,
    Retry,
)
from counterfoil.links import leases
from counterfoil.links.importing import RESTARTS, RETRIES
from counterfoil.links.leases import LEASE, PROGRESS_LIMIT
from counterfoil.links.models import (
    BankLink,
    Grant,
    Refresh,
    RefreshPhase,
    RefreshState,
    RefreshTrigger,
    StagedPage,
)
from counterfoil.links.schedule import AFTER_ASKING, HEALTH_INTERVAL
from counterfoil.links.settling import warn_of_end
from counterfoil.links.status import LinkStatusCode
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, ChangeType
from tests.fakes import NOW, RESTART, TRANSIENT, line, refusal
from tests.links.conftest import (
    INTERVAL,
    Shop,
    account_of,
    eventually,
    fresh,
    refresh_of,
    stored,
)


def counts(refresh: Refresh) -> tuple[int, int, int]:
    return refresh.added, refresh.modified, refresh.removed


class TestAPullThatComesThrough:
    async def test_brings_accounts_balances_and_lines(self, shop: Shop, link: BankLink) -> None:
        shop.bank.open_account("card", current_minor=-5_000, limit_minor=100_000)
        shop.bank.report(line("1"), line("2", account_id="card", amount_minor=99))
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.DONE
        assert not refresh.phase
        assert (refresh.accounts, refresh.balances, refresh.lines) == (2, 2, 2)
        assert counts(refresh) == (2, 0, 0)
        checking, card = await account_of(link), await account_of(link, "card")
        assert (checking.current_minor, checking.available_minor) == (100_000, 90_000)
        assert (card.current_minor, card.limit_minor) == (-5_000, 100_000)
        rows = await stored(link)
        assert {key: (row.bank_account_id, row.amount_minor) for key, row in rows.items()} == {
            "1": (checking.id, -1234),
            "2": (card.id, 99),
        }

    async def test_leaves_the_link_well_with_its_next_update(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("1"))
        refresh = await shop.pull(link)
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.OK
        assert (after.last_update_at, after.last_good_at) == (NOW, NOW)
        assert (after.next_update_at, after.next_health_at) == (NOW + INTERVAL, None)
        assert (after.cursor, after.failures, after.status_missing) == ("1", 0, None)
        assert refresh.status_code is LinkStatusCode.OK
        assert (refresh.started_at, refresh.finished_at) == (NOW, NOW)
        assert (refresh.under_way, refresh.lease_until, refresh.deadline_at) == (None, None, None)
        assert await StagedPage.all().count() == 0

    async def test_goes_on_after_the_saved_cursor(self, shop: Shop, link: BankLink) -> None:
        shop.bank.report(line("1"), line("2"))
        await shop.pull(link)
        shop.bank.report(line("1", amount_minor=-1300), line("3"))
        shop.bank.withdraw("2")
        refresh = await shop.pull(link)
        assert shop.bank.cursors == [None, "2"]
        assert counts(refresh) == (1, 1, 1)
        assert {key: row.amount_minor for key, row in (await stored(link)).items()} == {
            "1": -1300,
            "3": -1234,
        }

    async def test_that_finds_nothing_new_changes_no_line(self, shop: Shop, link: BankLink) -> None:
        shop.bank.report(line("1"))
        await shop.pull(link)
        before = await BankTransaction.all().values()
        refresh = await shop.pull(link)
        assert counts(refresh) == (0, 0, 0)
        assert await BankTransaction.all().values() == before

    async def test_keeps_every_balance_that_was_reported(self, shop: Shop, link: BankLink) -> None:
        for balance in (100, 200):
            shop.bank.open_account(current_minor=balance)
            await shop.pull(link)
        reports = await BalanceReport.all().order_by("id")
        assert [report.current_minor for report in reports] == [100, 200]

    async def test_shows_each_phase_while_it_runs(self, shop: Shop, link: BankLink) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"))
        methods = ("refresh", "changes", "changes", "snapshot")
        holds = [shop.bank.hold(method) for method in methods]
        refresh = await shop.request(link, RefreshTrigger.PERSON)
        work = asyncio.create_task(shop.work())
        seen = []
        for hold in holds:
            await hold.reached.wait()
            now = await refresh_of(refresh.id)
            seen.append((now.state, now.phase, now.lines))
            hold.release.set()
        await work
        assert seen == [
            (RefreshState.RUNNING, RefreshPhase.CONNECT, 0),
            (RefreshState.RUNNING, RefreshPhase.CONNECT, 0),
            (RefreshState.RUNNING, RefreshPhase.TRANSACTIONS, 1),
            (RefreshState.RUNNING, RefreshPhase.ACCOUNTS, 2),
        ]

    async def test_tells_of_the_link_at_every_step(self, shop: Shop, link: BankLink) -> None:
        shop.bank.report(line("1"))
        await shop.pull(link)
        steps = await Change.filter(type=ChangeType.BANK_LINK).count()
        assert steps == 7  # asked, taken, a page, accounts, balances, saving, done
        assert [position for _, position in shop.bell.rings] == list(range(1, steps + 1))

    async def test_asks_the_bank_to_look_only_for_a_person(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.pull(link, RefreshTrigger.SCHEDULE)
        assert "refresh" not in shop.bank.calls
        await shop.pull(link, RefreshTrigger.PERSON)
        assert shop.bank.calls.count("refresh") == 1
        assert (await fresh(link)).next_update_at == NOW + AFTER_ASKING

    async def test_goes_on_where_asking_the_bank_only_failed_in_passing(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.fail("refresh", refusal(ErrorKind.TRANSIENT, retry=Retry.SOON))
        refresh = await shop.pull(link, RefreshTrigger.PERSON)
        assert refresh.state is RefreshState.DONE

    @pytest.mark.parametrize("kind", [ErrorKind.UNSUPPORTED, ErrorKind.RATE_LIMITED])
    async def test_reads_what_there_is_where_the_bank_cannot_be_asked(
        self, shop: Shop, link: BankLink, kind: ErrorKind
    ) -> None:
        shop.bank.fail("refresh", refusal(kind))
        refresh = await shop.pull(link, RefreshTrigger.PERSON)
        assert refresh.state is RefreshState.DONE
        assert (await fresh(link)).next_update_at == NOW + INTERVAL

    async def test_keeps_an_account_that_is_no_longer_handed_over(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.open_account("card")
        await shop.pull(link)
        del shop.bank.accounts["card"]
        await shop.pull(link)
        assert (await account_of(link, "card")).feed_state is FeedState.ACCESS_LOST
        assert (await account_of(link)).feed_state is FeedState.OPEN
        shop.bank.open_account("card")
        await shop.pull(link)
        assert (await account_of(link, "card")).feed_state is FeedState.OPEN

    async def test_takes_the_banks_name_until_a_person_gives_another(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.pull(link)
        shop.bank.open_account(name="Everyday Checking")
        await shop.pull(link)
        assert (await account_of(link)).name == "Everyday Checking"
        await BankAccount.filter(bank_link_id=link.id).update(name="Ours", renamed_at=NOW)
        shop.bank.open_account(name="Checking Plus")
        await shop.pull(link)
        account = await account_of(link)
        assert (account.name, account.bank_name) == ("Ours", "Checking Plus")

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_drops_the_lines_of_accounts_without_a_feed(
        self, shop: Shop, link: BankLink, column: str
    ) -> None:
        await shop.pull(link)
        await BankAccount.filter(bank_link_id=link.id).update(**{column: NOW})
        shop.bank.report(line("1"))
        refresh = await shop.pull(link)
        assert counts(refresh) == (0, 0, 0)
        assert await BankTransaction.all().count() == 0
        assert getattr(await account_of(link), column) == NOW


class TestStatusAfterAPull:
    async def test_without_accounts(self, shop: Shop, link: BankLink) -> None:
        shop.bank.accounts.clear()
        await shop.pull(link)
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.NO_ACCOUNTS
        assert (after.next_update_at, after.next_health_at) == (None, NOW + HEALTH_INTERVAL)

    @pytest.mark.parametrize(
        ("completeness", "missing"),
        [
            (Completeness.NOT_READY, "all transactions"),
            (Completeness.RECENT, "older transactions"),
        ],
    )
    async def test_while_the_bank_prepares_its_history(
        self, shop: Shop, link: BankLink, completeness: Completeness, missing: str
    ) -> None:
        shop.bank.completeness = completeness
        pauses = []
        for _ in range(3):
            await shop.pull(link)
            after = await fresh(link)
            assert (after.status_code, after.status_missing) == (LinkStatusCode.PARTIAL, missing)
            assert after.next_update_at is not None
            pauses.append((after.next_update_at - NOW).total_seconds())
        assert 30 <= pauses[0] <= 33
        assert 60 <= pauses[1] <= 66
        assert 120 <= pauses[2] <= 132

    async def test_a_history_that_is_not_ready_does_not_move_the_cursor(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.completeness = Completeness.NOT_READY
        shop.bank.report(line("1"))
        await shop.pull(link)
        assert (await fresh(link)).cursor is None
        shop.bank.completeness = Completeness.COMPLETE
        refresh = await shop.pull(link)
        assert shop.bank.cursors == [None, None]
        assert counts(refresh) == (1, 0, 0)
        after = await fresh(link)
        assert (after.status_code, after.failures) == (LinkStatusCode.OK, 0)

    async def test_when_the_permission_ends_soon(self, shop: Shop, link: BankLink) -> None:
        ends = NOW + timedelta(days=7)
        shop.bank.consent_expires_at = ends
        await shop.pull(link)
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.CONSENT_EXPIRING
        assert (after.consent_expires_at, after.next_update_at) == (ends, NOW + INTERVAL)

    async def test_one_account_that_fails_is_named_and_its_siblings_go_on(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.open_account("card", name="Business Card")
        await shop.pull(link)
        del shop.bank.accounts["card"]
        shop.bank.account_failures = [AccountFailure("card", refusal(ErrorKind.PROTOCOL))]
        shop.bank.open_account(current_minor=7)
        shop.bank.report(line("1"))
        refresh = await shop.pull(link)
        after = await fresh(link)
        assert (after.status_code, after.status_missing) == (
            LinkStatusCode.PARTIAL,
            "Business Card",
        )
        assert (refresh.state, counts(refresh)) == (RefreshState.DONE, (1, 0, 0))
        assert (await account_of(link)).current_minor == 7
        assert (await account_of(link, "card")).feed_state is FeedState.OPEN

    async def test_an_account_that_fails_at_first_gets_its_lines_later(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.account_failures = [AccountFailure("card", refusal(ErrorKind.PROTOCOL))]
        shop.bank.report(line("1"), line("2", account_id="card"))
        await shop.pull(link)
        assert set(await stored(link)) == {"1"}
        assert (await fresh(link)).cursor is None
        shop.bank.account_failures = []
        shop.bank.open_account("card")
        refresh = await shop.pull(link)
        assert set(await stored(link)) == {"1", "2"}
        assert counts(refresh) == (1, 0, 0)
        assert (await fresh(link)).cursor is not None

    async def test_a_line_keeps_the_digits_of_its_own_currency(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("1", currency="JPY", exponent=0, amount_minor=-1000))
        await shop.pull(link)
        row = (await stored(link))["1"]
        assert (row.amount_minor, row.currency, row.exponent) == (-1000, "JPY", 0)
        shop.bank.report(line("1", currency="USD", exponent=2, amount_minor=-999))
        await shop.pull(link)
        row = (await stored(link))["1"]
        assert (row.amount_minor, row.currency, row.exponent) == (-999, "USD", 2)

    async def test_a_warning_of_the_end_outlives_pulls_until_a_repair(
        self, shop: Shop, link: BankLink
    ) -> None:
        await shop.pull(link)
        ends = NOW + timedelta(days=7)
        async with shop.transactions.begin(link.organization_id) as uow:
            await warn_of_end(uow, link.id, ends)
        assert (await fresh(link)).status_code is LinkStatusCode.CONSENT_EXPIRING
        await shop.pull(link)
        after = await fresh(link)
        assert (after.status_code, after.consent_expires_at) == (
            LinkStatusCode.CONSENT_EXPIRING,
            ends,
        )
        await shop.pull(link, RefreshTrigger.REPAIR)
        after = await fresh(link)
        assert (after.status_code, after.consent_expires_at) == (LinkStatusCode.OK, None)

    async def test_a_repair_that_comes_while_a_pull_fails_is_followed(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.fail("snapshot", refusal(ErrorKind.BAD_CREDENTIALS))
        await shop.request(link)
        hold = shop.bank.hold("snapshot")
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        await shop.request(link, RefreshTrigger.REPAIR)
        hold.release.set()
        await work
        await shop.work()
        assert (await fresh(link)).status_code is LinkStatusCode.OK
        last = await Refresh.filter(bank_link_id=link.id).order_by("-queued_at", "-id").first()
        assert last is not None
        assert last.trigger is RefreshTrigger.REPAIR

    async def test_since_moves_only_when_the_status_does(self, shop: Shop, link: BankLink) -> None:
        await shop.pull(link)
        shop.clock.advance(timedelta(hours=1))
        await shop.pull(link)
        assert (await fresh(link)).status_since == NOW
        shop.bank.fail("changes", refusal(ErrorKind.LOCKED))
        await shop.pull(link)
        assert (await fresh(link)).status_since == NOW + timedelta(hours=1)


class TestAPullThatIsRefused:
    async def refused(self, shop: Shop, link: BankLink, error: AggregatorError) -> Refresh:
        """A pull that fails with this error after one that brought a line."""
        shop.bank.report(line("1"))
        await shop.pull(link)
        shop.bank.report(line("2"))
        shop.bank.fail_always("changes", error)
        return await shop.pull(link)

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            (ErrorKind.BAD_CREDENTIALS, LinkStatusCode.NEEDS_SIGN_IN),
            (ErrorKind.MFA_NEEDED, LinkStatusCode.NEEDS_CODE),
            (ErrorKind.LOCKED, LinkStatusCode.LOCKED),
            (ErrorKind.CONSENT_REVOKED, LinkStatusCode.NEEDS_CONSENT),
            (ErrorKind.LINK_GONE, LinkStatusCode.GONE),
        ],
    )
    async def test_a_refused_sign_in_is_never_tried_again(
        self, shop: Shop, link: BankLink, kind: ErrorKind, code: LinkStatusCode
    ) -> None:
        refresh = await self.refused(shop, link, refusal(kind, message="No, said the bank."))
        after = await fresh(link)
        assert shop.pause.seconds == []
        assert shop.bank.calls.count("changes") == 2
        assert (after.status_code, after.failures) == (code, 1)
        assert (after.next_update_at, after.next_health_at) == (None, NOW + HEALTH_INTERVAL)
        assert (refresh.state, refresh.status_code) == (RefreshState.FAILED, code)
        assert refresh.provider_message == after.status_provider_message == "No, said the bank."

    async def test_a_malformed_page_changes_nothing_and_shows_its_code(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("1"))
        await shop.pull(link)
        before = await BankTransaction.all().values(), await BankAccount.all().values()
        shop.bank.page_size = 1
        shop.bank.report(line("1", amount_minor=-1), line("2"))
        shop.bank.open_account(current_minor=1)
        malformed = refusal(ErrorKind.PROTOCOL, retry=Retry.SCHEDULED, code="MALFORMED")
        shop.bank.fail("changes", None, malformed)
        refresh = await shop.pull(link)
        assert (await BankTransaction.all().values(), await BankAccount.all().values()) == before
        after = await fresh(link)
        assert (after.status_code, after.status_provider_code) == (
            LinkStatusCode.ERROR,
            "MALFORMED",
        )
        assert after.status_request_id == refresh.provider_request_id == "request-1"
        assert (after.cursor, after.next_update_at) == ("1", NOW + INTERVAL)
        assert (after.last_update_at, after.last_good_at) == (NOW, NOW)
        assert await StagedPage.all().count() == 0

    async def test_the_error_is_gone_after_the_next_good_pull(
        self, shop: Shop, link: BankLink
    ) -> None:
        await self.refused(shop, link, refusal(ErrorKind.BAD_CREDENTIALS))
        shop.bank.heal()
        await shop.pull(link)
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.OK
        assert (after.status_provider_code, after.status_request_id) == (None, None)
        assert set(await stored(link)) == {"1", "2"}

    async def test_an_error_in_the_health_counts_as_one(self, shop: Shop, link: BankLink) -> None:
        shop.bank.health_error = refusal(ErrorKind.BAD_CREDENTIALS)
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.FAILED
        assert (await fresh(link)).status_code is LinkStatusCode.NEEDS_SIGN_IN

    async def test_a_passing_fault_does_not_hide_that_somebody_must_sign_in(
        self, shop: Shop, link: BankLink
    ) -> None:
        await self.refused(shop, link, refusal(ErrorKind.BAD_CREDENTIALS))
        shop.bank.fail_always("changes", TRANSIENT)
        refresh = await shop.pull(link, RefreshTrigger.PERSON)
        assert refresh.status_code is LinkStatusCode.BANK_DOWN
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.NEEDS_SIGN_IN
        assert after.next_update_at is None

    async def test_after_a_repair_a_passing_fault_is_tried_again(
        self, shop: Shop, link: BankLink
    ) -> None:
        await self.refused(shop, link, refusal(ErrorKind.BAD_CREDENTIALS))
        shop.bank.fail_always("changes", TRANSIENT)
        await shop.pull(link, RefreshTrigger.REPAIR)
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.BANK_DOWN
        assert after.next_update_at is not None

    async def test_a_secret_that_cannot_be_read_is_said(self, shop: Shop, link: BankLink) -> None:
        await Grant.filter(id=link.grant_id).update(secret_encrypted="v1.lost.AAAA")
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.FAILED
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.NOT_SET_UP
        assert "stored secret" in str(after.status_provider_message)
        assert shop.bank.calls == []


class TestWaiting:
    async def test_a_passing_fault_is_tried_again_with_growing_pauses(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("1"))
        shop.bank.fail("changes", TRANSIENT, TRANSIENT, TRANSIENT)
        shop.bank.fail("snapshot", TRANSIENT)
        refresh = await shop.pull(link)
        assert (refresh.state, counts(refresh)) == (RefreshState.DONE, (1, 0, 0))
        assert shop.pause.seconds == [1, 2, 4, 1]

    async def test_one_that_does_not_pass_ends_the_pull(self, shop: Shop, link: BankLink) -> None:
        shop.bank.fail_always("changes", TRANSIENT)
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.FAILED
        assert shop.bank.calls.count("changes") == RETRIES + 1
        after = await fresh(link)
        assert after.status_code is LinkStatusCode.BANK_DOWN
        assert after.next_update_at is not None
        assert after.next_update_at > shop.clock.now()

    async def test_progress_gives_new_tries(self, shop: Shop, link: BankLink) -> None:
        shop.bank.page_size = 1
        shop.bank.report(*(line(str(number)) for number in range(4)))
        faults: list[AggregatorError | None] = [TRANSIENT, TRANSIENT, TRANSIENT, None]
        shop.bank.fail("changes", *faults * 4)
        refresh = await shop.pull(link)
        assert (refresh.state, refresh.lines) == (RefreshState.DONE, 4)

    async def test_a_short_limit_is_waited_for_and_the_pull_goes_on_after_the_last_page(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"))
        limit = refusal(
            ErrorKind.RATE_LIMITED, retry=Retry.SOON, retry_at=NOW + timedelta(seconds=40)
        )
        shop.bank.fail("changes", None, limit)
        refresh = await shop.pull(link)
        assert shop.pause.seconds == [40]
        assert shop.bank.cursors == [None, "1/2"]
        assert (refresh.state, refresh.lines, counts(refresh)) == (
            RefreshState.DONE,
            2,
            (2, 0, 0),
        )

    async def test_a_long_limit_ends_the_pull_and_names_the_time(
        self, shop: Shop, link: BankLink
    ) -> None:
        retry_at = NOW + timedelta(hours=3)
        shop.bank.fail(
            "changes", refusal(ErrorKind.RATE_LIMITED, retry=Retry.SOON, retry_at=retry_at)
        )
        refresh = await shop.pull(link)
        after = await fresh(link)
        assert refresh.state is RefreshState.FAILED
        assert (after.status_code, after.status_retry_at) == (
            LinkStatusCode.RATE_LIMITED,
            retry_at,
        )
        assert after.next_update_at == retry_at
        assert shop.pause.seconds == []


class TestLinesThatMoveWhileTheyAreRead:
    @pytest.mark.parametrize("times", [1, 3, RESTARTS])
    async def test_the_pull_begins_again_at_the_first_cursor(
        self, shop: Shop, link: BankLink, times: int
    ) -> None:
        shop.bank.page_size = 2
        shop.bank.report(*(line(str(number)) for number in range(5)))
        left = times

        async def mutate(page: int) -> None:
            nonlocal left
            if left:
                left -= 1
                shop.bank.report(line("0", amount_minor=left), line(f"late-{left}"))

        shop.bank.between_pages = mutate
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.DONE
        assert counts(refresh) == (5 + times, 0, 0)
        assert refresh.lines == 5 + 2 * times  # of the last reading alone
        assert shop.bank.cursors == [None] * (times + 1)
        assert shop.pause.seconds == [2**attempt for attempt in range(times)]
        assert {key: row.amount_minor for key, row in (await stored(link)).items()} == {
            key: there.amount_minor for key, there in shop.bank.lines.items()
        }

    async def test_always_gives_up_after_five_with_a_clear_error(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"))
        shop.bank.fail("changes", *[None, RESTART] * 10)
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.FAILED
        assert shop.bank.cursors == [None] * (RESTARTS + 1)
        after = await fresh(link)
        assert (after.status_code, after.status_provider_code) == (
            LinkStatusCode.ERROR,
            "RESTART_PAGINATION",
        )
        assert await BankTransaction.all().count() == 0
        assert await StagedPage.all().count() == 0


class TestTheLease:
    async def test_a_job_of_an_old_generation_does_nothing(
        self, shop: Shop, link: BankLink
    ) -> None:
        refresh = await shop.request(link)
        await Refresh.filter(id=refresh.id).update(generation=1)
        await shop.work()
        assert shop.bank.calls == []
        assert (await refresh_of(refresh.id)).state is RefreshState.QUEUED

    async def test_the_same_job_twice_is_one_pull(self, shop: Shop, link: BankLink) -> None:
        shop.bank.report(line("1"))
        refresh = await shop.request(link)
        hold = shop.bank.hold("changes")
        first = asyncio.create_task(shop.importer.run(refresh.id, 0))
        await hold.reached.wait()
        await shop.importer.run(refresh.id, 0)
        assert shop.bank.calls == ["changes"]
        hold.release.set()
        await first
        await shop.importer.run(refresh.id, 0)
        assert shop.bank.calls == ["changes", "snapshot"]

    async def test_a_refresh_that_is_not_there_does_nothing(self, shop: Shop) -> None:
        await shop.importer.run(shop.organization.id, 0)
        assert shop.bank.calls == []

    async def test_a_pull_that_lost_its_lease_writes_nothing(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"))
        refresh = await shop.request(link)
        shop.bank.hold("changes").release.set()
        hold = shop.bank.hold("changes")
        old = asyncio.create_task(shop.importer.run(refresh.id, 0))
        await hold.reached.wait()
        await Refresh.filter(id=refresh.id).update(generation=1)
        hold.release.set()
        await old
        after = await refresh_of(refresh.id)
        assert (after.state, after.lines) == (RefreshState.RUNNING, 1)
        assert await BankTransaction.all().count() == 0

    async def test_the_next_worker_goes_on_after_the_staged_pages(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"), line("3"))
        refresh = await shop.request(link)
        for _ in range(2):
            shop.bank.hold("changes").release.set()
        hold = shop.bank.hold("changes")
        old = asyncio.create_task(shop.work())
        await hold.reached.wait()
        old.cancel()
        await asyncio.gather(old, return_exceptions=True)
        await shop.tick(after=LEASE + timedelta(seconds=1))
        await shop.work()
        after = await refresh_of(refresh.id)
        assert (after.state, after.generation, after.takeovers) == (RefreshState.DONE, 1, 1)
        assert shop.bank.cursors == [None, "2/3"]
        assert (after.lines, counts(after)) == (3, (3, 0, 0))
        assert set(await stored(link)) == {"1", "2", "3"}

    async def test_lines_that_moved_while_no_worker_had_it_are_read_anew(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.page_size = 1
        shop.bank.report(line("1"), line("2"))
        refresh = await shop.request(link)
        shop.bank.hold("changes").release.set()
        hold = shop.bank.hold("changes")
        old = asyncio.create_task(shop.work())
        await hold.reached.wait()
        old.cancel()
        await asyncio.gather(old, return_exceptions=True)
        shop.bank.withdraw("1")
        await shop.tick(after=LEASE + timedelta(seconds=1))
        await shop.work()
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE
        assert set(await stored(link)) == {"2"}

    async def test_a_cursor_that_somebody_moved_is_not_overwritten(
        self, shop: Shop, link: BankLink
    ) -> None:
        shop.bank.report(line("1"))
        refresh = await shop.request(link)
        hold = shop.bank.hold("snapshot")
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        await BankLink.filter(id=link.id).update(cursor="0")
        hold.release.set()
        await work
        assert (await fresh(link)).cursor == "0"
        assert await BankTransaction.all().count() == 0
        await shop.tick(after=LEASE + timedelta(seconds=1))
        await shop.work()
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE
        assert shop.bank.cursors == [None, "0"]
        assert (await fresh(link)).cursor == "1"

    async def test_it_is_renewed_beside_the_work(
        self, shop: Shop, link: BankLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leases, "RENEWAL", timedelta(milliseconds=5))
        refresh = await shop.request(link)
        hold = shop.bank.hold("changes")
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        shop.clock.advance(LEASE - timedelta(seconds=1))
        renewed = shop.clock.now() + LEASE
        await eventually(lambda: Refresh.exists(id=refresh.id, lease_until=renewed))
        hold.release.set()
        await work
        assert (await refresh_of(refresh.id)).state is RefreshState.DONE

    async def test_losing_it_ends_a_call_that_hangs(
        self, shop: Shop, link: BankLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leases, "RENEWAL", timedelta(milliseconds=5))
        refresh = await shop.request(link)
        hold = shop.bank.hold("changes")
        work = asyncio.create_task(shop.work())
        await hold.reached.wait()
        await Refresh.filter(id=refresh.id).update(generation=1)
        async with asyncio.timeout(5):
            await work

    async def test_five_minutes_without_progress_are_a_failure(
        self, shop: Shop, link: BankLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leases, "PROGRESS_LIMIT", timedelta(milliseconds=20))
        shop.bank.report(line("1"))
        for _ in range(RETRIES + 1):
            shop.bank.hold("changes")
        refresh = await shop.pull(link)
        assert refresh.state is RefreshState.FAILED
        assert "Nothing came" in str(refresh.provider_message)
        assert timedelta(minutes=5) == PROGRESS_LIMIT
