"""Bringing many ledger accounts to what another system, or a file, says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.audit.models import AuditEvent
from counterfoil.ledger.chart_csv import CellUnreadable
from counterfoil.ledger.chart_files import import_chart
from counterfoil.ledger.given import AccountRef
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.ledger.rows import MOST_ROWS, Outcome, RowsRefused, RowStatus, TooManyRows
from counterfoil.ledger.upserting import AccountRow, circles, upsert_accounts, wholes_first
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.api.asking import statements
from tests.factories import make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

ASSET, EXPENSE = LedgerAccountType.ASSET, LedgerAccountType.EXPENSE
CREATED, UPDATED, UNCHANGED = RowStatus.CREATED, RowStatus.UPDATED, RowStatus.UNCHANGED


def row(number: str, **facts: Any) -> AccountRow:
    return AccountRow(**{"number": number, "name": f"No. {number}", "type": ASSET, **facts})


def by_number(number: str) -> AccountRef:
    return AccountRef(number=number)


async def _upsert(viewer: Viewer, *rows: AccountRow, atomic: bool = False) -> Outcome:
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    async with transactions.begin(viewer.organization_id) as uow:
        return await upsert_accounts(uow, viewer, rows, atomic=atomic)


def _statuses(outcome: Outcome) -> list[RowStatus | None]:
    return [result.status for result in outcome.results]


def _told(outcome: Outcome) -> list[list[tuple[str, tuple[str, ...]]]]:
    return [[(error.code, error.field) for error in each.errors] for each in outcome.results]


@pytest.fixture
async def viewer(database: str) -> Viewer:
    return await make_viewer(await make_organization())


class TestUpsert:
    async def test_denied(self, database: str) -> None:
        reader = await make_viewer(await make_organization(), rights=set(Right) - {Right.ACCOUNTS})
        with pytest.raises(Forbidden):
            await _upsert(reader, row("1000"))
        assert await LedgerAccount.all().count() == 0

    async def test_another_organization_has_its_own_accounts(self, viewer: Viewer) -> None:
        other = await make_viewer(await make_organization())
        await _upsert(other, row("1000", external_id="7"))
        assert _statuses(await _upsert(viewer, row("1000", external_id="7"))) == [CREATED]
        assert await LedgerAccount.all().count() == 2

    async def test_new_changed_and_same(self, viewer: Viewer) -> None:
        first = await _upsert(viewer, row("1000"), row("2000", external_id="7"))
        second = await _upsert(
            viewer, row("1000"), row("2001", external_id="7", control=True), row("3000")
        )
        assert _statuses(first) == [CREATED, CREATED]
        assert _statuses(second) == [UNCHANGED, UPDATED, CREATED]
        moved = await LedgerAccount.get(id=first.results[1].object_id)
        assert (moved.number, moved.control, moved.external_id) == ("2001", True, "7")
        assert await AuditEvent.all().count() == 4

    async def test_what_is_not_given_stays(self, viewer: Viewer) -> None:
        whole = row("1000")
        part = row("1010", currency="USD", parent=by_number("1000"), active=False, external_id="7")
        await _upsert(viewer, whole, part)
        assert _statuses(await _upsert(viewer, row("1010"))) == [UNCHANGED]
        assert _statuses(await _upsert(viewer, row("1010", currency=None, parent=None))) == [
            UPDATED
        ]
        kept = await LedgerAccount.get(number="1010")
        assert (kept.currency, kept.parent_id, kept.external_id) == (None, None, "7")
        assert kept.inactive_at is not None

    async def test_an_account_gets_the_external_id_of_its_number(self, viewer: Viewer) -> None:
        await _upsert(viewer, row("1000"))
        assert _statuses(await _upsert(viewer, row("1000", external_id="7"))) == [UPDATED]
        taken = await _upsert(viewer, row("1000", external_id="8"))
        assert _told(taken) == [[("LEDGER_NUMBER_TAKEN", ("rows", "0", "number"))]]

    async def test_a_parent_may_come_after_its_part(self, viewer: Viewer) -> None:
        outcome = await _upsert(
            viewer,
            row("1011", parent=AccountRef(external_id="m")),
            row("1010", parent=by_number("1000"), external_id="m"),
            row("1000"),
        )
        assert _statuses(outcome) == [CREATED] * 3
        parents = dict(await LedgerAccount.all().values_list("number", "parent__number"))
        assert parents == {"1011": "1010", "1010": "1000", "1000": None}

    async def test_a_refused_row_leaves_the_others(self, viewer: Viewer) -> None:
        outcome = await _upsert(
            viewer,
            row("1000"),
            row("2000", name=""),
            row("3000", parent=by_number("9999")),
            row("4000", type=EXPENSE, parent=by_number("1000")),
        )
        assert _statuses(outcome) == [CREATED, None, None, None]
        assert _told(outcome) == [
            [],
            [("INVALID_INPUT", ("rows", "1", "name"))],
            [("NOT_FOUND", ("rows", "2", "parent"))],
            [("INVALID_INPUT", ("rows", "3", "parent"))],
        ]
        assert outcome.errors == []

    @pytest.mark.parametrize("name", ["x" * 500, "a\0b", "\ud800", " 1000"])
    async def test_names_that_no_account_can_have_name_none(
        self, viewer: Viewer, name: str
    ) -> None:
        for parent in (AccountRef(number=name), AccountRef(external_id=name)):
            outcome = await _upsert(viewer, row("1000", parent=parent))
            assert _told(outcome) == [[("NOT_FOUND", ("rows", "0", "parent"))]]

    async def test_a_circle_is_told_in_words(self, viewer: Viewer) -> None:
        await _upsert(viewer, row("1000"))
        outcome = await _upsert(
            viewer,
            row("1000", parent=by_number("1000")),
            row("2000", parent=by_number("2001")),
            row("2001", parent=AccountRef(external_id="two")),
            row("2002", parent=by_number("2000"), external_id="two"),
            row("2003", parent=by_number("2002")),
        )
        assert [str(error) for result in outcome.results for error in result.errors][:4] == [
            "Account 1000 is its own parent. Give it another one, or none.",
            (
                "Account 2000 cannot be a part of 2001: by these rows 2001 is a part of 2000. "
                "Give one of them another parent, or none."
            ),
            (
                "Account 2001 cannot be a part of 2002: by these rows 2002 is a part of 2001. "
                "Give one of them another parent, or none."
            ),
            (
                "Account 2002 cannot be a part of 2000: by these rows 2000 is a part of 2002. "
                "Give one of them another parent, or none."
            ),
        ]
        codes = ["INVALID_INPUT"] * 4 + ["NOT_FOUND"]
        assert _told(outcome) == [
            [(code, ("rows", str(place), "parent"))] for place, code in enumerate(codes)
        ]

    async def test_all_or_none(self, viewer: Viewer) -> None:
        await _upsert(viewer, row("1000"))
        outcome = await _upsert(
            viewer, row("1000", name="New"), row("2000"), row("3000", name=""), atomic=True
        )
        assert _statuses(outcome) == [None, None, None]
        assert [result.object_id for result in outcome.results] == [None] * 3
        [refused] = outcome.errors
        assert isinstance(refused, RowsRefused)
        assert refused.refused == (2,)
        assert [account.name for account in await LedgerAccount.all()] == ["No. 1000"]
        assert await AuditEvent.all().count() == 1

    async def test_more_than_one_call_takes(self, viewer: Viewer) -> None:
        with pytest.raises(TooManyRows):
            await _upsert(viewer, *[row(str(number)) for number in range(MOST_ROWS + 1)])

    async def test_the_same_again_costs_no_statement_a_row(self, viewer: Viewer) -> None:
        rows = [row(str(number), external_id=f"x{number}") for number in range(30)]
        await _upsert(viewer, *rows)
        with statements() as seen:
            again = await _upsert(viewer, *rows)
        assert set(_statuses(again)) == {UNCHANGED}
        assert len(seen) <= 8


class TestWholesFirst:
    @given(
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdefg")),
            max_size=6,
            unique_by=lambda pair: pair[0],
        )
    )
    def test_each_once_and_after_its_whole(self, pairs: Sequence[tuple[str, str | None]]) -> None:
        rows = [row(n, parent=by_number(whole) if whole else None) for n, whole in pairs]
        ordered = wholes_first(rows)
        assert sorted(ordered) == list(range(len(rows)))
        wholes = dict(pairs)
        places = {rows[at].number: place for place, at in enumerate(ordered)}
        for number, whole in pairs:
            if whole in places and not _circular(number, wholes):
                assert places[whole] < places[number]

    @given(
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdefg")),
            max_size=6,
            unique_by=lambda pair: pair[0],
        )
    )
    def test_circles_are_of_the_rows_above_themselves(
        self, pairs: Sequence[tuple[str, str | None]]
    ) -> None:
        rows = [row(n, parent=by_number(whole) if whole else None) for n, whole in pairs]
        wholes, found = dict(pairs), circles(rows)
        assert {rows[place].number for place in found} == {
            number for number in wholes if number in _above(number, wholes)
        }
        for place, circle in found.items():
            numbers = [rows[one].number for one in circle]
            assert circle[0] == place
            assert [wholes[number] for number in numbers] == [*numbers[1:], numbers[0]]


def _circular(number: str, wholes: dict[str, str | None]) -> bool:
    seen, above = set[str](), wholes.get(number)
    while above is not None and above not in seen:
        if above == number:
            return True
        seen.add(above)
        above = wholes.get(above)
    return above is not None


def _above(number: str, wholes: dict[str, str | None]) -> set[str]:
    found, above = set[str](), wholes.get(number)
    while above is not None and above not in found:
        found.add(above)
        above = wholes.get(above)
    return found


class TestImportChart:
    async def _import(self, viewer: Viewer, text: str, *, atomic: bool = True) -> Outcome:
        transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
        async with transactions.begin(viewer.organization_id) as uow:
            return await import_chart(uow, viewer, text, atomic=atomic)

    async def test_denied(self, database: str) -> None:
        reader = await make_viewer(await make_organization(), rights=(Right.READ, Right.EXPORT))
        with pytest.raises(Forbidden):
            await self._import(reader, "Number,Name,Type\n1000,Cash,Asset\n")
        assert await LedgerAccount.all().count() == 0

    async def test_a_column_that_is_not_there_changes_nothing(self, viewer: Viewer) -> None:
        await _upsert(viewer, row("1000", currency="USD", control=True))
        outcome = await self._import(
            viewer, "Number,Name,Type,Active\n1000,Cash,Asset,no\n1001,Till,Asset,\n"
        )
        assert _statuses(outcome) == [UPDATED, CREATED]
        kept = await LedgerAccount.get(number="1000")
        assert (kept.name, kept.currency, kept.control) == ("Cash", "USD", True)
        assert kept.inactive_at is not None

    async def test_an_error_names_line_and_column(self, viewer: Viewer) -> None:
        text = (
            "Number,Name,Type,Parent\n\n"
            "1000,Cash,Asset,\n1001,Till,Asset,7777\n1002,Fees,Expense,1000\n1003,,Asset,\n"
        )
        outcome = await self._import(viewer, text, atomic=False)
        assert _statuses(outcome) == [CREATED, None, None, None]
        assert _told(outcome) == [
            [],
            [("NOT_FOUND", ("csv", "4", "Parent"))],
            [("INVALID_INPUT", ("csv", "5", "Parent"))],
            [("INVALID_INPUT", ("csv", "6", "Name"))],
        ]

    async def test_a_circle_is_told_at_its_line_and_column(self, viewer: Viewer) -> None:
        text = (
            "Number,Name,Type,Parent\n9998,Own,Expense,9998\n"
            "9996,One,Expense,9997\n9997,Other,Expense,9996\n"
        )
        outcome = await self._import(viewer, text, atomic=False)
        assert _told(outcome) == [
            [("INVALID_INPUT", ("csv", str(line), "Parent"))] for line in (2, 3, 4)
        ]
        [own] = outcome.results[0].errors
        assert str(own) == "Account 9998 is its own parent. Give it another one, or none."
        assert await LedgerAccount.all().count() == 0

    @pytest.mark.parametrize("bad", ["1001,,Asset,", "1001,Till,Asset,7777"])
    async def test_all_or_none(self, viewer: Viewer, bad: str) -> None:
        text = f"Number,Name,Type,Parent\n1000,Cash,Asset,\n{bad}\n"
        outcome = await self._import(viewer, text)
        assert [error.field for error in outcome.errors] == [("csv",)]
        assert [bool(result.errors) for result in outcome.results] == [False, True]
        assert await LedgerAccount.all().count() == 0

    async def test_what_is_no_chart(self, viewer: Viewer) -> None:
        with pytest.raises(CellUnreadable):
            await self._import(viewer, "Hello")
