"""The books as files."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from counterfoil.api import ids
from counterfoil.api.auth import Gate
from counterfoil.api.export_books import REGISTER, TRIAL_BALANCE, BooksExports, Register
from counterfoil.api.plain import PlainErrors
from counterfoil.identity.models import Organization
from counterfoil.ledger.chart_files import import_chart
from counterfoil.ledger.drafting import EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import JournalLine, LedgerAccount, LedgerAccountType
from counterfoil.ledger.operations import seed_chart
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer
from tests.api.asking import statements
from tests.api.serving import Answer, MovableClock, Person, client_of, person, quick_passwords
from tests.factories import make_ledger_account
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")
DAY = date(2026, 3, 1)
FILES = ("chart.csv", "trial-balance.csv")


@asynccontextmanager
async def _asking(who: Person | None) -> AsyncIterator[Any]:
    gate = Gate(MovableClock(), quick_passwords(), "https://books.example", timedelta(hours=1))
    app = Starlette(routes=BooksExports(gate).routes(), middleware=[Middleware(PlainErrors)])
    async with client_of(app, who) as client:
        yield client


async def _export(who: Person | None, path: str) -> Answer:
    async with _asking(who) as client:
        answer: Answer = await client.get(f"/export/{path}")
        return answer


def _rows(answer: Answer) -> list[list[str]]:
    assert answer.status == 200, answer.text
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def _transactions() -> Transactions:
    return Transactions(FixedClock(), RecordingBell(), RecordingQueue())


class Shop:
    """Books with a till, and sales of 12.34 and 100.00 on following days, and 5.00 given back."""

    def __init__(self, who: Person, till: LedgerAccount, sales: LedgerAccount) -> None:
        self.who, self.till, self.sales = who, till, sales

    @classmethod
    async def open(cls, rights: tuple[Right, ...] = tuple(Right), **values: Any) -> Shop:
        who = await person(rights=rights)
        organization = await Organization.get(id=who.organization_id)
        till = await make_ledger_account(
            organization, number="1000", name=values.pop("name", "Till"), **values
        )
        sales = await make_ledger_account(
            organization, number="-4000", name="=Sales", type=LedgerAccountType.INCOME
        )
        shop = cls(who, till, sales)
        for after, amount in enumerate((1234, 10000, -500)):
            await shop.post(DAY + timedelta(days=after), amount)
        return shop

    async def post(self, on: date, amount_minor: int) -> None:
        viewer = Viewer.system(self.who.organization_id)
        lines = [
            LineDraft(ledger_account_id=self.till.id, amount_minor=amount_minor, memo="+1"),
            LineDraft(ledger_account_id=self.sales.id, amount_minor=-amount_minor),
        ]
        draft = EntryDraft(posted_on=on, lines=lines, reference="R-1", memo="Sold, or not")
        async with _transactions().begin(viewer.organization_id) as uow:
            await create_entry(uow, viewer, draft)

    @property
    def register(self) -> str:
        return f"register.csv?account={ids.encode('LedgerAccount', self.till.id)}"


class TestAll:
    async def test_denied(self) -> None:
        reader, other = await Shop.open(rights=(Right.READ,)), await person()
        for path in (*FILES, reader.register):
            assert (await _export(None, path)).status == 401
            denied = await _export(reader.who, path)
            assert (denied.status, denied.json["code"]) == (403, "FORBIDDEN")
        foreign = await _export(other, reader.register)
        assert (foreign.status, foreign.json["code"]) == (404, "NOT_FOUND")
        assert _rows(await _export(other, "chart.csv"))[1:] == []

    @pytest.mark.parametrize("more", ["&from=soon", "&to=2026-02-30"])
    async def test_what_is_no_date_is_refused(self, more: str) -> None:
        shop = await Shop.open()
        answer = await _export(shop.who, shop.register + more)
        assert (answer.status, answer.json["code"]) == (422, "INVALID_INPUT")


class TestChart:
    async def test_the_file_that_can_be_imported_again(self) -> None:
        who = await person()
        viewer = Viewer.system(who.organization_id)
        async with _transactions().begin(who.organization_id) as uow:
            await seed_chart(uow, base_currency="EUR")
        answer = await _export(who, "chart.csv")
        assert _rows(answer)[1] == [
            "1010",
            "Operating Account",
            "Asset",
            "EUR",
            "",
            "yes",
            "no",
            "",
        ]
        async with _transactions().begin(who.organization_id) as uow:
            outcome = await import_chart(uow, viewer, answer.text, atomic=True)
        assert {result.status for result in outcome.results} == {"UNCHANGED"}
        assert len(outcome.results) == await LedgerAccount.all().count()


class TestRegister:
    async def test_exact_amounts_with_what_was_held(self) -> None:
        shop = await Shop.open(name="Till/2")
        answer = await _export(shop.who, f"{shop.register}&from=2026-03-02")
        assert answer.headers["content-disposition"] == (
            "attachment; filename=\"register.csv\"; filename*=UTF-8''1000-Till-2.csv"
        )
        line = await JournalLine.get(ledger_account_id=shop.till.id, amount_minor=-500)
        header, opening, _, last = _rows(answer)
        assert header == list(REGISTER)
        assert opening == ["2026-03-02", "", "", "", "Opening balance", *[""] * 4, "12.34", "",
                           "12.34", "", ""]  # fmt: skip
        assert last == [
            "2026-03-03",
            "2026-0003",
            "R-1",
            "",
            "Sold, or not",
            "'+1",
            "",
            "5.00",
            "USD",
            "107.34",
            "-5.00",
            "107.34",
            "0.00",
            ids.encode("JournalLine", line.id),
        ]

    async def test_up_to_a_day(self) -> None:
        shop = await Shop.open()
        rows = _rows(await _export(shop.who, f"{shop.register}&to=2026-03-02"))
        assert [row[9] for row in rows] == ["Balance", "12.34", "112.34"]

    async def test_an_account_that_takes_any_currency_has_a_balance_in_base(self) -> None:
        shop = await Shop.open(currency=None)
        rows = _rows(await _export(shop.who, shop.register))
        assert [(row[9], row[11]) for row in rows[1:]] == [
            ("", "12.34"),
            ("", "112.34"),
            ("", "107.34"),
        ]

    async def test_a_long_one_is_read_in_pages(self) -> None:
        shop = await Shop.open()
        account = {
            "ledger_account.id": shop.till.id,
            "ledger_account.currency": "USD",
            "organization.base_currency": "USD",
        }
        file = Register(Viewer.system(shop.who.organization_id), account, None, None)
        with statements() as seen:
            text = b"".join([part async for part in file.csv(page=2)]).decode()
        assert [line.split(",")[10] for line in text.splitlines()[1:]] == [
            "12.34",
            "112.34",
            "107.34",
        ]
        assert len(seen) == 6


class TestTrialBalance:
    async def test_both_sides_with_their_totals(self) -> None:
        shop = await Shop.open()
        answer = await _export(shop.who, "trial-balance.csv?on=2026-03-02")
        assert "trial-balance-2026-03-02.csv" in answer.headers["content-disposition"]
        assert _rows(answer) == [
            list(TRIAL_BALANCE),
            ["'-4000", "'=Sales", "Income", "", "112.34", "USD"],
            ["1000", "Till", "Asset", "112.34", "", "USD"],
            ["", "Total", "", "112.34", "112.34", "USD"],
        ]

    async def test_today_when_no_day_is_given(self) -> None:
        shop = await Shop.open()
        answer = await _export(shop.who, "trial-balance.csv")
        assert "trial-balance-2026-03-02.csv" in answer.headers["content-disposition"]
        assert _rows(answer)[-1][3] == "112.34"
