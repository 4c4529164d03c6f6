"""Entries by hand and from other systems, as acts whose keys are kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.ledger.completing import JournalEntryUnbalanced
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.given import AccountRef, GivenLine
from counterfoil.ledger.importing import EntryRow
from counterfoil.ledger.models import JournalEntry, LedgerAccount
from counterfoil.ledger.rows import Outcome, RefusedBefore, RowStatus
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.reconciliation.posting_entries import import_entries, post_entry_by_hand
from counterfoil.unit_of_work import Change, IdempotencyKeyReused, Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_ledger_account, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

DAY = date(2026, 3, 2)
CREATED, UPDATED, UNCHANGED = RowStatus.CREATED, RowStatus.UPDATED, RowStatus.UNCHANGED


class Desk:
    """Somebody with two ledger accounts to write entries on."""

    def __init__(self, viewer: Viewer, till: LedgerAccount, sales: LedgerAccount) -> None:
        self.viewer, self.till, self.sales = viewer, till, sales
        self._transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())

    @classmethod
    async def of(cls, rights: Sequence[Right] = tuple(Right)) -> Desk:
        organization = await make_organization()
        till = await make_ledger_account(organization, number="1000")
        sales = await make_ledger_account(organization, number="4000")
        return cls(await make_viewer(organization, rights=rights), till, sales)

    async def post(
        self, amount: int = 100, *, other: int = -100, post: bool = True, key: str = "key-0001"
    ) -> Act:
        lines = [
            LineDraft(ledger_account_id=self.till.id, amount_minor=amount),
            LineDraft(ledger_account_id=self.sales.id, amount_minor=other),
        ]
        draft = EntryDraft(posted_on=DAY, lines=lines)
        asked = Key("createJournalEntry", key, [amount, other, post])
        async with self._transactions.begin(self.viewer.organization_id) as uow:
            return await post_entry_by_hand(uow, self.viewer, draft, post=post, key=asked)

    async def take(self, *rows: EntryRow, atomic: bool = False, key: str = "key-0001") -> Outcome:
        asked = Key("importJournalEntries", key, [(row.external_id, row.memo) for row in rows])
        async with self._transactions.begin(self.viewer.organization_id) as uow:
            return await import_entries(uow, self.viewer, rows, atomic=atomic, key=asked)


def row(external_id: str, credit: str = "-1", memo: str | None = None) -> EntryRow:
    lines = [
        GivenLine(account=AccountRef(number="1000"), amount=Decimal(1)),
        GivenLine(account=AccountRef(number="4000"), amount=Decimal(credit)),
    ]
    return EntryRow(external_id=external_id, posted_on=DAY, lines=lines, memo=memo)


def _statuses(outcome: Outcome) -> list[RowStatus | None]:
    return [result.status for result in outcome.results]


@pytest.fixture
async def desk(database: str) -> Desk:
    return await Desk.of()


async def _written() -> tuple[int, ...]:
    models = (JournalEntry, Act, AuditEvent, Change)
    return tuple([await model.all().count() for model in models])


class TestPostEntryByHand:
    async def test_denied(self, database: str) -> None:
        desk = await Desk.of(rights=(Right.READ, Right.EXPORT))
        with pytest.raises(Forbidden):
            await desk.post()
        assert await _written() == (0, 0, 0, 0)

    async def test_it_is_an_act_and_told(self, desk: Desk) -> None:
        act = await desk.post()
        entry = await JournalEntry.get(act_id=act.id)
        assert (act.kind, act.details) == (ActKind.POST, {"journal_entry_ids": [str(entry.id)]})
        assert (entry.state, entry.number) == ("POSTED", 1)
        assert {change.type for change in await Change.all()} == {"ACT", "JOURNAL_ENTRY"}
        assert (await AuditEvent.get()).action == "createJournalEntry"

    async def test_the_same_key_posts_once(self, desk: Desk) -> None:
        first, before = await desk.post(), await _written()
        again = await desk.post()
        assert (again.id, again.replayed) == (first.id, True)
        assert await _written() == before

    async def test_the_same_key_for_something_else_is_refused(self, desk: Desk) -> None:
        await desk.post()
        with pytest.raises(IdempotencyKeyReused):
            await desk.post(200, other=-200)
        assert await JournalEntry.all().count() == 1

    async def test_a_refusal_stores_nothing_and_frees_the_key(self, desk: Desk) -> None:
        with pytest.raises(JournalEntryUnbalanced):
            await desk.post(other=-99)
        assert await _written() == (0, 0, 0, 0)
        assert (await desk.post()).replayed is False

    async def test_a_draft_need_not_balance(self, desk: Desk) -> None:
        act = await desk.post(other=-99, post=False)
        assert (await JournalEntry.get(act_id=act.id)).state == "DRAFT"


class TestImportEntries:
    async def test_denied(self, database: str) -> None:
        desk = await Desk.of(rights=(Right.READ, Right.ACCOUNTS))
        with pytest.raises(Forbidden):
            await desk.take(row("e-1"))
        assert await _written() == (0, 0, 0, 0)

    async def test_all_rows_are_one_act(self, desk: Desk) -> None:
        outcome = await desk.take(row("e-1"), row("e-2", "-2"), row("e-3"))
        assert _statuses(outcome) == [CREATED, None, CREATED]
        act = await Act.get()
        entries = await JournalEntry.filter(act_id=act.id)
        assert sorted(act.details["journal_entry_ids"]) == sorted(str(each.id) for each in entries)
        assert (act.kind, len(entries)) == (ActKind.POST, 2)

    async def test_the_same_key_does_nothing_twice(self, desk: Desk) -> None:
        rows = [row("e-1"), row("e-2", "-2")]
        await desk.take(*rows)
        before = await _written()
        again = await desk.take(*rows)
        assert (_statuses(again), again.replayed) == ([CREATED, None], True)
        [refused] = again.results[1].errors
        assert (type(refused), refused.field) == (RefusedBefore, ("rows", "1", "external_id"))
        assert await _written() == before

    async def test_another_key_finds_them_unchanged_and_leaves_no_act(self, desk: Desk) -> None:
        await desk.take(row("e-1"))
        before = await _written()
        again = await desk.take(row("e-1"), key="key-0002")
        assert (_statuses(again), again.replayed) == ([UNCHANGED], False)
        assert await _written() == before

    async def test_a_memo_that_changed(self, desk: Desk) -> None:
        await desk.take(row("e-1"))
        assert _statuses(await desk.take(row("e-1", memo="New"), key="key-0002")) == [UPDATED]

    async def test_where_all_are_refused_there_is_no_act_and_the_key_is_free(
        self, desk: Desk
    ) -> None:
        assert _statuses(await desk.take(row("e-1", "-2"))) == [None]
        assert await _written() == (0, 0, 0, 0)
        assert (await desk.take(row("e-2"))).replayed is False

    async def test_all_or_none(self, desk: Desk) -> None:
        outcome = await desk.take(row("e-1"), row("e-2", "-2"), atomic=True)
        assert _statuses(outcome) == [None, None]
        assert [error.code for error in outcome.errors] == ["INVALID_INPUT"]
        assert await _written() == (0, 0, 0, 0)
        await desk.take(row("e-1"), row("e-3"), atomic=True)
        assert {entry.number for entry in await JournalEntry.all()} == {1, 2}
