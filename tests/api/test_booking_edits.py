"""Booking and transferring bank lines, as clients ask for it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.ledger.models import Books as BooksRow
from counterfoil.ledger.models import JournalEntry, LedgerAccount, LedgerAccountType
from counterfoil.transactions.models import BankTransaction
from counterfoil.viewer import Right
from tests.api.asking import Refused
from tests.api.bookkeeping import KEY, acted, ledger_id, line_id, refused
from tests.factories import make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, START, Books, books, make_books

__all__ = ["books"]


def whole(books: Books, line: BankTransaction, **values: Any) -> dict[str, Any]:
    """Book all of a line for office supplies."""
    part = {"ledgerAccountId": ledger_id(books.supplies), "amount": "-12.34"}
    return {
        "bankTransactionId": line_id(line),
        "expectedRevision": line.revision,
        "lines": [part],
        **values,
    }


class TestBookTransaction:
    async def test_without_the_right_nothing_is_booked(self, books: Books) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        error = await refused(books, "bookTransaction", viewer=reader, **whole(books, line))
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_another_organizations_line_is_not_found(self, books: Books) -> None:
        line = await (await make_books()).line()
        error = await refused(books, "bookTransaction", **whole(books, line))
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["bankTransactionId"])

    async def test_one_entry_and_the_line_is_reconciled(self, books: Books) -> None:
        line = await books.line(-1234)
        parts = [
            {"ledgerAccountId": ledger_id(books.supplies), "amount": "-10.00", "memo": "Paper"},
            {"ledgerAccountId": ledger_id(books.sales), "amount": "-2.34"},
        ]
        payload = await acted(
            books, "bookTransaction", **whole(books, line, lines=parts, memo="Stationery")
        )
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "BOOK"
        assert not payload["replayed"]
        assert payload["bankTransactions"] == [
            {"id": line_id(line), "state": "RECONCILED", "revision": 2}
        ]
        assert payload["journalEntry"] == {
            "number": "2026-0001",
            "memo": "Stationery",
            "lines": [
                {
                    "amount": {"amount": amount, "currency": "USD"},
                    "ledgerAccount": {"name": name},
                }
                for amount, name in [
                    ("-12.34", "Operating Account"),
                    ("10.00", "Office Supplies"),
                    ("2.34", "Sales"),
                ]
            ],
        }

    async def test_the_same_key_gives_the_same_act(self, books: Books) -> None:
        line = await books.line()
        first = await acted(books, "bookTransaction", **whole(books, line))
        again = await acted(books, "bookTransaction", **whole(books, line))
        assert again["replayed"]
        assert {**again, "replayed": False} == first
        assert await JournalEntry.all().count() == 1

    async def test_of_an_account_hidden_since_it_shows_nothing(self, books: Books) -> None:
        line = await books.line()
        await acted(books, "bookTransaction", **whole(books, line))
        await BankAccount.filter(id=books.account.id).update(hidden_at=NOW)
        again = await acted(books, "bookTransaction", **whole(books, line))
        assert (again["errors"], again["replayed"]) == ([], True)
        assert (again["act"], again["bankTransactions"]) == (None, [])
        assert await JournalEntry.all().count() == 1

    async def test_the_same_key_with_other_input_is_refused(self, books: Books) -> None:
        line = await books.line()
        await acted(books, "bookTransaction", **whole(books, line))
        error = await refused(books, "bookTransaction", **whole(books, line, memo="Other"))
        assert (error["code"], error["field"]) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])

    @pytest.mark.parametrize("key", ["short", "x" * 129, "with\nline breaks", "ümläute-in-it"])
    async def test_a_key_that_is_none_is_refused(self, books: Books, key: str) -> None:
        line = await books.line()
        error = await refused(books, "bookTransaction", **whole(books, line, idempotencyKey=key))
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["idempotencyKey"])

    async def test_who_was_faster_is_told(self, books: Books) -> None:
        line = await books.line()
        await acted(books, "bookTransaction", **whole(books, line))
        error = await refused(
            books, "bookTransaction", **whole(books, line, idempotencyKey="another-key")
        )
        assert error["__typename"] == "ConflictError"
        assert error["code"] == "ALREADY_RECONCILED"
        assert error["by"] == {"name": "Ada Abbott"}
        assert error["at"] == "2026-03-10T15:30:00.000Z"
        assert error["current"] == {"revision": 2}

    async def test_of_many_at_once_one_wins_and_the_others_get_the_same_conflict(
        self, books: Books
    ) -> None:
        line = await books.line()
        payloads = await asyncio.gather(
            *(
                acted(
                    books,
                    "bookTransaction",
                    **whole(books, line, idempotencyKey=f"key-{number:04}"),
                )
                for number in range(20)
            )
        )
        assert sum(payload["errors"] == [] for payload in payloads) == 1
        told = [payload["errors"] for payload in payloads if payload["errors"]]
        assert len(told) == 19
        assert all(errors == told[0] for errors in told)
        assert told[0][0]["code"] == "ALREADY_RECONCILED"
        assert await JournalEntry.all().count() == 1

    async def test_a_line_that_changed_is_a_conflict(self, books: Books) -> None:
        line = await books.line(revision=3)
        error = await refused(books, "bookTransaction", **whole(books, line, expectedRevision=2))
        assert error["__typename"] == "ConflictError"
        assert (error["code"], error["field"]) == ("CONFLICT", ["expectedRevision"])
        assert (error["current"], error["by"]) == ({"revision": 3}, None)

    @pytest.mark.parametrize(
        ("amount", "code"),
        [
            ("-12.345", "INVALID_INPUT"),
            ("-100000000000000000", "INVALID_INPUT"),
            ("0", "INVALID_INPUT"),
            ("0.00", "INVALID_INPUT"),
        ],
    )
    async def test_an_amount_that_can_not_be_names_its_place(
        self, books: Books, amount: str, code: str
    ) -> None:
        line = await books.line()
        parts = [
            {"ledgerAccountId": ledger_id(books.supplies), "amount": "-12.34"},
            {"ledgerAccountId": ledger_id(books.sales), "amount": amount},
        ]
        error = await refused(books, "bookTransaction", **whole(books, line, lines=parts))
        assert (error["code"], error["field"]) == (code, ["lines", "1", "amount"])

    async def test_an_amount_of_nineteen_digits_is_no_amount_at_all(self, books: Books) -> None:
        line = await books.line()
        parts = [{"ledgerAccountId": ledger_id(books.supplies), "amount": str(10**18)}]
        with pytest.raises(Refused, match=r"\.lines\[0\]\.amount: Expected a plain decimal number"):
            await acted(books, "bookTransaction", **whole(books, line, lines=parts))

    async def test_parts_that_do_not_add_up(self, books: Books) -> None:
        line = await books.line()
        parts = [{"ledgerAccountId": ledger_id(books.supplies), "amount": "12.34"}]
        error = await refused(books, "bookTransaction", **whole(books, line, lines=parts))
        assert (error["code"], error["field"]) == ("JOURNAL_ENTRY_UNBALANCED", ["lines"])

    async def test_an_account_that_is_not_there_or_inactive(self, books: Books) -> None:
        line = await books.line()
        for given, code in (
            (ledger_id(await self._closed(books)), "LEDGER_ACCOUNT_INACTIVE"),
            (ledger_id((await make_books()).supplies), "NOT_FOUND"),
            ("nonsense", "NOT_FOUND"),
        ):
            parts = [{"ledgerAccountId": given, "amount": "-12.34"}]
            error = await refused(books, "bookTransaction", **whole(books, line, lines=parts))
            assert (error["code"], error["field"]) == (code, ["lines", "0", "ledgerAccountId"])

    async def _closed(self, books: Books) -> LedgerAccount:
        return await make_ledger_account(
            books.organization, type=LedgerAccountType.EXPENSE, inactive_at=books.clock.now()
        )

    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"pending": True}, "still pending"),
            ({"dated_on": START}, "history"),
            ({"amount_minor": 0}, "of 0"),
        ],
    )
    async def test_a_line_that_is_not_bookable(
        self, books: Books, facts: dict[str, Any], words: str
    ) -> None:
        line = await books.line(**facts)
        error = await refused(books, "bookTransaction", **whole(books, line))
        assert (error["code"], error["field"]) == ("NOT_BOOKABLE", ["bankTransactionId"])
        assert words in error["message"]

    async def test_a_locked_period(self, books: Books) -> None:
        await BooksRow.create(organization_id=books.organization.id, hard_lock_on=DAY)
        error = await refused(books, "bookTransaction", **whole(books, await books.line()))
        assert error["__typename"] == "PeriodLockedError"
        assert error["code"] == "PERIOD_LOCKED"
        assert (error["lockedUpTo"], error["hard"]) == (str(DAY), True)

    async def test_what_may_be_booked_already_is_asked(self, books: Books) -> None:
        await books.entry(-1234)
        line = await books.line(-1234)
        error = await refused(books, "bookTransaction", **whole(books, line))
        assert error["__typename"] == "PossibleDuplicateError"
        assert (error["code"], error["field"]) == ("POSSIBLE_DUPLICATE", ["duplicateReason"])
        assert error["candidates"] == [{"amount": {"amount": "-12.34"}}]
        payload = await acted(
            books, "bookTransaction", **whole(books, line, duplicateReason="A second purchase")
        )
        assert payload["errors"] == []


class TestTransferTransaction:
    async def test_without_the_right_nothing_is_booked(self, books: Books) -> None:
        line, reader = await books.line(), await books.clerk(Right.CODE)
        error = await refused(
            books,
            "transferTransaction",
            viewer=reader,
            bankTransactionId=line_id(line),
            expectedRevision=1,
            ledgerAccountId=ledger_id(books.equity),
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "CODE")

    async def test_both_sides_are_there(self, books: Books) -> None:
        savings = await make_ledger_account(books.organization, name="Savings")
        other = await books.tied_account(savings, name="Savings")
        out = await books.line(-50_000)
        into = await books.line(49_500, account=other, dated_on=date(2026, 3, 11))
        payload = await acted(
            books,
            "transferTransaction",
            bankTransactionId=line_id(out),
            expectedRevision=1,
            otherTransactionId=line_id(into),
            otherExpectedRevision=1,
            fees=[{"ledgerAccountId": ledger_id(books.supplies), "amount": "-5.00"}],
        )
        assert payload["errors"] == []
        assert payload["act"]["kind"] == "TRANSFER"
        assert {line["id"]: line["state"] for line in payload["bankTransactions"]} == {
            line_id(out): "RECONCILED",
            line_id(into): "RECONCILED",
        }
        assert [
            (line["ledgerAccount"]["name"], line["amount"]["amount"])
            for line in payload["journalEntry"]["lines"]
        ] == [("Operating Account", "-500.00"), ("Savings", "495.00"), ("Office Supplies", "5.00")]

    async def test_one_side_in_another_currency(self, books: Books) -> None:
        euros = await make_ledger_account(books.organization, name="Euros", currency="EUR")
        payload = await acted(
            books,
            "transferTransaction",
            bankTransactionId=line_id(await books.line(-10_800)),
            expectedRevision=1,
            ledgerAccountId=ledger_id(euros),
            otherAmount="100.00",
        )
        assert payload["errors"] == []
        assert [line["amount"] for line in payload["journalEntry"]["lines"]] == [
            {"amount": "-108.00", "currency": "USD"},
            {"amount": "100.00", "currency": "EUR"},
        ]

    async def test_the_other_side_is_named_once(self, books: Books) -> None:
        line = line_id(await books.line())
        twice: dict[str, Any] = {
            "otherTransactionId": line,
            "ledgerAccountId": ledger_id(books.equity),
        }
        for given in ({}, twice):
            error = await refused(
                books,
                "transferTransaction",
                bankTransactionId=line,
                expectedRevision=1,
                **given,
            )
            assert (error["code"], error["field"]) == ("INVALID_INPUT", ["otherTransactionId"])

    async def test_an_amount_with_more_digits_than_the_other_currency_has(
        self, books: Books
    ) -> None:
        yen = await make_ledger_account(books.organization, name="Yen", currency="JPY")
        error = await refused(
            books,
            "transferTransaction",
            bankTransactionId=line_id(await books.line()),
            expectedRevision=1,
            ledgerAccountId=ledger_id(yen),
            otherAmount="1200.5",
        )
        assert (error["code"], error["field"]) == ("INVALID_INPUT", ["otherAmount"])

    async def test_the_same_key_gives_the_same_act(self, books: Books) -> None:
        savings = await make_ledger_account(books.organization, name="Savings")
        given: dict[str, Any] = {
            "bankTransactionId": line_id(await books.line()),
            "expectedRevision": 1,
            "ledgerAccountId": ledger_id(savings),
            "idempotencyKey": KEY,
        }
        first = await acted(books, "transferTransaction", **given)
        again = await acted(books, "transferTransaction", **given)
        assert (first["errors"], again["replayed"]) == ([], True)
        assert again["act"] == first["act"]
