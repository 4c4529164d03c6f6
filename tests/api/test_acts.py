"""What was done in the books, as clients ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.reconciliation.models import Act, ActKind
from tests.api.asking import ask, some_viewer, statements
from tests.api.test_reconciliation import line_id, matched
from tests.fakes import NOW
from tests.reconciliation.conftest import Books, books

__all__ = ["books"]

ACTS = """
query($account: ID) { acts(bankAccountId: $account) { totalCount nodes {
  id kind actedAt undoneAt revision actor { name } bankAccount { name }
  parent { id } parts { kind } undoneBy { kind } bankTransactions { id }
} } }
"""


async def bulk(books: Books, *kinds: ActKind) -> Act:
    """A bulk of these parts."""
    facts: dict[str, Any] = {
        "organization_id": books.organization.id,
        "actor": "SYSTEM:",
        "acted_at": NOW + timedelta(seconds=1),
        "details": {},
    }
    whole = await Act.create(kind=ActKind.BULK, **facts)
    for kind in kinds:
        await Act.create(kind=kind, parent_id=whole.id, **facts)
    return whole


class TestActs:
    async def test_another_organizations_acts_are_not_there(self, books: Books) -> None:
        done = await matched(books, await books.line())
        stranger = await some_viewer()
        answer = await ask(
            stranger,
            "query($id: ID!) { act(id: $id) { id } node(id: $id) { id } acts { nodes { id } } }",
            id=ids.encode("Act", done.id),
        )
        assert answer == {"act": None, "node": None, "acts": {"nodes": []}}

    async def test_newest_first_with_what_they_changed(self, books: Books) -> None:
        line = await books.line()
        done = await matched(books, line)
        whole = await bulk(books, ActKind.BOOK, ActKind.MATCH)
        answer = await ask(books.viewer, ACTS)
        common: dict[str, Any] = {
            "undoneAt": None,
            "undoneBy": None,
            "parent": None,
            "revision": 1,
        }
        assert answer["acts"] == {
            "totalCount": 2,
            "nodes": [
                {
                    **common,
                    "id": ids.encode("Act", whole.id),
                    "actedAt": "2026-03-10T15:30:01.000Z",
                    "kind": "BULK",
                    "actor": {"name": "Counterfoil"},
                    "bankAccount": None,
                    "parts": [{"kind": "BOOK"}, {"kind": "MATCH"}],
                    "bankTransactions": [],
                },
                {
                    **common,
                    "id": ids.encode("Act", done.id),
                    "actedAt": "2026-03-10T15:30:00.000Z",
                    "kind": "MATCH",
                    "actor": {"name": "Ada Abbott"},
                    "bankAccount": {"name": "Operating"},
                    "parts": [],
                    "bankTransactions": [{"id": line_id(line)}],
                },
            ],
        }

    async def test_of_one_bank_account(self, books: Books) -> None:
        done = await matched(books, await books.line())
        await bulk(books)
        account = ids.encode("BankAccount", books.account.id)
        answer = await ask(books.viewer, ACTS, account=account)
        assert [node["id"] for node in answer["acts"]["nodes"]] == [ids.encode("Act", done.id)]

    async def test_many_take_as_many_statements_as_one(self, books: Books) -> None:
        async def taken() -> int:
            with statements() as seen:
                await ask(books.viewer, ACTS)
            return len(seen)

        await matched(books, await books.line())
        await bulk(books, ActKind.BOOK)
        few = await taken()
        for _ in range(10):
            await matched(books, await books.line())
            await bulk(books, ActKind.BOOK)
        assert await taken() == few


POST = """
mutation($input: CreateJournalEntryInput!) { createJournalEntry(input: $input) {
  act { id } journalEntry { id act { id kind } } errors { code field }
} }
"""


class TestWhatCanNotBeUndone:
    async def test_an_act_of_a_deleted_account_says_so(self, books: Books) -> None:
        done = await matched(books, await books.line())
        query, row_id = (
            "query($id: ID!) { act(id: $id) { blockedReason } }",
            ids.encode("Act", done.id),
        )
        before = await ask(books.viewer, query, id=row_id)
        await BankAccount.filter(id=books.account.id).update(deleted_at=NOW)
        after = await ask(books.viewer, query, id=row_id)
        assert before["act"] == {"blockedReason": None}
        assert after["act"] == {
            "blockedReason": "Its bank account was deleted. What was reconciled there stays."
        }


class TestTheActOfAnEntry:
    async def test_an_entry_names_the_act_that_made_it(self, books: Books) -> None:
        sides = ((books.checking, "-12.50"), (books.supplies, "12.50"))
        lines = [
            {"ledgerAccountId": ids.encode("LedgerAccount", account.id), "amount": amount}
            for account, amount in sides
        ]
        given = {"idempotencyKey": "posted-by-hand", "postedOn": "2026-03-02", "lines": lines}
        answer = await ask(books.viewer, POST, input=given)
        made = answer["createJournalEntry"]
        assert made["errors"] == []
        assert made["journalEntry"]["act"] == {"id": made["act"]["id"], "kind": "POST"}
