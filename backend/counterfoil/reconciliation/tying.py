"""Tying bank accounts to ledger accounts, with the start from which on they are reconciled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from counterfoil.accounts import operations as accounts
from counterfoil.accounts.models import BankAccount
from counterfoil.audit import operations as audit
from counterfoil.audit.operations import Facts
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.ledger.balances import balance_at
from counterfoil.ledger.drafting import Entry, EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import EntrySource, JournalLine, LedgerAccount
from counterfoil.reconciliation import acts
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.matching import JournalItem, seal
from counterfoil.reconciliation.models import (
    AccountStart,
    Act,
    ActKind,
    ClearingOrigin,
    HandClearing,
)
from counterfoil.reconciliation.starting import OpenLine, Plan, Start, plan
from counterfoil.reconciliation.suitability import Unsuitable, obstacle
from counterfoil.reconciliation.telling import tell_entries
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import Right, Viewer

_FIELD = ("ledger_account_id",)
_MEMO = "Opening balance"


class CurrencyMismatch(CounterfoilError):
    """The ledger account keeps another currency than the bank account."""

    code = "CURRENCY_MISMATCH"
    field = _FIELD

    def __init__(self, *, bank: str, ledger: str | None) -> None:
        self.bank, self.ledger = bank, ledger
        kept = f"is kept in {ledger}" if ledger else "has no currency of its own"
        super().__init__(
            f"The bank account is in {bank}, this ledger account {kept}. Choose one in {bank}."
        )


class LedgerAccountUnsuitable(CounterfoilError):
    """The ledger account is inactive, a control account, or of a type that no bank account is."""

    code = "LEDGER_ACCOUNT_UNSUITABLE"
    field = _FIELD

    def __init__(self, reason: Unsuitable) -> None:
        self.reason = reason
        super().__init__(reason.value)


class LedgerAccountTaken(CounterfoilError):
    """Another open bank account has this ledger account for itself."""

    code = "LEDGER_ACCOUNT_TAKEN"
    field = _FIELD

    def __init__(self, *, number: str, holder: str | None) -> None:
        self.number, self.holder = number, holder
        by = f"“{holder}”" if holder else "another bank account"
        super().__init__(
            f"Ledger account {number} already belongs to {by}. Free it there, or choose another."
        )


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


class StartTooEarly(CounterfoilError):
    """Lines after the start are reconciled already."""

    code = "START_TOO_EARLY"
    field = ("start", "start_on")

    def __init__(self, earliest: date) -> None:
        self.earliest = earliest
        super().__init__(
            f"This account is reconciled up to {earliest}. Start on that day or later."
        )


class StartLeavesLines(CounterfoilError):
    """Lines that are still for review would become history, and never be booked."""

    code = "START_LEAVES_LINES"
    field = ("start", "start_on")

    def __init__(self, count: int) -> None:
        self.count = count
        lines = "1 line is" if count == 1 else f"{count} lines are"
        super().__init__(
            f"{lines} not reconciled yet up to that day. Reconcile or exclude them first, or "
            "start earlier."
        )


@dataclass(frozen=True, slots=True)
class _Tie:
    """One tying under way: who, which account to which ledger account, from which day on."""

    uow: UnitOfWork
    viewer: Viewer
    act: Act
    account: BankAccount
    ledger: LedgerAccount
    start: Start
    rates: Sequence[Rate]
    left: AccountStart | None

    @property
    def currency(self) -> str:
        return self.account.currency


async def tie(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    ledger_account_id: UUID,
    start: Start,
    key: Key | None,
    rates: Sequence[Rate] = (),
) -> Act:
    """Tie a bank account to a ledger account from the day after `start.start_on` on.

    What the ledger account holds up to that day is cleared, but for what is named outstanding; an
    opening entry posts what the books lack. A tied account is moved: its new start lies not
    before its latest reconciled line, the opening entry is against the old ledger account, and
    what is outstanding there moves along.

    Raises:
        NotFound, Forbidden, Conflict, CurrencyMismatch, LedgerAccountUnsuitable,
        LedgerAccountTaken, StartingBalanceDiffers, StartTooEarly, StartLeavesLines, InvalidInput;
        what posting an entry raises.
    """
    account = await accounts.locked(viewer, bank_account_id)
    act, replayed = await acts.begin(
        uow, viewer, ActKind.TIE, key=key, bank_account_id=account.id, right=Right.ACCOUNTS
    )
    if replayed:
        return act
    accounts.require_current(account, expected_revision)
    ledger = await _suitable(viewer, account, ledger_account_id)
    left = await AccountStart.filter(bank_account_id=account.id, ended_on=None).first()
    tying = _Tie(uow, viewer, act, account, ledger, start, rates, left)
    await _require_possible(tying)
    before = _facts(account)
    entry = await (_open(tying) if left is None else _move(tying, left))
    await _begin_chain(tying, entry)
    return await _finish(uow, viewer, act, account, before, [entry.entry.id] if entry else [])


async def untie(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    bank_account_id: UUID,
    expected_revision: int,
    key: Key | None,
) -> Act:
    """Part a bank account from its ledger account: its lines still come, and none is bookable.

    What is reconciled stays so. Raises: NotFound, Forbidden, Conflict.
    """
    account = await accounts.locked(viewer, bank_account_id)
    act, replayed = await acts.begin(
        uow, viewer, ActKind.TIE, key=key, bank_account_id=account.id, right=Right.ACCOUNTS
    )
    if replayed:
        return act
    accounts.require_current(account, expected_revision)
    before = _facts(account)
    await _end_chain(account, await _latest_reconciled(account) or account.start_on)
    await accounts.set_ledger_account(uow, account, None, start_on=None)
    return await _finish(uow, viewer, act, account, before, [])


def _facts(account: BankAccount) -> Facts:
    return {"ledger_account_id": account.ledger_account_id, "start_on": account.start_on}


async def _finish(
    uow: UnitOfWork,
    viewer: Viewer,
    act: Act,
    account: BankAccount,
    before: Facts,
    journal_entry_ids: Sequence[UUID],
) -> Act:
    action = "assignLedgerAccount"
    await audit.record(
        uow,
        viewer,
        action=action,
        object_type="BankAccount",
        object_id=account.id,
        before=before,
        after=_facts(account),
    )
    return await acts.finish(
        uow,
        viewer,
        act,
        action=action,
        bank_account_ids=[account.id],
        journal_entry_ids=journal_entry_ids,
    )


async def _suitable(viewer: Viewer, account: BankAccount, ledger_account_id: UUID) -> LedgerAccount:
    ledger = await LedgerAccount.filter(
        id=ledger_account_id, organization_id=viewer.organization_id
    ).first()
    if ledger is None:
        raise NotFound(field=_FIELD)
    reason = obstacle(
        account.type,
        ledger.type,
        inactive=ledger.inactive_at is not None,
        control=ledger.control,
    )
    if reason is not None:
        raise LedgerAccountUnsuitable(reason)
    if ledger.currency != account.currency:
        raise CurrencyMismatch(bank=account.currency, ledger=ledger.currency)
    await _require_free(account, ledger)
    return ledger


async def _require_free(account: BankAccount, ledger: LedgerAccount) -> None:
    holder = await (
        BankAccount.filter(ledger_account_id=ledger.id, deleted_at=None, hidden_at=None)
        .exclude(id=account.id)
        .first()
    )
    if holder is not None:
        raise LedgerAccountTaken(number=ledger.number, holder=holder.name)


async def _require_possible(tying: _Tie) -> None:
    start, account = tying.start, tying.account
    _require_past(tying)
    latest = await _latest_reconciled(account)
    if latest is not None and start.start_on < latest:
        raise StartTooEarly(latest)
    if tying.left is None:
        return
    if start.lacking:
        raise InvalidInput(
            "What is outstanding moves along by itself. Leave these items out.",
            field=("start", "lacking"),
        )
    waiting = await _lines_for_review(account, tying.left.start_on, start.start_on)
    if waiting:
        raise StartLeavesLines(waiting)


def _require_past(tying: _Tie) -> None:
    start = tying.start
    if start.start_on >= tying.uow.now.date():
        raise InvalidInput(
            "The start is the end of a day that is over. Choose an earlier one.",
            field=("start", "start_on"),
        )
    for index, item in enumerate(start.lacking):
        if item.dated_on > start.start_on or item.amount_minor == 0:
            raise InvalidInput(
                "An outstanding item is dated up to the start, and is not 0.",
                field=("start", "lacking", str(index)),
            )


async def _latest_reconciled(account: BankAccount) -> date | None:
    newest = (
        await BankTransaction.filter(bank_account_id=account.id)
        .exclude(reconciled_minor=0)
        .order_by("-dated_on")
        .first()
    )
    return newest.dated_on if newest else None


async def _lines_for_review(account: BankAccount, after: date, up_to: date) -> int:
    rows = await BankTransaction.filter(
        bank_account_id=account.id,
        pending=False,
        removed_at=None,
        excluded_at=None,
        dated_on__gt=after,
        dated_on__lte=up_to,
    ).values_list("amount_minor", "reconciled_minor")
    return sum(amount != reconciled for amount, reconciled in rows)


async def open_lines(ledger: LedgerAccount, currency: str, up_to: date) -> Sequence[JournalLine]:
    """The posted lines of a ledger account up to a day that are not wholly cleared, in order."""
    lines = await JournalLine.filter(
        ledger_account_id=ledger.id, currency=currency, posted_on__lte=up_to
    ).order_by("posted_on", "id")
    return [line for line in lines if line.cleared_minor != line.amount_minor]


def _opened(lines: Sequence[JournalLine]) -> Sequence[OpenLine]:
    return [OpenLine(line.id, line.amount_minor - line.cleared_minor) for line in lines]


async def _plan(tying: _Tie, *, coming: Sequence[int]) -> Plan:
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


async def _open(tying: _Tie) -> Entry | None:
    """The start of an account that was in no books: its opening entry, where it needs one."""
    lacking = tying.start.lacking
    planned = await _plan(tying, coming=[item.amount_minor for item in lacking])
    entry = await _opening_entry(tying, planned) if planned.posts else None
    cleared = list(planned.cleared)
    if entry is not None and planned.cleared_minor:
        cleared.append(OpenLine(entry.lines[-1].id, planned.cleared_minor))
    await _clear(tying, cleared)
    return entry


async def _opening_entry(tying: _Tie, planned: Plan) -> Entry:
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


def _own_line(tying: _Tie, amount_minor: int) -> LineDraft:
    return LineDraft(
        ledger_account_id=tying.ledger.id,
        amount_minor=amount_minor,
        currency=tying.currency,
        memo=_MEMO,
    )


async def _post(tying: _Tie, drafts: Sequence[LineDraft]) -> Entry:
    draft = EntryDraft(
        posted_on=tying.start.start_on,
        lines=drafts,
        memo=f"{_MEMO}: {tying.account.name}",
        source=EntrySource.PERSON,
        rates=tying.rates,
    )
    return await create_entry(tying.uow, tying.viewer, draft, act_id=tying.act.id)


async def _move(tying: _Tie, left: AccountStart) -> Entry | None:
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
    tying: _Tie, old: LedgerAccount, outstanding: Sequence[JournalLine], planned: Plan
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
    tying: _Tie,
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


async def _clear(tying: _Tie, cleared: Sequence[OpenLine]) -> None:
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


async def _begin_chain(tying: _Tie, entry: Entry | None) -> None:
    start, account = tying.start, tying.account
    await _end_chain(account, start.start_on)
    await AccountStart.create(
        organization_id=tying.viewer.organization_id,
        bank_account_id=account.id,
        ledger_account_id=tying.ledger.id,
        start_on=start.start_on,
        balance_minor=start.balance_minor,
        opening_entry_id=entry.entry.id if entry else None,
        act_id=tying.act.id,
        created_at=tying.uow.now,
    )
    await accounts.set_ledger_account(tying.uow, account, tying.ledger.id, start_on=start.start_on)


async def _end_chain(account: BankAccount, ended_on: date | None) -> None:
    await AccountStart.filter(bank_account_id=account.id, ended_on=None).update(ended_on=ended_on)
