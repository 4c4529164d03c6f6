"""What a pull makes of the accounts that a login hands over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest

from counterfoil.accounts.identity_key import key_of
from counterfoil.accounts.models import (
    AccountKey,
    AccountQuestion,
    BalanceReport,
    BankAccount,
    FeedState,
    KeyKind,
)
from counterfoil.accounts.placing import LinkFacts
from counterfoil.accounts.receiving import Received, receive
from counterfoil.accounts.recognising import Overlap
from counterfoil.aggregators.port import AccountSnapshot
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.links.models import BankLink
from counterfoil.unit_of_work import Change, Transactions
from tests.factories import (
    KEYRING,
    make_account,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue, account

START = date(2026, 2, 28)


@dataclass
class Bank:
    """Logins of one organization, and what they hand over."""

    organization: Organization
    transactions: Transactions
    link: BankLink
    overlap: dict[str, Overlap] = field(default_factory=dict)

    async def hand_over(
        self,
        *snapshots: AccountSnapshot,
        link: BankLink | None = None,
        adding: bool = False,
        failed: Collection[str] = (),
        resumed: bool = False,
    ) -> Received:
        chosen = link or self.link
        async with self.transactions.begin(self.organization.id) as uow:
            return await receive(
                uow,
                link=LinkFacts(chosen.id, "plaid", "Elm Bank", resumed, is_new=adding),
                refresh_id=new_id(),
                snapshots=snapshots,
                failed=failed,
                key=await key_of(uow, KEYRING),
                added_at=NOW if adding else None,
                history=self,
            )

    async def common(self, aggregator_id: str, _: UUID) -> Overlap:
        return self.overlap.get(aggregator_id, Overlap(0, 0))

    async def has_lines(self, aggregator_id: str) -> bool:
        return aggregator_id in self.overlap

    async def another(self) -> BankLink:
        return await make_link(self.organization)

    async def first(self, *snapshots: AccountSnapshot) -> BankAccount:
        """The account of a login that was just added."""
        [row] = (await self.hand_over(*snapshots or (account("one"),), adding=True)).with_feed
        return row

    async def delete(self, row: BankAccount) -> None:
        await BankAccount.filter(id=row.id).update(
            deleted_at=NOW, bank_link_id=None, aggregator_id=None
        )


@pytest.fixture
async def bank(database: str) -> Bank:
    organization = await make_organization()
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    return Bank(organization, transactions, await make_link(organization))


async def now(row: BankAccount) -> BankAccount:
    return await BankAccount.get(id=row.id)


class TestANewAccount:
    async def test_gets_a_row_its_balance_and_its_keys(self, bank: Bank) -> None:
        received = await bank.hand_over(account("one", persistent_id="p"), adding=True)
        [row] = received.with_feed
        assert (row.aggregator_id, row.bank_link_id, row.revision) == ("one", bank.link.id, 1)
        assert (received.reattached, received.failing, received.unplaced) == ([], [], False)
        assert await BalanceReport.filter(bank_account_id=row.id).count() == 1
        assert await AccountKey.filter(bank_account_id=row.id).count() == 3
        assert await AccountQuestion.all().count() == 0

    async def test_the_same_report_again_changes_nothing_but_when_it_was_seen(
        self, bank: Bank
    ) -> None:
        row = await bank.first()
        await bank.hand_over(account("one"))
        assert (await now(row)).revision == 1
        assert await AccountKey.all().count() == 2
        assert await Change.all().count() == 1

    async def test_an_account_of_another_organization_is_never_taken(self, bank: Bank) -> None:
        row = await bank.first()
        await bank.delete(row)
        other = await make_organization()
        theirs = Bank(other, bank.transactions, await make_link(other))
        assert (await theirs.first()).id != row.id
        assert (await now(row)).deleted_at == NOW


class TestADeletedAccount:
    async def test_comes_back_under_new_ids_when_its_login_is_added_again(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(name="Rent", renamed_at=NOW, memo="Two")
        await bank.delete(row)
        link = await bank.another()
        received = await bank.hand_over(account("new id", name="One"), link=link, adding=True)
        [back] = received.with_feed
        assert (back.id, back.name, back.memo) == (row.id, "Rent", "Two")
        assert (back.bank_link_id, back.aggregator_id) == (link.id, "new id")
        assert (back.deleted_at, back.wanted_at, back.revision) == (None, None, row.revision + 1)
        assert received.reattached == [row.id]
        assert await BankAccount.all().count() == 1

    async def test_a_pull_that_nobody_asked_for_passes_it_over(self, bank: Bank) -> None:
        row = await bank.first()
        await bank.delete(row)
        received = await bank.hand_over(account("one"), account("new id", name="One"))
        assert (received.with_feed, received.reattached) == ([], [])
        assert await BankAccount.all().count() == 1
        assert (await now(row)).deleted_at == NOW

    async def test_is_passed_over_again_when_its_lines_tell_it_no_more(self, bank: Bank) -> None:
        row = await bank.first()
        await make_line(row)
        await bank.delete(row)
        bank.overlap["new"] = Overlap(kept=5, found=5)
        await bank.hand_over(account("new", number="9999"))
        bank.overlap.clear()
        received = await bank.hand_over(account("new", number="9999"), resumed=True)
        assert received.with_feed == []
        assert await BankAccount.all().count() == 1

    async def test_a_sibling_that_was_deleted_stays_so_when_others_are_added(
        self, bank: Bank
    ) -> None:
        row = await bank.first()
        await make_account(bank.link, aggregator_id="kept")
        await bank.delete(row)
        received = await bank.hand_over(account("one"), account("kept"), adding=True)
        assert [each.aggregator_id for each in received.with_feed] == ["kept"]
        assert (await now(row)).deleted_at == NOW

    async def test_one_that_a_person_wants_back_comes_with_any_pull(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(deleted_at=NOW, wanted_at=NOW)
        received = await bank.hand_over(account("one"))
        [back] = received.with_feed
        assert (back.id, back.deleted_at, back.wanted_at) == (row.id, None, None)
        assert received.reattached == [row.id]

    async def test_gets_its_ledger_account_again_where_it_is_free(self, bank: Bank) -> None:
        ledger = await make_ledger_account(bank.organization)
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(ledger_account_id=ledger.id, start_on=START)
        await bank.delete(row)
        await bank.hand_over(account("new", name="One"), link=await bank.another(), adding=True)
        back = await now(row)
        assert (back.ledger_account_id, back.start_on) == (ledger.id, START)
        assert back.untied_because is None

    async def test_comes_without_where_another_has_it(self, bank: Bank) -> None:
        ledger = await make_ledger_account(bank.organization, number="1010")
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(ledger_account_id=ledger.id, start_on=START)
        await bank.delete(row)
        other = await make_account(bank.link, name="Payroll", ledger_account_id=ledger.id)
        await bank.hand_over(account("new", name="One"), link=await bank.another(), adding=True)
        back = await now(row)
        assert (back.ledger_account_id, back.start_on) == (None, None)
        assert back.untied_because == (
            "The ledger account 1010 is kept by another bank account now."
        )
        assert (await now(other)).ledger_account_id == ledger.id

    async def test_comes_without_where_nothing_more_is_posted_there(self, bank: Bank) -> None:
        ledger = await make_ledger_account(bank.organization, number="1010", inactive_at=NOW)
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(ledger_account_id=ledger.id)
        await bank.delete(row)
        await bank.hand_over(account("new", name="One"), link=await bank.another(), adding=True)
        assert (await now(row)).untied_because == "The ledger account 1010 is inactive."

    async def test_an_absorbed_one_never_comes_back(self, bank: Bank) -> None:
        row = await bank.first()
        kept = await make_account(bank.link)
        await bank.delete(row)
        await BankAccount.filter(id=row.id).update(absorbed_by_id=kept.id)
        [new] = (
            await bank.hand_over(account("new", name="One"), link=await bank.another(), adding=True)
        ).with_feed
        assert new.id not in (row.id, kept.id)


class TestAHiddenAccount:
    async def test_stays_attached_and_is_told_of_to_nobody(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(hidden_at=NOW)
        received = await bank.hand_over(account("one", current_minor=7))
        after = await now(row)
        assert received.with_feed == []
        assert (after.hidden_at, after.aggregator_id) == (NOW, "one")
        assert (after.current_minor, after.revision) == (row.current_minor, 1)
        assert await Change.all().count() == 1

    async def test_stays_hidden_when_its_login_is_added_again(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(
            hidden_at=NOW, bank_link_id=None, aggregator_id=None
        )
        await make_line(row)
        link = await bank.another()
        received = await bank.hand_over(account("new", name="One"), link=link, adding=True)
        after = await now(row)
        assert (received.with_feed, received.reattached) == ([], [])
        assert (after.hidden_at, after.bank_link_id, after.aggregator_id) == (NOW, link.id, "new")
        assert await BankAccount.all().count() == 1

    async def test_stays_hidden_where_another_login_hands_it_over_too(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(hidden_at=NOW)
        second = await bank.another()
        received = await bank.hand_over(account("two", name="One"), link=second, adding=True)
        after = await now(row)
        assert (received.with_feed, received.reattached) == ([], [])
        assert (after.bank_link_id, after.aggregator_id) == (bank.link.id, "one")
        again = await bank.hand_over(link=second, failed=["two"])
        assert (again.failing, again.unplaced) == ([], False)
        assert await BankAccount.all().count() == 1

    async def test_its_failure_is_no_news(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(hidden_at=NOW)
        received = await bank.hand_over(failed=["one"])
        assert (received.failing, received.unplaced) == ([], False)

    async def test_that_the_bank_hands_it_over_no_more_is_no_news(self, bank: Bank) -> None:
        row = await bank.first()
        await BankAccount.filter(id=row.id).update(hidden_at=NOW)
        await bank.hand_over()
        assert (await now(row)).feed_state is FeedState.OPEN
        assert await Change.all().count() == 1


class TestWhatMayBeAHiddenOne:
    @pytest.fixture
    async def hidden(self, bank: Bank) -> BankAccount:
        """A hidden account whose login has ended, and which another one looks like too."""
        row = await bank.first()
        await bank.delete(row)
        await BankAccount.filter(id=row.id).update(hidden_at=NOW, deleted_at=None)
        return row

    async def ids_of(self, row: BankAccount) -> tuple[int, int]:
        """How many ids it was seen under, and how many it may have been seen under."""
        keys = AccountKey.filter(bank_account_id=row.id)
        exact, maybe = keys.filter(kind=KeyKind.EXACT), keys.filter(kind=KeyKind.MAYBE)
        return await exact.count(), await maybe.count()

    async def test_is_remembered_by_its_id_once_it_had_lines(
        self, bank: Bank, hidden: BankAccount
    ) -> None:
        link, twins = await bank.another(), (account("a", name="One"), account("b", name="One"))
        await bank.hand_over(*twins, link=link, adding=True)
        assert await self.ids_of(hidden) == (1, 0)
        bank.overlap.update({"a": Overlap(0, 0), "b": Overlap(0, 0)})
        await bank.hand_over(*twins, link=link)
        assert await self.ids_of(hidden) == (1, 2)
        renamed = (account("a", number="1"), account("b", number="2"))
        received = await bank.hand_over(*renamed, link=link, resumed=True)
        assert (received.with_feed, received.history_behind) == ([], False)
        failing = await bank.hand_over(failed=["a", "b"], link=link)
        assert (failing.failing, failing.unplaced) == ([], False)
        assert await AccountKey.filter(kind=KeyKind.WEAK).count() == 1
        assert await BankAccount.all().count() == 1

    async def test_once_shown_again_they_are_asked_about_and_their_lines_are_fetched(
        self, bank: Bank, hidden: BankAccount
    ) -> None:
        link, twins = await bank.another(), (account("a", name="One"), account("b", name="One"))
        bank.overlap.update({"a": Overlap(0, 0), "b": Overlap(0, 0)})
        await bank.hand_over(*twins, link=link, adding=True)
        await BankAccount.filter(id=hidden.id).update(hidden_at=None)
        received = await bank.hand_over(*twins, link=link, resumed=True, adding=True)
        assert [row.wanted_at for row in received.with_feed] == [NOW, NOW]
        assert received.history_behind
        assert await AccountQuestion.all().count() == 2


class TestAReadingThatWasResumed:
    async def test_one_that_was_just_added_has_it_all(self, bank: Bank) -> None:
        await bank.first()
        two = account("two", number="2")
        received = await bank.hand_over(account("one"), two, resumed=True, adding=True)
        assert [row.wanted_at for row in received.with_feed] == [None, None]
        assert not received.history_behind

    async def test_one_that_comes_back_in_it_is_wanted_still(self, bank: Bank) -> None:
        row = await bank.first()
        await bank.delete(row)
        received = await bank.hand_over(account("new", name="One"), adding=True, resumed=True)
        after = await now(row)
        assert (after.deleted_at, after.wanted_at) == (None, NOW)
        assert received.reattached == [row.id]
        await bank.hand_over(account("new", name="One"))
        assert (await now(row)).wanted_at is None


class TestALoginThatWasTakenOver:
    async def test_its_own_come_before_doubles_that_were_deleted(self, bank: Bank) -> None:
        row = await bank.first()
        again = account("again", name="One")
        [double] = (await bank.hand_over(again, link=await bank.another(), adding=True)).with_feed
        await bank.delete(double)
        received = await bank.hand_over(account("new", name="One"))
        assert received.reattached == [row.id]
        assert (await now(row)).aggregator_id == "new"
        assert not await AccountQuestion.exists()

    async def test_its_accounts_get_the_new_ids(self, bank: Bank) -> None:
        row = await bank.first()
        received = await bank.hand_over(account("new id", name="One"), adding=True)
        after = await now(row)
        assert (after.aggregator_id, after.feed_state) == ("new id", FeedState.OPEN)
        assert received.reattached == [row.id]
        assert await BankAccount.all().count() == 1

    async def test_one_that_failed_under_its_old_id_is_left_there(self, bank: Bank) -> None:
        row = await bank.first()
        received = await bank.hand_over(account("new id", name="One"), failed=["one"])
        assert (await now(row)).aggregator_id == "one"
        assert (received.failing, received.unplaced) == (["One"], False)
        assert await BankAccount.all().count() == 2

    async def test_two_that_may_be_one_deleted_account_are_both_remembered(
        self, bank: Bank
    ) -> None:
        row = await bank.first()
        double = (await bank.hand_over(account("double"), link=await bank.another())).with_feed[0]
        await bank.delete(double)
        coming = (account("two", name="Two"), account("three", name="Three"))
        await BankAccount.filter(id=row.id).update(number=None)
        await AccountKey.filter(bank_account_id=row.id).delete()
        received = await bank.hand_over(*coming)
        assert [each.id for each in received.with_feed] == [row.id]
        keys = AccountKey.filter(bank_account_id=double.id, kind=KeyKind.EXACT)
        assert await keys.count() == 3


class TestADoubtfulAccount:
    async def test_one_of_the_same_number_and_another_name_is_asked_about(self, bank: Bank) -> None:
        row = await bank.first()
        await bank.delete(row)
        link = await bank.another()
        received = await bank.hand_over(account("new", name="Payroll"), link=link, adding=True)
        [question] = await AccountQuestion.all()
        assert question.candidates == [str(row.id)]
        assert [new.name for new in received.with_feed] == ["Payroll"]

    async def test_is_new_and_a_person_is_asked(self, bank: Bank) -> None:
        row = await bank.first()
        await make_line(row)
        await bank.delete(row)
        bank.overlap["new"] = Overlap(kept=1, found=0)
        link = await bank.another()
        received = await bank.hand_over(account("new", name="One"), link=link, adding=True)
        [new] = received.with_feed
        [question] = await AccountQuestion.all()
        assert new.id != row.id
        assert (question.bank_account_id, question.candidates) == (new.id, [str(row.id)])
        assert (question.raised_at, question.answered_at) == (NOW, None)

    async def test_is_asked_about_once(self, bank: Bank) -> None:
        row = await bank.first()
        await make_line(row)
        await bank.delete(row)
        link = await bank.another()
        bank.overlap["new"] = Overlap(kept=1, found=0)
        for _ in range(2):
            await bank.hand_over(account("new", name="One"), link=link, adding=True)
        assert await AccountQuestion.all().count() == 1

    async def test_a_history_in_common_decides(self, bank: Bank) -> None:
        row = await bank.first()
        await make_line(row)
        await bank.delete(row)
        bank.overlap["new"] = Overlap(kept=5, found=4)
        link = await bank.another()
        await bank.hand_over(account("new", number="9999", name="One"), link=link, adding=True)
        assert (await now(row)).number == "9999"


class TestWhatFailed:
    async def test_one_that_nobody_knows_has_no_place_yet(self, bank: Bank) -> None:
        received = await bank.hand_over(failed=["unknown"])
        assert (received.failing, received.unplaced) == (["an account"], True)

    async def test_one_that_was_deleted_is_no_news(self, bank: Bank) -> None:
        await bank.delete(await bank.first())
        received = await bank.hand_over(failed=["one"])
        assert (received.failing, received.unplaced) == ([], False)

    async def test_one_that_the_bank_hands_over_no_more_is_marked(self, bank: Bank) -> None:
        row = await bank.first()
        await bank.hand_over()
        assert (await now(row)).feed_state is FeedState.ACCESS_LOST


class TestKeyOf:
    async def test_is_made_once_for_each_organization(self, bank: Bank) -> None:
        other = await make_organization()
        keys = []
        for organization in (bank.organization, bank.organization, other):
            async with bank.transactions.begin(organization.id) as uow:
                keys.append(await key_of(uow, KEYRING))
        assert (keys[0] == keys[1], keys[0] == keys[2], len(keys[0])) == (True, False, 32)
