"""Posting what a bank's changed line is more or less than what was booked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from counterfoil.errors import InvalidInput
from counterfoil.ledger.drafting import EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.locks import books_of, reversal_date
from counterfoil.ledger.models import EntrySource, JournalEntry, JournalLine
from counterfoil.ledger.stored import rates_of
from counterfoil.reconciliation.changed_lines import FIELD, BankChange
from counterfoil.reconciliation.coding import CodedToItself
from counterfoil.reconciliation.fields import lines_named, renamed
from counterfoil.reconciliation.models import Act, EntryOrigin
from counterfoil.reconciliation.regrouping import within
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_ACCOUNT = ("ledger_account_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """The account that takes the difference; `rates` where the line is in a foreign currency."""

    ledger_account_id: UUID
    memo: str | None = None
    rates: Sequence[Rate] = ()


class NothingToAdjust(InvalidInput):
    """What is booked is what the bank reports, as far as amounts go."""

    def __init__(self) -> None:
        super().__init__(
            "There is no difference to post: what is booked fits the bank's amount. Accept what "
            "the bank reports.",
            field=FIELD,
        )


def adjusted_minor(reconciled: int, *, was: int, now: int) -> int:
    """What of a line is booked once the difference is posted.

    The line was `was`, of which `reconciled` was booked, and is `now`. Of a line that was booked
    as a whole that is all of it; what was open of another one takes the difference first.
    """
    if reconciled == was:
        return now
    return reconciled if within(reconciled, now) == reconciled else now


async def post_adjustment(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    wanted: Adjustment,
    *,
    change: BankChange,
    given_minor: int,
) -> JournalLine:
    """Post what lets the books have `given_minor` of the line; returns the bank's side of it.

    Raises:
        NothingToAdjust, CodedToItself; as `create_entry`.
    """
    difference = given_minor - change.line.reconciled_minor
    if not difference or not change.groups:
        raise NothingToAdjust
    own = change.groups[-1].ledger_account_id
    if wanted.ledger_account_id == own:
        raise CodedToItself(field=_ACCOUNT)
    rates = wanted.rates or await rates_for(change)
    draft = EntryDraft(
        posted_on=reversal_date(change.reported["dated_on"], await books_of(viewer)),
        memo=wanted.memo or f"Changed by the bank: {change.line.description}"[:500],
        lines=_lines(wanted, own, difference, change.line.currency),
        rates=rates,
        source=EntrySource.FEED,
    )
    with renamed({"posted_on": "review_item_id"}), lines_named(FIELD, FIELD):
        entry = await create_entry(uow, viewer, draft, act_id=act.id)
    await EntryOrigin.create(journal_entry_id=entry.entry.id, bank_transaction_id=change.line.id)
    return entry.lines[0]


def _lines(
    wanted: Adjustment, ledger_account_id: UUID, difference: int, currency: str
) -> tuple[LineDraft, LineDraft]:
    return (
        LineDraft(ledger_account_id=ledger_account_id, amount_minor=difference, currency=currency),
        LineDraft(
            ledger_account_id=wanted.ledger_account_id, amount_minor=-difference, currency=currency
        ),
    )


async def rates_for(change: BankChange) -> list[Rate]:
    """The rate of the line's currency in the newest of the entries that it is matched with."""
    lines = [one for group in change.groups for one in group.journal]
    for entry in await _entries(lines):
        found = [one for one in await rates_of(entry) if one.currency == change.line.currency]
        if found:
            return found
    return []


async def _entries(journal_line_ids: Collection[UUID]) -> list[JournalEntry]:
    lines = await JournalLine.filter(id__in=list(journal_line_ids))
    ids = {line.journal_entry_id for line in lines}
    return await JournalEntry.filter(id__in=list(ids)).order_by("-posted_on", "-id")
