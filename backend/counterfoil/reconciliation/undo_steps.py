"""The steps that take an act back: each says what it will do, and does it.

A step names the rows that it is about, so that two plans are the same when, and only when, they
would do the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from counterfoil.ledger.entries import discard_draft
from counterfoil.ledger.models import JournalEntry
from counterfoil.ledger.stored import number_of
from counterfoil.reconciliation import examples
from counterfoil.reconciliation.fates import Fate
from counterfoil.reconciliation.hand_clearings import Kept, put_back, take_away
from counterfoil.reconciliation.matching import unseal
from counterfoil.reconciliation.models import Act, HandClearing, Match
from counterfoil.reconciliation.reversing import take_back
from counterfoil.transactions import excluding_again, reviewing
from counterfoil.transactions.reviewing import Excluded
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


class EffectKind(StrEnum):
    """What undoing does to the books."""

    REOPEN = "REOPEN"
    LEAVE = "LEAVE"
    REVERSE = "REVERSE"
    DISCARD = "DISCARD"
    POST_AGAIN = "POST_AGAIN"
    MATCH = "MATCH"
    CLEAR_BY_HAND = "CLEAR_BY_HAND"
    UNCLEAR = "UNCLEAR"
    RESTORE = "RESTORE"
    EXCLUDE = "EXCLUDE"
    FORGET = "FORGET"
    UNDECIDE = "UNDECIDE"


class Blocked(Exception):
    """Undoing cannot be done, for this reason; told to people by whoever asked for the plan."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that undoing will do, in words for the person."""

    kind: EffectKind
    text: str


@dataclass(slots=True)
class Undoing:
    """An undo under way: its own act, and the rows that it has touched."""

    uow: UnitOfWork
    viewer: Viewer
    act: Act
    bank_transaction_ids: set[UUID]
    journal_entry_ids: set[UUID]


class Step(Protocol):
    """A part of taking an act back."""

    @property
    def effects(self) -> Sequence[Effect]:
        """What it will do."""

    @property
    def rows(self) -> Sequence[UUID]:
        """Which rows that is about."""

    async def do(self, undoing: Undoing) -> None:
        """Do it."""


def counted(count: int, one: str, many: str) -> str:
    """“1 bank line is …”, “3 bank lines are …”."""
    return f"1 {one}" if count == 1 else f"{count} {many}"


def told(fates: Collection[Fate]) -> list[Effect]:
    """What becomes of bank lines, counted; nothing when there are none."""
    return [
        Effect(EffectKind.REOPEN if fate.reopens else EffectKind.LEAVE, fate.told(times))
        for fate, times in Counter(fates).items()
    ]


@dataclass(frozen=True, slots=True)
class Unmatch:
    """Takes matches back, and puts back the hand clearings whose place they took.

    `fates` are those of its bank lines, but for lines that another step tells of.
    """

    match_ids: tuple[UUID, ...]
    bank_transaction_ids: tuple[UUID, ...]
    journal_line_ids: tuple[UUID, ...]
    fates: Sequence[Fate]
    displaced: Sequence[Kept] = ()

    @property
    def rows(self) -> Sequence[UUID]:
        return (*self.match_ids, *self.bank_transaction_ids, *self.journal_line_ids)

    @property
    def effects(self) -> Sequence[Effect]:
        lines = counted(len(self.journal_line_ids), "journal line is", "journal lines are")
        effects = told(self.fates)
        if self.displaced:
            again = f"{lines} cleared by hand again."
            return [*effects, Effect(EffectKind.CLEAR_BY_HAND, again)]
        if self.journal_line_ids:
            effects.append(Effect(EffectKind.UNCLEAR, f"{lines} no longer cleared by it."))
        return effects

    async def do(self, undoing: Undoing) -> None:
        await unseal(undoing.uow, await Match.filter(id__in=list(self.match_ids)))
        await put_back(undoing.uow, self.displaced)
        undoing.bank_transaction_ids.update(self.bank_transaction_ids)


