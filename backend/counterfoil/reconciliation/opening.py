"""What a start writes in the books: its opening entry, and what it clears."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import EntrySource, JournalLine, LedgerAccount
from counterfoil.reconciliation.fields import Path, lines_named, renamed
from counterfoil.reconciliation.models import AccountStart, Act, ClearingOrigin, HandClearing
from counterfoil.reconciliation.reversing import take_back
from counterfoil.reconciliation.starting import OpenLine, Plan, Start, plan
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

MEMO = "Opening balance"
OWN: Path = ("ledger_account_id",)
"""The place in the input of the lines on the ledger account that the bank account gets."""
AGAINST: Path = ("difference_account_id",)
"""The place of the line that takes the difference."""


class StartingBalanceDiffers(CounterfoilError):
    """Books and bank differ at the start, and no account was named to take the difference."""

    code = "STARTING_BALANCE_DIFFERS"
    field = ("start", "difference_account_id")

    def __init__(self, difference_minor: int) -> None:
        self.difference_minor = difference_minor
        super().__init__(
            "The books and the bank differ on that day. Name the account that takes the "
            "difference, such as opening balance equity."
        )


@dataclass(frozen=True, slots=True)
class Replaced:
    """The bank account that goes, and its start in the ledger account that stays."""

    account: BankAccount
    start: AccountStart


@dataclass(frozen=True, slots=True)
class Tying:
    """One tying under way: who, which account to which ledger account, from which day on.

    `left` is the start under which the books hold its balance so far, if any.
    """

    uow: UnitOfWork
    viewer: Viewer
    act: Act
    account: BankAccount
    ledger: LedgerAccount
    start: Start
    rates: Sequence[Rate]
    left: AccountStart | None
    replaced: Replaced | None

    @property
    def currency(self) -> str:
        return self.account.currency

    @property
    def leaves(self) -> AccountStart | None:
        """`left`, where that is in another ledger account, so that the balance moves."""
        if self.left is None or self.left.ledger_account_id == self.ledger.id:
            return None
        return self.left


def open_lines(ledger: LedgerAccount, currency: str, up_to: date) -> QuerySet[JournalLine]:
    """The posted lines of a ledger account up to a day that are not wholly cleared, in order."""
    lines = JournalLine.filter(
        ledger_account_id=ledger.id, currency=currency, posted_on__lte=up_to
    ).exclude(cleared_minor=F("amount_minor"))
    return lines.order_by("posted_on", "id")


def _opened(lines: Sequence[JournalLine]) -> Sequence[OpenLine]:
    return [OpenLine(line.id, line.amount_minor - line.cleared_minor) for line in lines]


async def planned_start(tying: Tying, *, coming: Sequence[int]) -> Plan:
    """What the start does in the new ledger account; `coming` are amounts that it will get."""
    start = tying.start
    lines = await open_lines(tying.ledger, tying.currency, start.start_on)
    known = {line.id for line in lines}
    for index, line_id in enumerate(start.outstanding):
        if line_id not in known:
            raise NotFound(field=("start", "outstanding_line_ids", str(index)))
    balances = await balance_at(tying.viewer, tying.ledger.id, start.start_on)
    books, _ = balances.get(tying.currency, (0, 0))
    return plan(
        books_minor=books,
        balance_minor=start.balance_minor,
        open_lines=_opened(lines),
        outstanding=start.outstanding,
        lacking=coming,
    )


async def open_books(tying: Tying) -> Entry | None:
    """The start of an account that was in no books: its opening entry, where it needs one."""
    lacking = tying.start.lacking
    planned = await planned_start(tying, coming=[item.amount_minor for item in lacking])
    entry = await _opening_entry(tying, planned) if planned.posts else None
    cleared = list(planned.cleared)
    if entry is not None and planned.cleared_minor:
        cleared.append(OpenLine(entry.lines[-1].id, planned.cleared_minor))
    await clear_by_start(tying, cleared)
    return entry


async def _opening_entry(tying: Tying, planned: Plan) -> Entry:
    """The lines in the order of the input: against, lacking items, and what is cleared last."""
    drafts: list[LineDraft] = []
    places: list[Path] = []
    if difference := planned.difference_minor:
        drafts.append(difference_line(tying, difference))
        places.append(AGAINST)
    for index, item in enumerate(tying.start.lacking):
        memo = item.memo or f"Outstanding since {item.dated_on}"
        drafts.append(own_line(tying, item.amount_minor, memo=memo))
        places.append(("lacking", str(index)))
    if planned.cleared_minor:
        drafts.append(own_line(tying, planned.cleared_minor))
        places.append(OWN)
    return await post_opening(tying, drafts, places)


def difference_line(tying: Tying, difference_minor: int) -> LineDraft:
    """The line against what the books lack, on the account that the person named.

    Raises:
        StartingBalanceDiffers: none was named.
    """
    if tying.start.difference_account_id is None:
        raise StartingBalanceDiffers(difference_minor)
    return LineDraft(
        ledger_account_id=tying.start.difference_account_id,
        amount_minor=-difference_minor,
        currency=tying.currency,
        memo=MEMO,
    )


def own_line(tying: Tying, amount_minor: int, *, memo: str = MEMO) -> LineDraft:
    """A line on the ledger account that the bank account gets."""
    return LineDraft(
        ledger_account_id=tying.ledger.id,
        amount_minor=amount_minor,
        currency=tying.currency,
        memo=memo,
    )


async def post_opening(tying: Tying, drafts: Sequence[LineDraft], places: Sequence[Path]) -> Entry:
    """Post the start's entry; errors about its lines name their `places` in the input.

    Raises:
        as `create_entry`.
    """
    draft = EntryDraft(
        posted_on=tying.start.start_on,
        lines=drafts,
        memo=f"{MEMO}: {tying.account.name}",
        source=EntrySource.PERSON,
        rates=tying.rates,
    )
    ours = {"posted_on": "start_on", "lines": "lacking"}
    with _below_start(), renamed(ours), lines_named(*places):
        return await create_entry(tying.uow, tying.viewer, draft, act_id=tying.act.id)


@contextmanager
def _below_start() -> Iterator[None]:
    """All that can be wrong is said within `start`, but for the ledger account itself."""
    try:
        yield
    except CounterfoilError as refused:
        if refused.field and refused.field != OWN:
            refused.field = ("start", *refused.field)
        raise


async def clear_by_start(tying: Tying, cleared: Sequence[OpenLine]) -> None:
    """Clear lines by the start, dated on its day, and tell their entries."""
    rows = [
        HandClearing(
            organization_id=tying.viewer.organization_id,
            journal_line_id=line.id,
            amount_minor=line.open_minor,
            cleared_on=tying.start.start_on,
            origin=ClearingOrigin.START,
            act_id=tying.act.id,
        )
        for line in cleared
    ]
    await HandClearing.bulk_create(rows, batch_size=500)
    await tell_entries(tying.uow, [line.id for line in cleared])


async def take_start_back(uow: UnitOfWork, viewer: Viewer, act: Act, start: AccountStart) -> None:
    """Undo what a start wrote, as if it had never been: for one under which nothing was done.

    What it cleared is open again, and its opening entry is reversed.
    """
    clearings = await HandClearing.filter(act_id=start.act_id)
    lines = [clearing.journal_line_id for clearing in clearings]
    await start.delete()
    await HandClearing.filter(act_id=start.act_id).delete()
    await tell_entries(uow, lines)
    if start.opening_entry_id is not None:
        await take_back(uow, viewer, act, start.opening_entry_id)
