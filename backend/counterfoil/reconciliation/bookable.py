"""Which bank lines can be booked or matched: pure, and the same for operations and the page."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Protocol
from uuid import UUID

from counterfoil.errors import CounterfoilError


class Line(Protocol):
    """What of a bank line decides; a `BankTransaction` has it, and so may a row that is shown."""

    @property
    def removed_at(self) -> datetime | None: ...
    @property
    def pending(self) -> bool: ...
    @property
    def undecided_at(self) -> datetime | None: ...
    @property
    def excluded_at(self) -> datetime | None: ...
    @property
    def amount_minor(self) -> int: ...
    @property
    def reconciled_minor(self) -> int: ...
    @property
    def dated_on(self) -> date: ...


class Account(Protocol):
    """What of its bank account decides."""

    @property
    def ledger_account_id(self) -> UUID | None: ...
    @property
    def start_on(self) -> date | None: ...


class Obstacle(Enum):
    """Why a bank line or a journal line cannot be booked or matched, as it is told to a person."""

    WITHDRAWN = "The bank withdrew this line. There is nothing left to book."
    PENDING = "This line is still pending. It can be booked when the bank has posted it."
    UNDECIDED = "The bank changed this line after it was booked. Decide about that first."
    EXCLUDED = "This line is excluded. Restore it first."
    RECONCILED = "This line is reconciled already. Undo that first."
    NO_LEDGER_ACCOUNT = "Its bank account has no ledger account. Choose one for it first."
    NO_START = "Its bank account has no start in the books yet. Give it one first."
    BEFORE_START = "This line is dated up to the start of its account, so it is history."
    ZERO = "This line is of 0. There is nothing to book; exclude it."
    PARTLY_RECONCILED = "A part of this line is reconciled. Undo that first."
    NOT_EXCLUDED = "This line is not excluded."
    DRAFT = "This journal line is of a draft. Post the entry first."
    REVERSED = "This journal line is of a reversed entry, or of a reversal."
    NOTHING_CLEARS = "Nothing clears on this ledger account: no bank account is kept in it."
    ANOTHER_LEDGER_ACCOUNT = "This is of another ledger account than the rest of the match."


class NotBookable(CounterfoilError):
    """A line that cannot be booked or matched as it stands; `reason` is a name of `Obstacle`."""

    code = "NOT_BOOKABLE"

    def __init__(self, obstacle: Obstacle, *, field: tuple[str, ...]) -> None:
        self.obstacle, self.reason, self.field = obstacle, obstacle.name, field
        super().__init__(obstacle.value)


def obstacle(line: Line, account: Account) -> Obstacle | None:
    """What stands against booking a line of this account, the weightiest first, if anything."""
    return _of_line(line) or _of_account(line, account)


def obstacle_to_exclude(line: Line, account: Account) -> Obstacle | None:
    """What stands against taking a line of this account out of review, if anything."""
    found = _of_line(line)
    if found is Obstacle.ZERO:
        found = None
    partly = Obstacle.PARTLY_RECONCILED if line.reconciled_minor != 0 else None
    return found or partly or _of_account(line, account)


def obstacle_to_restore(line: Line, account: Account) -> Obstacle | None:
    """What stands against bringing a line of this account back to review, if anything."""
    return Obstacle.NOT_EXCLUDED if line.excluded_at is None else None


def _of_line(line: Line) -> Obstacle | None:
    if line.removed_at is not None:
        return Obstacle.WITHDRAWN
    if line.pending:
        return Obstacle.PENDING
    if line.undecided_at is not None:
        return Obstacle.UNDECIDED
    if line.excluded_at is not None:
        return Obstacle.EXCLUDED
    if line.amount_minor == 0:
        return Obstacle.ZERO
    if line.reconciled_minor == line.amount_minor:
        return Obstacle.RECONCILED
    return None


def _of_account(line: Line, account: Account) -> Obstacle | None:
    if account.ledger_account_id is None:
        return Obstacle.NO_LEDGER_ACCOUNT
    if account.start_on is None:
        return Obstacle.NO_START
    if line.dated_on <= account.start_on:
        return Obstacle.BEFORE_START
    return None
