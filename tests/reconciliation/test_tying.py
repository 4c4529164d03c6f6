"""Tying bank accounts to the books."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from counterfoil import verifying
from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, CounterfoilError, InvalidInput, NotFound
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.drafting import EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import Books as LedgerBooks
from counterfoil.ledger.models import (
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerAccountType,
    RateSource,
)
from counterfoil.ledger.rates import RateMissing
from counterfoil.links.models import BankLink
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import (
    AccountStart,
    Act,
    ActKind,
    ClearingOrigin,
    HandClearing,
    Match,
)
from counterfoil.reconciliation.opening import StartingBalanceDiffers
from counterfoil.reconciliation.start_checks import (
    PredecessorUnsuitable,
    StartLeavesLines,
    StartTooEarly,
)
from counterfoil.reconciliation.starting import OutstandingItem, Start
from counterfoil.reconciliation.suitability import (
    CurrencyMismatch,
    LedgerAccountTaken,
    LedgerAccountUnsuitable,
    Unsuitable,
)
from counterfoil.reconciliation.tying import tie, untie
from counterfoil.reconciliation.tying_preview import TyingPreview, tying_preview
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Change, Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import (
    make_account,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue

DAY = date(2026, 2, 28)
EMPTY = Start(start_on=DAY, balance_minor=0)


@dataclass
class Desk:
    """An organization's login with one account, and a person who may tie it."""

    transactions: Transactions
    organization: Organization
    viewer: Viewer
    link: BankLink
    account: BankAccount
    before: Sequence[dict[str, Any]]

    async def tie(
        self,
        ledger: LedgerAccount,
        start: Start = EMPTY,
        *,
        account: BankAccount | None = None,
        viewer: Viewer | None = None,
        expected_revision: int = 1,
        key: Key | None = None,
        rates: Sequence[Rate] = (),
    ) -> Act:
        who = viewer or self.viewer
        async with self.transactions.begin(who.organization_id) as uow:
            return await tie(
                uow,
                who,
                bank_account_id=(account or self.account).id,
                ledger_account_id=ledger.id,
                start=start,
                expected_revision=expected_revision,
                key=key,
                rates=rates,
            )

    async def untie(self, *, viewer: Viewer | None = None, expected_revision: int = 1) -> Act:
        who = viewer or self.viewer
        async with self.transactions.begin(who.organization_id) as uow:
            return await untie(
                uow,
                who,
                bank_account_id=self.account.id,
                expected_revision=expected_revision,
                key=None,
            )

    async def post(
        self, ledger: LedgerAccount, amount_minor: int, on: date, *, rates: Sequence[Rate] = ()
    ) -> JournalLine:
        """An entry that somebody made by hand; its line in `ledger`."""
        other = await self.ledger(type=LedgerAccountType.EXPENSE, currency=None)
        draft = EntryDraft(
            posted_on=on,
            lines=(
                LineDraft(ledger_account_id=ledger.id, amount_minor=amount_minor),
                LineDraft(
                    ledger_account_id=other.id,
                    amount_minor=-amount_minor,
                    currency=ledger.currency,
                ),
            ),
            rates=rates,
        )
        async with self.transactions.begin(self.organization.id) as uow:
            entry = await create_entry(uow, self.viewer, draft)
        return await JournalLine.get(id=entry.lines[0].id)

    async def reconcile(self, ledger: LedgerAccount, amount_minor: int) -> None:
        """A line of the account that is matched with an entry, both of one day."""
        line = await make_line(self.account, amount_minor=amount_minor)
        await self.match(line, await self.post(ledger, amount_minor, line.dated_on))

    async def match(self, line: BankTransaction, entry: JournalLine) -> None:
        async with self.transactions.begin(self.organization.id) as uow:
            await match(
                uow,
                self.viewer,
                bank_items=[BankItem(line.id)],
                journal_items=[JournalItem(entry.id)],
                key=None,
            )

    async def preview(
        self,
        ledger: LedgerAccount,
        start_on: date = DAY,
        *,
        balance_minor: int | None = 0,
        viewer: Viewer | None = None,
    ) -> TyingPreview:
        return await tying_preview(
            viewer or self.viewer,
            bank_account_id=self.account.id,
            ledger_account_id=ledger.id,
            start_on=start_on,
            balance_minor=balance_minor,
        )

    async def equity(self) -> LedgerAccount:
        return await self.ledger(type=LedgerAccountType.EQUITY, currency=None)

    async def tied(self) -> BankAccount:
        return await BankAccount.get(id=self.account.id)

    async def books(self, ledger: LedgerAccount, on: date = DAY) -> int:
        balances = await balance_at(self.viewer, ledger.id, on)
        return balances["USD"].amount_minor if balances else 0

    async def ledger(self, **values: Any) -> LedgerAccount:
        return await make_ledger_account(self.organization, **values)

    async def require_unchanged(self) -> None:
        assert await BankAccount.filter(id=self.account.id).values() == self.before
        assert await Act.all().count() == 0
        assert await AccountStart.all().count() == 0
        assert await AuditEvent.all().count() == 0


