"""Short ways to act in the books of a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from counterfoil.ledger.drafting import Entry
from counterfoil.ledger.models import JournalEntry, JournalLine
from counterfoil.reconciliation.booking import book
from counterfoil.reconciliation.clearing import clear_by_hand
from counterfoil.reconciliation.coding import Coding, CodingLine
from counterfoil.reconciliation.excluding import exclude, restore
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act
from counterfoil.reconciliation.reversing import reverse
from counterfoil.reconciliation.undoing import UndoPreview, preview, undo
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Viewer
from tests.reconciliation.conftest import DAY, Books

BankSide = BankTransaction | tuple[BankTransaction, int]
JournalSide = JournalLine | tuple[JournalLine, int]


async def booked(books: Books, line: BankTransaction, **values: Any) -> Act:
    """What is open of the line is for office supplies."""
    stored = await books.reread(line)
    left = stored.amount_minor - stored.reconciled_minor
    part = CodingLine(ledger_account_id=books.supplies.id, amount_minor=left)
    async with books.begin() as uow:
        return await book(
            uow,
            values.pop("viewer", books.viewer),
            bank_transaction_id=line.id,
            expected_revision=None,
            coding=Coding(lines=[part]),
            duplicate_reason=values.pop("duplicate_reason", "Another purchase"),
            key=values.pop("key", None),
            **values,
        )


async def matched(
    books: Books, bank: Sequence[BankSide], journal: Sequence[JournalSide], **values: Any
) -> Act:
    """Lines matched whole, or as far as an amount beside them says."""
    async with books.begin() as uow:
        return await match(
            uow,
            books.viewer,
            bank_items=[
                BankItem(one[0].id, one[1]) if isinstance(one, tuple) else BankItem(one.id)
                for one in bank
            ],
            journal_items=[
                JournalItem(one[0].id, one[1]) if isinstance(one, tuple) else JournalItem(one.id)
                for one in journal
            ],
            key=None,
            **values,
        )


async def excluded(books: Books, *lines: BankTransaction) -> Act:
    async with books.begin() as uow:
        wanted = dict.fromkeys(line.id for line in lines)
        return await exclude(uow, books.viewer, wanted=wanted, reason="Private", key=None)


async def restored(books: Books, *lines: BankTransaction) -> Act:
    async with books.begin() as uow:
        wanted = dict.fromkeys(line.id for line in lines)
        return await restore(uow, books.viewer, wanted=wanted, key=None)


async def cleared_by_hand(
    books: Books, line: JournalLine, amount_minor: int | None = None, *, on: date = DAY
) -> Act:
    async with books.begin() as uow:
        return await clear_by_hand(
            uow,
            books.viewer,
            journal_line_id=line.id,
            amount_minor=amount_minor,
            cleared_on=on,
            reason="On the paper statement",
            key=None,
        )


async def reversed_by_hand(
    books: Books, entry: JournalEntry | Entry, *, viewer: Viewer | None = None, **values: Any
) -> Act:
    row = entry if isinstance(entry, JournalEntry) else entry.entry
    async with books.begin() as uow:
        return await reverse(
            uow,
            viewer or books.viewer,
            journal_entry_id=row.id,
            expected_revision=values.pop("expected_revision", None),
            key=values.pop("key", None),
        )


async def undone(books: Books, act: Act, *, viewer: Viewer | None = None, **values: Any) -> Act:
    """What the preview says, done."""
    who = viewer or books.viewer
    token = values.pop("token", None) or (await preview(who, act.id)).token
    async with books.begin() as uow:
        return await undo(uow, who, act_id=act.id, token=token, key=values.pop("key", None))


async def shown(books: Books, act: Act) -> UndoPreview:
    return await preview(books.viewer, act.id)


def ids(act: Act, name: str) -> list[str]:
    """What an act's details name."""
    found: list[str] = act.details[name]
    return found
