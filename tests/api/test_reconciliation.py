"""How far an account is, and where each of its lines stands, as clients ask for it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.reconciliation.acts import Key
from counterfoil.reconciliation.matching import BankItem, JournalItem, match
from counterfoil.reconciliation.models import Act
from counterfoil.transactions.models import (
    BankTransaction,
    Exclusion,
    PreparedCoding,
    ReviewItem,
    ReviewKind,
)
from counterfoil.viewer import Right
from tests.api.asking import Refused, ask, some_viewer, statements
from tests.factories import make_account
from tests.fakes import NOW
from tests.reconciliation.conftest import DAY, START, Books, books

__all__ = ["books"]


def account_id(books: Books) -> str:
    return ids.encode("BankAccount", books.account.id)


def line_id(line: BankTransaction) -> str:
    return ids.encode("BankTransaction", line.id)


async def matched(books: Books, line: BankTransaction, amount_minor: int | None = None) -> Act:
    """Match a line, or a part of it, with an entry made for it."""
    entry = await books.entry(line.amount_minor)
    async with books.begin() as uow:
        return await match(
            uow,
            books.viewer,
            bank_items=[BankItem(line.id, amount_minor)],
            journal_items=[JournalItem(entry.lines[0].id, amount_minor)],
            key=Key("matchTransactions", f"key-{line.id}", str(line.id)),
        )


async def excluded(books: Books, line: BankTransaction) -> None:
    await BankTransaction.filter(id=line.id).update(excluded_at=NOW)
    await Exclusion.create(
        bank_transaction_id=line.id,
        reason="Booked elsewhere",
        actor=books.viewer.actor,
        act_id=line.id,
        excluded_at=NOW,
    )


async def one_of_each_state(books: Books) -> dict[str, BankTransaction]:
    """A line in each state, by the state's name; the open ones are a cent, two and three."""
    lines = {
        "PENDING": await books.line(pending=True),
        "UNDECIDED": await books.line(-1, undecided_at=NOW),
        "EXCLUDED": await books.line(),
        "RECONCILED": await books.line(-500),
        "HISTORY": await books.line(dated_on=START),
        "TO_CHECK": await books.line(-2, to_check_at=NOW),
        "REVIEW": await books.line(-3),
    }
    await excluded(books, lines["EXCLUDED"])
    await matched(books, lines["RECONCILED"])
    return lines


LINE = """
query($id: ID!) { bankTransaction(id: $id) {
  state toCheck comment bookable blockedReason
  amount { amount } reconciled { amount currency } remainder { amount currency }
  viewerCan { right allowed }
  exclusion { reason at by { kind name } }
  preparedCoding {
    memo amountChanged amount { amount } at by { name }
    lines { memo amount { amount currency } ledgerAccount { name } }
  }
  reviewItem { kind reportedOn reportedAmount { amount } raisedAt }
  matches {
    clearedOn ledgerAccount { name } act { kind actor { name } }
    bankItems { amount { amount } bankTransaction { description } }
  }
} }
"""


