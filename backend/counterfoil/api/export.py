"""The lines of a bank account as a CSV file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from counterfoil.api import ids
from counterfoil.api.account_ids import account_id
from counterfoil.api.auth import Gate
from counterfoil.api.bank_transactions import SEARCHED
from counterfoil.api.csv_files import BYTE_ORDER_MARK, csv_answer, day, written
from counterfoil.api.filters import searching
from counterfoil.errors import NotFound
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
        chosen = await account_id(viewer, asked.get("account", ""), field=("account",))
        account = await _account(viewer, chosen)
        viewer.require(Right.EXPORT)
        where = AllOf(
            (
                *_dated(asked.get("from"), asked.get("to")),
                searching(TRANSACTIONS, SEARCHED, asked.get("search")),
            )
        )
        question = transactions_of(viewer, chosen, where=where, order=_OLDEST_FIRST)
        return csv_answer(transactions_csv(question), kind="transactions", name=_name(account))


async def _account(viewer: Viewer, row_id: UUID) -> Row:
    names = ("bank_account.name", "bank_account.number")
    rows = await accounts_by_id(viewer, [row_id], names)
    if not rows:
        raise NotFound(field=("account",))
    return rows[0]


def _dated(first: str | None, last: str | None) -> Sequence[Condition]:
    column = TRANSACTIONS.column("bank_transaction.dated_on")
    bounds = (("from", first, Operator.GTE), ("to", last, Operator.LTE))
    return [Compare(column, sign, day(name, text)) for name, text, sign in bounds if text]


def _name(account: Row) -> str:
    parts = [account["bank_account.name"], account["bank_account.number"], "transactions"]
    return "-".join(part for part in parts if part)


async def transactions_csv(question: Question, *, page: int = PAGE) -> AsyncIterator[bytes]:
    """The file, `page` lines at a time, so that its length costs no memory."""
    yield BYTE_ORDER_MARK + written([HEADER])
    after: str | None = None
    while True:
        found = await read_page(question, Slice(page, after), names=_NAMES, with_keys=True)
        if found.rows:
            yield written([_cells(row) for row in found.rows])
        if not found.has_next:
            return
        after = found.cursor(found.rows[-1])


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
