"""The books as CSV files: chart of accounts, register of an account, trial balance."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from counterfoil.api import ids
from counterfoil.api.auth import Gate
from counterfoil.api.csv_files import BYTE_ORDER_MARK, csv_answer, day_or_none, written
from counterfoil.errors import NotFound
from counterfoil.identity.queries import today
from counterfoil.kit.keyset import Slice, read_page
from counterfoil.kit.money import decimal_string, exponent_of
from counterfoil.kit.spreadsheet import harmless
from counterfoil.kit.table import Row
from counterfoil.ledger.balances import Balance
from counterfoil.ledger.chart_csv import printed
from counterfoil.ledger.chart_files import chart_rows
from counterfoil.ledger.queries import ledger_accounts_by_id
from counterfoil.ledger.register import NOTHING, RUNNING, held_at, lines_of, running
from counterfoil.ledger.trial_balance import TrialBalance, trial_balance
from counterfoil.viewer import Right, Viewer

REGISTER = (
    "Date",
    "Entry",
    "Reference",
    "Contact",
    "Memo",
    "Line Memo",
    "Debit",
    "Credit",
    "Currency",
    "Balance",
    "Base Amount",
    "Base Balance",
    "Cleared",
    "ID",
)
TRIAL_BALANCE = ("Number", "Name", "Type", "Debit", "Credit", "Currency")
PAGE = 1000
_LINE = ("memo", "currency", "cleared_minor")
_ENTRY = ("shown_number", "reference", "contact", "memo")
_NAMES = (
    *RUNNING,
    *(f"journal_line.{name}" for name in _LINE),
    *(f"journal_entry.{name}" for name in _ENTRY),
)
_ACCOUNT = ("id", "number", "name", "type", "currency")


@dataclass(frozen=True, slots=True)
class BooksExports:
    """Files for people who are signed in and hold the right to export."""

    gate: Gate

    def routes(self) -> list[Route]:
        return [
            Route("/export/chart.csv", self._chart, methods=["GET"]),
            Route("/export/register.csv", self._register, methods=["GET"]),
            Route("/export/trial-balance.csv", self._trial_balance, methods=["GET"]),
        ]

    async def _viewer(self, request: Request) -> Viewer:
        organization = request.query_params.get("organization")
        return (await self.gate.person(request, organization=organization)).viewer

    async def _chart(self, request: Request) -> Response:
        viewer = await self._viewer(request)
        viewer.require(Right.EXPORT)
        text = printed(await chart_rows(viewer))
        return csv_answer(BYTE_ORDER_MARK + text.encode(), kind="chart", name="chart-of-accounts")

    async def _register(self, request: Request) -> Response:
        viewer, asked = await self._viewer(request), request.query_params
        account_id = ids.decode(asked.get("account", ""), "LedgerAccount", field=("account",))
        account = await _account(viewer, account_id)
        viewer.require(Right.EXPORT)
        first = day_or_none("from", asked.get("from"))
        file = Register(viewer, account, first, day_or_none("to", asked.get("to")))
        return csv_answer(file.csv(), kind="register", name=file.name)

    async def _trial_balance(self, request: Request) -> Response:
        viewer = await self._viewer(request)
        viewer.require(Right.EXPORT)
        asked = day_or_none("on", request.query_params.get("on"))
        found = await trial_balance(viewer, asked or await today(viewer, self.gate.clock.now()))
        rows = written([TRIAL_BALANCE, *await _trial_balance_rows(viewer, found)])
        name = f"trial-balance-{found.on.isoformat()}"
        return csv_answer(BYTE_ORDER_MARK + rows, kind="trial-balance", name=name)


async def _account(viewer: Viewer, account_id: UUID) -> Row:
    names = (
        *(f"ledger_account.{name}" for name in _ACCOUNT),
        "organization.base_currency",
    )
    rows = await ledger_accounts_by_id(viewer, [account_id], names)
    if not rows:
        raise NotFound(field=("account",))
    return rows[0]


@dataclass(frozen=True, slots=True)
class Register:
    """The register of one account, from one day to another."""

    viewer: Viewer
    account: Row
    first: date | None
    last: date | None

    @property
    def name(self) -> str:
        """What to call the file."""
        return f"{self.account['ledger_account.number']}-{self.account['ledger_account.name']}"

    async def csv(self, *, page: int = PAGE) -> AsyncIterator[bytes]:
        """The file, `page` lines at a time, so that its length costs no memory."""
        yield BYTE_ORDER_MARK + written([REGISTER, *await self._opening()])
        account_id: UUID = self.account["ledger_account.id"]
        question = lines_of(self.viewer, account_id, first=self.first, last=self.last)
        after: str | None = None
        while True:
            found = await read_page(question, Slice(page, after), names=_NAMES, with_keys=True)
            held = await running(self.viewer, account_id, found.rows)
            yield written([self._cells(row, held[row["journal_line.id"]]) for row in found.rows])
            if not found.has_next:
                return
            after = found.cursor(found.rows[-1])

    async def _opening(self) -> Sequence[Sequence[str]]:
        """What it held before the first day, where there is one."""
        if self.first is None:
            return ()
        account_id: UUID = self.account["ledger_account.id"]
        held = NOTHING
        if self.first > date.min:
            before = self.first - timedelta(days=1)
            held = (await held_at(self.viewer, [account_id], before))[account_id]
        cells = dict.fromkeys(REGISTER, "")
        cells.update({"Date": self.first.isoformat(), "Memo": "Opening balance"})
        cells.update(self._balances(held))
        return [tuple(cells.values())]

    def _balances(self, held: Balance) -> Mapping[str, str]:
        """What it held; one that takes any currency has a balance in base alone."""
        own: str | None = self.account["ledger_account.currency"]
        base: str = self.account["organization.base_currency"]
        return {
            "Balance": _exact(held.amount_minor, own) if own else "",
            "Base Balance": _exact(held.base_minor, base),
        }

    def _cells(self, row: Row, held: Balance) -> Sequence[str]:
        currency: str = row["journal_line.currency"]
        amount: int = row["journal_line.amount_minor"]
        cells = {
            "Date": row["journal_line.posted_on"].isoformat(),
            "Entry": row["journal_entry.shown_number"],
            "Reference": harmless(row["journal_entry.reference"] or ""),
            "Contact": harmless(row["journal_entry.contact"] or ""),
            "Memo": harmless(row["journal_entry.memo"] or ""),
            "Line Memo": harmless(row["journal_line.memo"] or ""),
            "Debit": _exact(amount, currency) if amount > 0 else "",
            "Credit": _exact(-amount, currency) if amount < 0 else "",
            "Currency": currency,
            "Base Amount": _exact(
                row["journal_line.base_minor"], self.account["organization.base_currency"]
            ),
            "Cleared": _exact(row["journal_line.cleared_minor"], currency),
            "ID": ids.encode("JournalLine", row["journal_line.id"]),
            **self._balances(held),
        }
        return [cells[name] for name in REGISTER]


async def _trial_balance_rows(viewer: Viewer, found: TrialBalance) -> Sequence[Sequence[str]]:
    """The accounts by number, and the totals."""
    names = [f"ledger_account.{name}" for name in _ACCOUNT]
    wanted = [row.ledger_account_id for row in found.rows]
    read = await ledger_accounts_by_id(viewer, wanted, names)
    accounts = {row["ledger_account.id"]: row for row in read}
    base = found.base_currency
    rows = [
        _trial_balance_row(accounts[row.ledger_account_id], row.debit_minor, row.credit_minor, base)
        for row in found.rows
    ]
    debit, credit = _exact(found.total_debit_minor, base), _exact(found.total_credit_minor, base)
    return [*sorted(rows), ("", "Total", "", debit, credit, base)]


def _trial_balance_row(
    account: Row, debit_minor: int | None, credit_minor: int | None, base: str
) -> tuple[str, ...]:
    return (
        harmless(account["ledger_account.number"]),
        harmless(account["ledger_account.name"]),
        account["ledger_account.type"].title(),
        "" if debit_minor is None else _exact(debit_minor, base),
        "" if credit_minor is None else _exact(credit_minor, base),
        base,
    )


def _exact(minor: int, currency: str) -> str:
    return decimal_string(minor, exponent_of(currency))
