"""What many rows at once came to: each alone, or all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput

MOST_ROWS = 500


class TooManyRows(InvalidInput):
    """More rows than one call takes."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"These are {count:,} rows. Send at most {MOST_ROWS} at once.", field=("rows",)
        )


class RowsRefused(InvalidInput):
    """At least one row was refused, so that none of them was written."""

    def __init__(self, refused: Sequence[int], *, field: tuple[str, ...] = ("rows",)) -> None:
        self.refused = tuple(refused)
        count = f"{len(refused):,} rows" if len(refused) > 1 else "One row"
        super().__init__(
            f"{count} could not be taken, so nothing was written. Correct what the results say, "
            "then send all of them again.",
            field=field,
        )


class RefusedBefore(CounterfoilError):
    """A row of a call that is repeated: it was refused the first time, for `code`."""

    def __init__(self, *, field: tuple[str, ...], code: str = "INVALID_INPUT") -> None:
        self.code, self.field = code, field
        super().__init__(
            "This was refused when the request was first made. Look at it again, then send it "
            "with a new idempotency key."
        )


class RowStatus(StrEnum):
    """What became of a row."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row: an object with a status, or errors."""

    object_id: UUID | None = None
    status: RowStatus | None = None
    errors: Sequence[CounterfoilError] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of all rows, in their order; `refused` where that kept all from being written."""

    results: Sequence[RowResult] = ()
    refused: RowsRefused | None = None
    replayed: bool = False

    @property
    def errors(self) -> Sequence[CounterfoilError]:
        """Why nothing was written; empty when something may have been."""
        return [self.refused] if self.refused else []


class TakenBack(Exception):
    """Ends a part of a unit of work that is not to be kept, with what became of its rows."""

    def __init__(self, results: Sequence[RowResult]) -> None:
        self.results = results


def bounded_rows(count: int) -> None:
    """Pass silently when one call takes so many rows.

    Raises:
        TooManyRows.
    """
    if count > MOST_ROWS:
        raise TooManyRows(count)


def refused_row(
    place: int, error: CounterfoilError, *, renamed: Mapping[str, str] | None = None
) -> RowResult:
    """The result of a row that was refused; the error names it by its place in `rows`.

    `renamed` are parts of the error's path that the rows call otherwise.
    """
    names = renamed or {}
    error.field = ("rows", str(place), *(names.get(part, part) for part in error.field))
    return RowResult(errors=[error])


def all_or_none(results: Sequence[RowResult], *, field: tuple[str, ...] = ("rows",)) -> Outcome:
    """What is left of the results when one of them was refused: no row was written."""
    refused = [place for place, result in enumerate(results) if result.errors]
    kept = [result if result.errors else RowResult() for result in results]
    return Outcome(kept, RowsRefused(refused, field=field))
