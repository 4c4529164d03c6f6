"""What the database itself refuses, whoever writes to it: tried by raw SQL on both databases."""

from __future__ import annotations

import asyncio
import importlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise import Model
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from counterfoil.identity.models import Organization
from counterfoil.kit.guards import Kept
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, fetch, on_sqlite
from counterfoil.ledger.drafting import Entry, LineDraft, Rate
from counterfoil.ledger.models import (
    Books,
    EntryRate,
    EntryState,
    FiscalYear,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerBalance,
    RateSource,
)
from counterfoil.plumbing.database import connected
from counterfoil.reconciliation.models import (
    Act,
    ActKind,
    HandClearing,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from tests.back_doors import assert_shut
from tests.factories import (
    make_account,
    make_entry,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
)
from tests.fakes import NOW

TRIGGERS = importlib.import_module("counterfoil.migrations.0007_guard_the_journal").TRIGGERS
KEPT = [trigger for trigger in TRIGGERS if isinstance(trigger, Kept)]
DAY = date(2026, 3, 9)
EUR = Rate(currency="EUR", rate=Decimal("1.5"), rate_on=DAY, source=RateSource.TYPED)
TABLES: Sequence[type[Model]] = (
    Organization,
    Books,
    LedgerAccount,
    FiscalYear,
    JournalEntry,
    JournalLine,
    EntryRate,
    LedgerBalance,
    HandClearing,
    Match,
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Books with a posted entry of 10.00 EUR for 15.00 USD, and a draft of the same."""

    organization: Organization
    posted: Entry
    draft: Entry
    names: dict[str, object]

    async def run(self, *statements: str, **more: object) -> None:
        """Run statements in which `{name}` stands for one of `names`, as a quoted literal."""
        for statement in statements:
            await execute(self.literal(statement, **more))

    def literal(self, statement: str, **more: object) -> str:
        """The statement with each name replaced."""
        named = {**self.names, **more}
        return statement.format(**{name: f"'{value}'" for name, value in named.items()})


@pytest.fixture
async def shelf(database: str) -> Shelf:
    return await make_shelf()


async def make_shelf() -> Shelf:
    organization = await make_organization()
    other = await make_organization()
    dollars = await make_ledger_account(organization)
    euros = await make_ledger_account(organization, currency="EUR")
    any_currency = await make_ledger_account(organization, currency=None)
    lines = (
        LineDraft(ledger_account_id=euros.id, amount_minor=1000),
        LineDraft(ledger_account_id=dollars.id, amount_minor=-1500),
    )
    values: dict[str, Any] = {"posted_on": DAY, "rates": [EUR], "external_id": "A-1"}
    posted = await make_entry(organization, *lines, **values)
    draft = await make_entry(organization, *lines, **{**values, "external_id": "A-2"}, post=False)
    await Books.create(organization_id=organization.id, hard_lock_on=date(2026, 1, 31))
    return Shelf(
        organization,
        posted,
        draft,
        {
            "organization": organization.id,
            "other": other.id,
            "foreign": (await make_ledger_account(other)).id,
            "dollars": dollars.id,
            "euros": euros.id,
            "any": any_currency.id,
            "posted": posted.entry.id,
            "posted_line": posted.lines[0].id,
            "draft": draft.entry.id,
            "draft_line": draft.lines[0].id,
            "new": new_id(),
        },
    )


async def stored() -> dict[str, list[dict[str, Any]]]:
    """Every row of the books."""
    return {
        model.__name__: await model.all().order_by(model._meta.pk_attr).values() for model in TABLES
    }


async def assert_refused(shelf: Shelf, code: str, *statements: str) -> None:
    """The last statement fails with this name, and changes nothing."""
    await shelf.run(*statements[:-1])
    before = await stored()
    with pytest.raises((IntegrityError, OperationalError), match=code):
        await shelf.run(statements[-1])
    assert await stored() == before


SET_DAY = "UPDATE journal_line SET posted_on = '2026-03-09' WHERE journal_entry_id = {draft}"
POST = (
    "UPDATE journal_entry SET state = 'POSTED', number = 2, fiscal_year = 2026, "
    "posted_at = '2026-03-10 15:30:00+00:00' WHERE id = {draft}"
)
EDIT_LINES = "UPDATE journal_line SET {} WHERE journal_entry_id = {{draft}}"
INSERT_ENTRY = (
    "INSERT INTO journal_entry (id, organization_id, state, posted_on, source, created_by, "
    "created_at, revision{more}) VALUES ({{new}}, {{organization}}, '{state}', '2026-03-09', "
    "'PERSON', 'x', '2026-03-10 15:30:00+00:00', 1{values})"
)
INSERT_LINE = (
    "INSERT INTO journal_line (id, organization_id, journal_entry_id, position, "
    "ledger_account_id, amount_minor, currency, base_minor, cleared_minor) VALUES ({{new}}, "
    "{{organization}}, {entry}, 7, {{dollars}}, {amount}, 'USD', {amount}, {cleared})"
)
CLEAR = (
    "INSERT INTO hand_clearing (id, organization_id, journal_line_id, amount_minor, cleared_on, "
    "origin, act_id) VALUES ({new}, {organization}, {posted_line}, {amount}, '2026-03-09', "
    "'PERSON', {act})"
)
SEAL = "UPDATE match_group SET sealed = {sealed} WHERE id = {match}"
INSERT_RATE = (
    "INSERT INTO entry_rate (id, journal_entry_id, currency, rate, rate_on, source) "
    "VALUES ({new}, {posted}, 'CHF', '1.5', '2026-03-09', 'TYPED')"
)
NO_DRAFTS = [
    INSERT_ENTRY.format(state="POSTED", more="", values=""),
    INSERT_ENTRY.format(state="OTHER", more="", values=""),
    INSERT_ENTRY.format(state="DRAFT", more=", number", values=", 2"),
    INSERT_ENTRY.format(state="DRAFT", more=", fiscal_year", values=", 2026"),
    "UPDATE journal_entry SET number = 2 WHERE id = {draft}",
    "UPDATE journal_entry SET state = 'OTHER' WHERE id = {draft}",
]
CHANGES_OF_AN_ENTRY = [
    "state = 'DRAFT'",
    "state = 'OTHER'",
    "organization_id = {other}",
    "number = 2",
    "fiscal_year = 2025",
    "posted_on = '2026-03-10'",
    "transaction_on = '2026-03-10'",
    "reference = 'x'",
    "source = 'RULE'",
    "external_id = NULL",
    "reverses_id = {draft}",
    "act_id = {new}",
    "created_by = 'x'",
    "created_at = '2026-01-01 00:00:00+00:00'",
    "posted_at = NULL",
    "past_lock_on = '2026-03-31'",
]
CHANGES_OF_A_LINE = [
    "journal_entry_id = {draft}, position = 7",
    "organization_id = {other}",
    "position = 7",
    "ledger_account_id = {any}",
    "amount_minor = 999",
    "currency = 'CHF'",
    "base_minor = 1499",
    "posted_on = '2026-03-10'",
    "posted_on = NULL",
]
LOSSES_AND_GAINS = [
    "DELETE FROM journal_entry WHERE id = {posted}",
    "DELETE FROM journal_line WHERE id = {posted_line}",
    "DELETE FROM entry_rate WHERE journal_entry_id = {posted}",
    INSERT_LINE.format(entry="{posted}", amount=5, cleared=0),
    ("UPDATE journal_line SET journal_entry_id = {posted}, position = 7 WHERE id = {draft_line}"),
    INSERT_RATE,
    "UPDATE entry_rate SET rate = '1.6' WHERE journal_entry_id = {posted}",
    (
        "UPDATE entry_rate SET journal_entry_id = {posted}, currency = 'CHF' "
        "WHERE journal_entry_id = {draft}"
    ),
]
REPLACEMENTS = [
    "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry WHERE id = {posted}",
    "UPDATE OR REPLACE journal_entry SET external_id = 'A-1' WHERE id = {draft}",
    "UPDATE OR REPLACE journal_line SET id = {posted_line} WHERE id = {draft_line}",
]
CHANGES_OF_THE_BOOKS = [
    (
        "BASE_CURRENCY_FIXED",
        "UPDATE organization SET base_currency = 'EUR' WHERE id = {organization}",
    ),
    (
        "LEDGER_ACCOUNT_IN_USE",
        "UPDATE ledger_account SET currency = 'CHF' WHERE id = {euros}",
    ),
    (
        "LEDGER_ACCOUNT_IN_USE",
        "UPDATE ledger_account SET organization_id = {other} WHERE id = {euros}",
    ),
    ("HARD_LOCK_IS_FINAL", "UPDATE books SET hard_lock_on = '2026-01-30'"),
    ("HARD_LOCK_IS_FINAL", "UPDATE books SET hard_lock_on = NULL"),
    ("HARD_LOCK_IS_FINAL", "UPDATE books SET organization_id = {other}"),
    ("HARD_LOCK_IS_FINAL", "DELETE FROM books"),
    ("LEDGER_BALANCE_TOO_LARGE", "UPDATE ledger_balance SET amount_minor = 1000000000000000000"),
    ("LEDGER_BALANCE_TOO_LARGE", "UPDATE ledger_balance SET base_minor = -1000000000000000000"),
]


class TestADraft:
    async def test_is_what_every_entry_begins_as_and_has_no_number(self, shelf: Shelf) -> None:
        for statement in NO_DRAFTS:
            await assert_refused(shelf, "JOURNAL_ENTRY_NOT_DRAFT", statement)

    async def test_has_lines_that_nothing_cleared(self, shelf: Shelf) -> None:
        statement = INSERT_LINE.format(entry="{draft}", amount=5, cleared=5)
        await assert_refused(shelf, "JOURNAL_LINE_CLEARED", statement)

    async def test_may_change_and_go(self, shelf: Shelf) -> None:
        await shelf.run(
            "UPDATE journal_line SET amount_minor = 5 WHERE id = {draft_line}",
            "UPDATE entry_rate SET rate = '2' WHERE journal_entry_id = {draft}",
            "UPDATE journal_entry SET posted_on = '2026-05-01' WHERE id = {draft}",
            "DELETE FROM journal_entry WHERE id = {draft}",
        )
        assert not await JournalEntry.exists(id=shelf.draft.entry.id)
        assert await JournalLine.filter(journal_entry_id=shelf.draft.entry.id).count() == 0
        assert await EntryRate.filter(journal_entry_id=shelf.draft.entry.id).count() == 0


class TestPosting:
    async def test_what_is_whole_can_be_posted(self, shelf: Shelf) -> None:
        await shelf.run(SET_DAY, POST)
        entry = await JournalEntry.get(id=shelf.draft.entry.id)
        assert (entry.state, entry.number) == (EntryState.POSTED, 2)

    @pytest.mark.parametrize(
        ("code", "preparation"),
        [
            ("JOURNAL_ENTRY_TOO_SHORT", "DELETE FROM journal_line WHERE id = {draft_line}"),
            (
                "JOURNAL_ENTRY_TOO_SHORT",
                "DELETE FROM journal_line WHERE journal_entry_id = {draft}",
            ),
            (
                "JOURNAL_ENTRY_UNBALANCED",
                "UPDATE journal_line SET base_minor = 1501 WHERE id = {draft_line}",
            ),
            (
                "JOURNAL_ENTRY_UNBALANCED",
                (
                    "UPDATE journal_line SET currency = 'EUR', ledger_account_id = {euros} "
                    "WHERE journal_entry_id = {draft}"
                ),
            ),
            (
                "JOURNAL_LINE_OF_NOTHING",
                INSERT_LINE.format(entry="{draft}", amount=0, cleared=0).replace(
                    "cleared_minor)", "cleared_minor, posted_on)"
                )[:-1]
                + ", '2026-03-09')",
            ),
            ("JOURNAL_LINE_TOO_LARGE", EDIT_LINES.format("amount_minor = 1000000000000000")),
            (
                "JOURNAL_LINE_OF_ANOTHER_DAY",
                "UPDATE journal_line SET posted_on = NULL WHERE id = {draft_line}",
            ),
            (
                "JOURNAL_LINE_OF_ANOTHER_DAY",
                "UPDATE journal_entry SET posted_on = '2026-03-10' WHERE id = {draft}",
            ),
            (
                "JOURNAL_LINE_OF_ANOTHER_CURRENCY",
                "UPDATE journal_line SET ledger_account_id = {dollars} WHERE id = {draft_line}",
            ),
            (
                "JOURNAL_LINE_OF_ANOTHER_CURRENCY",
                (
                    "UPDATE journal_line SET ledger_account_id = {foreign} "
                    "WHERE journal_entry_id = {draft} AND currency = 'USD'"
                ),
            ),
            (
                "JOURNAL_LINE_OF_ANOTHER_CURRENCY",
                "UPDATE journal_line SET organization_id = {other} WHERE id = {draft_line}",
            ),
            (
                "BASE_AMOUNT_DIFFERS",
                (
                    "UPDATE journal_line SET amount_minor = -1499 "
                    "WHERE journal_entry_id = {draft} AND currency = 'USD'"
                ),
            ),
            ("RATE_MISSING", "DELETE FROM entry_rate WHERE journal_entry_id = {draft}"),
            ("PERIOD_LOCKED", "UPDATE books SET hard_lock_on = '2026-03-09'"),
        ],
    )
    async def test_what_is_not_whole_is_refused(
        self, shelf: Shelf, code: str, preparation: str
    ) -> None:
        await assert_refused(shelf, code, SET_DAY, preparation, POST)

    @pytest.mark.parametrize(
        ("code", "posting"),
        [
            ("JOURNAL_ENTRY_UNNUMBERED", POST.replace("number = 2", "number = NULL")),
            ("JOURNAL_ENTRY_UNNUMBERED", POST.replace("fiscal_year = 2026", "memo = 'x'")),
            ("JOURNAL_NUMBER_OUT_OF_TURN", POST.replace("number = 2", "number = 1")),
            ("JOURNAL_NUMBER_OUT_OF_TURN", POST.replace("number = 2", "number = 3")),
            ("JOURNAL_NUMBER_OUT_OF_TURN", POST.replace("2026", "2027", 1)),
        ],
    )
    async def test_numbers_are_given_in_turn(self, shelf: Shelf, code: str, posting: str) -> None:
        await assert_refused(shelf, code, SET_DAY, posting)


class TestAPostedEntry:
    async def test_never_changes(self, shelf: Shelf) -> None:
        for change in CHANGES_OF_AN_ENTRY:
            statement = f"UPDATE journal_entry SET {change} WHERE id = {{posted}}"  # noqa: S608
            await assert_refused(shelf, "JOURNAL_ENTRY_POSTED", statement)

    async def test_but_its_memo_and_contact_do(self, shelf: Shelf) -> None:
        await shelf.run(
            "UPDATE journal_entry SET memo = 'Rent', contact = 'Elm', revision = 2 "
            "WHERE id = {posted}"
        )
        entry = await JournalEntry.get(id=shelf.posted.entry.id)
        assert (entry.memo, entry.contact) == ("Rent", "Elm")

    async def test_keeps_its_lines_as_they_are(self, shelf: Shelf) -> None:
        for change in CHANGES_OF_A_LINE:
            statement = f"UPDATE journal_line SET {change} WHERE id = {{posted_line}}"  # noqa: S608
            await assert_refused(shelf, "JOURNAL_ENTRY_POSTED", statement)

    async def test_loses_nothing_and_takes_nothing(self, shelf: Shelf) -> None:
        for statement in LOSSES_AND_GAINS:
            await assert_refused(shelf, "JOURNAL_ENTRY_POSTED", statement)

    async def test_is_not_replaced_either(self, shelf: Shelf) -> None:
        if not on_sqlite():
            pytest.skip("PostgreSQL knows no REPLACE")
        for statement in REPLACEMENTS:
            await assert_refused(shelf, "JOURNAL_(ENTRY|LINE)_(POSTED|KEPT)", statement)

    @pytest.mark.parametrize("kept", KEPT, ids=lambda kept: str(kept.table))
    async def test_leaves_by_no_back_door(self, database: str, shelf: Shelf, kept: Kept) -> None:
        await shelf.run("UPDATE ledger_account SET external_id = number")
        await shelf.run("UPDATE journal_entry SET reverses_id = {posted} WHERE id = {draft}")
        await assert_shut(database, kept)


class TestClearing:
    async def act(self, shelf: Shelf) -> Act:
        return await Act.create(
            organization_id=shelf.organization.id,
            kind=ActKind.CLEAR_BY_HAND,
            actor="x",
            acted_at=NOW,
            details={},
        )

    async def test_counts_what_there_is(self, shelf: Shelf) -> None:
        await assert_refused(
            shelf,
            "CLEARED_IS_NOT_THE_SUM",
            "UPDATE journal_line SET cleared_minor = 1000 WHERE id = {posted_line}",
        )

    async def test_is_never_more_than_the_line(self, shelf: Shelf) -> None:
        act = await self.act(shelf)
        await shelf.run(CLEAR, act=act.id, new=new_id(), amount=600)
        shelf.names.update(act=act.id, amount=401)
        await assert_refused(shelf, "CLEARED_TOO_MUCH", CLEAR)
        await shelf.run(CLEAR, amount=400)
        line = await JournalLine.get(id=shelf.posted.lines[0].id)
        assert line.cleared_minor == line.amount_minor == 1000


class TestAReversal:
    async def mirrored(self, shelf: Shelf) -> None:
        """Make the draft the mirror of the posted entry."""
        await shelf.run(
            SET_DAY,
            "UPDATE journal_line SET amount_minor = -amount_minor, base_minor = -base_minor "
            "WHERE journal_entry_id = {draft}",
            "UPDATE journal_entry SET reverses_id = {posted} WHERE id = {draft}",
        )

    async def test_that_mirrors_can_be_posted(self, shelf: Shelf) -> None:
        await self.mirrored(shelf)
        await shelf.run(POST)
        assert await JournalEntry.exists(reverses_id=shelf.posted.entry.id, number=2)

    @pytest.mark.parametrize(
        "preparation",
        [
            EDIT_LINES.format("amount_minor = 2 * amount_minor, base_minor = 2 * base_minor"),
            EDIT_LINES.format("position = position + 10"),
            "UPDATE journal_line SET ledger_account_id = {any} WHERE id = {draft_line}",
            "UPDATE entry_rate SET rate = '1.6' WHERE journal_entry_id = {draft}",
            "UPDATE entry_rate SET rate_on = '2026-01-01' WHERE journal_entry_id = {draft}",
            "UPDATE journal_entry SET reverses_id = {draft} WHERE id = {draft}",
        ],
    )
    async def test_that_does_not_is_refused(self, shelf: Shelf, preparation: str) -> None:
        await self.mirrored(shelf)
        await assert_refused(shelf, "REVERSAL_DOES_NOT_MIRROR", preparation, POST)

    async def test_of_more_lines_is_refused(self, shelf: Shelf) -> None:
        await self.mirrored(shelf)
        for place, amount in ((7, 5), (8, -5)):
            await JournalLine.create(
                organization_id=shelf.organization.id,
                journal_entry_id=shelf.draft.entry.id,
                position=place,
                ledger_account_id=UUID(str(shelf.names["dollars"])),
                amount_minor=amount,
                currency="USD",
                base_minor=amount,
                posted_on=DAY,
            )
        await assert_refused(shelf, "REVERSAL_DOES_NOT_MIRROR", POST)

    async def test_an_entry_has_one_only(self, shelf: Shelf) -> None:
        await self.mirrored(shelf)
        second = INSERT_ENTRY.format(state="DRAFT", more=", reverses_id", values=", {posted}")
        await assert_refused(shelf, "(?i)unique|JOURNAL_ENTRY_KEPT", second)

    async def test_waits_until_the_bank_line_is_unmatched(self, shelf: Shelf) -> None:
        await self.mirrored(shelf)
        match = await self.matched(shelf)
        await assert_refused(shelf, "REVERSED_ENTRY_STILL_MATCHED", POST)
        await shelf.run(SEAL, POST, match=match.id, sealed=0)
        assert await JournalEntry.exists(reverses_id=shelf.posted.entry.id, number=2)

    async def matched(self, shelf: Shelf) -> Match:
        """The posted entry's line in euros, sealed with a line of the bank."""
        line = shelf.posted.lines[0]
        account = await make_account(
            await make_link(shelf.organization),
            currency="EUR",
            ledger_account_id=line.ledger_account_id,
            start_on=date(2026, 1, 1),
        )
        act = await TestClearing().act(shelf)
        match = await Match.create(
            organization_id=shelf.organization.id,
            ledger_account_id=line.ledger_account_id,
            currency="EUR",
            cleared_on=DAY,
            act_id=act.id,
        )
        bank_line = await make_line(account, amount_minor=1000)
        await MatchBankItem.create(
            match_id=match.id, bank_transaction_id=bank_line.id, amount_minor=1000
        )
        await MatchJournalItem.create(match_id=match.id, journal_line_id=line.id, amount_minor=1000)
        await shelf.run(SEAL, match=match.id, sealed=1)
        return match


class TestTheBooks:
    async def test_stay_what_their_entries_are(self, shelf: Shelf) -> None:
        for code, statement in CHANGES_OF_THE_BOOKS:
            await assert_refused(shelf, code, statement)

    async def test_what_nothing_was_posted_to_may_change(self, shelf: Shelf) -> None:
        await shelf.run(
            "UPDATE organization SET base_currency = 'EUR' WHERE id = {other}",
            "UPDATE ledger_account SET currency = 'EUR' WHERE id = {any}",
            "UPDATE ledger_account SET currency = NULL WHERE id = {euros}",
            "UPDATE books SET hard_lock_on = '2026-02-28', soft_lock_on = NULL",
        )
        assert (await Organization.get(id=str(shelf.names["other"]))).base_currency == "EUR"
        assert (await Books.get()).hard_lock_on == date(2026, 2, 28)


def test_without_the_product_sqlite_refuses_too(sqlite_url: str) -> None:
    """The triggers are in the file, not in our connections."""
    with sqlite3.connect(Path(sqlite_url.removeprefix("sqlite://"))) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        with pytest.raises(sqlite3.IntegrityError, match="JOURNAL_ENTRY_NOT_DRAFT"):
            connection.execute(
                "INSERT INTO journal_entry (id, organization_id, state, posted_on, source, "
                "created_by, created_at, revision) VALUES ('1', '1', 'POSTED', '2026-03-09', "
                "'PERSON', 'x', '2026-03-09', 1)"
            )
    assert "journal_entry_balances" in names


async def test_a_line_that_comes_while_its_entry_is_posted_is_refused(postgres_url: str) -> None:
    """Two sessions that know nothing of each other: the second one waits and is then refused."""
    async with connected(postgres_url, pool=4):
        shelf = await make_shelf()
        late = INSERT_LINE.format(entry="{draft}", amount=5, cleared=0)
        async with in_transaction():
            await shelf.run(SET_DAY, POST)
            waiting = asyncio.create_task(in_another_session(postgres_url, shelf.literal(late)))
            await until_somebody_waits()
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="JOURNAL_ENTRY_POSTED"):
            await waiting
        assert await JournalLine.filter(journal_entry_id=shelf.draft.entry.id).count() == 2


async def in_another_session(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def until_somebody_waits() -> None:
    async with asyncio.timeout(10):
        while not await fetch("SELECT 1 FROM pg_locks WHERE NOT granted"):
            await fetch("SELECT pg_sleep(0.01)")
