"""How far the reconciliation of a bank account is: counted by the database, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from counterfoil.kit.conditions import (
    AllOf,
    Column,
    Compare,
    Condition,
    Kind,
    Operator,
    Parameters,
    columns_in,
    to_sql,
)
from counterfoil.kit.table import Row, Select, fetched
from counterfoil.transactions.queries import TRANSACTIONS, in_states, transactions_of
from counterfoil.transactions.states import OPEN, BankTransactionState
from counterfoil.viewer import Viewer

_HALF = 10**9
"""A sum is taken in two halves of nine digits, so that no database's whole numbers run over."""
_COLUMNS: Mapping[str, Column] = {
    name: Column(name, kind, nullable=True)
    for name, kind in (
        ("older", Kind.BOOLEAN),
        ("state", Kind.TEXT),
        ("number", Kind.WHOLE),
        ("earliest", Kind.DATE),
        ("high", Kind.WHOLE),
        ("low", Kind.WHOLE),
    )
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The lines of an account between two days, by state, and what is older and still open.

    `open_minor` is what is not reconciled of the open lines between the two days, signed.
    """

    counts: Mapping[BankTransactionState, int]
    open_minor: int = 0
    older_open: int = 0
    older_open_from: date | None = None

    @property
    def total(self) -> int:
        """The lines that count: all but pending ones and history."""
        beside = (BankTransactionState.PENDING, BankTransactionState.HISTORY)
        return sum(number for state, number in self.counts.items() if state not in beside)


@dataclass(slots=True)
class _Tally:
    counts: dict[BankTransactionState, int] = field(
        default_factory=lambda: dict.fromkeys(BankTransactionState, 0)
    )
    open_minor: int = 0
    older_open: int = 0
    older_open_from: date | None = None


async def standing(
    viewer: Viewer, bank_account_id: UUID, *, first_on: date | None, last_on: date | None
) -> Standing:
    """Count the lines dated from `first_on` to `last_on` (both included; null: without end).

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    parameters = Parameters()
    scope = transactions_of(viewer, bank_account_id).scope
    within = AllOf((scope, *_dated(Operator.GTE, first_on), *_dated(Operator.LTE, last_on)))
    selects = [_grouped(within, parameters, older=False)]
    if first_on is not None:
        before = AllOf((scope, *_dated(Operator.LT, first_on), in_states(OPEN)))
        selects.append(_grouped(before, parameters, older=True))
    rows = await fetched(Select(" UNION ALL ".join(selects), _COLUMNS), parameters)
    return _read(rows)


def _dated(operator: Operator, day: date | None) -> Sequence[Condition]:
    if day is None:
        return ()
    return (Compare(TRANSACTIONS.column("bank_transaction.dated_on"), operator, day),)


def _grouped(condition: Condition, parameters: Parameters, *, older: bool) -> str:
    names = ("bank_transaction.state", "bank_transaction.dated_on")
    left = TRANSACTIONS.column("bank_transaction.remainder_minor")
    inner = TRANSACTIONS.select(
        (),
        using=list(columns_in(condition)),
        extra={
            "state": TRANSACTIONS.column(names[0]),
            "dated_on": TRANSACTIONS.column(names[1]),
            "remainder": left,
        },
        where=to_sql(condition, parameters),
    )
    return (
        f"SELECT {'1 = 1' if older else '1 = 0'} AS older, state, COUNT(*) AS number,"  # noqa: S608
        f" MIN(dated_on) AS earliest, SUM(remainder / {_HALF}) AS high,"
        f" SUM(remainder % {_HALF}) AS low FROM ({inner.sql}) AS line GROUP BY state"
    )


def _read(rows: Sequence[Row]) -> Standing:
    tally = _Tally()
    for row in rows:
        (_add_older if row["older"] else _add)(tally, row)
    return Standing(tally.counts, tally.open_minor, tally.older_open, tally.older_open_from)


def _add(tally: _Tally, row: Row) -> None:
    state = BankTransactionState(row["state"])
    tally.counts[state] = row["number"]
    if state in OPEN:
        tally.open_minor += _sum(row["high"], row["low"])


def _add_older(tally: _Tally, row: Row) -> None:
    tally.older_open += row["number"]
    tally.older_open_from = min(tally.older_open_from or row["earliest"], row["earliest"])


def _sum(high: Any, low: Any) -> int:
    return int(high) * _HALF + int(low)
