"""Matching and clearing by hand, as clients ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.ledger.models import JournalLine
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Right
from tests.api.asking import ask
from tests.api.bookkeeping import acted, entry_id, journal_line_id, line_id, refused
from tests.reconciliation.conftest import DAY, Books, books, make_books

__all__ = ["books"]


def of_bank(line: BankTransaction, amount: str | None = None) -> dict[str, Any]:
    return {"bankTransactionId": line_id(line), "expectedRevision": 1, "amount": amount}


def of_books(line: JournalLine, amount: str | None = None) -> dict[str, Any]:
    return {"journalLineId": journal_line_id(line), "amount": amount}


async def own_line(books: Books, amount_minor: int = -1234) -> JournalLine:
    """A posted journal line on the bank's ledger account."""
    return (await books.entry(amount_minor)).lines[0]


class TestMatchTransactions:
    async def test_without_the_right_nothing_is_matched(self, books: Books) -> None:
        line, own = await books.line(), await own_line(books)
        error = await refused(
            books,
            "matchTransactions",
            viewer=await books.clerk(Right.CODE),
            bankItems=[of_bank(line)],
            journalItems=[of_books(own)],
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_another_organizations_lines_are_not_found(self, books: Books) -> None:
        line, own, other = await books.line(), await own_line(books), await make_books()
        for bank, journal in (
            (await other.line(), own),
            (line, await own_line(other)),
        ):
            for amount in (None, "-12.34"):
                error = await refused(
                    books,
                    "matchTransactions",
                    bankItems=[of_bank(bank, amount)],
                    journalItems=[of_books(journal, amount)],
                )
                assert error["code"] == "NOT_FOUND"

    async def test_two_with_two_in_part(self, books: Books) -> None:
        lines = [await books.line(-1000), await books.line(-500)]
        owns = [await own_line(books, -700), await own_line(books, -900)]
        payload = await acted(
            books,
            "matchTransactions",
            bankItems=[of_bank(lines[0]), of_bank(lines[1], "-4.00")],
            journalItems=[of_books(owns[0], "-5"), of_books(owns[1])],
        )
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "MATCH"
        assert payload["journalEntry"] is None
        assert {line["id"]: line["state"] for line in payload["bankTransactions"]} == {
            line_id(lines[0]): "RECONCILED",
            line_id(lines[1]): "REVIEW",
        }
        assert await books.cleared(owns[0]) == -500

    async def test_what_a_line_is_matched_with_is_shown_on_both_sides(self, books: Books) -> None:
        line, own = await books.line(), await own_line(books)
        await acted(
            books, "matchTransactions", bankItems=[of_bank(line)], journalItems=[of_books(own)]
        )
        answer = await ask(
            books.viewer,
            """query($id: ID!) { bankTransaction(id: $id) { matches {
              journalItems { amount { amount } journalLine { id journalEntry { number } } }
              act { journalEntries { number } }
            } } }""",
            id=line_id(line),
        )
        assert answer["bankTransaction"]["matches"] == [
            {
                "journalItems": [
                    {
                        "amount": {"amount": "-12.34"},
                        "journalLine": {
                            "id": journal_line_id(own),
                            "journalEntry": {"number": "2026-0001"},
                        },
                    }
                ],
                "act": {"journalEntries": [{"number": "2026-0001"}]},
            }
        ]

    async def test_sides_that_do_not_add_up(self, books: Books) -> None:
        error = await refused(
            books,
            "matchTransactions",
            bankItems=[of_bank(await books.line(-1000))],
            journalItems=[of_books(await own_line(books, -900))],
        )
        assert error["code"] == "MATCH_UNBALANCED"

    @pytest.mark.parametrize(
        ("amount", "code"),
        [
            ("-12.35", "MATCH_TOO_MUCH"),
            ("12.34", "INVALID_INPUT"),
            ("-12.345", "INVALID_INPUT"),
            ("-100000000000000000", "INVALID_INPUT"),
            ("0", "INVALID_INPUT"),
        ],
    )
    async def test_an_amount_that_can_not_be_names_its_place(
        self, books: Books, amount: str, code: str
    ) -> None:
        line, own = await books.line(), await own_line(books)
        error = await refused(
            books,
            "matchTransactions",
            bankItems=[of_bank(line)],
            journalItems=[of_books(own, amount)],
        )
        assert (error["code"], error["field"]) == (code, ["journalItems", "0", "amount"])

    async def test_a_reconciled_line_says_who_did_it(self, books: Books) -> None:
        line, own = await books.line(), await own_line(books)
        given: dict[str, Any] = {"bankItems": [of_bank(line)], "journalItems": [of_books(own)]}
        await acted(books, "matchTransactions", **given)
        again = await acted(books, "matchTransactions", **given)
        assert again["replayed"]
        given["journalItems"] = [of_books(await own_line(books))]
        error = await refused(books, "matchTransactions", **given, idempotencyKey="another-key")
        assert (error["__typename"], error["code"]) == ("ConflictError", "ALREADY_RECONCILED")
        assert error["by"] == {"name": "Ada Abbott"}


class TestClearByHand:
    async def test_without_the_right_nothing_is_cleared(self, books: Books) -> None:
        error = await refused(
            books,
            "clearByHand",
            viewer=await books.clerk(Right.CODE),
            journalLineId=journal_line_id(await own_line(books)),
            clearedOn=str(DAY),
            reason="The feed has a gap",
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_a_part_of_a_line(self, books: Books) -> None:
        own = await own_line(books)
        payload = await acted(
            books,
            "clearByHand",
            journalLineId=journal_line_id(own),
            amount="-2.34",
            clearedOn=str(DAY),
            reason="The feed has a gap",
        )
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "CLEAR_BY_HAND"
        assert await books.cleared(own) == -234

    async def test_without_a_reason_or_with_another_sign(self, books: Books) -> None:
        given: dict[str, Any] = {
            "journalLineId": journal_line_id(await own_line(books)),
            "clearedOn": str(DAY),
            "reason": "The feed has a gap",
        }
        for wrong, field in (
            ({"reason": " "}, ["reason"]),
            ({"amount": "2.34"}, ["amount"]),
            ({"amount": "-0.001"}, ["amount"]),
            ({"clearedOn": "2026-03-01"}, ["clearedOn"]),
        ):
            error = await refused(books, "clearByHand", **{**given, **wrong})
            assert (error["code"], error["field"]) == ("INVALID_INPUT", field)


class TestOpenJournalLines:
    async def test_what_a_line_can_be_matched_with(self, books: Books) -> None:
        cleared, half, whole = [await own_line(books, amount) for amount in (-100, -200, -300)]
        await acted(
            books,
            "clearByHand",
            journalLineId=journal_line_id(cleared),
            clearedOn=str(DAY),
            reason="Seen on paper",
        )
        await acted(
            books,
            "clearByHand",
            journalLineId=journal_line_id(half),
            amount="-0.50",
            clearedOn=str(DAY),
            reason="Seen on paper",
            idempotencyKey="another-key",
        )
        await books.entry(-400, memo="Rent of March", reference="R-7")
        account = (await self._asked(books))["nodes"]
        assert [node["open"]["amount"] for node in account] == ["-4.00", "-3.00", "-1.50"]
        found = (await self._asked(books, search="r-7 rent"))["nodes"]
        assert [node["amount"]["amount"] for node in found] == ["-4.00"]
        assert whole.amount_minor == -300

    async def test_no_line_of_a_reversed_entry_or_of_its_reversal(self, books: Books) -> None:
        entry = await books.entry()
        await acted(
            books,
            "reverseJournalEntry",
            journalEntryId=entry_id(entry.entry),
            expectedRevision=entry.entry.revision,
        )
        assert (await self._asked(books))["nodes"] == []

    async def _asked(self, books: Books, **variables: Any) -> dict[str, Any]:
        answer = await ask(
            books.viewer,
            """query($id: ID!, $search: String) {
              openJournalLines(bankAccountId: $id, search: $search) {
                nodes { amount { amount } open { amount } } } }""",
            id=ids.encode("BankAccount", books.account.id),
            **variables,
        )
        found: dict[str, Any] = answer["openJournalLines"]
        return found
