"""The chart of accounts as a CSV file (RFC 4180): pure, and printing then parsing changes nothing.

The columns may come in any order and case; those of `NEEDED` must be there. Fields are parted by
commas, or by semicolons where the header has those instead, as spreadsheets of some countries
write them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from counterfoil.errors import InvalidInput
from counterfoil.kit.currencies import EXPONENTS
from counterfoil.kit.spreadsheet import harmless, meant
from counterfoil.kit.text import uncut
from counterfoil.ledger.chart import EXTERNAL_ID_LIMIT, NAME_LIMIT, NUMBER_LIMIT
from counterfoil.ledger.models import LedgerAccountType

NUMBER, NAME, TYPE, CURRENCY, PARENT, ACTIVE, CONTROL, EXTERNAL_ID = HEADER = (
    "Number",
    "Name",
    "Type",
    "Currency",
    "Parent",
    "Active",
    "Control",
    "External ID",
)
NEEDED = (NUMBER, NAME, TYPE)
MOST_ROWS = 500
_BYTE_ORDER_MARK = "\ufeff"
_TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class CellUnreadable(InvalidInput):
    """A cell, or a whole line, of which no ledger account can be made."""

    def __init__(self, message: str, *, line: int, column: str | None = None) -> None:
        self.line, self.column = line, column
        place = f"Line {line}, {column}: " if column else f"Line {line}: "
        where = ("csv", str(line), column) if column else ("csv", str(line))
        super().__init__(place + message, field=where)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """A ledger account in a file. `parent` is the number of the account that it is a part of."""

    number: str
    name: str
    type: LedgerAccountType
    currency: str | None = None
    parent: str | None = None
    active: bool = True
    control: bool = False
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """What stands in a line of the file, from 1: an account, or what is wrong with it.

    `columns` are those that the file has; of the others, the row has the defaults.
    """

    line: int
    row: ChartRow | None
    errors: Sequence[CellUnreadable] = ()
    columns: Set[str] = frozenset(HEADER)


def printed(rows: Iterable[ChartRow]) -> str:
    """The file, with its header."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: ChartRow) -> Sequence[str]:
    return (
        harmless(row.number),
        harmless(row.name),
        row.type.value.title(),
        row.currency or "",
        harmless(row.parent or ""),
        "yes" if row.active else "no",
        "yes" if row.control else "no",
        harmless(row.external_id or ""),
    )


def parsed(text: str) -> Sequence[ReadRow]:
    """The lines of a file, without its header and without empty ones.

    Raises:
        CellUnreadable: it has no usable header, more than `MOST_ROWS` rows, or is no CSV.
    """
    lines = _lines(text.removeprefix(_BYTE_ORDER_MARK))
    if not lines:
        raise CellUnreadable(f"the file needs the columns {', '.join(NEEDED)}.", line=1)
    (first, header), *rest = lines
    columns = _columns(first, header)
    if len(rest) > MOST_ROWS:
        raise CellUnreadable(
            f"the file has {len(rest):,} rows. Send at most {MOST_ROWS} at once.", line=first
        )
    read = [_read(line, cells, columns) for line, cells in rest]
    return _without_twins(read)


def _lines(text: str) -> Sequence[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line that it begins in."""
    first_line = text.partition("\n")[0]
    delimiter = ";" if ";" in first_line and "," not in first_line else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, begins = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise CellUnreadable(f"this is no CSV: {error}.", line=begins) from None
    return lines


def _columns(line: int, header: Sequence[str]) -> Mapping[str, int]:
    """Where each column stands."""
    known = {name.casefold(): name for name in HEADER}
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = known.get(" ".join(cell.split()).casefold())
        if name is None:
            raise CellUnreadable(f"there is no column “{cell.strip()[:40]}”.", line=line)
        if name in found:
            raise CellUnreadable(f"the column {name} is there twice.", line=line)
        found[name] = place
    if missing := [name for name in NEEDED if name not in found]:
        raise CellUnreadable(f"these columns are missing: {', '.join(missing)}.", line=line)
    return found


class _Cells:
    """The cells of one line; what is wrong with them is kept."""

    def __init__(self, line: int, cells: Sequence[str], columns: Mapping[str, int]) -> None:
        self._line, self._cells, self._columns = line, cells, columns
        self.errors: list[CellUnreadable] = []

    def text(self, column: str, *, limit: int, needed: bool = False) -> str:
        """The text that is meant; empty where there is none."""
        text = uncut(meant(self._raw(column)))
        if needed and not text:
            self._refuse(column, "this is empty.")
        if len(text) > limit:
            self._refuse(column, f"this is longer than {limit} characters.")
        return text

    def type(self) -> LedgerAccountType:
        word = self._raw(TYPE).upper()
        if word in LedgerAccountType.__members__:
            return LedgerAccountType[word]
        words = ", ".join(each.value.title() for each in LedgerAccountType)
        self._refuse(TYPE, f"this must be one of {words}.")
        return LedgerAccountType.ASSET

    def currency(self) -> str | None:
        code = self._raw(CURRENCY).upper()
        if code and code not in EXPONENTS:
            self._refuse(CURRENCY, "this must be an ISO 4217 code, or empty for any.")
        return code or None

    def truth(self, column: str, *, default: bool) -> bool:
        word = self._raw(column).casefold()
        if word and word not in _TRUTH:
            self._refuse(column, "this must be yes or no.")
        return _TRUTH.get(word, default)

    def _raw(self, column: str) -> str:
        place = self._columns.get(column)
        return self._cells[place].strip() if place is not None and place < len(self._cells) else ""

    def _refuse(self, column: str, message: str) -> None:
        self.errors.append(CellUnreadable(message, line=self._line, column=column))


def _read(line: int, values: Sequence[str], columns: Mapping[str, int]) -> ReadRow:
    if len(values) > len(columns):
        many = f"there are {len(values)} cells under {len(columns)} columns."
        return ReadRow(line, None, [CellUnreadable(many, line=line)])
    cells = _Cells(line, values, columns)
    row = ChartRow(
        number=cells.text(NUMBER, limit=NUMBER_LIMIT, needed=True),
        name=cells.text(NAME, limit=NAME_LIMIT, needed=True),
        type=cells.type(),
        currency=cells.currency(),
        parent=cells.text(PARENT, limit=NUMBER_LIMIT) or None,
        active=cells.truth(ACTIVE, default=True),
        control=cells.truth(CONTROL, default=False),
        external_id=cells.text(EXTERNAL_ID, limit=EXTERNAL_ID_LIMIT) or None,
    )
    return ReadRow(line, None if cells.errors else row, cells.errors, columns.keys())


def _without_twins(rows: Sequence[ReadRow]) -> Sequence[ReadRow]:
    """The rows, where a number or an external id stands twice with an error at the second."""
    keys: Sequence[tuple[str, Callable[[ChartRow], str | None]]] = (
        (NUMBER, lambda row: row.number),
        (EXTERNAL_ID, lambda row: row.external_id),
    )
    for column, key in keys:
        rows = _refusing_repeats(rows, column, key)
    return rows


def _refusing_repeats(
    rows: Sequence[ReadRow], column: str, key: Callable[[ChartRow], str | None]
) -> Sequence[ReadRow]:
    seen: dict[str, int] = {}
    told = []
    for read in rows:
        value = key(read.row) if read.row is not None else None
        if value is not None and value in seen:
            words = f"“{value}” stands in line {seen[value]} already."
            read = ReadRow(read.line, None, [CellUnreadable(words, line=read.line, column=column)])
        elif value is not None:
            seen[value] = read.line
        told.append(read)
    return told
