"""Reading the lines of the bank and of the journal that an act is about to use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError, NotFound
from counterfoil.identity.models import User
from counterfoil.ledger.models import EntryState, JournalEntry, JournalLine
from counterfoil.reconciliation.bookable import Account, Line, NotBookable, Obstacle, obstacle
from counterfoil.reconciliation.models import AccountStart, Act
from counterfoil.transactions.models import BankTransaction
from counterfoil.transactions.reviewing import present_lines, require_unchanged
from counterfoil.unit_of_work import UnitOfWork
from counterfoil.viewer import ActorKind, Viewer

Path = tuple[str, ...]
Judge = Callable[[Line, Account], Obstacle | None]


class AlreadyReconciled(CounterfoilError):
    """Somebody was faster: the bank line is reconciled. Names the actor, the moment, the act."""

    code = "ALREADY_RECONCILED"
    of = "BankTransaction"

    def __init__(self, *, object_id: UUID, act: Act, name: str, field: Path) -> None:
        self.object_id, self.field = object_id, field
        self.by, self.at, self.act_id = act.actor, act.acted_at, act.id
        super().__init__(f"{name} reconciled this line already. Look at it again; undo that first.")

    by: str
    at: datetime
    act_id: UUID


@dataclass(frozen=True, slots=True)
class BookableLine:
    """A bank line that can be booked, of a tied account that has a start."""

    line: BankTransaction
    account: BankAccount
    ledger_account_id: UUID

    @property
    def open_minor(self) -> int:
        """What is not reconciled of it, with its sign."""
        return open_minor(self.line)


def open_minor(line: BankTransaction | JournalLine) -> int:
    """What is not reconciled of a bank line, or not cleared of a journal line, with its sign."""
    settled: int = (
        line.reconciled_minor if isinstance(line, BankTransaction) else line.cleared_minor
    )
    whole: int = line.amount_minor
    return whole - settled


async def bookable_lines(
    uow: UnitOfWork,
    viewer: Viewer,
    wanted: Mapping[UUID, int | None],
    *,
    within: str | None = None,
) -> list[BookableLine]:
    """The viewer's bank lines, bookable, held until the commit, in the order of `wanted`.

    `wanted` and `within` are as in `reviewable_lines`.

    Raises:
        NotFound, AlreadyReconciled, Conflict, NotBookable.
    """
    lines = await reviewable_lines(uow, viewer, wanted, within=within, judge=obstacle)
    accounts = await _accounts(lines)
    return [_bookable(line, accounts[line.bank_account_id]) for line in lines]


def _bookable(line: BankTransaction, account: BankAccount) -> BookableLine:
    if account.ledger_account_id is None:
        raise NotBookable(Obstacle.NO_LEDGER_ACCOUNT, field=_field(None, 0))
    return BookableLine(line, account, account.ledger_account_id)


async def reviewable_lines(
    uow: UnitOfWork,
    viewer: Viewer,
    wanted: Mapping[UUID, int | None],
    *,
    within: str | None,
    judge: Judge,
) -> list[BankTransaction]:
    """The viewer's bank lines, held until the commit, in the order of `wanted`.

    `wanted` maps ids to the revisions that were read, if any. `within` is the input's list that
    they came in, for the errors' fields; `judge` says what stands against each. A reconciled line
    says who did it, whatever its revision: of many who book one line at once, all but one learn
    the same.

    Raises:
        NotFound, AlreadyReconciled, Conflict, NotBookable.
    """
    lines = await present_lines(uow, viewer, wanted)
    accounts = await _accounts(lines)
    found = [judge(line, accounts[line.bank_account_id]) for line in lines]
    for index, line in enumerate(lines):
        if found[index] is Obstacle.RECONCILED:
            raise await already_reconciled(line, field=_field(within, index))
    require_unchanged(lines, wanted)
    for index, hindrance in enumerate(found):
        if hindrance:
            raise NotBookable(hindrance, field=_field(within, index))
    return lines


def _field(within: str | None, index: int) -> Path:
    name = "bank_transaction_id"
    return (within, str(index), name) if within else (name,)


async def _accounts(lines: Collection[BankTransaction]) -> Mapping[UUID, BankAccount]:
    ids = {line.bank_account_id for line in lines}
    return {account.id: account for account in await BankAccount.filter(id__in=list(ids))}


async def already_reconciled(line: BankTransaction, *, field: Path) -> AlreadyReconciled:
    """Who reconciled this line last, and when, as an error: found through its newest match."""
    [act] = await (
        Act.filter(matches__sealed=True, matches__bank_items__bank_transaction_id=line.id)
        .order_by("-acted_at", "-id")
        .limit(1)
    )
    return AlreadyReconciled(object_id=line.id, act=act, name=await name_of(act.actor), field=field)


async def name_of(actor: str) -> str:
    """The name of an act's actor as people know it."""
    kind, _, user_id = actor.partition(":")
    if kind != ActorKind.USER.value:
        return "Counterfoil"
    user = await User.filter(id=UUID(user_id)).first()
    return user.name if user else "Somebody"


async def journal_lines(
    viewer: Viewer, wanted: Collection[UUID], *, field: Path = ("journal_line_id",)
) -> list[JournalLine]:
    """The viewer's posted journal lines with their entries, in the order of `wanted`.

    Raises:
        NotFound: one is absent or another organization's. NotBookable: one is of a draft.
    """
    rows = await JournalLine.filter(
        id__in=list(wanted), organization_id=viewer.organization_id
    ).select_related("journal_entry")
    found = {row.id: row for row in rows}
    if not found.keys() >= set(wanted):
        raise NotFound(field=field)
    if any(row.journal_entry.state is EntryState.DRAFT for row in rows):
        raise NotBookable(Obstacle.DRAFT, field=field)
    return [found[journal_line_id] for journal_line_id in wanted]


async def clearing_accounts(ledger_account_ids: Collection[UUID]) -> set[UUID]:
    """Which of these ledger accounts are a bank account's, or have been: lines clear there."""
    ids = list(ledger_account_ids)
    started = await AccountStart.filter(ledger_account_id__in=ids)
    tied = await BankAccount.filter(ledger_account_id__in=ids)
    return {row.ledger_account_id for row in started} | {
        row.ledger_account_id for row in tied if row.ledger_account_id is not None
    }


async def reversed_or_reversal(lines: Collection[JournalLine]) -> set[UUID]:
    """Which of these lines (with their entries) are of reversed entries or of reversals."""
    taken_back = await JournalEntry.filter(
        reverses_id__in=list({line.journal_entry_id for line in lines}), state=EntryState.POSTED
    ).values_list("reverses_id", flat=True)
    return {
        line.id
        for line in lines
        if line.journal_entry.reverses_id is not None or line.journal_entry_id in set(taken_back)
    }
