"""Erasing the lines of accounts that are deleted: all but those that are in a match.

The caller holds the logins and the accounts, and marks these deleted in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from counterfoil.kit.sql import among, execute, fetch, on_sqlite, texts
from counterfoil.transactions.excluding_again import remember
from counterfoil.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Month:
    """What of a month is erased: so many lines, which add up to `sum_minor` of this currency."""

    month: str
    currency: str
    exponent: int
    lines: int
    sum_minor: int


@dataclass(frozen=True, slots=True)
class Erased:
    """How many lines go and how many stay; the months ("2026-03") in order.

    Lines that the bank withdrew are in no count: nobody sees them. Pending ones are.
    """

    lines: int
    kept: int
    months: Sequence[Month]


async def would_erase(bank_account_ids: Collection[UUID]) -> Mapping[UUID, Erased]:
    """What `erase` would do to the lines of each of these accounts as they are now."""
    month = "substr(dated_on, 1, 7)" if on_sqlite() else "to_char(dated_on, 'YYYY-MM')"
    rows = await fetch(
        f"SELECT bank_account_id, {month} AS month, currency, exponent, "  # noqa: S608
        "SUM(CASE WHEN reconciled_minor = 0 THEN 1 ELSE 0 END) AS lines, "
        "SUM(CASE WHEN reconciled_minor = 0 THEN amount_minor ELSE 0 END) AS sum_minor, "
        "SUM(CASE WHEN reconciled_minor = 0 THEN 0 ELSE 1 END) AS kept "
        f"FROM bank_transaction WHERE bank_account_id {among('$1', 'uuid')} "
        "AND removed_at IS NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        texts(bank_account_ids),
    )
    months: dict[UUID, list[Mapping[str, Any]]] = {each: [] for each in bank_account_ids}
    for row in rows:
        months[UUID(str(row["bank_account_id"]))].append(row)
    return {bank_account_id: _erased(each) for bank_account_id, each in months.items()}


def _erased(rows: Sequence[Mapping[str, Any]]) -> Erased:
    months = [_month(row) for row in rows if row["lines"]]
    return Erased(
        lines=sum(month.lines for month in months),
        kept=sum(int(row["kept"]) for row in rows),
        months=months,
    )


def _month(row: Mapping[str, Any]) -> Month:
    return Month(
        month=row["month"],
        currency=row["currency"],
        exponent=row["exponent"],
        lines=int(row["lines"]),
        sum_minor=int(row["sum_minor"]),
    )


async def erase(uow: UnitOfWork, *, bank_account_ids: Collection[UUID], key: bytes) -> None:
    """Remove every line of these accounts that is in no match.

    That a line was excluded is remembered under `key`, the organization's identity key. Matched
    lines stay, adrift until a login names them again. Nothing is told of the single lines: that
    the accounts are gone says it for all of them.
    """
    await uow.position()
    await remember(bank_account_ids, key=key)
    theirs = f"bank_account_id {among('$1', 'uuid')}"
    ids = texts(bank_account_ids)
    await execute(f"DELETE FROM bank_transaction WHERE {theirs} AND reconciled_minor = 0", ids)  # noqa: S608
    await execute(
        f"UPDATE bank_transaction SET adrift_at = $2 WHERE {theirs} AND adrift_at IS NULL",  # noqa: S608
        ids,
        uow.now,
    )
