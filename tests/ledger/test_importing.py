"""Taking over journal entries from another system, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import CounterfoilError
from counterfoil.kit.ids import new_id
from counterfoil.ledger.drafting import EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.given import AccountRef, GivenLine
from counterfoil.ledger.importing import EntryRow, JournalEntryDiffers, import_rows, results_again
from counterfoil.ledger.models import (
    EntryRate,
    EntrySource,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    RateSource,
)
from counterfoil.ledger.rows import RowResult, RowStatus
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Viewer
from tests.api.asking import statements
from tests.factories import make_ledger_account, make_organization, make_viewer
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue

DAY = date(2026, 3, 2)
ACT = new_id()
CREATED, UPDATED, UNCHANGED = RowStatus.CREATED, RowStatus.UPDATED, RowStatus.UNCHANGED
DAILY = Rate(currency="EUR", rate=Decimal("1.25"), rate_on=DAY, source=RateSource.IMPORTED)


class Taking:
    """Books in US dollars with a till (1000, "till"), sales (4000) and a till in euros (1100)."""

    def __init__(self, viewer: Viewer, till: LedgerAccount, sales: LedgerAccount) -> None:
        self.viewer, self.till, self.sales = viewer, till, sales
        self.transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())

    async def rows(self, *rows: EntryRow) -> Sequence[RowResult]:
        async with self.transactions.begin(self.viewer.organization_id) as uow:
            return await import_rows(uow, self.viewer, rows, act_id=ACT)

    async def one(self, row: EntryRow) -> RowResult:
        [result] = await self.rows(row)
        return result

    async def refusal(self, row: EntryRow) -> CounterfoilError:
        before = await _written()
        [error] = (await self.one(row)).errors
        assert await _written() == before
        return error


@pytest.fixture
async def taking(database: str) -> Taking:
    organization = await make_organization()
    till = await make_ledger_account(organization, number="1000", external_id="till")
    sales = await make_ledger_account(organization, number="4000", currency=None)
    await make_ledger_account(organization, number="1100", currency="EUR")
    await make_ledger_account(organization, number="1200", inactive_at=NOW)
    return Taking(await make_viewer(organization), till, sales)


async def _written() -> tuple[int, ...]:
    counts = [await model.all().count() for model in (JournalEntry, JournalLine, EntryRate)]
    return (*counts, await AuditEvent.all().count())


def line(number: str, amount: str, **facts: Any) -> GivenLine:
    return GivenLine(account=AccountRef(number=number), amount=Decimal(amount), **facts)


def row(external_id: str = "e-1", amount: str = "12.34", **facts: Any) -> EntryRow:
    lines = [line("1000", amount), line("4000", f"-{amount}")]
    return EntryRow(**{"external_id": external_id, "posted_on": DAY, "lines": lines, **facts})


class TestNew:
    async def test_another_organizations_accounts_are_not_there(self, taking: Taking) -> None:
        taking.viewer = await make_viewer(await make_organization())
        error = await taking.refusal(row())
        field = ("rows", "0", "lines", "0", "ledger_account")
        assert (error.code, error.field) == ("NOT_FOUND", field)

    async def test_it_is_posted_with_its_source(self, taking: Taking) -> None:
        result = await taking.one(
            row(memo=" A  sale ", contact="Elm", reference="R-1", transaction_on=date(2026, 3, 1))
        )
        entry = await JournalEntry.get(id=result.object_id)
        assert result.status is CREATED
        assert (entry.state, entry.source, entry.number) == ("POSTED", EntrySource.IMPORT, 1)
        assert (entry.memo, entry.contact, entry.reference) == ("A sale", "Elm", "R-1")
        assert (entry.act_id, entry.external_id) == (ACT, "e-1")
        lines = await JournalLine.filter(journal_entry_id=entry.id).order_by("position")
        assert [each.amount_minor for each in lines] == [1234, -1234]

    async def test_accounts_by_any_of_their_names(self, taking: Taking) -> None:
        lines = [
            GivenLine(account=AccountRef(external_id="till"), amount=Decimal(1)),
            GivenLine(account=AccountRef(id=taking.sales.id), amount=Decimal(-1)),
        ]
        result = await taking.one(row(lines=lines))
        stored = await JournalLine.filter(journal_entry_id=result.object_id).order_by("position")
        assert [each.ledger_account_id for each in stored] == [taking.till.id, taking.sales.id]

    async def test_foreign_lines_with_their_rate(self, taking: Taking) -> None:
        lines = [line("1100", "10"), line("4000", "-12.50")]
        result = await taking.one(row(lines=lines, rates=[DAILY]))
        stored = await JournalLine.filter(journal_entry_id=result.object_id).order_by("position")
        assert [(each.currency, each.base_minor) for each in stored] == [
            ("EUR", 1250),
            ("USD", -1250),
        ]
        rate = await EntryRate.get(journal_entry_id=result.object_id)
        assert (rate.rate, rate.source) == (Decimal("1.25"), RateSource.IMPORTED)

    @pytest.mark.parametrize(
        ("facts", "code", "path"),
        [
            ({"external_id": " "}, "INVALID_INPUT", "external_id"),
            ({"external_id": "x" * 129}, "INVALID_INPUT", "external_id"),
            ({"memo": "x" * 501}, "INVALID_INPUT", "memo"),
            (
                {"lines": [line("1000", "1"), line("4000", "-2")]},
                "JOURNAL_ENTRY_UNBALANCED",
                "lines",
            ),
            ({"lines": [line("1000", "1")]}, "INVALID_INPUT", "lines"),
            (
                {"lines": [line("1000", "1.005"), line("4000", "-1.005")]},
                "INVALID_INPUT",
                "lines.0.amount",
            ),
            ({"lines": [line("1000", "0"), line("4000", "0")]}, "INVALID_INPUT", "lines.0.amount"),
            (
                {"lines": [line("9999", "1"), line("4000", "-1")]},
                "NOT_FOUND",
                "lines.0.ledger_account",
            ),
            (
                {"lines": [line("4000", "1"), line("1200", "-1")]},
                "LEDGER_ACCOUNT_INACTIVE",
                "lines.1.ledger_account",
            ),
            (
                {"lines": [line("1000", "1", currency="EUR"), line("4000", "-1")]},
                "CURRENCY_MISMATCH",
                "lines.0.currency",
            ),
            ({"lines": [line("1100", "1"), line("4000", "-1")]}, "RATE_MISSING", "rates"),
        ],
    )
    async def test_a_refused_row_leaves_nothing(
        self, taking: Taking, facts: dict[str, Any], code: str, path: str
    ) -> None:
        error = await taking.refusal(row(**facts))
        assert (error.code, error.field) == (code, ("rows", "0", *path.split(".")))

    async def test_the_rows_around_a_refused_one_are_posted(self, taking: Taking) -> None:
        unbalanced = row("e-2", lines=[line("1000", "1"), line("4000", "-2")])
        results = await taking.rows(row("e-1"), unbalanced, row("e-3"), row("e-1"))
        assert [result.status for result in results] == [CREATED, None, CREATED, None]
        assert [error.field for error in results[3].errors] == [("rows", "3", "external_id")]
        posted = await JournalEntry.all().order_by("number")
        assert [(entry.external_id, entry.number) for entry in posted] == [("e-1", 1), ("e-3", 2)]


class TestPostedAlready:
    async def test_the_same_is_unchanged(self, taking: Taking) -> None:
        first = await taking.one(row(memo="A sale"))
        before = await _written()
        for same in (row(memo="A sale"), row(), row(external_id=" e-1 ")):
            again = await taking.one(same)
            assert (again.status, again.object_id) == (UNCHANGED, first.object_id)
        assert await _written() == before

    async def test_memo_and_contact_follow(self, taking: Taking) -> None:
        first = await taking.one(row(memo="A sale", contact="Elm"))
        assert (await taking.one(row(memo="Two sales", contact=None))).status is UPDATED
        entry = await JournalEntry.get(id=first.object_id)
        assert (entry.memo, entry.contact, entry.revision) == ("Two sales", None, 2)

    @pytest.mark.parametrize(
        ("facts", "differs"),
        [
            ({"posted_on": date(2026, 3, 3)}, ["posted_on"]),
            ({"transaction_on": DAY, "reference": "R-2"}, ["transaction_on", "reference"]),
            ({"amount": "12.35"}, ["lines.0.amount", "lines.1.amount"]),
            (
                {"lines": [line("4000", "12.34"), line("1000", "-12.34", memo="x")]},
                ["lines.0.ledger_account", "lines.1.ledger_account", "lines.1.memo"],
            ),
            ({"lines": [line("1000", "1"), line("1000", "2"), line("4000", "-3")]}, ["lines"]),
            ({"rates": [DAILY]}, ["rates.0"]),
        ],
    )
    async def test_anything_else_is_refused_and_named(
        self, taking: Taking, facts: dict[str, Any], differs: list[str]
    ) -> None:
        first = await taking.one(row())
        error = await taking.refusal(row(**facts))
        path: tuple[str, ...] = error.field
        assert path == ("rows", "0", "external_id")
        assert isinstance(error, JournalEntryDiffers)
        assert list(error.differs) == differs
        assert error.journal_entry_id == first.object_id

    async def test_a_draft_with_the_external_id_is_in_the_way(self, taking: Taking) -> None:
        lines = [
            LineDraft(ledger_account_id=taking.till.id, amount_minor=1234),
            LineDraft(ledger_account_id=taking.sales.id, amount_minor=-1234),
        ]
        draft = EntryDraft(posted_on=DAY, lines=lines, external_id="e-1")
        async with taking.transactions.begin(taking.viewer.organization_id) as uow:
            await create_entry(uow, taking.viewer, draft, post=False)
        assert (await taking.refusal(row())).code == "EXTERNAL_ID_TAKEN"

    async def test_the_same_again_costs_no_statement_a_row(self, taking: Taking) -> None:
        rows = [row(f"e-{number}") for number in range(20)]
        await taking.rows(*rows)
        with statements() as seen:
            again = await taking.rows(*rows)
        assert {result.status for result in again} == {UNCHANGED}
        assert len(seen) <= 9


class TestResultsAgain:
    async def test_what_was_made_what_was_there_and_what_was_refused(self, taking: Taking) -> None:
        await taking.one(row("e-0"))
        act_id, unbalanced = new_id(), row("e-2", lines=[line("1000", "1"), line("4000", "-2")])
        rows = [row("e-0"), row("e-1"), unbalanced]
        async with taking.transactions.begin(taking.viewer.organization_id) as uow:
            await import_rows(uow, taking.viewer, rows, act_id=act_id)
        before = await _written()
        again = await results_again(taking.viewer, rows, act_id=act_id)
        assert [result.status for result in again] == [UNCHANGED, CREATED, None]
        assert [error.field for error in again[2].errors] == [("rows", "2", "external_id")]
        assert await _written() == before
