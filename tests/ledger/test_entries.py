"""Writing journal entries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger.chart import ExternalIdTaken
from counterfoil.ledger.completing import (
    JournalEntryUnbalanced,
    LedgerAccountInactive,
    LineRefused,
)
from counterfoil.ledger.counting import BalanceTooLarge
from counterfoil.ledger.days import FIRST_KEPT, DayOutOfRange
from counterfoil.ledger.drafting import Entry, EntryEdit, LineDraft
from counterfoil.ledger.entries import create_entry, discard_draft, edit_entry, post_draft
from counterfoil.ledger.locks import PeriodLocked
from counterfoil.ledger.models import (
    Books,
    EntryRate,
    EntrySource,
    EntryState,
    JournalEntry,
    JournalLine,
    LedgerBalance,
)
from counterfoil.ledger.rates import RateMissing
from counterfoil.ledger.stored import JournalEntryPosted, number_of
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_ledger_account, make_organization
from tests.fakes import NOW
from tests.ledger.conftest import DAY, Desk, euro_rate


async def lines_of(entry: JournalEntry) -> list[tuple[int, int, str, int, date | None]]:
    rows = await JournalLine.filter(journal_entry_id=entry.id).order_by("position")
    return [
        (row.position, row.amount_minor, row.currency, row.base_minor, row.posted_on)
        for row in rows
    ]


class TestCreateEntry:
    async def test_nobody_writes_without_the_right(self, desk: Desk) -> None:
        before = await desk.written()
        clerk = await desk.clerk(Right.CODE)
        with pytest.raises(Forbidden):
            async with desk.begin() as uow:
                await create_entry(uow, clerk, desk.drafted())
        assert await desk.written() == before

    async def test_another_company_s_account_is_no_account(self, desk: Desk) -> None:
        theirs = await make_ledger_account(await make_organization())
        lines = (*desk.moved(5), LineDraft(ledger_account_id=theirs.id, amount_minor=5))
        with pytest.raises(NotFound) as refused:
            await desk.entry(lines=lines)
        lines = (*desk.moved(5), LineDraft(ledger_account_id=new_id(), amount_minor=5))
        with pytest.raises(NotFound) as absent:
            await desk.entry(lines=lines, post=False)
        assert refused.value.field == absent.value.field == ("lines", "2", "ledger_account_id")
        assert str(refused.value) == str(absent.value)
        assert await JournalEntry.all().count() == 0

    @pytest.mark.parametrize(
        ("values", "error", "field"),
        [
            ({"lines": ()}, InvalidInput, ("lines",)),
            ({"posted_on": date.min}, DayOutOfRange, ("posted_on",)),
            ({"posted_on": date(1899, 12, 31)}, DayOutOfRange, ("posted_on",)),
            ({"posted_on": date.max, "post": False}, DayOutOfRange, ("posted_on",)),
            ({"reference": "x" * 81}, InvalidInput, ("reference",)),
            ({"memo": "x" * 501}, InvalidInput, ("memo",)),
            ({"contact": "x" * 201}, InvalidInput, ("contact",)),
            ({"external_id": "x" * 129}, InvalidInput, ("external_id",)),
        ],
    )
    async def test_what_does_not_fit_is_refused(
        self,
        desk: Desk,
        values: dict[str, Any],
        error: type[CounterfoilError],
        field: tuple[str, ...],
    ) -> None:
        before = await desk.written()
        with pytest.raises(error) as refused:
            await desk.entry(**values)
        assert refused.value.field == field
        assert await desk.written() == before

    async def test_nothing_is_written_of_what_cannot_be_posted(self, desk: Desk) -> None:
        retired = await make_ledger_account(desk.organization, inactive_at=NOW)
        paid = desk.moved(100)
        before = await desk.written()
        cases: Sequence[tuple[type[CounterfoilError], Sequence[LineDraft], tuple[str, ...]]] = [
            (JournalEntryUnbalanced, (replace(paid[0], amount_minor=99), paid[1]), ("lines",)),
            (
                LedgerAccountInactive,
                (replace(paid[0], ledger_account_id=retired.id), paid[1]),
                ("lines", "0", "ledger_account_id"),
            ),
            (RateMissing, desk.moved(100, base_minor=150), ("rates",)),
            (LineRefused, desk.moved(10**18), ("lines", "0", "amount")),
            (LineRefused, (*paid, replace(paid[0], amount_minor=0)), ("lines", "2", "amount")),
            (
                InvalidInput,
                (replace(paid[0], memo="x" * 501), paid[1]),
                ("lines", "0", "memo"),
            ),
        ]
        for error, lines, field in cases:
            with pytest.raises(error) as refused:
                await desk.entry(lines=lines)
            assert refused.value.field == field
        assert await desk.written() == before

    async def test_no_account_comes_to_hold_more_than_is_counted(self, desk: Desk) -> None:
        await desk.entry(lines=desk.moved(100))
        await LedgerBalance.filter(amount_minor__gt=0).update(amount_minor=10**18 - 100)
        before = await desk.written()
        with pytest.raises(BalanceTooLarge, match=r"10\^18 minor units") as refused:
            await desk.entry(lines=desk.moved(100))
        assert refused.value.field == ("lines",)
        assert await desk.written() == before
        await desk.entry(lines=desk.moved(99))

    async def test_it_is_posted_with_a_number_and_told(self, desk: Desk) -> None:
        act_id = new_id()
        draft = desk.drafted(
            transaction_on=date(2026, 3, 7),
            reference=" 0042 ",
            contact="Elm\tStreet",
            external_id="A-1",
            source=EntrySource.FEED,
        )
        async with desk.begin() as uow:
            made = await create_entry(uow, desk.viewer, draft, act_id=act_id)
        entry = await JournalEntry.get()
        [stored] = await JournalEntry.all().values()
        assert {name: getattr(made.entry, name) for name in stored} == stored
        assert (entry.state, number_of(entry), entry.posted_at) == (
            EntryState.POSTED,
            "2026-0001",
            NOW,
        )
        assert (entry.reference, entry.contact, entry.memo) == ("0042", "Elm Street", "Paper")
        assert (entry.posted_on, entry.transaction_on) == (DAY, date(2026, 3, 7))
        assert (entry.external_id, entry.source, entry.act_id) == ("A-1", EntrySource.FEED, act_id)
        assert (entry.created_by, entry.created_at) == (desk.viewer.actor, NOW)
        assert await lines_of(entry) == [
            (0, 1234, "USD", 1234, DAY),
            (1, -1234, "USD", -1234, DAY),
        ]
        assert [line.id for line in made.lines] == [
            line.id for line in await JournalLine.all().order_by("position")
        ]
        assert await desk.told() == [("JOURNAL_ENTRY", entry.id, "UPSERTED", 1)]
        assert await AuditEvent.all().count() == 0

    async def test_a_foreign_line_keeps_its_rate(self, desk: Desk) -> None:
        made = await desk.entry(lines=desk.moved(1000, base_minor=1505), rates=[euro_rate("1.505")])
        assert await lines_of(made.entry) == [
            (0, 1505, "USD", 1505, DAY),
            (1, -1000, "EUR", -1505, DAY),
        ]
        [rate] = await EntryRate.all()
        told = euro_rate("1.505")
        assert (rate.currency, rate.rate, rate.rate_on, rate.source) == (
            told.currency,
            told.rate,
            told.rate_on,
            told.source,
        )

    async def test_numbers_have_no_gaps_in_a_fiscal_year(self, desk: Desk) -> None:
        await Books.create(organization_id=desk.organization.id, fiscal_year_starts_in=7)
        days = [date(2026, 6, 30), date(2026, 7, 1), date(2025, 7, 1), date(2027, 6, 30)]
        for day in days:
            await desk.entry(posted_on=day)
            with pytest.raises(JournalEntryUnbalanced):
                await desk.entry(posted_on=day, lines=(*desk.moved(5), *desk.moved(5)[:1]))
            await desk.entry(posted_on=day, post=False)
        posted = await JournalEntry.filter(state=EntryState.POSTED).order_by(
            "fiscal_year", "number"
        )
        assert [number_of(entry) for entry in posted] == [
            "2026-0001",
            "2026-0002",
            "2027-0001",
            "2027-0002",
        ]

    async def test_another_company_counts_for_itself(self, desk: Desk) -> None:
        await desk.entry()
        other = await make_organization()
        theirs = await make_ledger_account(other)
        viewer = replace(desk.viewer, organization_id=other.id)
        lines = [LineDraft(ledger_account_id=theirs.id, amount_minor=n) for n in (5, -5)]
        async with desk.transactions.begin(other.id) as uow:
            made = await create_entry(uow, viewer, desk.drafted(lines=lines))
        assert number_of(made.entry) == "2026-0001"

    async def test_in_parallel_each_gets_its_own_number(self, desk: Desk) -> None:
        made = await asyncio.gather(*(desk.entry(amount) for amount in range(1, 9)))
        assert sorted(entry.entry.number or 0 for entry in made) == list(range(1, 9))
        newest = await LedgerBalance.get(ledger_account_id=desk.supplies.id)
        assert newest.amount_minor == sum(range(1, 9))

    async def test_an_external_id_is_taken_once(self, desk: Desk) -> None:
        await desk.entry(external_id="A-1")
        await desk.entry(external_id="A-2", post=False)
        for taken, holder in (("A-1", "entry 2026-0001"), ("A-2", "a draft")):
            with pytest.raises(ExternalIdTaken, match=holder):
                await desk.entry(external_id=taken)
        assert await JournalEntry.all().count() == 2

    async def test_a_draft_may_be_unfinished(self, desk: Desk) -> None:
        lines = [
            LineDraft(ledger_account_id=desk.euros.id, amount_minor=1000, memo=" Deposit "),
            LineDraft(ledger_account_id=desk.supplies.id, amount_minor=0),
        ]
        made = await desk.entry(lines=lines, post=False)
        assert (made.entry.state, made.entry.number) == (EntryState.DRAFT, None)
        assert await lines_of(made.entry) == [(0, 1000, "EUR", 0, None), (1, 0, "USD", 0, None)]
        assert made.lines[0].memo == "Deposit"
        assert await LedgerBalance.all().count() == 0


class TestPostDraft:
    async def post(
        self, uow: UnitOfWork, viewer: Viewer, draft_id: UUID, *, revision: int = 1
    ) -> Entry:
        return await post_draft(
            uow,
            viewer,
            journal_entry_id=draft_id,
            expected_revision=revision,
            act_id=new_id(),
        )

    async def test_not_without_the_right_nor_in_another_company(self, desk: Desk) -> None:
        draft = await desk.entry(post=False)
        before = await desk.written()
        for viewer, error in (
            (await desk.clerk(Right.CODE), Forbidden),
            (await desk.stranger(), NotFound),
        ):
            with pytest.raises(error):
                async with desk.transactions.begin(viewer.organization_id) as uow:
                    await self.post(uow, viewer, draft.entry.id, revision=1)
        assert await desk.written() == before

    async def test_not_what_somebody_changed_meanwhile(self, desk: Desk) -> None:
        draft = await desk.entry(post=False)
        with pytest.raises(Conflict) as refused:
            async with desk.begin() as uow:
                await self.post(uow, desk.viewer, draft.entry.id, revision=2)
        assert (refused.value.of, refused.value.actual) == ("JournalEntry", 1)

    async def test_not_while_something_is_missing(self, desk: Desk) -> None:
        draft = await desk.entry(lines=desk.moved(100, base_minor=150), post=False)
        before = await desk.written()
        with pytest.raises(RateMissing):
            async with desk.begin() as uow:
                await self.post(uow, desk.viewer, draft.entry.id, revision=1)
        assert await desk.written() == before

    async def test_the_lines_stay_and_are_valued(self, desk: Desk) -> None:
        draft = await desk.entry(lines=desk.moved(100, base_minor=150), post=False)
        edit = EntryEdit(rates=[euro_rate()])
        async with desk.begin() as uow:
            await edit_entry(
                uow, desk.viewer, journal_entry_id=draft.entry.id, expected_revision=1, edit=edit
            )
        kept = await JournalLine.all().order_by("position").values_list("id", flat=True)
        async with desk.begin() as uow:
            posted = await self.post(uow, desk.viewer, draft.entry.id, revision=2)
        assert [line.id for line in posted.lines] == kept
        assert await lines_of(posted.entry) == [
            (0, 150, "USD", 150, DAY),
            (1, -100, "EUR", -150, DAY),
        ]
        assert (number_of(posted.entry), posted.entry.revision) == ("2026-0001", 3)
        assert await desk.told() == [("JOURNAL_ENTRY", draft.entry.id, "UPSERTED", 3)]

    async def test_once(self, desk: Desk) -> None:
        made = await desk.entry()
        with pytest.raises(JournalEntryPosted):
            async with desk.begin() as uow:
                await self.post(uow, desk.viewer, made.entry.id, revision=1)

    async def test_not_behind_a_lock(self, desk: Desk) -> None:
        draft = await desk.entry(post=False)
        await desk.lock(hard=DAY)
        with pytest.raises(PeriodLocked):
            async with desk.begin() as uow:
                await self.post(uow, desk.viewer, draft.entry.id, revision=1)


class TestEditEntry:
    async def edit(self, desk: Desk, entry: JournalEntry, **changes: Any) -> JournalEntry:
        async with desk.begin() as uow:
            return await edit_entry(
                uow,
                desk.viewer,
                journal_entry_id=entry.id,
                expected_revision=entry.revision,
                edit=EntryEdit(**changes),
            )

    async def test_not_without_the_right_nor_in_another_company(self, desk: Desk) -> None:
        made = await desk.entry()
        before = await desk.written()
        for viewer, error in (
            (await desk.clerk(Right.CODE), Forbidden),
            (await desk.stranger(), NotFound),
        ):
            with pytest.raises(error):
                async with desk.transactions.begin(viewer.organization_id) as uow:
                    await edit_entry(
                        uow,
                        viewer,
                        journal_entry_id=made.entry.id,
                        expected_revision=1,
                        edit=EntryEdit(memo="x"),
                    )
        assert await desk.written() == before

    async def test_of_a_posted_one_only_memo_and_contact(self, desk: Desk) -> None:
        made = await desk.entry(reference="7")
        before = await desk.written()
        for changes in (
            {"posted_on": date(2026, 3, 10)},
            {"transaction_on": DAY},
            {"reference": None},
            {"external_id": "A-1"},
            {"lines": desk.moved(5)},
            {"rates": ()},
        ):
            with pytest.raises(JournalEntryPosted, match="2026-0001"):
                await self.edit(desk, made.entry, memo="x", **changes)
        assert await desk.written() == before
        edited = await self.edit(
            desk, made.entry, posted_on=DAY, reference="7", memo=" Toner ", contact="Elm"
        )
        assert (edited.memo, edited.contact, edited.revision) == ("Toner", "Elm", 2)
        event = await AuditEvent.get()
        assert (event.action, event.object_id) == ("editJournalEntry", made.entry.id)
        assert event.before == {"memo": "Paper", "contact": None}
        assert event.after == {"memo": "Toner", "contact": "Elm"}
        assert await desk.told() == [("JOURNAL_ENTRY", made.entry.id, "UPSERTED", 2)]

    async def test_a_bank_s_words_do_not_stay_in_the_trail(self, desk: Desk) -> None:
        made = await desk.entry(memo="ELM STREET 0042 J DOE", source=EntrySource.FEED)
        await self.edit(desk, made.entry, memo="ELM STREET", contact="J Doe")
        event = await AuditEvent.get()
        assert event.before is not None
        assert event.after is not None
        assert (set(event.before), event.before["contact"]) == ({"memo", "contact"}, None)
        assert event.before["memo"].startswith("sha256:")
        assert event.before["memo"] != event.after["memo"]
        kept = str((event.before, event.after)).lower()
        assert "elm" not in kept
        assert "doe" not in kept

    async def test_changing_nothing_is_no_change(self, desk: Desk) -> None:
        made = await desk.entry()
        before = await desk.written()
        same = await self.edit(desk, made.entry, memo="Paper", contact=None)
        assert same.revision == 1
        after = await desk.written()
        assert {**after, "Change": None} == {**before, "Change": None}
        assert [kind for kind, *_ in await desk.told()] == ["ORGANIZATION"]

    async def test_a_draft_changes_altogether(self, desk: Desk) -> None:
        made = await desk.entry(post=False)
        lines = desk.moved(200, base_minor=300)
        edited = await self.edit(
            desk,
            made.entry,
            posted_on=date(2026, 4, 1),
            transaction_on=DAY,
            reference="9",
            memo=None,
            external_id="A-1",
            lines=lines,
            rates=[euro_rate()],
        )
        assert (edited.posted_on, edited.transaction_on) == (date(2026, 4, 1), DAY)
        assert (edited.reference, edited.memo, edited.external_id) == ("9", None, "A-1")
        assert await lines_of(edited) == [(0, 300, "USD", 300, None), (1, -200, "EUR", -300, None)]
        event = await AuditEvent.get()
        assert event.before is not None
        assert event.after is not None
        assert [line["amount_minor"] for line in event.before["lines"]] == [1234, -1234]
        assert [line["base_minor"] for line in event.after["lines"]] == [300, -300]
        assert event.after["posted_on"] == "2026-04-01"

    async def test_new_rates_value_the_lines_anew(self, desk: Desk) -> None:
        lines = desk.moved(200, base_minor=300)
        made = await desk.entry(lines=lines, rates=[euro_rate()], post=False)
        edited = await self.edit(desk, made.entry, rates=[euro_rate("2")])
        assert await lines_of(edited) == [(0, 300, "USD", 300, None), (1, -200, "EUR", -400, None)]
        edited = await self.edit(desk, edited, lines=desk.moved(5))
        assert await EntryRate.all().count() == 0
        assert await lines_of(edited) == [(0, 5, "USD", 5, None), (1, -5, "USD", -5, None)]

    async def test_an_external_id_is_taken_once(self, desk: Desk) -> None:
        await desk.entry(external_id="A-1")
        draft = await desk.entry(post=False, external_id="A-2")
        with pytest.raises(ExternalIdTaken):
            await self.edit(desk, draft.entry, external_id="A-1")
        await self.edit(desk, draft.entry, external_id="A-2", memo="x")

    async def test_not_to_a_day_that_no_books_are_kept_for(self, desk: Desk) -> None:
        draft = (await desk.entry(post=False)).entry
        with pytest.raises(DayOutOfRange):
            await self.edit(desk, draft, posted_on=date.max)
        assert (await JournalEntry.get()).posted_on == DAY
        moved = await self.edit(desk, draft, posted_on=FIRST_KEPT)
        assert moved.posted_on == FIRST_KEPT


class TestDiscardDraft:
    async def test_not_without_the_right_nor_in_another_company(self, desk: Desk) -> None:
        draft = await desk.entry(post=False)
        before = await desk.written()
        for viewer, error in (
            (await desk.clerk(Right.CODE), Forbidden),
            (await desk.stranger(), NotFound),
        ):
            with pytest.raises(error):
                async with desk.transactions.begin(viewer.organization_id) as uow:
                    await discard_draft(
                        uow, viewer, journal_entry_id=draft.entry.id, expected_revision=1
                    )
        assert await desk.written() == before

    async def test_not_what_is_posted(self, desk: Desk) -> None:
        made = await desk.entry()
        with pytest.raises(JournalEntryPosted):
            async with desk.begin() as uow:
                await discard_draft(
                    uow, desk.viewer, journal_entry_id=made.entry.id, expected_revision=1
                )
        assert await JournalLine.all().count() == 2

    async def test_it_goes_with_its_lines_and_rates(self, desk: Desk) -> None:
        lines = desk.moved(200, base_minor=300)
        draft = await desk.entry(lines=lines, rates=[euro_rate()], post=False)
        async with desk.begin() as uow:
            await discard_draft(
                uow, desk.viewer, journal_entry_id=draft.entry.id, expected_revision=1
            )
        assert await JournalEntry.all().count() == 0
        assert await JournalLine.all().count() == 0
        assert await EntryRate.all().count() == 0
        assert await desk.told() == [("JOURNAL_ENTRY", draft.entry.id, "GONE", None)]
        event = await AuditEvent.get()
        assert event.action == "discardJournalEntry"
        assert event.before is not None
        assert [line["amount_minor"] for line in event.before["lines"]] == [300, -200]
