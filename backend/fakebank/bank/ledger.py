"""Accounts and their lines: the bank's truth, in one order of changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fakebank.bank.records import Account, Description, Line, PlannedLine
from fakebank.names import derived_id
from fakebank.shelves import Shelf

UNBELIEVABLE = Decimal(10) ** 18


class LineUnknown(Exception):
    """No line has this id."""

    def __init__(self, line_id: str) -> None:
        super().__init__(f"no line {line_id}")


class LineGone(Exception):
    """The line was removed before and can no longer be changed."""

    def __init__(self, line_id: str) -> None:
        super().__init__(f"line {line_id} has been removed")


@dataclass(slots=True)
class Order:
    """The last position given out in the bank's order of changes."""

    position: int = 0


class Ledger:
    """Writes lines and keeps the balances of their accounts.

    Every change takes the next position, so that "what changed since" is a question about numbers.
    An amount of 10^18 or more, which only a test writes, is told but not counted.
    """

    def __init__(self) -> None:
        self.accounts: Shelf[Account] = Shelf("account", Account, key=lambda a: a.account_id)
        self.lines: Shelf[Line] = Shelf("line", Line, key=lambda line: line.line_id)
        self.order: Shelf[Order] = Shelf("order", Order, key=lambda _: "order")
        self.order.put(Order())
        self._by_account: dict[str, list[Line]] = {}

    @property
    def position(self) -> int:
        """The position of the latest change."""
        return self.order["order"].position

    def next_position(self) -> int:
        """Take the next position in the order of changes."""
        order = self.order["order"]
        order.position += 1
        self.order.put(order)
        return order.position

    def index(self) -> None:
        """Find again which lines belong to which account, after the shelves were loaded."""
        self._by_account = {}
        for line in sorted(self.lines, key=lambda line: line.created_position):
            self._by_account.setdefault(line.account_id, []).append(line)

    def lines_of(self, account_ids: Iterable[str]) -> list[Line]:
        """All lines ever written in these accounts, removed ones too."""
        return [line for each in account_ids for line in self._by_account.get(each, [])]

    def add(
        self,
        account_id: str,
        *,
        amount: Decimal,
        description: Description,
        occurred_on: date,
        posted_on: date | None,
        currency: str | None = None,
        posted_from: str | None = None,
        posts_at: datetime | None = None,
        final_amount: Decimal | None = None,
    ) -> Line:
        """Write a new line; `posted_on` None makes it pending."""
        account = self.accounts[account_id]
        position = self.next_position()
        line = Line(
            derived_id(account_id, str(position)),
            account_id,
            amount,
            currency or account.currency,
            occurred_on,
            posted_on,
            description,
            position,
            position,
            posted_from=posted_from,
            posts_at=posts_at,
            final_amount=final_amount,
        )
        self._by_account.setdefault(account_id, []).append(line)
        self._count(line, +1)
        return self.lines.put(line)

    def modify(self, line_id: str, **changes: Any) -> Line:
        """Change fields of a line in place. Raises LineUnknown, LineGone."""
        line = self._living(line_id)
        self._count(line, -1)
        for name, value in changes.items():
            setattr(line, name, value)
        line.changed_position = self.next_position()
        self._count(line, +1)
        return self.lines.put(line)

    def remove(self, line_id: str) -> Line:
        """Withdraw a line. Raises LineUnknown, LineGone."""
        line = self._living(line_id)
        self._count(line, -1)
        line.removed_position = self.next_position()
        return self.lines.put(line)

    def restore(self, line_id: str) -> Line:
        """Bring a removed line back under its old id, as some banks do. Raises LineUnknown."""
        line = self._known(line_id)
        if line.removed_position is None:
            return line
        line.removed_position = None
        line.restored_position = line.changed_position = self.next_position()
        self._count(line, +1)
        return self.lines.put(line)

    def post(
        self,
        line_id: str,
        *,
        posted_on: date,
        amount: Decimal | None = None,
        linked: bool = True,
        description: Description | None = None,
    ) -> Line:
        """Turn a pending line into a posted one: a new line, and the pending one removed.

        `linked` False leaves out which pending line it was, as some banks do.
        Raises LineUnknown, LineGone.
        """
        pending = self.remove(line_id)
        settled = pending.final_amount if amount is None else amount
        return self.add(
            pending.account_id,
            amount=pending.amount if settled is None else settled,
            description=description or replace(pending.description),
            occurred_on=pending.occurred_on,
            posted_on=posted_on,
            currency=pending.currency,
            posted_from=line_id if linked else None,
        )

    def copy_lines(self, account_id: str, into: str) -> None:
        """Write the living lines of one account once more in another, as lines of their own."""
        for line in self.lines_of([account_id]):
            if line.removed_position is None:
                self.add(
                    into,
                    amount=line.amount,
                    description=replace(line.description),
                    occurred_on=line.occurred_on,
                    posted_on=line.posted_on,
                    currency=line.currency,
                    posts_at=line.posts_at,
                    final_amount=line.final_amount,
                )

    def begin(self, account_id: str, planned: PlannedLine, *, now: datetime) -> Line:
        """Write a planned line whose time has come, posted at once when that time has come too."""
        posted = planned.posts_at <= now
        settled = planned.amount if planned.final_amount is None else planned.final_amount
        return self.add(
            account_id,
            amount=settled if posted else planned.amount,
            description=planned.description,
            occurred_on=planned.occurs_at.date(),
            posted_on=planned.posts_at.date() if posted else None,
            currency=planned.currency,
            posts_at=None if posted else planned.posts_at,
            final_amount=None if posted else planned.final_amount,
        )

    def _count(self, line: Line, sign: int) -> None:
        account = self.accounts[line.account_id]
        if line.currency != account.currency or abs(line.amount) >= UNBELIEVABLE:
            return
        if line.pending:
            account.pending_total += sign * line.amount
        else:
            account.posted_total += sign * line.amount
        self.accounts.put(account)

    def _known(self, line_id: str) -> Line:
        line = self.lines.get(line_id)
        if line is None:
            raise LineUnknown(line_id)
        return line

    def _living(self, line_id: str) -> Line:
        line = self._known(line_id)
        if line.removed_position is not None:
            raise LineGone(line_id)
        return line
