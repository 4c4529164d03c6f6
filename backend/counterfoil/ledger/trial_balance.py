"""The trial balance: what every ledger account holds at a date, in the base currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from counterfoil.identity.queries import organization
from counterfoil.ledger.balances import balances_at
from counterfoil.ledger.register import total
from counterfoil.viewer import Viewer


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """An account that holds something: + is a debit, − a credit, never 0."""

    ledger_account_id: UUID
    base_minor: int

    @property
    def debit_minor(self) -> int | None:
        """What it holds on its debit side; None for a credit."""
        return self.base_minor if self.base_minor > 0 else None

    @property
    def credit_minor(self) -> int | None:
        """What it holds on its credit side, without a sign; None for a debit."""
        return -self.base_minor if self.base_minor < 0 else None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts that hold something at the end of a day, in no order."""

    on: date
    base_currency: str
    rows: Sequence[TrialBalanceRow]

    @property
    def total_debit_minor(self) -> int:
        """What all debits add up to; the same as all credits, because every entry balances."""
        return sum(row.debit_minor or 0 for row in self.rows)

    @property
    def total_credit_minor(self) -> int:
        """What all credits add up to, without a sign."""
        return sum(row.credit_minor or 0 for row in self.rows)


async def trial_balance(viewer: Viewer, on: date) -> TrialBalance:
    """The trial balance at the end of a day.

    Raises:
        Forbidden: the viewer lacks the right to read.
    """
    held = await balances_at(viewer, on)
    sums = {account_id: total(of.values()).base_minor for account_id, of in held.items()}
    rows = [TrialBalanceRow(account_id, minor) for account_id, minor in sums.items() if minor]
    return TrialBalance(on, (await organization(viewer)).base_currency, rows)
