"""/transactions/sync: what changed in an Item's lines between two positions, in pages. Pure.

The bank numbers its changes. A client that has read everything up to one position holds exactly
the lines that lived then, so what it is missing follows from each line's own three positions
(came, changed, went); no history of changes is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from fakebank.bank.records import Line

Born = Callable[[Line], int | None]


class CursorUnknown(Exception):
    """The cursor was not given out for this Item and account."""


class MutatedDuringPagination(Exception):
    """A line of the page set changed after the first page was given."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader stands.

    Everything up to `after` is known. In the middle of a set of pages `upto` is where the set ends
    and `given` the order key of the last change that was given.
    """

    after: int = 0
    upto: int | None = None
    given: tuple[int, int] = (0, 0)

    def encode(self, stream: str) -> str:
        """As text, signed for the stream (an Item, or one account of it)."""
        body = json.dumps([self.after, self.upto, self.given], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_seal(body, stream) + body).decode()

    @staticmethod
    def decode(text: str, stream: str) -> Cursor:
        """Raises CursorUnknown."""
        try:
            raw = base64.urlsafe_b64decode(text.encode())
            seal, body = raw[:12], raw[12:]
            if not hmac.compare_digest(seal, _seal(body, stream)):
                raise CursorUnknown
            after, upto, given = json.loads(body)
            return Cursor(after, upto, (given[0], given[1]))
        except (ValueError, TypeError) as error:
            raise CursorUnknown from error


def _seal(body: bytes, stream: str) -> bytes:
    return hmac.digest(stream.encode(), body, hashlib.sha256)[:12]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a page: what happened to a line, and at which position it is told."""

    kind: Literal["added", "modified", "removed"]
    position: int
    line: Line

    @property
    def order(self) -> tuple[int, int]:
        """The order in which changes are told; no two of a set share it."""
        return self.position, self.line.created_position


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its changes, and where the reader stands after it."""

    changes: list[Change]
    cursor: Cursor
    has_more: bool


class PageSets:
    """Cuts pages for readers, keeping the set that each stream is in the middle of.

    A set is kept only while nothing at all has changed in the bank, so that it is never stale.
    """

    def __init__(self) -> None:
        self._sets: dict[str, tuple[tuple[int, ...], list[Change]]] = {}

    def read(
        self, stream: str, lines: Callable[[], list[Line]], *, cursor: Cursor, count: int,
        now: int, born: Born,
    ) -> Page:  # fmt: skip
        """The next page of a stream.

        `now` is the bank's position. `born` gives the position from which a line counts as there
        for this reader, None when it is never told. Raises MutatedDuringPagination.
        """
        upto = now if cursor.upto is None else cursor.upto
        state = (cursor.after, upto, now)
        kept = self._sets.pop(stream, None)
        if kept is None or kept[0] != state:
            kept = state, _page_set(lines(), cursor, upto, born)
        begin = bisect_right(kept[1], cursor.given, key=lambda change: change.order)
        page = kept[1][begin : begin + count]
        if begin + count >= len(kept[1]):
            return Page(page, Cursor(upto), False)
        self._sets[stream] = kept
        return Page(page, Cursor(cursor.after, upto, page[-1].order), True)


def _page_set(lines: list[Line], cursor: Cursor, upto: int, born: Born) -> list[Change]:
    if cursor.upto is not None and _mutated(lines, upto, born):
        raise MutatedDuringPagination
    return changes_between(lines, after=cursor.after, upto=upto, born=born)


def changes_between(lines: Iterable[Line], *, after: int, upto: int, born: Born) -> list[Change]:
    """All that a reader who stands at `after` must hear to stand at `upto`, oldest first."""
    found = (_change(line, born(line), after, upto) for line in lines)
    changes = [change for change in found if change is not None]
    return sorted(changes, key=lambda change: change.order)


def _change(line: Line, came: int | None, after: int, upto: int) -> Change | None:
    if came is None or came > upto:
        return None
    went = line.removed_position
    if went is not None:
        return Change("removed", went, line) if came <= after < went <= upto else None
    if came > after:
        return Change("added", came, line)
    if line.restored_position is not None and after < line.restored_position <= upto:
        return Change("added", line.restored_position, line)
    if after < line.changed_position <= upto:
        return Change("modified", line.changed_position, line)
    return None


def _mutated(lines: list[Line], upto: int, born: Born) -> bool:
    """Whether a line that was there at `upto` has changed or gone since."""
    return any(
        (came := born(line)) is not None
        and came <= upto
        and max(line.changed_position, line.removed_position or 0) > upto
        for line in lines
    )
