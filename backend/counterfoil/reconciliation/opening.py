"""What a start writes in the books: its opening entry, and what it clears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import EntrySource, JournalLine, LedgerAccount
from counterfoil.reconciliation.matching import JournalItem, seal
from counterfoil.reconciliation.models import (
    AccountStart,
    Act,
    ClearingOrigin,
    HandClearing,
)
from counterfoil.reconciliation.reversing import take_back
from counterfoil.reconciliation.starting import OpenLine, Plan, Start, plan
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Viewer

_FIELD = ("ledger_account_id",)
_MEMO = "Opening balance"


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
    """One tying under way: who, which account to which ledger account, from which day on."""

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


async def open_lines(ledger: LedgerAccount, currency: str, up_to: date) -> Sequence[JournalLine]:
    """The posted lines of a ledger account up to a day that are not wholly cleared, in order."""
    lines = await JournalLine.filter(
        ledger_account_id=ledger.id, currency=currency, posted_on__lte=up_to
    ).order_by("posted_on", "id")
    return [line for line in lines if line.cleared_minor != line.amount_minor]


def _opened(lines: Sequence[JournalLine]) -> Sequence[OpenLine]:
    return [OpenLine(line.id, line.amount_minor - line.cleared_minor) for line in lines]


async def _plan(tying: Tying, *, coming: Sequence[int]) -> Plan:
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
    planned = await _plan(tying, coming=[item.amount_minor for item in lacking])
    entry = await _opening_entry(tying, planned) if planned.posts else None
    cleared = list(planned.cleared)
    if entry is not None and planned.cleared_minor:
        cleared.append(OpenLine(entry.lines[-1].id, planned.cleared_minor))
    await _clear(tying, cleared)
    return entry


async def _opening_entry(tying: Tying, planned: Plan) -> Entry:
    start, difference = tying.start, planned.difference_minor
    if start.difference_account_id is None and difference:
        raise StartingBalanceDiffers(difference)
    drafts = [
        LineDraft(
            ledger_account_id=tying.ledger.id,
            amount_minor=item.amount_minor,
            currency=tying.currency,
            memo=item.memo or f"Outstanding since {item.dated_on}",
        )
        for item in start.lacking
    ]
    if difference and start.difference_account_id:
        against = LineDraft(
            ledger_account_id=start.difference_account_id,
            amount_minor=-difference,
            currency=tying.currency,
            memo=_MEMO,
        )
        drafts.insert(0, against)
    if planned.cleared_minor:
        drafts.append(_own_line(tying, planned.cleared_minor))
    return await _post(tying, drafts)


def _own_line(tying: Tying, amount_minor: int) -> LineDraft:
    return LineDraft(
        ledger_account_id=tying.ledger.id,
        amount_minor=amount_minor,
        currency=tying.currency,
        memo=_MEMO,
    )


async def _post(tying: Tying, drafts: Sequence[LineDraft]) -> Entry:
    draft = EntryDraft(
        posted_on=tying.start.start_on,
        lines=drafts,
        memo=f"{_MEMO}: {tying.account.name}",
        source=EntrySource.PERSON,
        rates=tying.rates,
    )
    return await create_entry(tying.uow, tying.viewer, draft, act_id=tying.act.id)


async def move_books(tying: Tying, left: AccountStart) -> Entry | None:
    """The start of an account that moves: its balance and what is outstanding leave the old one."""
    old = await LedgerAccount.get(id=left.ledger_account_id)
    if old.id == tying.ledger.id:
        raise InvalidInput(
            "This account is kept there already. Choose another ledger account.", field=_FIELD
        )
    outstanding = await open_lines(old, tying.currency, tying.start.start_on)
    moved = [line.amount_minor - line.cleared_minor for line in outstanding]
    planned = await _plan(tying, coming=moved)
    if not (planned.posts or moved):
        await _clear(tying, planned.cleared)
        return None
    entry = await _moving_entry(tying, old, outstanding, planned)
    new_line = [OpenLine(entry.lines[-1].id, planned.cleared_minor)] * bool(planned.cleared_minor)
    await _clear(tying, [*planned.cleared, *new_line])
    await _leave(tying, old, outstanding, planned, entry)
    return entry


async def _moving_entry(
    tying: Tying, old: LedgerAccount, outstanding: Sequence[JournalLine], planned: Plan
) -> Entry:
    """Pairs of lines that leave the old account and arrive in the new one, the balance last."""
    drafts: list[LineDraft] = []
    for line in outstanding:
        arriving = replace(
            _own_line(tying, line.amount_minor - line.cleared_minor), memo=line.memo or _MEMO
        )
        leaving = replace(arriving, ledger_account_id=old.id, amount_minor=-arriving.amount_minor)
        drafts += [leaving, arriving]
    if planned.cleared_minor:
        balance = _own_line(tying, planned.cleared_minor)
        drafts += [
            replace(balance, ledger_account_id=old.id, amount_minor=-balance.amount_minor),
            balance,
        ]
    return await _post(tying, drafts)


async def _leave(
    tying: Tying,
    old: LedgerAccount,
    outstanding: Sequence[JournalLine],
    planned: Plan,
    entry: Entry,
) -> None:
    """Clear the old account: each outstanding line against the one that takes it away."""
    for line, leaving in zip(outstanding, entry.lines[::2], strict=False):
        await seal(
            tying.uow,
            tying.act,
            ledger_account_id=old.id,
            currency=tying.currency,
            bank_items=(),
            journal_items=(
                JournalItem(line.id, -leaving.amount_minor),
                JournalItem(leaving.id, leaving.amount_minor),
            ),
        )
    if planned.cleared_minor:
        balance = entry.lines[-2]
        await _clear(tying, [OpenLine(balance.id, balance.amount_minor)])


async def _clear(tying: Tying, cleared: Sequence[OpenLine]) -> None:
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