def _euro(worth: str, *, on: date = DAY) -> Rate:
    return Rate(currency="EUR", rate=Decimal(worth), rate_on=on, source=RateSource.TYPED)


async def require_whole_books() -> None:
    assert [one.sentence async for one in verifying.findings() if not one.holds] == []


@pytest.fixture
async def desk(database: str) -> Desk:
    organization = await make_organization()
    link = await make_link(organization)
    account = await make_account(link)
    return Desk(
        Transactions(FixedClock(), RecordingBell(), RecordingQueue()),
        organization,
        await make_viewer(organization),
        link,
        account,
        await BankAccount.filter(id=account.id).values(),
    )


class TestTie:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, desk: Desk) -> None:
        clerk = await make_viewer(desk.organization, set(Right) - {Right.ACCOUNTS})
        with pytest.raises(Forbidden, match="“accounts”"):
            await desk.tie(await desk.ledger(), viewer=clerk)
        await desk.require_unchanged()

    async def test_another_organizations_bank_account_is_not_found(self, desk: Desk) -> None:
        theirs = await make_account(await make_link(await make_organization()))
        with pytest.raises(NotFound) as refused:
            await desk.tie(await desk.ledger(), account=theirs)
        assert refused.value.field == ("bank_account_id",)

    async def test_another_organizations_ledger_account_answers_as_an_absent_one(
        self, desk: Desk
    ) -> None:
        theirs = await make_ledger_account(await make_organization())
        answers = set()
        for ledger in (theirs, LedgerAccount(id=new_id())):
            with pytest.raises(NotFound) as refused:
                await desk.tie(ledger)
            answers.add((str(refused.value), refused.value.field))
        assert len(answers) == 1
        await desk.require_unchanged()

    async def test_a_revision_that_is_past_is_a_conflict(self, desk: Desk) -> None:
        with pytest.raises(Conflict):
            await desk.tie(await desk.ledger(), expected_revision=2)
        await desk.require_unchanged()

    async def test_it_ties_them_from_the_start_on(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        act = await desk.tie(ledger)
        after = await desk.tied()
        assert (after.ledger_account_id, after.revision, after.start_on) == (ledger.id, 2, DAY)
        [start] = await AccountStart.all()
        assert (start.bank_account_id, start.ledger_account_id) == (after.id, ledger.id)
        assert (start.start_on, start.balance_minor, start.ended_on) == (DAY, 0, None)
        assert (act.kind, act.bank_account_id, start.act_id) == (ActKind.TIE, after.id, act.id)
        assert start.opening_entry_id is None
        assert await JournalEntry.all().count() == 0

    async def test_it_is_written_down_and_told(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        act = await desk.tie(ledger)
        told = {(one.object_id, one.revision) for one in await Change.all()}
        assert told == {(desk.account.id, 2), (act.id, 1)}
        first, _ = await AuditEvent.all().order_by("sequence")
        assert (first.action, first.object_id) == ("assignLedgerAccount", desk.account.id)
        assert first.before == {"ledger_account_id": None, "start_on": None}
        assert first.after == {"ledger_account_id": str(ledger.id), "start_on": "2026-02-28"}

    async def test_the_same_key_again_ties_nothing_again(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        start = replace(EMPTY, balance_minor=500, difference_account_id=equity.id)
        key = Key("assignLedgerAccount", "once-and-for-all", {"start": "x"})
        acts = [await desk.tie(ledger, start, key=key) for _ in range(2)]
        assert acts[0].id == acts[1].id
        assert await JournalEntry.all().count() == 1

    async def test_a_card_takes_a_liability(self, desk: Desk) -> None:
        card = await make_account(desk.link, type=AccountType.CREDIT_CARD)
        ledger = await desk.ledger(type=LedgerAccountType.LIABILITY)
        await desk.tie(ledger, account=card)
        assert (await BankAccount.get(id=card.id)).ledger_account_id == ledger.id

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"inactive_at": NOW}, Unsuitable.INACTIVE),
            ({"control": True}, Unsuitable.CONTROL),
            ({"type": LedgerAccountType.LIABILITY}, Unsuitable.NOT_AN_ASSET),
        ],
    )
    async def test_an_unsuitable_one_is_refused_with_the_reason(
        self, desk: Desk, values: dict[str, Any], reason: Unsuitable
    ) -> None:
        with pytest.raises(LedgerAccountUnsuitable) as refused:
            await desk.tie(await desk.ledger(**values))
        assert (refused.value.reason, str(refused.value)) == (reason, reason.value)
        await desk.require_unchanged()

    @pytest.mark.parametrize(
        ("currency", "words"), [("EUR", "is kept in EUR"), (None, "has no currency of its own")]
    )
    async def test_another_currency_is_refused(
        self, desk: Desk, currency: str | None, words: str
    ) -> None:
        with pytest.raises(CurrencyMismatch, match=words):
            await desk.tie(await desk.ledger(currency=currency))
        await desk.require_unchanged()

    async def test_one_that_another_account_has_is_refused_and_names_it(self, desk: Desk) -> None:
        ledger = await desk.ledger(number="1010")
        await make_account(desk.link, name="Payroll", ledger_account_id=ledger.id)
        with pytest.raises(LedgerAccountTaken, match="1010 already belongs to “Payroll”"):
            await desk.tie(ledger)
        await desk.require_unchanged()

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_one_that_a_closed_account_had_is_free(self, desk: Desk, column: str) -> None:
        ledger = await desk.ledger()
        await make_account(desk.link, ledger_account_id=ledger.id, **{column: NOW})
        await desk.tie(ledger)
        assert (await desk.tied()).ledger_account_id == ledger.id

    async def test_of_two_at_the_same_moment_one_is_refused(self, desk: Desk) -> None:
        ledger, other = await desk.ledger(), await make_account(desk.link)
        answers = await asyncio.gather(
            desk.tie(ledger), desk.tie(ledger, account=other), return_exceptions=True
        )
        assert [type(answer) for answer in answers].count(LedgerAccountTaken) == 1
        assert await BankAccount.filter(ledger_account_id=ledger.id).count() == 1

    async def test_the_database_itself_refuses_a_second_one(self, desk: Desk) -> None:
        ledger, other = await desk.ledger(), await make_account(desk.link)
        await BankAccount.filter(id=desk.account.id).update(ledger_account_id=ledger.id)
        with pytest.raises(IntegrityError):
            await BankAccount.filter(id=other.id).update(ledger_account_id=ledger.id)


