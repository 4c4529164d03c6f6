"""Which bank lines can be booked or matched: pure, and the same for operations and the page."""

from __future__ import annotations

from enum import Enum

from counterfoil.accounts.models import BankAccount
from counterfoil.errors import CounterfoilError
from counterfoil.transactions.models import BankTransaction


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
    ANOTHER_LEDGER_ACCOUNT = "This is of another ledger account than the rest of the match."


class NotBookable(CounterfoilError):
    """A line that cannot be booked or matched as it stands; `reason` is a name of `Obstacle`."""

    code = "NOT_BOOKABLE"

    def __init__(self, obstacle: Obstacle, *, field: tuple[str, ...]) -> None:
        self.obstacle, self.reason, self.field = obstacle, obstacle.name, field
        super().__init__(obstacle.value)


def obstacle(line: BankTransaction, account: BankAccount) -> Obstacle | None:
    """What stands against booking a line of this account, the weightiest first, if anything."""
    return _of_line(line) or _of_account(line, account)


def _of_line(line: BankTransaction) -> Obstacle | None:
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


def _of_account(line: BankTransaction, account: BankAccount) -> Obstacle | None:
    if account.ledger_account_id is None:
        return Obstacle.NO_LEDGER_ACCOUNT
    if account.start_on is None:
        return Obstacle.NO_START
    if line.dated_on <= account.start_on:
        return Obstacle.BEFORE_START
    return None
