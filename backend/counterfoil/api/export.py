"""The lines of an account as a CSV file (RFC 4180), for spreadsheets and other programs.

Amounts are exact, with the digits of their currency. A text that a spreadsheet would take for a
formula gets an apostrophe in front (OWASP, CSV injection). The file begins with a byte order
mark, without which Excel does not read UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from counterfoil.api import ids
from counterfoil.api.auth import Gate
from counterfoil.api.bank_transactions import SEARCHED
from counterfoil.api.filters import searching
from counterfoil.errors import InvalidInput, NotFound
from counterfoil.kit.conditions import AllOf, Compare, Condition, Operator
from counterfoil.kit.keyset import Key, Question, Slice, read_page
from counterfoil.kit.money import decimal_string
from counterfoil.kit.spreadsheet import harmless
from counterfoil.kit.table import Row
from counterfoil.links.queries import accounts_by_id
from counterfoil.transactions.queries import TRANSACTIONS, transactions_of
from counterfoil.viewer import Right, Viewer

HEADER = (
    "Date",
    "Pending",
    "Occurred",
    "Description",
    "Bank Description",
    "Counterparty",
    "Check Number",
    "Category",
    "Amount",
    "Currency",
    "ID",
)
PAGE = 1000
_OLDEST_FIRST = (Key("bank_transaction.dated_on"),)
_COLUMNS = (
    "id",
    "dated_on",
    "pending",
    "occurred_on",
    "description",
    "bank_description",
    "counterparty",
    "check_number",
    "category",
    "amount_minor",
    "exponent",
    "currency",
)
_NAMES = tuple(f"bank_transaction.{name}" for name in _COLUMNS)


class DateUnreadable(InvalidInput):
    """`from` or `to` is no day of the calendar."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"“{parameter}” must be a date such as 2026-01-31.", field=(parameter,))


@dataclass(frozen=True, slots=True)
class Exports:
    """Files for people who are signed in and hold the right to export."""

    gate: Gate

    def routes(self) -> list[Route]:
        return [Route("/export/bank-transactions.csv", self._transactions, methods=["GET"])]

    async def _transactions(self, request: Request) -> Response:
        asked = request.query_params
        person = await self.gate.person(request, organization=asked.get("organization"))
        viewer = person.viewer
        account_id = ids.decode(asked.get("account", ""), "BankAccount", field=("account",))
        account = await _account(viewer, account_id)
        viewer.require(Right.EXPORT)
        where = AllOf(
            (
                *_dated(asked.get("from"), asked.get("to")),
                searching(TRANSACTIONS, SEARCHED, asked.get("search")),
            )
        )
        question = transactions_of(viewer, account_id, where=where, order=_OLDEST_FIRST)
        return StreamingResponse(
            transactions_csv(question),
            media_type="text/csv; charset=utf-8; header=present",
            headers={"Content-Disposition": _attachment(account), "Cache-Control": "no-store"},
        )


async def _account(viewer: Viewer, account_id: UUID) -> Row:
    names = ("bank_account.name", "bank_account.number")
    rows = await accounts_by_id(viewer, [account_id], names)
    if not rows:
        raise NotFound(field=("account",))
    return rows[0]


def _dated(first: str | None, last: str | None) -> Sequence[Condition]:
    column = TRANSACTIONS.column("bank_transaction.dated_on")
    bounds = (("from", first, Operator.GTE), ("to", last, Operator.LTE))
    return [Compare(column, sign, _day(name, text)) for name, text, sign in bounds if text]


def _day(parameter: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DateUnreadable(parameter) from None


def _attachment(account: Row) -> str:
    parts = [account["bank_account.name"], account["bank_account.number"], "transactions"]
    name = "-".join(part.replace("/", "-") for part in parts if part)
    return f"attachment; filename=\"transactions.csv\"; filename*=UTF-8''{quote(name)}.csv"


async def transactions_csv(question: Question, *, page: int = PAGE) -> AsyncIterator[bytes]:
    """The file, `page` lines at a time, so that its length costs no memory."""
    yield "\ufeff".encode() + _written([HEADER])
    after: str | None = None
    while True:
        found = await read_page(question, Slice(page, after), names=_NAMES, with_keys=True)
        if found.rows:
            yield _written([_cells(row) for row in found.rows])
        if not found.has_next:
            return
        after = found.cursor(found.rows[-1])


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cells(row: Row) -> Sequence[str]:
    def text(name: str) -> str:
        return harmless(row[f"bank_transaction.{name}"] or "")

    occurred_on: date | None = row["bank_transaction.occurred_on"]
    minor, digits = row["bank_transaction.amount_minor"], row["bank_transaction.exponent"]
    return (
        row["bank_transaction.dated_on"].isoformat(),
        "yes" if row["bank_transaction.pending"] else "no",
        occurred_on.isoformat() if occurred_on else "",
        text("description"),
        text("bank_description"),
        text("counterparty"),
        text("check_number"),
        text("category"),
        decimal_string(minor, digits),
        text("currency"),
        ids.encode("BankTransaction", row["bank_transaction.id"]),
    )
