"""Booking a line anew that the bank changed: its entry is reversed, and another one posted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from counterfoil.errors import CounterfoilError, InvalidInput
from counterfoil.ledger.locks import books_of, reversal_date
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.ledger.stored import lines_of, number_of
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.adjusting import rates_for
from counterfoil.reconciliation.bookable import Obstacle
from counterfoil.reconciliation.booking import clear, post_coding
from counterfoil.reconciliation.changed_lines import FIELD, BankChange, bank_change, close
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.examples import remember
from counterfoil.reconciliation.lines import bookable_lines
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.reconciliation.resealing import groups_of
from counterfoil.reconciliation.reversing import is_of_others, matches_of, take_back
from counterfoil.transactions.deciding import Resolution
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

_GONE = (Obstacle.WITHDRAWN, Obstacle.ZERO)


class EntryShared(CounterfoilError):
    """The line and one entry do not belong to each other alone, so that neither is taken back."""

    code = "NOT_UNDOABLE"
    field = FIELD

    def __init__(self) -> None:
        super().__init__(
            "This line and its entry are matched with others too, which would come apart. Accept "
            "the bank's version, post the difference, or undo the match."
        )


class CodingNeeded(InvalidInput):
    """The new amount cannot be booked as the old one was without somebody saying how."""

    def __init__(self, number: str | None) -> None:
        super().__init__(
            f"Entry {number} has several lines, or another currency. Say how the new amount is "
            "divided.",
            field=("lines",),
        )


class NothingToBook(InvalidInput):
    """The bank withdrew the line, or it is of 0, and yet it was said how to book it."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is left of this line that could be booked: its entry is only reversed. Leave "
            "the lines out.",
            field=("lines",),
        )


@dataclass(frozen=True, slots=True)
class _Booked:
    """The one entry of a line, and its line on the bank's ledger account."""

    entry: JournalEntry
    line: JournalLine


async def rebook(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    review_item_id: UUID,
    expected_revision: int | None,
    coding: Coding | None,
    key: Key | None,
) -> Act:
    """Reverse the entry of a line, and book what the bank reports now.

    Without lines of `coding` the new amount goes where the old one went, if that was one account.
    What else the coding leaves out is taken from the old entry. A line that the bank withdrew, or
    that is of 0 now, is not booked anew. An entry dated in a locked period is posted after the
    lock. What somebody else posted or matched takes the right CLOSE.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyDecided, ChangeOfSettledLine, EntryShared,
        CodingNeeded, NothingToBook, IdempotencyKeyReused, IdempotencyKeyInvalid.
        NotBookable: the line is pending again, or history now.
        As `take_back` and `book`.
    """
    act, replayed = await begin(uow, viewer, ActKind.DECIDE, key=key, bank_account_id=None)
    if replayed:
        return act
    change = await bank_change(
        uow, viewer, review_item_id=review_item_id, expected_revision=expected_revision
    )
    booked = await _alone(change)
    if await is_of_others(viewer, booked.entry):
        viewer.require(Right.CLOSE)
    wanted = await _wanted(viewer, change, booked, coding)
    taken = await take_back(uow, viewer, act, booked.entry.id)
    entries = [taken.original.id, taken.reversal.entry.id]
    if wanted is not None:
        entries.append(await _book_anew(uow, viewer, act, change, wanted))
    became = await groups_of(change.line.id)
    await close(uow, act, change, became, resolution=Resolution.REBOOKED)
    return await finish(
        uow,
        viewer,
        act,
        action="rebookBankChange",
        bank_transaction_ids=[change.line.id],
        journal_entry_ids=entries,
        match_ids=[*(pair.id for pair in taken.pairs), *(group.id for group in became)],
    )


async def _alone(change: BankChange) -> _Booked:
    """The entry that has this line alone, and that this line has alone.

    Raises:
        EntryShared.
    """
    if len(change.groups) != 1:
        raise EntryShared
    [group] = change.groups
    if (len(group.bank), len(group.journal)) != (1, 1):
        raise EntryShared
    [line_id] = group.journal
    line = await JournalLine.get(id=line_id)
    entry = await JournalEntry.get(id=line.journal_entry_id)
    if len(await matches_of(await lines_of(entry))) != 1:
        raise EntryShared
    return _Booked(entry, line)


async def _wanted(
    viewer: Viewer, change: BankChange, booked: _Booked, given: Coding | None
) -> Coding | None:
    """How to book the line anew; None where nothing is left to book."""
    if change.obstacle in _GONE:
        if given is not None and given.lines:
            raise NothingToBook
        return None
    change.require_comparable()
    coding = given or Coding(lines=())
    entry = booked.entry
    return replace(
        coding,
        lines=coding.lines or [await _as_before(change, booked)],
        memo=entry.memo or "" if coding.memo is None else coding.memo,
        reference=entry.reference or "" if coding.reference is None else coding.reference,
        contact=entry.contact if coding.contact is None else coding.contact,
        posted_on=reversal_date(change.reported["dated_on"], await books_of(viewer)),
        rates=coding.rates or await rates_for(change),
    )


async def _as_before(change: BankChange, booked: _Booked) -> CodingLine:
    """The account that took all of the old amount takes all of the new one.

    Raises:
        CodingNeeded.
    """
    others = [row for row in await lines_of(booked.entry) if row.id != booked.line.id]
    if len(others) != 1 or others[0].currency != change.line.currency:
        raise CodingNeeded(number_of(booked.entry))
    [other] = others
    return CodingLine(
        ledger_account_id=other.ledger_account_id,
        amount_minor=change.reported["amount_minor"],
        memo=other.memo,
    )


async def _book_anew(
    uow: UnitOfWork, viewer: Viewer, act: Act, change: BankChange, coding: Coding
) -> UUID:
    """Post the new entry and match the line, which is as the bank reports it by now."""
    [bank] = await bookable_lines(uow, viewer, {change.line.id: None})
    entry = await post_coding(uow, viewer, act, bank, coding)
    await clear(uow, act, bank, entry, place=0)
    await remember(uow, act, bank.line, {part.ledger_account_id for part in coding.lines})
    return entry.entry.id
