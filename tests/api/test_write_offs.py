"""Writing off what a match leaves, as clients ask for it."""

from __future__ import annotations

from typing import Any

from counterfoil.ledger.drafting import Entry
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Right
from tests.api.bookkeeping import acted, asked, journal_line_id, ledger_id, line_id, refused
from tests.reconciliation.conftest import Books, books

__all__ = ["books"]

_BOOKS = "books { writeOffLimit { amount currency } revision }"


async def limit(books: Books, amount: str, *, revision: int = 1) -> None:
    payload = await asked(
        books, "setWriteOffLimit", _BOOKS, limit=amount, expectedRevision=revision
    )
    assert payload["errors"] == []


def leaving(books: Books, line: BankTransaction, entry: Entry) -> dict[str, Any]:
    """A match that leaves something for office supplies."""
    return {
        "bankItems": [{"bankTransactionId": line_id(line), "expectedRevision": 1}],
        "journalItems": [{"journalLineId": journal_line_id(entry.lines[0])}],
        "writeOff": {"ledgerAccountId": ledger_id(books.supplies), "memo": "Rounding"},
    }


class TestSetWriteOffLimit:
    async def test_without_the_right_nothing_changes(self, books: Books) -> None:
        payload = await asked(
            books,
            "setWriteOffLimit",
            _BOOKS,
            viewer=await books.clerk(Right.SETTINGS),
            limit="0.50",
            expectedRevision=1,
        )
        [error] = payload["errors"]
        assert (error["code"], error["right"], payload["books"]) == ("FORBIDDEN", "SETTINGS", None)

    async def test_it_is_read_back(self, books: Books) -> None:
        payload = await asked(books, "setWriteOffLimit", _BOOKS, limit="0.5", expectedRevision=1)
        assert payload["books"] == {
            "writeOffLimit": {"amount": "0.50", "currency": "USD"},
            "revision": 2,
        }

    async def test_more_digits_than_the_currency_has_are_refused(self, books: Books) -> None:
        payload = await asked(books, "setWriteOffLimit", _BOOKS, limit="0.505", expectedRevision=1)
        assert payload["errors"][0]["field"] == ["limit"]


class TestWriteOff:
    async def test_it_is_a_part_of_the_match(self, books: Books) -> None:
        await limit(books, "0.50")
        line, entry = await books.line(-1234), await books.entry(-1200)
        payload = await acted(books, "matchTransactions", **leaving(books, line, entry))
        assert payload["errors"] == []
        assert payload["bankTransactions"][0]["state"] == "RECONCILED"
        assert payload["journalEntry"]["memo"] == "Rounding"
        amounts = [each["amount"]["amount"] for each in payload["journalEntry"]["lines"]]
        assert amounts == ["-0.34", "0.34"]

    async def test_more_than_the_limit_is_refused(self, books: Books) -> None:
        await limit(books, "0.33")
        line, entry = await books.line(-1234), await books.entry(-1200)
        error = await refused(books, "matchTransactions", **leaving(books, line, entry))
        assert (error["code"], error["field"]) == ("WRITE_OFF_TOO_LARGE", ["writeOff"])
