"""Undoing a reversal: the entry is posted anew, and matched again as far as its lines are open.

The reversal and what it took back stay cleared against each other; nothing matches them any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.ledger.stored import as_draft, lines_of, number_of, rates_of
from counterfoil.reconciliation.bookable import obstacle
from counterfoil.reconciliation.hand_clearings import Kept, put_back
from counterfoil.reconciliation.lines import open_minor, reversed_or_reversal
from counterfoil.reconciliation.matching import BankItem, seal
from counterfoil.reconciliation.models import Act, EntryOrigin
from counterfoil.reconciliation.put_again import keep_place
from counterfoil.reconciliation.reversing import Unmatched
from counterfoil.reconciliation.undo_steps import Effect, EffectKind, Undoing, counted
from counterfoil.transactions.models import BankTransaction

_NOTHING: Mapping[UUID, int] = {}


@dataclass(frozen=True, slots=True)
class PostAgain:
    """Posts a reversed entry anew, with the matches and hand clearings that it had.

    `possible` are those of its matches that it can have again: see `possible_again`.
    """

    original: JournalEntry
    matches: Sequence[Unmatched]
    possible: Sequence[Unmatched]
    clearings: Sequence[Kept]

    @property
    def rows(self) -> Sequence[UUID]:
        return (self.original.id, *sorted(_lines_of(self.possible)))

    @property
    def effects(self) -> Sequence[Effect]:
        again = _lines_of(self.possible)
        effects = [Effect(EffectKind.POST_AGAIN, self._posted(_lines_of(self.matches) - again))]
        if again:
            lines = counted(len(again), "bank line is", "bank lines are")
            effects.append(Effect(EffectKind.MATCH, f"{lines} matched with it again."))
        return effects

    def _posted(self, apart: Collection[UUID]) -> str:
        dated = self.original.posted_on.isoformat()
        text = f"Entry {number_of(self.original)} is posted again, dated {dated}."
        if not apart:
            return text
        stay = counted(len(apart), "bank line stays as it is", "bank lines stay as they are")
        return f"{text} {stay}, not matched with it."

    async def do(self, undoing: Undoing) -> None:
        entry = await self._post(undoing)
        keep_place(undoing.act, self.original, entry.entry)
        before = await lines_of(self.original)
        anew = {old.id: new.id for old, new in zip(before, entry.lines, strict=True)}
        await put_back(undoing.uow, [_moved(one, anew) for one in self.clearings])
        for group in self.possible:
            await _match_again(undoing, _renewed(group, anew), anew)
        undoing.journal_entry_ids.update({self.original.id, entry.entry.id})

    async def _post(self, undoing: Undoing) -> Entry:
        draft = EntryDraft(
            posted_on=self.original.posted_on,
            lines=[_as_it_was(row) for row in await lines_of(self.original)],
            transaction_on=self.original.transaction_on,
            reference=self.original.reference,
            memo=self.original.memo,
            contact=self.original.contact,
            source=self.original.source,
            rates=await rates_of(self.original),
        )
        entry = await create_entry(undoing.uow, undoing.viewer, draft, act_id=undoing.act.id)
        for origin in await EntryOrigin.filter(journal_entry_id=self.original.id):
            await EntryOrigin.create(
                journal_entry_id=entry.entry.id, bank_transaction_id=origin.bank_transaction_id
            )
        return entry


def _lines_of(groups: Sequence[Unmatched]) -> set[UUID]:
    return {one for group in groups for one in group.bank_transaction_ids}


def _as_it_was(row: JournalLine) -> LineDraft:
    """The line with its worth in base, whatever that was come by."""
    return replace(as_draft(row), base_minor=row.base_minor, carried=True)


def _renewed(group: Unmatched, anew: Mapping[UUID, UUID]) -> Unmatched:
    """A match with the lines of the new entry in the places of the old one's."""
    items = [
        replace(item, journal_line_id=anew.get(item.journal_line_id, item.journal_line_id))
        for item in group.journal_items
    ]
    return replace(group, journal_items=items)


