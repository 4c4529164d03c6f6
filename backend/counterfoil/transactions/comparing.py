"""How much of the history that is kept here is told again: each history is read once.

Many accounts may have to be compared with many: then each one's lines are read and cleaned once,
and a pair of them costs no more than counting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from counterfoil.aggregators.port import TransactionSnapshot
from counterfoil.transactions.deciding import as_reported, standing_versions
from counterfoil.transactions.fingerprint import Said
from counterfoil.transactions.models import ReviewKind
from counterfoil.transactions.pairing import Kept, Line, Offered
from counterfoil.transactions.stored import Stored, stored_lines

POSTED = "NOT bank_transaction.pending"


class Common(NamedTuple):
    """How many lines were kept in the span that is told, and how many of them occur there;
    `theirs` is how many are told from the oldest kept line to the newest."""

    kept: int
    found: int
    theirs: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """How often posted lines say the same, and the days of the oldest and the newest; None
    without any."""

    times: Mapping[Said, int]
    since: date | None
    until: date | None

    def within(self, other: Told) -> int:
        """How many lines lie in the span of another history, its first and last day among it."""
        if other.since is None or other.until is None:
            return 0
        lines = self.times.items()
        return sum(n for said, n in lines if other.since <= said.dated_on <= other.until)


def told(lines: Iterable[TransactionSnapshot]) -> Told:
    """What a login tells of an account, pending lines left out."""
    return _counted(offered_line(line).said for line in lines if not line.pending)


def _counted(sayings: Iterable[Said]) -> Told:
    times = Counter(said.cleaned() for said in sayings)
    days = [said.dated_on for said in times]
    return Told(times, min(days, default=None), max(days, default=None))


class Histories:
    """The histories of accounts here, each read when it is first compared."""

    def __init__(self) -> None:
        self._read: dict[UUID, Told] = {}

    async def of(self, bank_account_id: UUID) -> Told:
        """What the posted lines of an account say, as the bank last told them."""
        if bank_account_id not in self._read:
            lines = await as_last_told(bank_account_id, await stored_lines(bank_account_id, POSTED))
            self._read[bank_account_id] = _counted(line.said for line in lines)
        return self._read[bank_account_id]

    async def common(self, bank_account_id: UUID, theirs: Told) -> Common:
        """How many lines of an account lie in the span of `theirs`, and how many occur there: by
        date, amount, currency and cleaned text.

        The span goes from the oldest line of theirs up to today.
        """
        if theirs.since is None:
            return Common(0, 0)
        kept = found = 0
        ours = await self.of(bank_account_id)
        for said, times in ours.times.items():
            if said.dated_on >= theirs.since:
                kept += times
                found += min(times, theirs.times.get(said, 0))
        return Common(kept, found, theirs.within(ours))


def offered_line(line: TransactionSnapshot) -> Offered:
    """A line as a login tells it, under the aggregator's id."""
    text = line.bank_description or line.description
    return Line(line.aggregator_id, Said(line.dated_on, line.amount_minor, line.currency, text))


async def as_last_told(bank_account_id: UUID, lines: Iterable[Stored]) -> Sequence[Kept]:
    """Lines as the bank last told them: of a booked one that may be another amount or date."""
    changed = {
        key: as_reported(item)
        for key, item in (await standing_versions(bank_account_id)).items()
        if item.kind is ReviewKind.CHANGED
    }
    return [_as_told(line, changed.get(line.id)) for line in lines]


def _as_told(line: Stored, reported: Mapping[str, Any] | None) -> Kept:
    facts = {name: value for name, value in (reported or {}).items() if name in Said._fields}
    return Line(line.id, line.said._replace(**facts), line.weight)
