"""From pages of changes to the rows that must be written: pure.

A page's last word about a line counts. A pending line that posts keeps its row: the bank names it
(`pending_id`), or it is the only one of its amount that vanished while one such line appeared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from counterfoil.aggregators.port import ChangesPage, TransactionSnapshot

POSTING_WINDOW = timedelta(days=8)
"""A pending line posts within this span of days, or it is another line."""

LineKey = tuple[str, str]
"""The aggregator's ids of the account and of the line: its name within one link."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How many lines came (or came back), changed, and went: there are `added - removed` more."""

    added: int = 0
    modified: int = 0
    removed: int = 0

    def __add__(self, other: Applied) -> Applied:
        return Applied(
            self.added + other.added, self.modified + other.modified, self.removed + other.removed
        )


NOTHING = Applied()


@dataclass(frozen=True, slots=True)
class Folded:
    """What several pages say in the end: no line is in both."""

    written: Sequence[TransactionSnapshot]
    withdrawn: Sequence[str]


def fold(pages: Iterable[ChangesPage]) -> Folded:
    """The last word about each line, in the order in which the bank spoke.

    A withdrawal names only the line; within one login a line's id is unique.
    """
    last: dict[str, TransactionSnapshot | None] = {}
    for page in pages:
        for line in (*page.added, *page.modified):
            last.pop(line.aggregator_id, None)
            last[line.aggregator_id] = line
        for removed in page.removed:
            last.pop(removed.aggregator_id, None)
            last[removed.aggregator_id] = None
    return Folded(
        [line for line in last.values() if line is not None],
        [key for key, line in last.items() if line is None],
    )


@dataclass(frozen=True, slots=True)
class Loose:
    """A pending row that vanished, or a posted row that appeared, in one pull."""

    id: UUID
    bank_account_id: UUID
    amount_minor: int
    dated_on: date


def pair_postings(vanished: Iterable[Loose], appeared: Iterable[Loose]) -> Mapping[UUID, UUID]:
    """Which vanished pending row each appeared posted row continues: {appeared: vanished}.

    Only where account and amount are equal, the dates lie within `POSTING_WINDOW`, and neither
    side has a second candidate.
    """
    pending, posted = _by_amount(vanished), _by_amount(appeared)
    pairs: dict[UUID, UUID] = {}
    for key, lines in posted.items():
        candidates = {line.id: _near(line, pending.get(key, ())) for line in lines}
        wanted = [row for rows in candidates.values() for row in rows]
        for line, rows in candidates.items():
            if len(rows) == 1 and wanted.count(rows[0]) == 1:
                pairs[line] = rows[0]
    return pairs


def _by_amount(lines: Iterable[Loose]) -> Mapping[tuple[UUID, int], list[Loose]]:
    groups: defaultdict[tuple[UUID, int], list[Loose]] = defaultdict(list)
    for line in lines:
        groups[line.bank_account_id, line.amount_minor].append(line)
    return groups


def _near(line: Loose, rows: Iterable[Loose]) -> Sequence[UUID]:
    return [row.id for row in rows if abs(line.dated_on - row.dated_on) <= POSTING_WINDOW]
