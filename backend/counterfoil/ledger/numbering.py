"""Numbers of posted entries: gapless in an organization's fiscal year."""

from __future__ import annotations

from datetime import date

from counterfoil.kit.ids import new_id
from counterfoil.kit.sql import fetch
from counterfoil.unit_of_work import UnitOfWork


def fiscal_year_of(on: date, *, starts_in: int) -> int:
    """The fiscal year of a date, named by the calendar year that it ends in.

    `starts_in` is the month in which fiscal years begin, 1 to 12.
    """
    return on.year + (1 < starts_in <= on.month)


def shown_number(fiscal_year: int, number: int) -> str:
    """An entry's number as people read it: "2026-0043"."""
    return f"{fiscal_year}-{number:04}"


async def take_number(uow: UnitOfWork, fiscal_year: int) -> int:
    """The next number of the year; a transaction that fails gives it back."""
    [row] = await fetch(
        "INSERT INTO fiscal_year (id, organization_id, year, last_number) "
        "VALUES ($1, $2, $3, 1) ON CONFLICT (organization_id, year) "
        "DO UPDATE SET last_number = fiscal_year.last_number + 1 RETURNING last_number",
        new_id(),
        uow.organization_id,
        fiscal_year,
    )
    return int(row["last_number"])
