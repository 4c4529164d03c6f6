"""Telling those who follow entries."""

from __future__ import annotations

from counterfoil.kit.ids import new_id
from counterfoil.ledger.models import JournalEntry
from counterfoil.reconciliation.telling import tell_entries
from tests.reconciliation.conftest import Books

MORE_THAN_A_STATEMENT_TAKES = 40_000
"""PostgreSQL takes 32,767 parameters."""


class TestTellEntries:
    async def test_an_entry_is_told_once_for_all_its_lines(self, books: Books) -> None:
        entry = await books.entry()
        async with books.begin() as uow:
            await tell_entries(uow, [line.id for line in entry.lines])
        assert (await JournalEntry.get(id=entry.entry.id)).revision == entry.entry.revision + 1
        assert await books.changed_since(1) == {("JOURNAL_ENTRY", entry.entry.id)}

    async def test_of_the_lines_of_many_years(self, books: Books) -> None:
        entry = await books.entry()
        others = [new_id() for _ in range(MORE_THAN_A_STATEMENT_TAKES)]
        async with books.begin() as uow:
            await tell_entries(uow, [*others, entry.lines[0].id])
        assert await books.changed_since(1) == {("JOURNAL_ENTRY", entry.entry.id)}
