"""On which days lines are cleared: never within what a start has settled."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from counterfoil.reconciliation.models import AccountStart


async def first_open_day(ledger_account_id: UUID) -> date | None:
    """The first day after the running start in a ledger account; None where no account is kept."""
    running = await (
        AccountStart.filter(ledger_account_id=ledger_account_id, ended_on=None)
        .order_by("-start_on")
        .first()
    )
    return running.start_on + timedelta(days=1) if running else None


async def open_day(day: date, ledger_account_id: UUID) -> date:
    """This day, or the first one after it that no start has settled."""
    first = await first_open_day(ledger_account_id)
    return day if first is None else max(day, first)
