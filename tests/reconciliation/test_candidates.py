"""Suggestions from stored rows: what may be proposed for whom, and how it is read."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import execute, fetch, insert_records, on_sqlite
from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.models import LedgerAccount
from counterfoil.ledger.reversing import post_reversal
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.candidates import (
    LATER,
    LONG_BEFORE,
    Asked,
    journal_union,
    mirror_union,
    windows,
)
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.evidence import BankSide
from counterfoil.reconciliation.examples import forget, remember
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act, ActKind, ClearingOrigin, HandClearing
from counterfoil.reconciliation.suggest import ReasonCode, Suggestion, SuggestionKind
from counterfoil.reconciliation.suggesting import suggestions_for
from counterfoil.transactions.models import BankTransaction, PreparedCoding
from counterfoil.viewer import Forbidden, Right
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, START, Books, make_books

SPAN = timedelta(days=14)


class TestWindows:
    def test_spans_that_touch_are_one(self) -> None:
        days = [date(2026, 3, 1), date(2026, 3, 30), date(2026, 3, 1), date(2026, 5, 1)]
        assert windows(days, SPAN, SPAN) == [
            (date(2026, 2, 15), date(2026, 4, 13)),
            (date(2026, 4, 17), date(2026, 5, 15)),
        ]

    def test_of_no_day_there_is_none(self) -> None:
        assert windows([], SPAN, SPAN) == []


async def of(books: Books, line: BankTransaction) -> list[Suggestion]:
    """What is proposed for a line."""
    return list((await suggestions_for(books.viewer, [line.id])).get(line.id, ()))


def matched(suggestions: list[Suggestion]) -> list[UUID]:
    return [item.journal_line_id for one in suggestions for item in one.journal_items]


async def act_of(organization: Organization) -> Act:
    return await Act.create(
        organization_id=organization.id,
        kind=ActKind.BOOK,
        actor="USER:",
        acted_at=NOW,
        details={},
    )


class TestMatches:
    async def test_it_takes_the_right_to_read(self, books: Books) -> None:
        line = await books.line()
        with pytest.raises(Forbidden):
            await suggestions_for(await books.clerk(Right.READ), [line.id])

    async def test_another_organizations_line_is_not_there(self, books: Books) -> None:
        line = await books.line()
        await books.entry()
        assert len(await of(books, line)) == 1
        assert await suggestions_for((await make_books()).viewer, [line.id]) == {}

    async def test_of_nothing_nothing(self, books: Books) -> None:
        line = await books.line()
        assert await suggestions_for(books.viewer, []) == {}
        assert await suggestions_for(books.viewer, [line.id]) == {}

    async def test_an_open_line_of_the_ledger_account_is_proposed(self, books: Books) -> None:
        line = await books.line(bank_description="ELM STREET INV-0042")
        entry = await books.entry(reference="INV-0042", contact="Elm Street", memo="Chairs")
        await books.entry(account=books.sales)
        [one] = await of(books, line)
        assert one.kind is SuggestionKind.MATCH
        assert matched([one]) == [entry.lines[0].id]
        assert [reason.code for reason in one.reasons] == [
            ReasonCode.SAME_AMOUNT,
            ReasonCode.NEAR_DATE,
            ReasonCode.REFERENCE,
            ReasonCode.COUNTERPARTY,
        ]
        assert (one.score, one.preselect) == (100, True)

    @pytest.mark.parametrize(
        ("days", "found"),
        [(LATER.days, 1), (LATER.days + 1, 0), (-LONG_BEFORE.days, 1), (-LONG_BEFORE.days - 1, 0)],
    )
    async def test_an_entry_may_be_half_a_year_older(
        self, books: Books, days: int, found: int
    ) -> None:
        line = await books.line()
        await books.entry(on=DAY + timedelta(days=days))
        assert len(await of(books, line)) == found

    async def test_what_is_cleared_reversed_or_a_draft_is_not(self, books: Books) -> None:
        line = await books.line()
        entry = await books.entry()
        other = await books.line(dated_on=DAY + timedelta(days=1))
        async with books.begin() as uow:
            await match(
                uow,
                books.viewer,
                bank_items=[BankItem(other.id)],
                journal_items=[JournalItem(entry.lines[0].id)],
                key=None,
            )
        await reversed_entry(books)
        assert await of(books, line) == []
        assert await of(books, other) == []

    async def test_of_a_partly_cleared_line_the_rest_is(self, books: Books) -> None:
        entry = await books.entry(-2000)
        part, rest = await books.line(-766), await books.line(-1234)
        async with books.begin() as uow:
            await match(
                uow,
                books.viewer,
                bank_items=[BankItem(part.id)],
                journal_items=[JournalItem(entry.lines[0].id, -766)],
                key=None,
            )
        [one] = await of(books, rest)
        assert [item.amount_minor for item in one.journal_items] == [-1234]

    async def test_lines_that_add_up_are(self, books: Books) -> None:
        line = await books.line()
        one, two = await books.entry(-1000), await books.entry(-234, on=DAY - timedelta(days=2))
        [found] = await of(books, line)
        assert set(matched([found])) == {one.lines[0].id, two.lines[0].id}

    async def test_one_that_a_person_cleared_by_hand_gives_its_place(self, books: Books) -> None:
        line = await books.line()
        entry = await books.entry()
        await HandClearing.create(
            organization_id=books.organization.id,
            journal_line_id=entry.lines[0].id,
            amount_minor=-1234,
            cleared_on=DAY,
            origin=ClearingOrigin.PERSON,
            act_id=(await act_of(books.organization)).id,
        )
        [one] = await of(books, line)
        assert one.reasons[-1].code is ReasonCode.CLEARED_BY_HAND
        async with books.begin() as uow:
            await match(
                uow,
                books.viewer,
                bank_items=[BankItem(line.id)],
                journal_items=[
                    JournalItem(item.journal_line_id, item.amount_minor)
                    for item in one.journal_items
                ],
                key=None,
            )
        assert (await books.reread(line)).reconciled_minor == -1234

    @pytest.mark.parametrize(
        "state",
        [
            {"pending": True},
            {"excluded_at": NOW},
            {"undecided_at": NOW},
            {"removed_at": NOW},
            {"dated_on": START},
            {"amount_minor": 0},
        ],
    )
    async def test_for_a_line_that_cannot_be_booked_nothing_is(
        self, books: Books, state: dict[str, Any]
    ) -> None:
        line = await books.line(**{"amount_minor": -1234, **state})
        await books.entry()
        assert await of(books, line) == []

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_a_line_of_a_hidden_or_deleted_account_is_not_there(
        self, books: Books, column: str
    ) -> None:
        line = await books.line()
        await books.entry()
        await BankAccount.filter(id=books.account.id).update(**{column: NOW})
        assert await of(books, line) == []

    async def test_two_lines_do_not_both_tick_one_booking(self, books: Books) -> None:
        lines = [await books.line(), await books.line()]
        await books.entry()
        found = await suggestions_for(books.viewer, [line.id for line in lines])
        assert [one.preselect for line in lines for one in found[line.id]] == [False, False]


async def reversed_entry(books: Books) -> tuple[Entry, Entry]:
    """An entry and its reversal, of the amount of the line."""
    entry = await books.entry()
    async with books.begin() as uow:
        act = await act_of(books.organization)
        reversal = await post_reversal(
            uow, books.viewer, journal_entry_id=entry.entry.id, act_id=act.id
        )
    return entry, reversal


@pytest.fixture
async def savings(books: Books) -> BankAccount:
    """Another bank account, tied to a ledger account of its own."""
    ledger = await make_ledger_account(books.organization, name="Savings")
    return await books.tied_account(ledger, name="Savings", number="4471")


class TestTransfers:
    async def test_the_other_end_is_proposed_at_both(
        self, books: Books, savings: BankAccount
    ) -> None:
        out = await books.line(-5000, description="To savings")
        into = await books.line(5000, account=savings, dated_on=DAY + timedelta(days=2))
        found = await suggestions_for(books.viewer, [out.id, into.id])
        [one], [two] = found[out.id], found[into.id]
        assert (one.kind, one.other_transaction_id) == (SuggestionKind.TRANSFER, into.id)
        assert two.other_transaction_id == out.id
        assert sorted([one.preselect, two.preselect]) == [False, True]

    @pytest.mark.parametrize(
        "state",
        [
            {"pending": True},
            {"excluded_at": NOW},
            {"undecided_at": NOW},
            {"removed_at": NOW},
            {"dated_on": START},
            {"amount_minor": -1234},
        ],
    )
    async def test_what_is_not_open_near_and_opposite_is_none(
        self, books: Books, savings: BankAccount, state: dict[str, Any]
    ) -> None:
        out = await books.line(
            dated_on=START + timedelta(days=1) if START in state.values() else DAY
        )
        await books.line(**{"amount_minor": 1234, "account": savings, **state})
        assert await of(books, out) == []

    @pytest.mark.parametrize(("days", "found"), [(5, 1), (-5, 1), (6, 0), (-6, 0)])
    async def test_the_other_end_is_dated_within_five_days(
        self, books: Books, savings: BankAccount, days: int, found: int
    ) -> None:
        out = await books.line()
        await books.line(1234, account=savings, dated_on=DAY + timedelta(days=days))
        assert len(await of(books, out)) == found

    @pytest.mark.parametrize(
        "column", [{"hidden_at": NOW}, {"deleted_at": NOW}, {"start_on": None}]
    )
    async def test_nor_is_a_line_of_an_account_that_is_not_there(
        self, books: Books, savings: BankAccount, column: dict[str, Any]
    ) -> None:
        out = await books.line()
        await books.line(1234, account=savings)
        await BankAccount.filter(id=savings.id).update(**column)
        assert await of(books, out) == []

    async def test_nor_is_a_line_of_the_same_account(self, books: Books) -> None:
        out = await books.line()
        await books.line(1234)
        assert await of(books, out) == []

    async def test_in_another_currency_the_texts_must_say_so(
        self, books: Books, savings: BankAccount
    ) -> None:
        ledger = await make_ledger_account(books.organization, name="Paris", currency="EUR")
        paris = await books.tied_account(ledger, name="Paris", currency="EUR")
        out = await books.line(-5000, bank_description="FX 77-8899-X")
        plain = await books.line(4600, account=paris, description="Credit")
        told = await books.line(4600, account=paris, description="FX 77-8899-X")
        [one] = await of(books, out)
        assert (one.other_transaction_id, one.preselect) == (told.id, False)
        assert await of(books, plain) == []


class TestCodings:
    async def _teach(self, books: Books, *accounts: LedgerAccount, times: int = 1) -> list[Act]:
        acts = []
        for _ in range(times):
            line = await books.line(-777, description="POS 1 Elm Street", excluded_at=NOW)
            acts.append(await act_of(books.organization))
            async with books.begin() as uow:
                await remember(uow, acts[-1], line, [account.id for account in accounts])
        return acts

    async def test_what_was_chosen_for_like_lines_is_proposed(self, books: Books) -> None:
        await self._teach(books, books.supplies, times=3)
        line = await books.line(description="POS 2 Elm Street")
        [one] = await of(books, line)
        assert one.kind is SuggestionKind.CODING
        assert one.coding is not None
        assert [(part.ledger_account_id, part.amount_minor) for part in one.coding.lines] == [
            (books.supplies.id, -1234)
        ]
        supplies = f"{books.supplies.number} {books.supplies.name}"
        assert [reason.text for reason in one.reasons] == [f"Such lines went to {supplies} 3 times"]
        assert one.preselect

    async def test_booking_teaches_and_accepting_is_booking(self, books: Books) -> None:
        for number in range(3):
            line = await books.line(description=f"POS {number} Elm Street")
            part = CodingLine(ledger_account_id=books.supplies.id, amount_minor=-1234)
            await self._book(books, line, Coding(lines=(part,)))
        line = await books.line(-4321, description="POS 4 Elm Street")
        [one] = await of(books, line)
        assert one.preselect
        assert one.coding is not None
        await self._book(books, line, one.coding)
        assert (await books.reread(line)).reconciled_minor == -4321
        assert await of(books, line) == []

    async def _book(self, books: Books, line: BankTransaction, coding: Coding) -> None:
        async with books.begin() as uow:
            await book(
                uow,
                books.viewer,
                bank_transaction_id=line.id,
                expected_revision=line.revision,
                coding=coding,
                duplicate_reason=None,
                key=None,
            )

    async def test_for_other_lines_nothing_is(self, books: Books) -> None:
        await self._teach(books, books.supplies, times=3)
        assert await of(books, await books.line(description="Oak Street")) == []
        assert await of(books, await books.line(1234, description="POS 2 Elm Street")) == []

    async def test_another_organizations_choices_teach_nothing(self, books: Books) -> None:
        other = await make_books()
        await self._teach(other, other.supplies, times=3)
        assert await of(books, await books.line(description="Elm Street")) == []

    async def test_what_was_forgotten_is_not_proposed(self, books: Books) -> None:
        [act] = await self._teach(books, books.supplies)
        await forget(act.id)
        assert await of(books, await books.line(description="Elm Street")) == []

    async def test_how_a_split_shares_is_not_invented(self, books: Books) -> None:
        await self._teach(books, books.supplies, books.sales)
        line = await books.line(description="Elm Street")
        assert await of(books, line) == []
        await self._teach(books, books.supplies, times=3)
        [one] = await of(books, line)
        assert one.reasons[0].text.endswith("3 of 4 times")
        assert not one.preselect

    @pytest.mark.parametrize("column", [{"inactive_at": NOW}, {"control": True}])
    async def test_an_account_that_cannot_be_booked_to_is_not_proposed(
        self, books: Books, column: dict[str, Any]
    ) -> None:
        await self._teach(books, books.supplies, times=3)
        await LedgerAccount.filter(id=books.supplies.id).update(**column)
        assert await of(books, await books.line(description="Elm Street")) == []

    async def test_nor_is_that_of_a_bank_account(self, books: Books, savings: BankAccount) -> None:
        ledger = await LedgerAccount.get(id=savings.ledger_account_id)
        await self._teach(books, ledger, times=3)
        assert await of(books, await books.line(description="Elm Street")) == []


class TestPrepared:
    async def test_it_comes_first_and_says_when_the_amount_changed(self, books: Books) -> None:
        line = await books.line()
        await PreparedCoding.create(
            bank_transaction_id=line.id,
            amount_minor=-1200,
            coding={
                "memo": "Chairs",
                "lines": [
                    {
                        "ledger_account_id": str(books.supplies.id),
                        "amount_minor": -1200,
                        "memo": None,
                    }
                ],
            },
            actor="USER:",
            prepared_at=NOW,
        )
        [one] = await of(books, line)
        assert one.kind is SuggestionKind.PREPARED
        assert one.reasons[-1].text == "The amount changed from −12.00 to −12.34"
        await PreparedCoding.all().update(amount_minor=-1234)
        [same] = await of(books, line)
        assert (same.score, same.preselect) == (100, True)
        assert same.coding is not None
        assert same.coding.memo == "Chairs"


async def fill(books: Books, savings: BankAccount, count: int) -> list[UUID]:
    """So many open journal lines on each of two accounts, and as many open lines on each of two
    bank accounts, over two years; ids of 50 on one page."""
    company = books.organization.id
    entries = [(new_id(), DAY - timedelta(days=n % 700), n) for n in range(count)]
    await insert_records(
        "journal_entry",
        (
            *("id", "organization_id", "state", "posted_on", "source", "created_by"),
            *("created_at", "revision", "reference"),
        ),
        [
            (id_, company, "DRAFT", on, "IMPORT", "USER:", NOW, 1, f"INV-{n}")
            for id_, on, n in entries
        ],
    )
    await insert_records(
        "journal_line",
        (
            *("id", "organization_id", "journal_entry_id", "position", "ledger_account_id"),
            *("amount_minor", "currency", "base_minor", "posted_on", "cleared_minor"),
        ),
        [
            (new_id(), company, id_, position, account, amount, "USD", amount, on, 0)
            for id_, on, n in entries
            for position, account, amount in (
                (0, books.checking.id, -n - 1),
                (1, books.supplies.id, n + 1),
            )
        ],
    )
    await execute("ANALYZE")
    await execute(
        "UPDATE journal_entry SET state = 'POSTED', fiscal_year = 2026, posted_at = $1,"
        " number = CAST(SUBSTR(reference, 5) AS INTEGER) + 1",
        NOW,
    )
    lines = [
        BankTransaction(
            organization_id=books.organization.id,
            bank_account_id=account.id,
            aggregator_id=f"{account.id}-{n}",
            pending=False,
            dated_on=DAY - timedelta(days=n % 700),
            amount_minor=amount,
            currency="USD",
            exponent=2,
            description=f"Elm Street INV-{n}" if sign < 0 else "Deposit",
            raw_hash="0",
            first_refresh_id=new_id(),
            last_refresh_id=new_id(),
            changed_at=NOW,
            change_position=1,
        )
        for account, sign in ((books.account, -1), (savings, 1))
        for n in range(count)
        for amount in [sign * (n + 1)]
    ]
    await BankTransaction.bulk_create(lines, batch_size=1000)
    await execute("ANALYZE")
    return [line.id for line in lines[:50]]


async def plan(statement: str, *arguments: object) -> str:
    """How the database would go about it."""
    explain = "EXPLAIN QUERY PLAN" if on_sqlite() else "EXPLAIN"
    rows = await fetch(f"{explain} {statement}", *arguments)
    return "\n".join(str(row.get("detail", row.get("QUERY PLAN"))) for row in rows)


async def kept_long(books: Books) -> None:
    """Let the accounts have started before all lines."""
    await BankAccount.all().update(start_on=DAY - timedelta(days=1000))


class TestReading:
    async def test_lines_come_by_index(self, books: Books, savings: BankAccount) -> None:
        await kept_long(books)
        page = await fill(books, savings, 5_000)
        asked = [
            Asked(
                BankSide(
                    id=line.id,
                    amount_minor=line.amount_minor,
                    open_minor=line.amount_minor,
                    currency="USD",
                    exponent=2,
                    dated_on=line.dated_on,
                ),
                books.account.id,
                books.checking.id,
            )
            for line in await BankTransaction.filter(id__in=page)
        ]
        journal, mirrors = journal_union(books.viewer, asked), mirror_union(books.viewer, asked)
        for union in (journal, mirrors):
            said = await plan(union.statement, *union.arguments)
            for table in ("journal_line", "bank_transaction"):
                assert f"Seq Scan on {table}" not in said, said
            for alias in ("SCAN l", "SCAN e", "SCAN t", "SCAN r"):
                assert alias not in said.splitlines(), said

    async def test_a_page_takes_no_more_statements_than_a_line(
        self, books: Books, savings: BankAccount, caplog: pytest.LogCaptureFixture
    ) -> None:
        await kept_long(books)
        page = await fill(books, savings, 60)
        taken = []
        for ids in (page[:1], page):
            caplog.clear()
            with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
                await suggestions_for(books.viewer, ids)
            taken.append(len(caplog.records))
        assert taken == [6, 6]

    async def test_each_line_of_a_page_finds_its_own(
        self, books: Books, savings: BankAccount
    ) -> None:
        await kept_long(books)
        page = await fill(books, savings, 300)
        found = await suggestions_for(books.viewer, page)
        assert set(found) == set(page)
        for suggestions in found.values():
            assert suggestions[0].kind is SuggestionKind.MATCH
            assert suggestions[0].reasons[0].code is ReasonCode.SAME_AMOUNT
            assert suggestions[0].preselect
            assert len({one.id for one in suggestions}) == len(suggestions)
            assert len(suggestions) <= 5
