"""Suggestions as clients read and accept them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from counterfoil.api import ids
from counterfoil.reconciliation.bulk import MOST_ROWS
from counterfoil.transactions.models import BankTransaction, PreparedCoding
from counterfoil.viewer import Right
from tests.api.asking import ask, statements
from tests.api.bookkeeping import KEY, asked, journal_line_id, line_id
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import DAY, Books, books, make_books

__all__ = ["books"]

_SUGGESTED = """
query($id: ID!) { bankTransaction(id: $id) {
  suggestions {
    id kind score preselect reasons { code text }
    journalItems { amount { amount } journalLine { id } }
    coding { memo lines { memo amount { amount currency } ledgerAccount { name } } }
    otherTransaction { id }
  }
  possibleDuplicates { id }
} }
"""
_ACCEPTED = """
act { kind parts { kind } } replayed
results {
  index clientRef bankTransaction { id state toCheck } act { kind }
  errors { code field __typename }
}
"""


async def suggested(books: Books, line: BankTransaction) -> dict[str, Any]:
    answer = await ask(books.viewer, _SUGGESTED, id=line_id(line))
    found: dict[str, Any] = answer["bankTransaction"]
    return found


async def best(books: Books, line: BankTransaction) -> str:
    """The id of the best suggestion for a line."""
    suggestion: str = (await suggested(books, line))["suggestions"][0]["id"]
    return suggestion


def row(line: BankTransaction, suggestion: str, **values: Any) -> dict[str, Any]:
    return {
        "bankTransactionId": line_id(line),
        "expectedRevision": line.revision,
        "suggestionId": suggestion,
        **values,
    }


class TestSuggestions:
    async def test_none_for_a_line_that_is_not_bookable(self, books: Books) -> None:
        await books.entry(-1234, memo="Elm Street Coffee")
        line = await books.line(-1234, excluded_at=NOW)
        assert (await suggested(books, line))["suggestions"] == []

    async def test_an_entry_that_is_in_the_books(self, books: Books) -> None:
        entry = await books.entry(-1234, memo="Elm Street Coffee")
        line = await books.line(-1234)
        found = await suggested(books, line)
        [suggestion] = found["suggestions"]
        own = journal_line_id(entry.lines[0])
        assert suggestion["kind"] == "MATCH"
        assert suggestion["journalItems"] == [
            {"amount": {"amount": "-12.34"}, "journalLine": {"id": own}}
        ]
        assert (suggestion["coding"], suggestion["otherTransaction"]) == (None, None)
        assert "SAME_AMOUNT" in {reason["code"] for reason in suggestion["reasons"]}
        assert found["possibleDuplicates"] == [{"id": own}]

    async def test_what_was_chosen_before(self, books: Books) -> None:
        await booked(books, await books.line(-900))
        line = await books.line(-1234, dated_on=DAY + timedelta(days=30))
        [suggestion] = (await suggested(books, line))["suggestions"]
        assert suggestion["kind"] == "CODING"
        assert suggestion["coding"]["lines"] == [
            {
                "memo": None,
                "amount": {"amount": "-12.34", "currency": "USD"},
                "ledgerAccount": {"name": "Office Supplies"},
            }
        ]

    async def test_the_other_side_of_a_transfer(self, books: Books) -> None:
        savings = await make_ledger_account(books.organization, name="Savings")
        other = await books.tied_account(savings, name="Savings")
        out = await books.line(-50_000)
        into = await books.line(50_000, account=other)
        [suggestion] = (await suggested(books, out))["suggestions"]
        assert suggestion["kind"] == "TRANSFER"
        assert suggestion["otherTransaction"] == {"id": line_id(into)}

    async def test_fifty_lines_take_as_many_statements_as_three(self, books: Books) -> None:
        for number in range(50):
            amount = -1000 - number
            line = await books.line(amount, description=f"Shop {number}")
            if number % 3 == 0:
                await books.entry(amount, memo=f"Shop {number}")
            elif number % 3 == 1:
                await self._prepared(books, line)
        assert await self._taken(books, 50) == await self._taken(books, 3)

    async def _prepared(self, books: Books, line: BankTransaction) -> None:
        part = {
            "ledger_account_id": str(books.supplies.id),
            "amount_minor": line.amount_minor,
            "memo": None,
        }
        await PreparedCoding.create(
            bank_transaction_id=line.id,
            amount_minor=line.amount_minor,
            coding={"memo": None, "lines": [part]},
            actor=books.viewer.actor,
            prepared_at=NOW,
        )

    async def _taken(self, books: Books, first: int) -> int:
        """Statements for the page's main query, of which the lines of both lengths get some."""
        with statements() as seen:
            answer = await ask(
                books.viewer,
                """query($id: ID!, $first: Int!) { bankAccount(id: $id) {
                  transactions(first: $first, orderBy: [{field: AMOUNT}]) { nodes {
                    id state bookable blockedReason remainder { amount }
                    preparedCoding { memo } exclusion { reason } reviewItem { kind }
                    matches { id }
                    suggestions {
                      id kind score preselect reasons { code text }
                      journalItems { amount { amount } journalLine {
                        memo postedOn journalEntry { number memo } } }
                      coding { lines { amount { amount } ledgerAccount { number name } } }
                      otherTransaction { bankAccount { name } }
                    }
                    possibleDuplicates { id }
                  } } } }""",
                id=ids.encode("BankAccount", books.account.id),
                first=first,
            )
        nodes = answer["bankAccount"]["transactions"]["nodes"]
        kinds = {one["kind"] for node in nodes for one in node["suggestions"]}
        assert (len(nodes), kinds) == (first, {"MATCH", "PREPARED"})
        return len(seen)


