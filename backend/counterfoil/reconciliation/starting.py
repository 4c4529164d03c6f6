"""The start of a bank account in a ledger account, thought through: pure.

At the end of the start's day the books must stand at the bank's balance plus what is outstanding:
entries that the bank had not seen by then. Whatever else lies in the ledger account up to that
day is cleared by the start. What is missing is posted by one opening entry.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A posted line of the ledger account up to the start, with what of it is not cleared."""

    id: UUID
    open_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutstandingItem:
    """An item outstanding at the start that the books lack. Signed as the bank will: + is in."""

    dated_on: date
    amount_minor: int
    memo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a person says of the day from which on the account is reconciled.

    `balance_minor` is the bank's balance at the end of `start_on`, in the account's currency and
    signed as the bank account is (an amount owed is negative). `outstanding` are ids of journal
    lines, `lacking` items that the books do not have yet. `difference_account_id` takes what the
    opening entry must post. `predecessor_id` is the bank account that this one replaces in the
    same ledger account: a card that got a new number.
    """

    start_on: date
    balance_minor: int
    outstanding: Sequence[UUID] = ()
    lacking: Sequence[OutstandingItem] = ()
    difference_account_id: UUID | None = None
    predecessor_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a start does: lines that it clears, and the lines of the opening entry.

    `difference_minor` is what the books lack: the bank's balance, and all that is outstanding,
    less the books. `cleared_minor` is the opening entry's line that the start clears at once.
    """

    cleared: Sequence[OpenLine]
    difference_minor: int
    cleared_minor: int

    @property
    def posts(self) -> bool:
        """Whether an opening entry is needed, even one that adds up to nothing."""
        return self.difference_minor != 0 or self.cleared_minor != 0


def plan(
    *,
    books_minor: int,
    balance_minor: int,
    open_lines: Sequence[OpenLine],
    outstanding: Collection[UUID],
    lacking: Collection[int] = (),
) -> Plan:
    """What it takes so that books = bank's balance + outstanding items, at the end of the day.

    `books_minor` is the ledger account's balance then, `lacking` the amounts of outstanding items
    that the books do not have.
    """
    waiting = sum(line.open_minor for line in open_lines if line.id in outstanding)
    cleared = [line for line in open_lines if line.id not in outstanding]
    difference = balance_minor + waiting + sum(lacking) - books_minor
    return Plan(cleared, difference, difference - sum(lacking))
