"""The lines of an account as a file."""

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

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.api.auth import Gate
from counterfoil.api.export import HEADER, Exports, transactions_csv
from counterfoil.api.plain import PlainErrors
from counterfoil.identity.models import Organization
from counterfoil.transactions.queries import transactions_of
from counterfoil.viewer import Right, Viewer
from tests.api.asking import statements
from tests.api.serving import Answer, MovableClock, Person, client_of, person, quick_passwords
from tests.factories import make_account, make_line, make_link

pytestmark = pytest.mark.usefixtures("database")


@asynccontextmanager
async def _asking(who: Person | None) -> AsyncIterator[Any]:
    gate = Gate(MovableClock(), quick_passwords(), "https://books.example", timedelta(hours=1))
    app = Starlette(routes=Exports(gate).routes(), middleware=[Middleware(PlainErrors)])
    async with client_of(app, who) as client:
        yield client


async def _account(who: Person, **values: Any) -> BankAccount:
    organization = await Organization.get(id=who.organization_id)
    return await make_account(await make_link(organization), **values)


async def _export(who: Person | None, account: BankAccount, more: str = "") -> Answer:
    async with _asking(who) as client:
        account_id = ids.encode("BankAccount", account.id)
        answer: Answer = await client.get(
            f"/export/bank-transactions.csv?account={account_id}{more}"
        )
        return answer


def _rows(answer: Answer) -> list[list[str]]:
    assert answer.status == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


class TestTransactions:
    async def test_denied(self) -> None:
        reader, other = await person(rights=(Right.READ,)), await person()
        account = await _account(reader)
        await make_line(account, description="Secret")
        answers = [await _export(each, account) for each in (None, reader, other)]
        assert [(each.status, each.json["code"]) for each in answers] == [
            (401, "UNAUTHENTICATED"),
            (403, "FORBIDDEN"),
            (404, "NOT_FOUND"),
        ]
        assert not any("Secret" in each.text for each in answers)

    async def test_exact_amounts_oldest_first_with_a_header(self) -> None:
        who = await person()
        account = await _account(who, name="Till/2 “Ä”", number="0042", currency="BHD", exponent=3)
        late = await make_line(
            account,
            dated_on=date(2026, 3, 2),
            amount_minor=-1,
            description="Tea, and\n“cake”",
            counterparty="Elm",
        )
        early = await make_line(
            account,
            dated_on=date(2026, 3, 1),
            amount_minor=10**17,
            description="Ä",
            pending=True,
            occurred_on=date(2026, 2, 28),
        )
        answer = await _export(who, account)
        assert answer.text.startswith("\ufeffDate,")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert answer.headers["content-disposition"] == (
            'attachment; filename="transactions.csv"; '
            "filename*=UTF-8''Till-2%20%E2%80%9C%C3%84%E2%80%9D-0042-transactions.csv"
        )
        early_id, late_id = (ids.encode("BankTransaction", each.id) for each in (early, late))
        day, amount = "2026-02-28", "100000000000000.000"
        assert _rows(answer) == [
            list(HEADER),
            ["2026-03-01", "yes", day, "Ä", "", "", "", "", amount, "BHD", early_id],
            [
                "2026-03-02",
                "no",
                "",
                "Tea, and\n“cake”",
                "",
                "Elm",
                "",
                "",
                "-0.001",
                "BHD",
                late_id,
            ],
        ]

    async def test_the_range_and_the_words_of_the_page(self) -> None:
        who = await person()
        account = await _account(who)
        for day, text in [(1, "Rent"), (2, "Fee"), (3, "Rent"), (4, "Rent")]:
            await make_line(account, dated_on=date(2026, 3, day), description=text)
        answer = await _export(who, account, "&from=2026-03-02&to=2026-03-03&search=rent")
        assert [row[0] for row in _rows(answer)[1:]] == ["2026-03-03"]

    async def test_what_is_no_date_is_refused(self) -> None:
        who = await person()
        answer = await _export(who, await _account(who), "&from=yesterday")
        assert (answer.status, answer.json["code"]) == (422, "INVALID_INPUT")

    async def test_a_long_account_is_read_in_pages(self) -> None:
        who = await person()
        account = await _account(who)
        for _ in range(5):
            await make_line(account)
        question = transactions_of(Viewer.system(who.organization_id), account.id)
        with statements() as seen:
            written = b"".join([part async for part in transactions_csv(question, page=2)])
        assert written.count(b"\r\n") == 6
        assert len(seen) == 3
