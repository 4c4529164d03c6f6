"""A process that books, transfers and undoes until no line is open, and may die at a statement.

`python -m tests.faults.bookkeeper <database> <organization> <expense account> <statements>`: just
before it sends that many statements to the database it kills itself with SIGKILL, so that nothing
of its own can tidy up; with 0 it lives.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from uuid import UUID

from tortoise.expressions import F

from counterfoil.kit.clock import SystemClock
from counterfoil.plumbing.database import connected
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.transferring import OtherTransaction, transfer
from counterfoil.reconciliation.undoing import preview, undo
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Transactions, UnitOfWork
from counterfoil.viewer import Viewer
from tests.fakes import RecordingBell, RecordingQueue

UNTOUCHED = 1
"""The revision of a line that nobody has booked yet."""


class Deadly(logging.Handler):
    """Kills this process when the database is about to get that many statements."""

    def __init__(self, statements: int) -> None:
        super().__init__()
        self.left = statements

    def emit(self, record: logging.LogRecord) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def arm(statements: int) -> None:
    """Every statement is logged before it is sent: that is where the process dies."""
    log = logging.getLogger("tortoise.db_client")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(Deadly(statements))


async def settle(uow: UnitOfWork, viewer: Viewer, line: BankTransaction, expenses: UUID) -> Act:
    """Transfer where the other side is there, book what else is open."""
    mirror = await BankTransaction.filter(
        amount_minor=-line.amount_minor, reconciled_minor=0
    ).first()
    if mirror is not None:
        return await transfer(
            uow,
            viewer,
            bank_transaction_id=line.id,
            expected_revision=line.revision,
            other=OtherTransaction(bank_transaction_id=mirror.id),
            duplicate_reason=None,
            key=None,
        )
    part = CodingLine(ledger_account_id=expenses, amount_minor=line.amount_minor)
    return await book(
        uow,
        viewer,
        bank_transaction_id=line.id,
        expected_revision=line.revision,
        coding=Coding(lines=[part]),
        duplicate_reason=None,
        key=None,
    )


async def keep_books(organization_id: UUID, expenses: UUID) -> None:
    """Settle line after line; what was settled for the first time is undone, and done again."""
    viewer = Viewer.system(organization_id)
    transactions = Transactions(SystemClock(), RecordingBell(), RecordingQueue())
    open_lines = BankTransaction.exclude(reconciled_minor=F("amount_minor")).order_by("id")
    while (line := await open_lines.first()) is not None:
        async with transactions.begin(organization_id) as uow:
            act = await settle(uow, viewer, line, expenses)
        print("settled", line.id, flush=True)  # noqa: T201 -- the test waits for it
        if line.revision == UNTOUCHED:
            shown = await preview(viewer, act.id)
            async with transactions.begin(organization_id) as uow:
                await undo(uow, viewer, act_id=act.id, token=shown.token, key=None)


async def main(database_url: str, organization: str, expenses: str, statements: str) -> None:
    async with connected(database_url, pool=2):
        arm(int(statements))
        await keep_books(UUID(organization), UUID(expenses))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