class TestStart:
    async def test_a_difference_needs_an_account_and_nothing_changes(self, desk: Desk) -> None:
        with pytest.raises(StartingBalanceDiffers) as refused:
            await desk.tie(await desk.ledger(), replace(EMPTY, balance_minor=-700))
        assert refused.value.difference_minor == -700
        assert refused.value.field == ("start", "difference_account_id")
        await desk.require_unchanged()

    async def test_one_entry_posts_what_the_books_lack_and_is_cleared(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        await desk.tie(
            ledger, replace(EMPTY, balance_minor=100_000, difference_account_id=equity.id)
        )
        [entry] = await JournalEntry.all()
        assert (entry.posted_on, entry.number) == (DAY, 1)
        lines = await JournalLine.filter(journal_entry_id=entry.id).order_by("position")
        assert [(one.ledger_account_id, one.amount_minor, one.cleared_minor) for one in lines] == [
            (equity.id, -100_000, 0),
            (ledger.id, 100_000, 100_000),
        ]
        [clearing] = await HandClearing.all()
        assert (clearing.origin, clearing.cleared_on) == (ClearingOrigin.START, DAY)
        assert await desk.books(ledger) == 100_000
        await require_whole_books()

    async def test_lines_that_are_not_outstanding_are_cleared_by_it(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        old = await desk.post(ledger, 5_000, date(2026, 1, 5))
        waiting = await desk.post(ledger, -300, DAY)
        later = await desk.post(ledger, 900, date(2026, 3, 1))
        await desk.tie(ledger, replace(EMPTY, balance_minor=5_000, outstanding=[waiting.id]))
        cleared = {line.id: line.cleared_minor for line in await JournalLine.all()}
        assert (cleared[old.id], cleared[waiting.id], cleared[later.id]) == (5_000, 0, 0)
        assert await JournalEntry.all().count() == 3
        await require_whole_books()

    async def test_an_item_that_the_books_lack_gets_a_line_of_its_own(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        cheque = OutstandingItem(dated_on=date(2026, 2, 20), amount_minor=-250, memo="Cheque 17")
        start = Start(
            start_on=DAY,
            balance_minor=1_000,
            lacking=(cheque,),
            difference_account_id=equity.id,
        )
        await desk.tie(ledger, start)
        own = await JournalLine.filter(ledger_account_id=ledger.id).order_by("amount_minor")
        assert [(one.amount_minor, one.cleared_minor, one.memo) for one in own] == [
            (-250, 0, "Cheque 17"),
            (1_000, 1_000, "Opening balance"),
        ]
        assert await desk.books(ledger) == 750
        await require_whole_books()

    async def test_a_line_that_is_not_open_there_cannot_be_outstanding(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        later = await desk.post(ledger, 900, date(2026, 3, 1))
        with pytest.raises(NotFound) as refused:
            await desk.tie(ledger, replace(EMPTY, outstanding=[later.id]))
        assert refused.value.field == ("start", "outstanding_line_ids", "0")
        await desk.require_unchanged()

    async def test_today_is_not_over_yet(self, desk: Desk) -> None:
        with pytest.raises(InvalidInput, match="a day that is over"):
            await desk.tie(await desk.ledger(), replace(EMPTY, start_on=NOW.date()))
        await desk.require_unchanged()

    async def test_an_item_after_the_start_is_not_outstanding(self, desk: Desk) -> None:
        late = OutstandingItem(dated_on=date(2026, 3, 1), amount_minor=-250)
        with pytest.raises(InvalidInput) as refused:
            await desk.tie(await desk.ledger(), replace(EMPTY, lacking=(late,)))
        assert refused.value.field == ("start", "lacking", "0")
        await desk.require_unchanged()

    async def test_the_difference_never_goes_to_the_account_itself(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        start = replace(EMPTY, balance_minor=500, difference_account_id=ledger.id)
        with pytest.raises(InvalidInput, match="own ledger account") as refused:
            await desk.tie(ledger, start)
        assert refused.value.field == ("start", "difference_account_id")
        await desk.require_unchanged()

    async def test_what_is_wrong_with_its_entry_names_the_input(self, desk: Desk) -> None:
        ledger, gone = await desk.ledger(), await desk.ledger(inactive_at=NOW, currency=None)
        for against in (gone.id, new_id()):
            start = replace(EMPTY, balance_minor=500, difference_account_id=against)
            with pytest.raises(CounterfoilError) as refused:
                await desk.tie(ledger, start)
            assert refused.value.field == ("start", "difference_account_id")
        await desk.require_unchanged()

    async def test_an_item_that_is_too_large_is_named(self, desk: Desk) -> None:
        large = OutstandingItem(dated_on=DAY, amount_minor=10**15)
        fine = OutstandingItem(dated_on=DAY, amount_minor=1)
        equity = await desk.equity()
        start = replace(EMPTY, lacking=(fine, large), difference_account_id=equity.id)
        with pytest.raises(CounterfoilError) as refused:
            await desk.tie(await desk.ledger(), replace(start, balance_minor=-(10**15)))
        assert refused.value.field == ("start", "lacking", "1", "amount")
        await desk.require_unchanged()

    async def test_a_locked_period_is_said_of_its_day(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        await LedgerBooks.create(organization_id=desk.organization.id, hard_lock_on=DAY)
        start = replace(EMPTY, balance_minor=500, difference_account_id=equity.id)
        with pytest.raises(CounterfoilError, match="locked up to") as refused:
            await desk.tie(ledger, start)
        assert refused.value.field == ("start", "start_on")
        await desk.require_unchanged()

    async def test_a_rate_that_is_none_is_named(self, desk: Desk) -> None:
        account, equity = await make_account(desk.link, currency="EUR"), await desk.equity()
        ledger = await desk.ledger(currency="EUR")
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        with pytest.raises(CounterfoilError) as refused:
            await desk.tie(ledger, start, account=account, rates=[_euro("0")])
        assert refused.value.field == ("start", "rates", "0", "rate")

    async def test_a_foreign_account_needs_a_rate(self, desk: Desk) -> None:
        account = await make_account(desk.link, currency="EUR")
        ledger, equity = await desk.ledger(currency="EUR"), await desk.equity()
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        with pytest.raises(RateMissing, match="EUR"):
            await desk.tie(ledger, start, account=account)
        await desk.tie(ledger, start, account=account, rates=[_euro("1.1")])
        lines = await JournalLine.all().order_by("position")
        assert [(one.amount_minor, one.currency, one.base_minor) for one in lines] == [
            (-1_000, "EUR", -1_100),
            (1_000, "EUR", 1_100),
        ]
        await require_whole_books()


class TestMove:
    async def test_balance_and_outstanding_items_leave_the_old_account(self, desk: Desk) -> None:
        old, new, equity = await desk.ledger(), await desk.ledger(), await desk.equity()
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        await desk.tie(old, start)
        waiting = await desk.post(old, -300, date(2026, 3, 2))
        day = date(2026, 3, 5)
        await desk.tie(new, Start(start_on=day, balance_minor=1_000), expected_revision=2)
        assert (await desk.books(old, day), await desk.books(new, day)) == (0, 700)
        lines = await JournalLine.filter(ledger_account_id=old.id)
        assert [one.id for one in lines if one.cleared_minor != one.amount_minor] == []
        own = await JournalLine.filter(ledger_account_id=new.id).order_by("amount_minor")
        assert [(one.amount_minor, one.cleared_minor) for one in own] == [
            (-300, 0),
            (1_000, 1_000),
        ]
        [pair] = await Match.all()
        assert pair.ledger_account_id == old.id
        assert (await JournalLine.get(id=waiting.id)).cleared_minor == -300
        first, second = await AccountStart.all().order_by("start_on")
        assert (first.ended_on, second.ended_on) == (day, None)
        await require_whole_books()

    async def test_lines_that_wait_for_review_are_not_left_behind(self, desk: Desk) -> None:
        old, new = await desk.ledger(), await desk.ledger()
        await desk.tie(old)
        await make_line(desk.account, dated_on=date(2026, 3, 3))
        with pytest.raises(StartLeavesLines, match="1 line is"):
            await desk.tie(
                new, Start(start_on=date(2026, 3, 5), balance_minor=0), expected_revision=2
            )
        assert (await desk.tied()).ledger_account_id == old.id

    async def test_excluded_and_later_lines_move_along(self, desk: Desk) -> None:
        old, new = await desk.ledger(), await desk.ledger()
        await desk.tie(old)
        await make_line(desk.account, dated_on=date(2026, 3, 3), excluded_at=NOW)
        await make_line(desk.account, dated_on=date(2026, 3, 6))
        day = date(2026, 3, 5)
        await desk.tie(new, Start(start_on=day, balance_minor=0), expected_revision=2)
        after = await desk.tied()
        assert (after.ledger_account_id, after.start_on) == (new.id, day)

    async def test_the_same_ledger_account_is_no_move(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        await desk.tie(ledger)
        with pytest.raises(InvalidInput, match="kept there already"):
            await desk.tie(ledger, expected_revision=2)
        assert (await desk.tied()).revision == 2

    async def test_a_balance_that_the_old_books_lack_needs_an_account(self, desk: Desk) -> None:
        old, new = await desk.ledger(), await desk.ledger()
        await desk.tie(old)
        day = date(2026, 3, 5)
        start = Start(start_on=day, balance_minor=-700)
        with pytest.raises(StartingBalanceDiffers) as refused:
            await desk.tie(new, start, expected_revision=2)
        assert refused.value.difference_minor == -700
        assert (await desk.tied()).ledger_account_id == old.id
        assert await JournalEntry.all().count() == 0

    async def test_the_old_account_is_left_with_nothing_all_the_same(self, desk: Desk) -> None:
        old, new, equity = await desk.ledger(), await desk.ledger(), await desk.equity()
        await desk.tie(old, replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id))
        day = date(2026, 3, 5)
        start = Start(start_on=day, balance_minor=940, difference_account_id=equity.id)
        await desk.tie(new, start, expected_revision=2)
        assert [await desk.books(one, day) for one in (old, new, equity)] == [0, 940, -940]
        own = JournalLine.filter(ledger_account_id__in=[old.id, new.id])
        assert [one.id for one in await own if one.cleared_minor != one.amount_minor] == []
        await require_whole_books()

    async def test_it_is_not_before_what_was_cleared_in_the_old_account(self, desk: Desk) -> None:
        old, new = await desk.ledger(), await desk.ledger()
        await desk.tie(old)
        line = await make_line(desk.account, amount_minor=-500, dated_on=date(2026, 3, 2))
        entry = await desk.post(old, -500, date(2026, 3, 6))
        await desk.match(line, entry)
        with pytest.raises(StartTooEarly, match="2026-03-06"):
            await desk.tie(
                new, Start(start_on=date(2026, 3, 5), balance_minor=0), expected_revision=2
            )
        assert (await desk.tied()).ledger_account_id == old.id

    async def test_a_foreign_account_moves_at_its_value_in_the_books(self, desk: Desk) -> None:
        account = await make_account(desk.link, currency="EUR")
        old, new = await desk.ledger(currency="EUR"), await desk.ledger(currency="EUR")
        equity = await desk.equity()
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        await desk.tie(old, start, account=account, rates=[_euro("0.9")])
        await desk.post(old, -300, date(2026, 3, 2), rates=[_euro("1.2")])
        day = date(2026, 3, 5)
        there = Start(start_on=day, balance_minor=1_000)
        await desk.tie(
            new, there, account=account, expected_revision=2, rates=[_euro("1.1", on=day)]
        )
        assert await balance_at(desk.viewer, old.id, day) == {"EUR": (0, 0)}
        assert await balance_at(desk.viewer, new.id, day) == {"EUR": (700, 540)}
        arrived = await JournalLine.filter(ledger_account_id=new.id).order_by("amount_minor")
        assert [(one.amount_minor, one.base_minor, one.cleared_minor) for one in arrived] == [
            (-300, -360, 0),
            (1_000, 900, 1_000),
        ]
        await require_whole_books()

    async def test_untied_in_between_it_still_comes_from_the_old_account(self, desk: Desk) -> None:
        old, new, equity = await desk.ledger(), await desk.ledger(), await desk.equity()
        await desk.tie(old, EMPTY)
        await desk.reconcile(old, -500)
        await desk.untie(expected_revision=2)
        day = date(2026, 3, 9)
        start = Start(start_on=day, balance_minor=-500, difference_account_id=equity.id)
        await desk.tie(new, start, expected_revision=3)
        assert [await desk.books(one, day) for one in (old, new, equity)] == [0, -500, 0]
        await require_whole_books()

    async def test_where_another_account_went_on_nothing_is_taken_away(self, desk: Desk) -> None:
        old, new, equity = await desk.ledger(), await desk.ledger(), await desk.equity()
        await desk.tie(old, EMPTY)
        await desk.reconcile(old, -500)
        await desk.untie(expected_revision=2)
        day = date(2026, 3, 9)
        start = Start(start_on=day, balance_minor=-500, difference_account_id=equity.id)
        await desk.tie(old, start, account=await make_account(desk.link))
        await desk.tie(new, start, expected_revision=3)
        assert [await desk.books(one, day) for one in (old, new, equity)] == [-500, -500, 500]
        await require_whole_books()

    async def test_lines_for_review_are_not_lost_by_untying_in_between(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        await desk.tie(ledger)
        await desk.reconcile(ledger, -500)
        await make_line(desk.account, amount_minor=-50, dated_on=date(2026, 3, 4))
        await desk.untie(expected_revision=2)
        again = Start(start_on=date(2026, 3, 9), balance_minor=-500)
        with pytest.raises(StartLeavesLines, match="1 line is"):
            await desk.tie(ledger, again, expected_revision=3)
        assert (await desk.tied()).ledger_account_id is None


class TestReplace:
    async def test_a_new_card_goes_on_where_the_old_one_ended(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        start = replace(EMPTY, balance_minor=-900, difference_account_id=equity.id)
        await desk.tie(ledger, start)
        card = await make_account(desk.link, name="New card")
        day = date(2026, 3, 5)
        await desk.tie(
            ledger,
            Start(start_on=day, balance_minor=-900, predecessor_id=desk.account.id),
            account=card,
        )
        assert (await BankAccount.get(id=card.id)).ledger_account_id == ledger.id
        old = await desk.tied()
        assert (old.ledger_account_id, old.start_on) == (None, None)
        first, second = await AccountStart.all().order_by("start_on")
        assert (first.ended_on, second.predecessor_id) == (day, first.id)
        assert await JournalEntry.all().count() == 1
        await require_whole_books()

    async def test_lines_of_the_old_one_that_wait_are_refused(self, desk: Desk) -> None:
        ledger, card = await desk.ledger(), await make_account(desk.link)
        await desk.tie(ledger)
        await make_line(desk.account, dated_on=date(2026, 3, 3))
        start = Start(start_on=date(2026, 3, 5), balance_minor=0, predecessor_id=desk.account.id)
        with pytest.raises(PredecessorUnsuitable, match="1 of its lines"):
            await desk.tie(ledger, start, account=card)
        assert (await desk.tied()).ledger_account_id == ledger.id

    async def test_one_of_another_ledger_account_is_refused(self, desk: Desk) -> None:
        card = await make_account(desk.link)
        start = replace(EMPTY, predecessor_id=desk.account.id)
        with pytest.raises(PredecessorUnsuitable, match="“Operating”"):
            await desk.tie(await desk.ledger(), start, account=card)
        await desk.require_unchanged()

    async def test_another_organizations_is_not_found(self, desk: Desk) -> None:
        theirs = await make_account(await make_link(await make_organization()))
        with pytest.raises(NotFound):
            await desk.tie(await desk.ledger(), replace(EMPTY, predecessor_id=theirs.id))
        await desk.require_unchanged()


class TestPreview:
    async def test_without_the_right_to_read_it_is_forbidden(self, desk: Desk) -> None:
        with pytest.raises(Forbidden):
            await desk.preview(await desk.ledger(), viewer=await make_viewer(desk.organization, []))

    async def test_what_moves_along_is_what_the_bank_has_seen_there(self, desk: Desk) -> None:
        old, new, equity = await desk.ledger(), await desk.ledger(), await desk.equity()
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        await desk.tie(old, start)
        await desk.post(old, -300, date(2026, 3, 2))
        seen = await desk.preview(new, date(2026, 3, 5), balance_minor=1_070)
        assert (seen.leaving_minor, seen.books_minor, seen.difference_minor) == (1_000, 0, 70)
        with pytest.raises(StartingBalanceDiffers) as refused:
            await desk.tie(
                new, Start(start_on=date(2026, 3, 5), balance_minor=1_070), expected_revision=2
            )
        assert refused.value.difference_minor == seen.difference_minor

    async def test_in_the_same_ledger_account_nothing_moves(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        await desk.tie(ledger)
        assert (await desk.preview(ledger)).leaving_minor is None

    async def test_of_many_open_lines_it_shows_the_newest_in_their_order(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ledger = await desk.ledger()
        lines = [await desk.post(ledger, 100, date(2026, 2, day)) for day in (3, 1, 2)]
        monkeypatch.setattr("counterfoil.reconciliation.tying_preview.MOST_SHOWN", 2)
        seen = await desk.preview(ledger)
        assert [line.id for line in seen.open_lines] == [lines[2].id, lines[0].id]
        assert seen.open_count == 3


class TestUntie:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        await desk.tie(ledger)
        clerk = await make_viewer(desk.organization, set(Right) - {Right.ACCOUNTS})
        with pytest.raises(Forbidden, match="“accounts”"):
            await desk.untie(viewer=clerk, expected_revision=2)
        assert (await desk.tied()).ledger_account_id == ledger.id

    async def test_it_parts_them(self, desk: Desk) -> None:
        await desk.tie(await desk.ledger())
        await desk.untie(expected_revision=2)
        after = await desk.tied()
        assert (after.ledger_account_id, after.start_on, after.revision) == (None, None, 3)
        assert await AccountStart.all().count() == 0

    async def test_a_start_under_which_nothing_was_done_is_taken_back(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        old = await desk.post(ledger, 300, date(2026, 2, 1))
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        await desk.tie(ledger, start)
        await desk.untie(expected_revision=2)
        assert await HandClearing.all().count() == 0
        assert await desk.books(ledger) == 300
        assert (await JournalLine.get(id=old.id)).cleared_minor == 0
        earlier = replace(start, start_on=date(2026, 1, 31))
        await desk.tie(ledger, earlier, expected_revision=3)
        assert await desk.books(ledger, date(2026, 1, 31)) == 1_000
        await require_whole_books()

    async def test_one_that_was_used_stays(self, desk: Desk) -> None:
        ledger, equity = await desk.ledger(), await desk.equity()
        start = replace(EMPTY, balance_minor=1_000, difference_account_id=equity.id)
        await desk.tie(ledger, start)
        await desk.reconcile(ledger, -1234)
        await desk.untie(expected_revision=2)
        assert await HandClearing.all().count() == 1
        [kept] = await AccountStart.all()
        assert kept.ended_on == date(2026, 3, 9)
        with pytest.raises(StartTooEarly, match="2026-03-09"):
            await desk.tie(ledger, start, expected_revision=3)
        await require_whole_books()
