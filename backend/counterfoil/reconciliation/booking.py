"""Booking a bank line: its entry, and the match that clears it, in one act."""

from __future__ import annotations

from uuid import UUID

from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import EntrySource
from counterfoil.reconciliation.acts import Key, begin, finish
from counterfoil.reconciliation.coding import Coding, draft_of
from counterfoil.reconciliation.duplicates import refuse_duplicates
from counterfoil.reconciliation.examples import remember
from counterfoil.reconciliation.fields import lines_named, members
from counterfoil.reconciliation.lines import BookableLine, bookable_lines
from counterfoil.reconciliation.matching import BankItem, JournalItem, seal
from counterfoil.reconciliation.models import Act, ActKind, EntryOrigin, Match
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer


async def book(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_transaction_id: UUID,
    expected_revision: int | None,
    coding: Coding,
    duplicate_reason: str | None,
    key: Key | None,
    parent: Act | None = None,
    source: EntrySource = EntrySource.FEED,
) -> Act:
    """Post the entry of a bank line, and reconcile the line with it.

    What is open of the line is booked: the bank's ledger account gets that amount, the accounts
    of `coding` the opposite. In another currency than the base a rate is needed. What the line
    may already be booked as is refused, unless `duplicate_reason` says why it is not; the reason
    is kept with the act.

    Raises:
        Forbidden, NotFound, Conflict, AlreadyReconciled, NotBookable, PossibleDuplicate,
        CodingIncomplete, CodedToItself, IdempotencyKeyReused, IdempotencyKeyInvalid.
        PeriodLocked, LedgerAccountInactive, LineCurrencyMismatch, RateMissing, RateUnusable,
        InvalidInput: as `create_entry`, naming `lines` as `coding` has them.
    """
    act, replayed = await begin(
        uow, viewer, ActKind.BOOK, key=key, bank_account_id=None, parent=parent
    )
    if replayed:
        return act
    [bank] = await bookable_lines(uow, viewer, {bank_transaction_id: expected_revision})
    act.bank_account_id = bank.account.id
    await keep_duplicate_reason(viewer, act, [bank], reason=duplicate_reason)
    entry = await post_coding(uow, viewer, act, bank, coding, source)
    group = await clear(uow, act, bank, entry, place=0)
    await remember(uow, act, bank.line, {part.ledger_account_id for part in coding.lines})
    return await finish(
        uow,
        viewer,
        act,
        action="bookTransaction",
        bank_transaction_ids=[bank.line.id],
        journal_entry_ids=[entry.entry.id],
        match_ids=[group.id],
    )


async def post_coding(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    bank: BookableLine,
    coding: Coding,
    source: EntrySource = EntrySource.FEED,
) -> Entry:
    """Post the entry that books what is open of a bank line; its first line is the bank's.

    Raises:
        CodingIncomplete, CodedToItself; as `create_entry`.
    """
    draft = draft_of(bank.line, coding, ledger_account_id=bank.ledger_account_id, source=source)
    with lines_named(("bank_transaction_id",), *members("lines", len(coding.lines))):
        return await create_entry(uow, viewer, draft, act_id=act.id)


async def keep_duplicate_reason(
    viewer: Viewer, act: Act, banks: list[BookableLine], *, reason: str | None
) -> None:
    """Pass when none of these lines may be booked already; keep on the act why it is not.

    Raises:
        PossibleDuplicate.
    """
    given = await refuse_duplicates(viewer, [bank.line.id for bank in banks], reason=reason)
    if given is not None:
        act.details["duplicate_reason"] = given


async def clear(
    uow: UnitOfWork, act: Act, bank: BookableLine, entry: Entry, *, place: int
) -> Match:
    """Reconcile a bank line with the line of an entry that was made from it, at `place`."""
    await EntryOrigin.create(journal_entry_id=entry.entry.id, bank_transaction_id=bank.line.id)
    return await seal(
        uow,
        act,
        ledger_account_id=bank.ledger_account_id,
        currency=bank.line.currency,
        bank_items=[BankItem(bank.line.id, bank.open_minor)],
        journal_items=[JournalItem(entry.lines[place].id, bank.open_minor)],
    )
