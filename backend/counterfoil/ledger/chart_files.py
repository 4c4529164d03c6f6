"""The chart of accounts, to and from a CSV file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from counterfoil.errors import CounterfoilError
from counterfoil.ledger.chart_csv import (
    ACTIVE,
    CONTROL,
    CURRENCY,
    EXTERNAL_ID,
    NAME,
    NUMBER,
    PARENT,
    TYPE,
    ChartRow,
    ReadRow,
    parsed,
)
from counterfoil.ledger.given import AccountRef
from counterfoil.ledger.models import LedgerAccount
from counterfoil.ledger.rows import Outcome, RowResult, all_or_none
from counterfoil.ledger.upserting import AccountRow, upsert_accounts
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

_COLUMNS: Mapping[str, str] = {
    "number": NUMBER,
    "name": NAME,
    "type": TYPE,
    "currency": CURRENCY,
    "parent": PARENT,
    "active": ACTIVE,
    "control": CONTROL,
    "external_id": EXTERNAL_ID,
}


async def import_chart(uow: UnitOfWork, viewer: Viewer, text: str, *, atomic: bool) -> Outcome:
    """Bring the chart to what a file says, row by row. What it has no column for stays.

    An error names the line of the file, and the column.

    Raises:
        Forbidden; CellUnreadable: the file as a whole is none.
    """
    viewer.require(Right.ACCOUNTS)
    read = parsed(text)
    if atomic and any(each.errors for each in read):
        return all_or_none([RowResult(errors=each.errors) for each in read], field=("csv",))
    good = [each for each in read if each.row is not None]
    rows = [_account_row(each.row, each) for each in good if each.row is not None]
    outcome = await upsert_accounts(uow, viewer, rows, atomic=atomic)
    written = {
        each.line: _placed(result, each) for each, result in zip(good, outcome.results, strict=True)
    }
    results = [written.get(each.line, RowResult(errors=each.errors)) for each in read]
    return all_or_none(results, field=("csv",)) if outcome.refused else Outcome(results)


async def chart_rows(viewer: Viewer) -> Sequence[ChartRow]:
    """The whole chart of the viewer's books as a file has it, by number.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    viewer.require(Right.READ)
    accounts = await LedgerAccount.filter(organization_id=viewer.organization_id).order_by("number")
    numbers = {account.id: account.number for account in accounts}
    return [_chart_row(account, numbers) for account in accounts]


def _chart_row(account: LedgerAccount, numbers: Mapping[UUID, str]) -> ChartRow:
    return ChartRow(
        number=account.number,
        name=account.name,
        type=account.type,
        currency=account.currency,
        parent=numbers[account.parent_id] if account.parent_id else None,
        active=account.inactive_at is None,
        control=account.control,
        external_id=account.external_id,
    )


def _account_row(row: ChartRow, read: ReadRow) -> AccountRow:
    optional: dict[str, Any] = {
        CURRENCY: ("currency", row.currency),
        PARENT: ("parent", AccountRef(number=row.parent) if row.parent else None),
        ACTIVE: ("active", row.active),
        CONTROL: ("control", row.control),
    }
    given = dict(pair for column, pair in optional.items() if column in read.columns)
    return AccountRow(
        number=row.number, name=row.name, type=row.type, external_id=row.external_id, **given
    )


def _placed(result: RowResult, read: ReadRow) -> RowResult:
    for error in result.errors:
        error.field = _field(error, read.line)
    return result


def _field(error: CounterfoilError, line: int) -> tuple[str, ...]:
    """Where in the file an error about a row is; its path begins with `rows` and a place."""
    columns = [_COLUMNS.get(part, part) for part in error.field[2:]]
    return ("csv", str(line), *columns)