class TestOneLine:
    async def asked(self, books: Books, line: BankTransaction) -> dict[str, Any]:
        answer = await ask(books.viewer, LINE, id=line_id(line))
        found: dict[str, Any] = answer["bankTransaction"]
        return found

    async def test_what_is_said_of_another_organizations_line_stays_there(
        self, books: Books
    ) -> None:
        line = await books.line()
        await excluded(books, line)
        answer = await ask(await some_viewer(), LINE, id=line_id(line))
        assert answer == {"bankTransaction": None}

    async def test_a_line_to_review(self, books: Books) -> None:
        found = await self.asked(books, await books.line(comment="Which shop?"))
        assert found == {
            "state": "REVIEW",
            "toCheck": False,
            "comment": "Which shop?",
            "bookable": True,
            "blockedReason": None,
            "amount": {"amount": "-12.34"},
            "reconciled": {"amount": "0.00", "currency": "USD"},
            "remainder": {"amount": "-12.34", "currency": "USD"},
            "viewerCan": [{"right": "CODE", "allowed": True}],
            "exclusion": None,
            "preparedCoding": None,
            "reviewItem": None,
            "matches": [],
        }

    async def test_a_line_that_is_matched_in_part(self, books: Books) -> None:
        line = await books.line(-1000)
        await matched(books, line, -400)
        found = await self.asked(books, line)
        assert found["state"] == "REVIEW"
        assert found["bookable"]
        assert found["reconciled"]["amount"] == "-4.00"
        assert found["remainder"]["amount"] == "-6.00"
        assert found["matches"] == [
            {
                "clearedOn": "2026-03-09",
                "ledgerAccount": {"name": "Operating Account"},
                "act": {"kind": "MATCH", "actor": {"name": "Ada Abbott"}},
                "bankItems": [
                    {
                        "amount": {"amount": "-4.00"},
                        "bankTransaction": {"description": "Elm Street Coffee"},
                    }
                ],
            }
        ]

    async def test_a_line_that_is_excluded(self, books: Books) -> None:
        line = await books.line()
        await excluded(books, line)
        found = await self.asked(books, line)
        assert found["exclusion"] == {
            "reason": "Booked elsewhere",
            "at": "2026-03-10T15:30:00.000Z",
            "by": {"kind": "USER", "name": "Ada Abbott"},
        }
        assert found["blockedReason"] == "This line is excluded. Restore it first."

    async def test_how_somebody_means_to_book_a_pending_line(self, books: Books) -> None:
        line = await books.line(-900, pending=True)
        part = {
            "ledger_account_id": str(books.supplies.id),
            "amount_minor": -800,
            "memo": "Paper",
        }
        await PreparedCoding.create(
            bank_transaction_id=line.id,
            amount_minor=-800,
            coding={"memo": "Stationery", "lines": [part]},
            actor="SYSTEM:",
            prepared_at=NOW,
        )
        found = await self.asked(books, line)
        assert found["state"] == "PENDING"
        assert found["preparedCoding"] == {
            "memo": "Stationery",
            "amountChanged": True,
            "amount": {"amount": "-8.00"},
            "at": "2026-03-10T15:30:00.000Z",
            "by": {"name": "Counterfoil"},
            "lines": [
                {
                    "memo": "Paper",
                    "amount": {"amount": "-8.00", "currency": "USD"},
                    "ledgerAccount": {"name": "Office Supplies"},
                }
            ],
        }

    async def test_what_the_bank_changed_and_nobody_decided(self, books: Books) -> None:
        line = await books.line(undecided_at=NOW)
        reported = {"amount_minor": -1334, "currency": "USD", "exponent": 2}
        for resolved_at in (NOW, None):
            await ReviewItem.create(
                organization_id=books.organization.id,
                bank_transaction_id=line.id,
                kind=ReviewKind.CHANGED,
                reported={**reported, "dated_on": "2026-03-10"},
                refresh_id=line.last_refresh_id,
                raised_at=NOW,
                resolved_at=resolved_at,
            )
        found = await self.asked(books, line)
        assert found["state"] == "UNDECIDED"
        assert found["reviewItem"] == {
            "kind": "CHANGED",
            "reportedOn": "2026-03-10",
            "reportedAmount": {"amount": "-13.34"},
            "raisedAt": "2026-03-10T15:30:00.000Z",
        }

    async def test_who_may_not_code_is_told_so(self, books: Books) -> None:
        line = await books.line()
        reader = await books.clerk(Right.CODE)
        answer = await ask(
            reader,
            "query($id: ID!) { bankTransaction(id: $id) { bookable blockedReason } }",
            id=line_id(line),
        )
        assert answer["bankTransaction"] == {
            "bookable": True,
            "blockedReason": "This needs the right “code”. Ask an administrator for it.",
        }


