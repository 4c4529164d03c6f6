"""Matching bank lines with journal lines."""

from __future__ import annotations

from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from tests.reconciliation.conftest import Books


class TestMatch:
    async def test_one_line_with_one(self, books: Books) -> None:
        line, entry = await books.line(-1234), await books.entry(-1234)
        async with books.begin() as uow:
            await match(
                uow,
                books.viewer,
                bank_items=[BankItem(line.id)],
                journal_items=[JournalItem(entry.lines[0].id)],
                key=None,
            )
        assert (await books.reread(line)).reconciled_minor == -1234
        assert await books.cleared(entry.lines[0]) == -1234