class TestAcceptSuggestions:
    async def _accepted(self, books: Books, *rows: dict[str, Any], **given: Any) -> Any:
        return await asked(
            books,
            "acceptSuggestions",
            _ACCEPTED,
            **{"rows": list(rows), "idempotencyKey": KEY, **given},
        )

    async def test_without_the_right_nothing_is_accepted(self, books: Books) -> None:
        await books.entry(-1234)
        line = await books.line(-1234)
        chosen = await best(books, line)
        before = await books.written()
        reader = await books.clerk(Right.CODE)
        payload = await self._accepted(books, row(line, chosen), viewer=reader)
        assert (payload["act"], payload["results"]) == (None, [])
        assert payload["errors"][0]["code"] == "FORBIDDEN"
        assert await books.written() == before

    async def test_each_row_for_itself(self, books: Books) -> None:
        await books.entry(-1234)
        good, bad = await books.line(-1234), await books.line(-99)
        foreign = await (await make_books()).line()
        payload = await self._accepted(
            books,
            row(good, await best(books, good), clientRef="mine"),
            row(bad, "0" * 32),
            row(foreign, "0" * 32),
        )
        assert payload["errors"] == []
        assert payload["act"] == {"kind": "BULK", "parts": [{"kind": "MATCH"}]}
        assert payload["results"] == [
            {
                "index": 0,
                "clientRef": "mine",
                "bankTransaction": {
                    "id": line_id(good),
                    "state": "RECONCILED",
                    "toCheck": False,
                },
                "act": {"kind": "MATCH"},
                "errors": [],
            },
            {
                "index": 1,
                "clientRef": None,
                "bankTransaction": {"id": line_id(bad), "state": "REVIEW", "toCheck": False},
                "act": None,
                "errors": [
                    {
                        "code": "SUGGESTION_OUTDATED",
                        "field": ["rows", "1", "suggestionId"],
                        "__typename": "SimpleError",
                    }
                ],
            },
            {
                "index": 2,
                "clientRef": None,
                "bankTransaction": None,
                "act": None,
                "errors": [
                    {
                        "code": "NOT_FOUND",
                        "field": ["rows", "2", "bankTransactionId"],
                        "__typename": "SimpleError",
                    }
                ],
            },
        ]

    async def test_the_same_key_gives_the_same_results(self, books: Books) -> None:
        await books.entry(-1234)
        line = await books.line(-1234)
        chosen = row(line, await best(books, line))
        first = await self._accepted(books, chosen)
        again = await self._accepted(books, chosen)
        assert again == {**first, "replayed": True}

    async def test_all_or_none(self, books: Books) -> None:
        await books.entry(-1234)
        good, bad = await books.line(-1234), await books.line(-99)
        chosen = await best(books, good)
        before = await books.written()
        payload = await self._accepted(books, row(good, chosen), row(bad, "0" * 32), atomic=True)
        assert payload["act"] is None
        assert [one["errors"][0]["code"] for one in payload["results"]] == [
            "BULK_REFUSED",
            "SUGGESTION_OUTDATED",
        ]
        after = await books.written()
        told = [row["type"].value for row in after["Change"] if row not in before["Change"]]
        assert told == ["ORGANIZATION"]
        assert {**after, "Change": None} == {**before, "Change": None}

    async def test_rows_that_can_not_be_name_their_place(self, books: Books) -> None:
        line = await books.line()
        for rows, field in (
            ([], ["rows"]),
            ([row(line, "x"), row(line, "y")], ["rows", "1", "bankTransactionId"]),
            ([row(line, "x", clientRef="x" * 129)], ["rows", "0", "clientRef"]),
        ):
            payload = await self._accepted(books, *rows)
            assert payload["errors"][0]["code"] == "INVALID_INPUT"
            assert payload["errors"][0]["field"] == field

    async def test_the_schema_says_how_many_rows_are_taken(self, books: Books) -> None:
        asking = """{ __type(name: "AcceptSuggestionsInput") {
          inputFields { name description } } }"""
        fields = (await ask(books.viewer, asking))["__type"]["inputFields"]
        [said] = [each["description"] for each in fields if each["name"] == "rows"]
        assert said.startswith(f"1 to {MOST_ROWS} lines")
        line = await books.line()
        payload = await self._accepted(books, *[row(line, "x")] * (MOST_ROWS + 1))
        assert f"1 to {MOST_ROWS} lines" in payload["errors"][0]["message"]