class TestTheList:
    async def test_each_state_has_its_lines(self, books: Books) -> None:
        lines = await one_of_each_state(books)
        for state, line in lines.items():
            answer = await ask(
                books.viewer,
                """query($id: ID!, $state: BankTransactionState!) { bankAccount(id: $id) {
                  transactions(where: { state: { eq: $state } }) { nodes { id state } } } }""",
                id=account_id(books),
                state=state,
            )
            nodes = answer["bankAccount"]["transactions"]["nodes"]
            assert nodes == [{"id": line_id(line), "state": state}]

    async def test_fifty_lines_take_as_many_statements_as_two(self, books: Books) -> None:
        async def taken(first: int) -> int:
            with statements() as seen:
                answer = await ask(
                    books.viewer,
                    """query($id: ID!, $first: Int!) { bankAccount(id: $id) {
                      transactions(first: $first, where: { state: { in: [REVIEW, EXCLUDED] } }) {
                        nodes {
                          id state bookable blockedReason reconciled { amount }
                          exclusion { reason by { name } } preparedCoding { memo }
                          reviewItem { kind } matches { clearedOn act { actor { name } } }
                        } } } }""",
                    id=account_id(books),
                    first=first,
                )
            assert len(answer["bankAccount"]["transactions"]["nodes"]) == first
            return len(seen)

        for day in range(50):
            line = await books.line(-1000, dated_on=DAY + timedelta(days=day))
            if day % 3 == 0:
                await excluded(books, line)
            elif day % 3 == 1:
                await matched(books, line, -400)
        assert await taken(50) == await taken(3)


STANDING = """
query($id: ID!, $from: Date, $to: Date) { reconciliation(bankAccountId: $id, from: $from, to: $to) {
  bankAccount { name } startOn total openAmount { amount currency } olderOpen olderOpenFrom
  counts { review toCheck reconciled excluded undecided pending history }
} }
"""


def _from(day: date) -> dict[str, Any]:
    """`from` is Python's own word."""
    return {"from": str(day)}


class TestReconciliation:
    async def test_another_organizations_account_is_not_there(self, books: Books) -> None:
        await books.line()
        stranger = await some_viewer()
        assert await ask(stranger, STANDING, id=account_id(books)) == {"reconciliation": None}

    async def test_without_the_right_to_read_nothing_is_counted(self, books: Books) -> None:
        with pytest.raises(Refused) as refused:
            await ask(await books.clerk(Right.READ), STANDING, id=account_id(books))
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_an_account_without_lines_or_start(self, books: Books) -> None:
        account = await make_account(books.link, name="Till", currency="JPY", exponent=0)
        answer = await ask(books.viewer, STANDING, id=ids.encode("BankAccount", account.id))
        names = ("review", "toCheck", "reconciled", "excluded", "undecided", "pending", "history")
        assert answer["reconciliation"] == {
            "bankAccount": {"name": "Till"},
            "startOn": None,
            "total": 0,
            "openAmount": {"amount": "0", "currency": "JPY"},
            "olderOpen": 0,
            "olderOpenFrom": None,
            "counts": dict.fromkeys(names, 0),
        }

    async def test_what_stands_where(self, books: Books) -> None:
        await one_of_each_state(books)
        await books.line(-4, dated_on=DAY + timedelta(days=1))
        await books.line(-40, dated_on=DAY - timedelta(days=1))
        await books.line(-50, dated_on=DAY - timedelta(days=3), to_check_at=NOW)
        found = await ask(books.viewer, STANDING, id=account_id(books), **_from(DAY), to=str(DAY))
        assert found["reconciliation"] == {
            "bankAccount": {"name": "Operating"},
            "startOn": "2026-02-28",
            "total": 5,
            "openAmount": {"amount": "-0.06", "currency": "USD"},
            "olderOpen": 2,
            "olderOpenFrom": "2026-03-06",
            "counts": {
                "review": 1,
                "toCheck": 1,
                "reconciled": 1,
                "excluded": 1,
                "undecided": 1,
                "pending": 1,
                "history": 0,
            },
        }

    async def test_sums_beyond_what_a_database_counts_to(self, books: Books) -> None:
        for _ in range(11):
            await books.line(-(10**18 - 1))
        found = await ask(books.viewer, STANDING, id=account_id(books))
        assert found["reconciliation"]["openAmount"]["amount"] == "-109999999999999999.89"

    async def test_it_takes_few_statements(self, books: Books) -> None:
        with statements() as seen:
            await ask(books.viewer, STANDING, id=account_id(books), **_from(DAY))
        assert len(seen) == 3
