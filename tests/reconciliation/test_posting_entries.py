"""Entries by hand and from other systems, as acts whose keys are kept for ever."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, NotFound
from counterfoil.ledger.completing import JournalEntryUnbalanced
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import discard_draft
from counterfoil.ledger.given import AccountRef, GivenLine
from counterfoil.ledger.importing import EntryRow
from counterfoil.ledger.models import JournalEntry, LedgerAccount
from counterfoil.ledger.rows import Outcome, RefusedBefore, RowStatus
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.reconciliation.posting_entries import (
    import_entries,
    post_draft_by_hand,
    post_entry_by_hand,
)
from counterfoil.reconciliation.undo_plans import NOTHING_LEFT
from counterfoil.reconciliation.undo_steps import EffectKind
from counterfoil.reconciliation.undoing import UndoPreview, preview, undo
from counterfoil.unit_of_work import (
    Change,
    ChangeType,
    IdempotencyKeyReused,
    Transactions,
    UnitOfWork,
)
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

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work in these books."""
        return self._transactions.begin(self.viewer.organization_id)

    async def post(
        self, amount: int = 100, *, other: int = -100, post: bool = True, key: str = "key-0001"
    ) -> Act:
        lines = [
            LineDraft(ledger_account_id=self.till.id, amount_minor=amount),
            LineDraft(ledger_account_id=self.sales.id, amount_minor=other),
        ]
        draft = EntryDraft(posted_on=DAY, lines=lines)
        asked = Key("createJournalEntry", key, [amount, other, post])
        async with self.begin() as uow:
            return await post_entry_by_hand(uow, self.viewer, draft, post=post, key=asked)

    async def take(self, *rows: EntryRow, atomic: bool = False, key: str = "key-0001") -> Outcome:
        asked = Key("importJournalEntries", key, [(row.external_id, row.memo) for row in rows])
        async with self.begin() as uow:
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
    """How much there is, but for the rows of positions that were taken for nothing."""
    models = (JournalEntry, Act, AuditEvent)
    told = await Change.exclude(type=ChangeType.ORGANIZATION).count()
    return (*[await model.all().count() for model in models], told)


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


class TestPostDraftByHand:
    async def post(
        self, desk: Desk, *, viewer: Viewer | None = None, revision: int = 1, key: str = "key-0002"
    ) -> Act:
        draft = await JournalEntry.get()
        asked = Key("postJournalEntry", key, [draft.id, revision])
        async with desk.begin() as uow:
            return await post_draft_by_hand(
                uow,
                viewer or desk.viewer,
                journal_entry_id=draft.id,
                expected_revision=revision,
                key=asked,
            )

    async def test_denied(self, desk: Desk) -> None:
        await desk.post(post=False)
        before = await _written()
        clerk = replace(desk.viewer, rights=frozenset({Right.READ}))
        with pytest.raises(Forbidden):
            await self.post(desk, viewer=clerk)
        with pytest.raises(NotFound):
            await self.post(desk, viewer=await make_viewer(await make_organization()))
        assert await _written() == before

    async def test_it_is_an_act_and_the_entry_its_work(self, desk: Desk) -> None:
        drafted = await desk.post(post=False)
        act = await self.post(desk)
        entry = await JournalEntry.get()
        assert (entry.state, entry.number, entry.act_id) == ("POSTED", 1, act.id)
        assert (act.kind, act.details) == (ActKind.POST, {"journal_entry_ids": [str(entry.id)]})
        assert act.id != drafted.id
        event = await AuditEvent.all().order_by("-sequence").first()
        assert event is not None
        assert (event.action, event.object_id) == ("postJournalEntry", act.id)

    async def test_the_same_key_posts_once(self, desk: Desk) -> None:
        await desk.post(post=False)
        first = await self.post(desk)
        before = await _written()
        again = await self.post(desk)
        assert (again.id, again.replayed) == (first.id, True)
        assert await _written() == before
        with pytest.raises(IdempotencyKeyReused):
            await self.post(desk, revision=2)

    async def test_a_refusal_stores_nothing_and_frees_the_key(self, desk: Desk) -> None:
        await desk.post(post=False)
        before = await _written()
        with pytest.raises(Conflict):
            await self.post(desk, revision=7, key="key-0003")
        assert await _written() == before


class TestUndoingADraft:
    async def plan(self, desk: Desk, act: Act) -> UndoPreview:
        return await preview(desk.viewer, act.id)

    async def undo(self, desk: Desk, act: Act) -> None:
        token = (await self.plan(desk, act)).token
        async with desk.begin() as uow:
            await undo(uow, desk.viewer, act_id=act.id, token=token, key=None)

    async def test_it_is_discarded(self, desk: Desk) -> None:
        drafted = await desk.post(post=False)
        seen = await self.plan(desk, drafted)
        told = [(each.kind, each.text) for each in seen.effects]
        assert told == [(EffectKind.DISCARD, "The draft dated 2026-03-02 is discarded.")]
        await self.undo(desk, drafted)
        assert await JournalEntry.all().count() == 0
        assert (await self.plan(desk, drafted)).blocked == "This has been undone already."

    async def test_when_it_was_discarded_nothing_is_left(self, desk: Desk) -> None:
        drafted = await desk.post(post=False)
        entry = await JournalEntry.get()
        async with desk.begin() as uow:
            await discard_draft(
                uow, desk.viewer, journal_entry_id=entry.id, expected_revision=entry.revision
            )
        assert (await self.plan(desk, drafted)).blocked == NOTHING_LEFT

    async def test_once_posted_its_posting_is_undone(self, desk: Desk) -> None:
        drafted = await desk.post(post=False)
        posted = await TestPostDraftByHand().post(desk)
        assert (await self.plan(desk, drafted)).blocked == (
            "Its draft was posted since, as entry 2026-0001. Undo its posting."
        )
        assert [each.kind for each in (await self.plan(desk, posted)).effects] == [
            EffectKind.REVERSE
        ]
        await self.undo(desk, posted)
        assert await JournalEntry.filter(state="POSTED").count() == 2
        assert (await self.plan(desk, drafted)).blocked == NOTHING_LEFT


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

    async def test_what_was_undone_is_not_unchanged(self, desk: Desk) -> None:
        await desk.take(row("e-1"))
        await TestUndoingADraft().undo(desk, await Act.get())
        again = await desk.take(row("e-1"), row("e-2"), key="key-0002")
        assert _statuses(again) == [None, CREATED]
        [refused] = again.results[0].errors
        assert (refused.code, refused.field) == (
            "JOURNAL_ENTRY_REVERSED",
            ("rows", "0", "external_id"),
        )
        assert "2026-0001, and reversed by entry 2026-0002" in str(refused)

    async def test_a_row_more_reads_nothing_more(
        self, desk: Desk, caplog: pytest.LogCaptureFixture
    ) -> None:
        read = []
        for count in (1, 9):
            caplog.clear()
            with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
                rows = [row(f"{count}-{number}") for number in range(count)]
                await desk.take(*rows, key=f"key-000{count}")
            read.append(len([one for one in caplog.records if "SELECT" in one.getMessage()[:9]]))
        assert read[0] == read[1]

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
