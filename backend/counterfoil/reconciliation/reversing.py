"""Reversing entries: their bank lines reopen, and both entries clear against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from counterfoil.errors import CounterfoilError
from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.ledger.reversing import post_reversal
from counterfoil.ledger.stored import lines_of, number_of, own_entry
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.hand_clearings import of_people, take_away
from counterfoil.reconciliation.lines import clearing_accounts, open_minor
from counterfoil.reconciliation.matching import JournalItem, seal, unseal
from counterfoil.reconciliation.models import (
    AccountStart,
    Act,
    ActKind,
    Match,
    MatchBankItem,
    MatchJournalItem,
)
from counterfoil.reconciliation.reopening import require_reopenable
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer


class NotReversible(CounterfoilError):
    """An entry that another one leans on, so that taking it back would leave that one hanging."""

    code = "NOT_UNDOABLE"
    field = ("journal_entry_id",)


class ReversalOfReversal(NotReversible):
    """A reversal is not reversed: what it took back is posted anew, under a new number."""

    def __init__(self, entry: JournalEntry) -> None:
        self.journal_entry_id = entry.id
        super().__init__(
            f"Entry {number_of(entry)} is a reversal itself. Undo it among the activities, or "
            "post the entry anew."
        )


class OpeningEntry(NotReversible):
    """The entry with which a bank account's start, ended or not, was made to agree with books."""

    def __init__(self, entry: JournalEntry, *, ended: bool) -> None:
        self.journal_entry_id = entry.id
        super().__init__(
            f"Entry {number_of(entry)} opened a bank account in the books, and what came after "
            "stands on it. Post an entry that corrects it instead."
            if ended
            else f"Entry {number_of(entry)} opens a bank account in the books. Untie that "
            "account, or give it a new start, instead."
        )


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A match that was taken back: its act, the lines that it held together, what books gave."""

    act_id: UUID
    cleared_on: date
    bank_transaction_ids: Sequence[UUID]
    journal_items: Sequence[JournalItem]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An entry, its reversal, and what was undone so that it could be reversed."""

    original: JournalEntry
    reversal: Entry
    unmatched: Sequence[Unmatched]
    pairs: Sequence[Match]

    @property
    def bank_transaction_ids(self) -> set[UUID]:
        """The bank lines that are open again."""
        return {one for group in self.unmatched for one in group.bank_transaction_ids}


async def reverse(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    journal_entry_id: UUID,
    expected_revision: int | None,
    key: Key | None,
    parent: Act | None = None,
) -> Act:
    """Take a posted entry back by one that mirrors it; its bank lines are open again.

    An entry that somebody else made, or matched, or cleared by hand, takes the right CLOSE.

    Raises:
        Forbidden, NotFound, Conflict, JournalEntryDraft, AlreadyReversed, ReversalOfReversal,
        OpeningEntry, SettledByStart, IdempotencyKeyReused.
    """
    act, replayed = await begin(
        uow, viewer, ActKind.REVERSE, key=key, bank_account_id=None, parent=parent
    )
    if replayed:
        return act
    entry = await own_entry(uow, viewer, journal_entry_id, expected_revision)
    if await is_of_others(viewer, entry):
        viewer.require(Right.CLOSE)
    taken = await take_back(uow, viewer, act, journal_entry_id)
    return await finish(
        uow,
        viewer,
        act,
        action="reverseJournalEntry",
        journal_entry_ids=[taken.original.id, taken.reversal.entry.id],
        bank_transaction_ids=taken.bank_transaction_ids,
        match_ids=[pair.id for pair in taken.pairs],
    )


async def is_of_others(viewer: Viewer, entry: JournalEntry) -> bool:
    """Whether reversing the entry takes back what anybody but the viewer did."""
    if entry.created_by != viewer.actor:
        return True
    lines = await lines_of(entry)
    clearings = await of_people([line.id for line in lines])
    acts = {group.act_id for group in await matches_of(lines)}
    acts |= {clearing.act_id for those in clearings.values() for clearing in those}
    return await Act.filter(id__in=list(acts)).exclude(actor=viewer.actor).exists()


