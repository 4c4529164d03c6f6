"""Erasing the lines of an account that is deleted: all but those that are in a match.

The caller holds the login and the account, and marks the account deleted in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from counterfoil.kit.sql import execute, fetch, on_sqlite
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


async def would_erase(bank_account_id: UUID) -> Erased:
    """What `erase` would do to the lines of an account as they are now."""
    month = "substr(dated_on, 1, 7)" if on_sqlite() else "to_char(dated_on, 'YYYY-MM')"
    rows = await fetch(
        f"SELECT {month} AS month, currency, exponent, "  # noqa: S608
        "SUM(CASE WHEN reconciled_minor = 0 THEN 1 ELSE 0 END) AS lines, "
        "SUM(CASE WHEN reconciled_minor = 0 THEN amount_minor ELSE 0 END) AS sum_minor, "
        "SUM(CASE WHEN reconciled_minor = 0 THEN 0 ELSE 1 END) AS kept "
        "FROM bank_transaction WHERE bank_account_id = $1 AND removed_at IS NULL "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        bank_account_id,
    )
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


async def erase(uow: UnitOfWork, *, bank_account_id: UUID, key: bytes) -> Erased:
    """Remove every line of an account that is in no match, with what was noted of it.

    That a line was excluded is remembered under `key`, the organization's identity key. Matched
    lines stay, adrift until a login names them again. Nothing is told of the single lines: that
    the account is gone says it for all of them.
    """
    await uow.position()
    erased = await would_erase(bank_account_id)
    await remember(bank_account_id, key=key)
    await execute(
        "DELETE FROM bank_transaction WHERE bank_account_id = $1 AND reconciled_minor = 0",
        bank_account_id,
    )
    await execute(
        "UPDATE bank_transaction SET adrift_at = $2 "
        "WHERE bank_account_id = $1 AND adrift_at IS NULL",
        bank_account_id,
        uow.now,
    )
    return erased
