"""CSV files as answers (RFC 4180), for spreadsheets and other programs.

Amounts are exact, with the digits of their currency. A text that a spreadsheet would take for a
formula has an apostrophe in front. A file begins with a byte order mark, without which Excel does
not read UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from counterfoil.errors import InvalidInput

BYTE_ORDER_MARK = "\ufeff".encode()


class DateUnreadable(InvalidInput):
    """A parameter is no day of the calendar."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"“{parameter}” must be a date such as 2026-01-31.", field=(parameter,))


def day(parameter: str, text: str) -> date:
    """The day that a parameter names.

    Raises:
        DateUnreadable: it names none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DateUnreadable(parameter) from None


def day_or_none(parameter: str, text: str | None) -> date | None:
    """As `day`, and None where the parameter is not given."""
    return day(parameter, text) if text else None


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """Some rows of a file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_answer(content: AsyncIterator[bytes] | bytes, *, kind: str, name: str) -> Response:
    """A file to save as `name`.csv; browsers of old take `kind`.csv."""
    headers = {
        "Content-Disposition": (
            f"attachment; filename=\"{kind}.csv\"; filename*=UTF-8''{quote(_file_name(name))}.csv"
        ),
        "Cache-Control": "no-store",
    }
    media_type = "text/csv; charset=utf-8; header=present"
    if isinstance(content, bytes):
        return Response(content, media_type=media_type, headers=headers)
    return StreamingResponse(content, media_type=media_type, headers=headers)


def _file_name(name: str) -> str:
    return name.replace("/", "-")