async def take_back(uow: UnitOfWork, viewer: Viewer, act: Act, journal_entry_id: UUID) -> TakenBack:
    """Reverse an entry as a part of an act; what its lines were matched with goes into `details`.

    All matches and hand clearings by people of the entry end; what the start of an account
    cleared stays so, as on a closed statement, and the reversal's line is outstanding there.

    Raises:
        as `reverse`.
    """
    original = await own_entry(uow, viewer, journal_entry_id, None)
    await require_reversible(original)
    lines = await lines_of(original)
    matches = await matches_of(lines)
    await require_reopenable(matches)
    unmatched = await _members(matches)
    await unseal(uow, matches)
    clearings = await of_people([line.id for line in lines])
    taken = [clearing for those in clearings.values() for clearing in those]
    act.details.setdefault("unmatched", []).extend(_kept(group) for group in unmatched)
    act.details.setdefault("hand_clearings", []).extend(await take_away(uow, taken))
    reversal = await post_reversal(uow, viewer, journal_entry_id=journal_entry_id, act_id=act.id)
    pairs = await _clear_pairs(uow, act, original, reversal)
    return TakenBack(original, reversal, unmatched, pairs)


async def require_reversible(entry: JournalEntry) -> None:
    """Pass silently when nothing leans on the entry.

    Raises:
        ReversalOfReversal, OpeningEntry.
    """
    if entry.reverses_id is not None:
        raise ReversalOfReversal(entry)
    if start := await AccountStart.get_or_none(opening_entry_id=entry.id):
        raise OpeningEntry(entry, ended=start.ended_on is not None)


async def matches_of(lines: Collection[JournalLine]) -> list[Match]:
    """The matches that these lines are in."""
    ids = [line.id for line in lines]
    found = Match.filter(sealed=True, journal_items__journal_line_id__in=ids)
    return await found.distinct().order_by("id")


async def _members(matches: Sequence[Match]) -> list[Unmatched]:
    bank: defaultdict[UUID, list[UUID]] = defaultdict(list)
    journal: defaultdict[UUID, list[JournalItem]] = defaultdict(list)
    ids = [group.id for group in matches]
    for item in await MatchBankItem.filter(match_id__in=ids).order_by("id"):
        bank[item.match_id].append(item.bank_transaction_id)
    for other in await MatchJournalItem.filter(match_id__in=ids).order_by("id"):
        journal[other.match_id].append(JournalItem(other.journal_line_id, other.amount_minor))
    return [
        Unmatched(group.act_id, group.cleared_on, bank[group.id], journal[group.id])
        for group in matches
    ]


def _kept(group: Unmatched) -> dict[str, Any]:
    """A match as an act keeps it: of the bank's lines the ids alone, to leave nothing of them."""
    return {
        "act_id": str(group.act_id),
        "cleared_on": group.cleared_on.isoformat(),
        "bank_transaction_ids": [str(one) for one in group.bank_transaction_ids],
        "journal_items": [
            [str(item.journal_line_id), item.amount_minor] for item in group.journal_items
        ],
    }


def as_unmatched(kept: Mapping[str, Any]) -> Unmatched:
    """A match that was taken back again from what an act kept of it."""
    return Unmatched(
        UUID(kept["act_id"]),
        date.fromisoformat(kept["cleared_on"]),
        [UUID(one) for one in kept["bank_transaction_ids"]],
        [JournalItem(UUID(line), amount_minor) for line, amount_minor in kept["journal_items"]],
    )


async def _clear_pairs(
    uow: UnitOfWork, act: Act, original: JournalEntry, reversal: Entry
) -> list[Match]:
    """Clear the open lines of both entries against each other, where lines are cleared at all."""
    lines = await lines_of(original)
    clearing = await clearing_accounts({line.ledger_account_id for line in lines})
    groups: defaultdict[tuple[UUID, str], list[JournalItem]] = defaultdict(list)
    for line, mirror in zip(lines, reversal.lines, strict=True):
        left = open_minor(line)
        if left and line.ledger_account_id in clearing:
            groups[line.ledger_account_id, line.currency] += [
                JournalItem(line.id, left),
                JournalItem(mirror.id, -left),
            ]
    return [
        await seal(
            uow,
            act,
            ledger_account_id=ledger_account_id,
            currency=currency,
            bank_items=[],
            journal_items=items,
        )
        for (ledger_account_id, currency), items in groups.items()
    ]