@dataclass(frozen=True, slots=True)
class Reverse:
    """Reverses an entry: its bank lines reopen, and both clear against each other.

    `fates` are as in `Unmatch`.
    """

    entry: JournalEntry
    dated_on: date
    bank_transaction_ids: tuple[UUID, ...]
    fates: Sequence[Fate]

    @property
    def rows(self) -> Sequence[UUID]:
        return (self.entry.id, *self.bank_transaction_ids)

    @property
    def effects(self) -> Sequence[Effect]:
        text = f"Entry {number_of(self.entry)} is reversed, dated {self.dated_on.isoformat()}."
        return [Effect(EffectKind.REVERSE, text), *told(self.fates)]

    async def do(self, undoing: Undoing) -> None:
        taken = await take_back(undoing.uow, undoing.viewer, undoing.act, self.entry.id)
        undoing.bank_transaction_ids.update(taken.bank_transaction_ids)
        undoing.journal_entry_ids.update({taken.original.id, taken.reversal.entry.id})


@dataclass(frozen=True, slots=True)
class Discard:
    """Throws a draft away."""

    draft: JournalEntry

    @property
    def rows(self) -> Sequence[UUID]:
        return (self.draft.id,)

    @property
    def effects(self) -> Sequence[Effect]:
        text = f"The draft dated {self.draft.posted_on.isoformat()} is discarded."
        return [Effect(EffectKind.DISCARD, text)]

    async def do(self, undoing: Undoing) -> None:
        await discard_draft(
            undoing.uow,
            undoing.viewer,
            journal_entry_id=self.draft.id,
            expected_revision=self.draft.revision,
        )


@dataclass(frozen=True, slots=True)
class Unclear:
    """Takes hand clearings away."""

    clearings: Sequence[HandClearing]

    @property
    def rows(self) -> Sequence[UUID]:
        return [clearing.id for clearing in self.clearings]

    @property
    def effects(self) -> Sequence[Effect]:
        lines = counted(len(self.clearings), "journal line is", "journal lines are")
        return [Effect(EffectKind.UNCLEAR, f"{lines} no longer cleared by hand.")]

    async def do(self, undoing: Undoing) -> None:
        await take_away(undoing.uow, self.clearings)


@dataclass(frozen=True, slots=True)
class Restore:
    """Brings excluded lines back to review."""

    bank_transaction_ids: tuple[UUID, ...]

    @property
    def rows(self) -> Sequence[UUID]:
        return self.bank_transaction_ids

    @property
    def effects(self) -> Sequence[Effect]:
        lines = counted(len(self.rows), "bank line comes", "bank lines come")
        return [Effect(EffectKind.RESTORE, f"{lines} back to review.")]

    async def do(self, undoing: Undoing) -> None:
        await reviewing.restore(undoing.uow, self.bank_transaction_ids)
        undoing.bank_transaction_ids.update(self.bank_transaction_ids)


@dataclass(frozen=True, slots=True)
class RestoreErased:
    """Lets lines that were excluded, and then erased with their account, come again to review."""

    remembered_ids: tuple[UUID, ...]

    @property
    def rows(self) -> Sequence[UUID]:
        return self.remembered_ids

    @property
    def effects(self) -> Sequence[Effect]:
        lines = counted(
            len(self.rows),
            "bank line that was erased is to be reviewed if it comes again",
            "bank lines that were erased are to be reviewed if they come again",
        )
        return [Effect(EffectKind.RESTORE, f"{lines}.")]

    async def do(self, undoing: Undoing) -> None:
        await excluding_again.forget(self.remembered_ids)


@dataclass(frozen=True, slots=True)
class ExcludeAgain:
    """Takes lines out of review again, for the reasons that they had."""

    exclusions: Sequence[Excluded]

    @property
    def rows(self) -> Sequence[UUID]:
        return [exclusion.bank_transaction_id for exclusion in self.exclusions]

    @property
    def effects(self) -> Sequence[Effect]:
        lines = counted(len(self.rows), "bank line is", "bank lines are")
        return [Effect(EffectKind.EXCLUDE, f"{lines} excluded again.")]

    async def do(self, undoing: Undoing) -> None:
        await reviewing.exclude(undoing.uow, self.exclusions)
        undoing.bank_transaction_ids.update(self.rows)


@dataclass(frozen=True, slots=True)
class Forget:
    """Forgets what an act taught about similar lines."""

    act_id: UUID

    @property
    def rows(self) -> Sequence[UUID]:
        return (self.act_id,)

    @property
    def effects(self) -> Sequence[Effect]:
        text = "What was chosen here is no longer proposed for similar lines."
        return [Effect(EffectKind.FORGET, text)]

    async def do(self, undoing: Undoing) -> None:
        await examples.forget(self.act_id)