async def possible_again(
    original: JournalEntry, groups: Sequence[Unmatched]
) -> Sequence[Unmatched]:
    """Which of these matches the entry, posted anew, can have again: all other lines still fit.

    What an earlier one of them takes of a line is not there for a later one.
    """
    possible: list[Unmatched] = []
    taken: Counter[UUID] = Counter()
    for group in groups:
        given = await _given(group, taken_back=original.id, taken=taken)
        if given is not None:
            possible.append(group)
            taken.update({item.bank_transaction_id: item.amount_minor or 0 for item in given})
            taken.update(
                {one.journal_line_id: one.amount_minor or 0 for one in group.journal_items}
            )
    return possible


async def _match_again(undoing: Undoing, group: Unmatched, anew: Mapping[UUID, UUID]) -> None:
    """Match the same lines as before, where all of them still have it; else they stay open.

    The match is of the act that it was of: undoing that takes it back.
    """
    given = await _given(group)
    if given is None:
        return
    act = await Act.get(id=group.act_id)
    await _move_displaced(act, anew)
    line = await JournalLine.get(id=group.journal_items[0].journal_line_id)
    await seal(
        undoing.uow,
        act,
        ledger_account_id=line.ledger_account_id,
        currency=line.currency,
        bank_items=given,
        journal_items=group.journal_items,
        on=group.cleared_on,
    )
    undoing.bank_transaction_ids.update(group.bank_transaction_ids)


async def _move_displaced(act: Act, anew: Mapping[UUID, UUID]) -> None:
    """The hand clearings whose place the act took come back on the new entry's lines."""
    if "displaced" in act.details:
        act.details["displaced"] = [_moved(one, anew) for one in act.details["displaced"]]
        await act.save(update_fields=["details"])


async def _given(
    group: Unmatched, *, taken_back: UUID | None = None, taken: Mapping[UUID, int] = _NOTHING
) -> Sequence[BankItem] | None:
    """What the bank lines give to the match as it was; None when a line can't have it again.

    Lines of the entry that is `taken_back` are not looked at: others will take their places. What
    is `taken` of a line, by its id, will be gone by then.
    """
    lines = await JournalLine.filter(
        id__in=[item.journal_line_id for item in group.journal_items]
    ).select_related("journal_entry")
    others = [line for line in lines if line.journal_entry_id != taken_back]
    left = {line.id: open_minor(line) - taken.get(line.id, 0) for line in others}
    asked = {item.journal_line_id: item.amount_minor or 0 for item in group.journal_items}
    if await Act.exists(id=group.act_id, undone_at__isnull=False):
        return None
    if await reversed_or_reversal(others) or not all(
        _fits(asked[line_id], open_of_it) for line_id, open_of_it in left.items()
    ):
        return None
    bank = await _still_bookable(group.bank_transaction_ids, lines[0].ledger_account_id)
    if bank is None:
        return None
    open_of_bank = {line.id: open_minor(line) - taken.get(line.id, 0) for line in bank}
    return _shared(sum(asked.values()), open_of_bank)


async def _still_bookable(
    bank_transaction_ids: Sequence[UUID], ledger_account_id: UUID
) -> Sequence[BankTransaction] | None:
    """These bank lines; None when one of them can no longer be booked in this ledger account."""
    lines = await BankTransaction.filter(id__in=list(bank_transaction_ids))
    accounts = await BankAccount.filter(id__in=list({line.bank_account_id for line in lines}))
    by_id = {account.id: account for account in accounts}
    if len(lines) < len(bank_transaction_ids):
        return None
    if any(account.ledger_account_id != ledger_account_id for account in accounts):
        return None
    if any(obstacle(line, by_id[line.bank_account_id]) for line in lines):
        return None
    return lines


def _shared(wanted: int, left: Mapping[UUID, int]) -> list[BankItem] | None:
    """How bank lines give what is wanted of what is left of them, by id; None if they can't.

    One gives in part, several only whole.
    """
    if not all(left.values()):
        return None
    if len(left) == 1 and _fits(wanted, sum(left.values())):
        left = dict.fromkeys(left, wanted)
    whole = [BankItem(one, amount) for one, amount in left.items()]
    return whole if sum(left.values()) == wanted else None


def _fits(amount: int, left: int) -> bool:
    return amount * left > 0 and abs(amount) <= abs(left)


def _moved(clearing: Kept, anew: Mapping[UUID, UUID]) -> Kept:
    """A hand clearing with the line of the new entry in the place of the old one's."""
    line = UUID(clearing["journal_line_id"])
    return {**clearing, "journal_line_id": str(anew.get(line, line))}
