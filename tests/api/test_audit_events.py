"""The audit log as clients read it."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import counterfoil
from counterfoil.api import ids
from counterfoil.audit.operations import Facts, record
from counterfoil.ledger.locks import set_period_lock
from counterfoil.ledger.write_offs import set_write_off_limit
from counterfoil.viewer import Right, Viewer
from tests.api.asking import Refused, ask, some_viewer, statements
from tests.reconciliation.conftest import START, Books, books

__all__ = ["books"]

EVENTS = """
query($where: AuditEventWhere, $search: String, $first: Int, $after: Cursor) {
  auditEvents(where: $where, search: $search, first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage }
    nodes { sequence action }
  }
}
"""


async def recorded(
    books: Books,
    action: str,
    *,
    viewer: Viewer | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
) -> str:
    """An event about the checking account; its id for clients."""
    async with books.begin() as uow:
        event = await record(
            uow,
            viewer or books.viewer,
            action=action,
            object_type="BankAccount",
            object_id=books.account.id,
            before=before,
            after=after,
        )
    return ids.encode("AuditEvent", event.id)


def recorded_types() -> set[str]:
    """The types of objects that the source records events about, by their names."""
    calls = [
        node
        for path in Path(counterfoil.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    return {
        str(word.value.value)
        for call in calls
        for word in call.keywords
        if word.arg == "object_type" and isinstance(word.value, ast.Constant)
    }


class TestAuditEvents:
    def test_every_object_that_events_are_about_has_an_id(self) -> None:
        found = recorded_types()
        assert {"Act", "BankAccount", "Organization"} <= found
        assert [name for name in found if not ids.known(name)] == []

    async def test_settings_of_the_books_are_about_the_organization(self, books: Books) -> None:
        async with books.begin() as uow:
            await set_period_lock(
                uow, books.viewer, soft_lock_on=START, hard_lock_on=None, expected_revision=1
            )
        async with books.begin() as uow:
            await set_write_off_limit(uow, books.viewer, limit_minor=5, expected_revision=2)
        answer = await ask(books.viewer, "{ auditEvents { nodes { objectType objectId } } }")
        about = {
            "objectType": "Organization",
            "objectId": ids.encode("Organization", books.organization.id),
        }
        assert answer["auditEvents"]["nodes"] == [about, about]

    async def test_without_the_right_to_read_there_are_none(self, books: Books) -> None:
        await recorded(books, "updateBankAccount")
        with pytest.raises(Refused) as refused:
            await ask(await books.clerk(Right.READ), EVENTS)
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_another_organizations_are_not_there(self, books: Books) -> None:
        event_id = await recorded(books, "updateBankAccount")
        answer = await ask(
            await some_viewer(),
            "query($id: ID!) { node(id: $id) { id } auditEvents { nodes { id } } }",
            id=event_id,
        )
        assert answer == {"node": None, "auditEvents": {"nodes": []}}

    async def test_everything_of_one(self, books: Books) -> None:
        first = await recorded(books, "updateBankAccount")
        event_id = await recorded(
            books,
            "assignLedgerAccount",
            before={"ledger_account_id": None, "name": "Till", "start_on": None},
            after={
                "ledger_account_id": str(books.checking.id),
                "name": "Till",
                "start_on": "2026-02-28",
                "journal_entry_ids": [str(books.link.id)],
                "count": 2,
            },
        )
        answer = await ask(
            books.viewer,
            """query($id: ID!, $first: ID!) {
              first: node(id: $first) { ... on AuditEvent { hash previousHash } }
              node(id: $id) { ... on AuditEvent {
                sequence happenedAt actor { kind name } action objectType objectId requestId
                previousHash changes { name before after } } } }""",
            id=event_id,
            first=first,
        )
        assert answer["first"]["previousHash"] == "0" * 64
        assert answer["node"] == {
            "sequence": "2",
            "happenedAt": "2026-03-10T15:30:00.000Z",
            "actor": {"kind": "USER", "name": "Ada Abbott"},
            "action": "assignLedgerAccount",
            "objectType": "BankAccount",
            "objectId": ids.encode("BankAccount", books.account.id),
            "requestId": "request-1",
            "previousHash": answer["first"]["hash"],
            "changes": [
                {"name": "count", "before": None, "after": "2"},
                {
                    "name": "journalEntryIds",
                    "before": None,
                    "after": f'["{ids.encode("JournalEntry", books.link.id)}"]',
                },
                {
                    "name": "ledgerAccountId",
                    "before": None,
                    "after": ids.encode("LedgerAccount", books.checking.id),
                },
                {"name": "startOn", "before": None, "after": "2026-02-28"},
            ],
        }

    async def test_newest_first_page_by_page(self, books: Books) -> None:
        for name in ("one", "two", "three"):
            await recorded(books, name)
        answer = await ask(books.viewer, EVENTS, first=2)
        found = answer["auditEvents"]
        assert found["totalCount"] == 3
        assert [node["action"] for node in found["nodes"]] == ["three", "two"]
        await recorded(books, "four")
        rest = await ask(books.viewer, EVENTS, first=2, after=found["pageInfo"]["endCursor"])
        assert [node["sequence"] for node in rest["auditEvents"]["nodes"]] == ["1"]

    async def test_filters(self, books: Books) -> None:
        clerk = await books.clerk()
        await recorded(books, "undo")
        await recorded(books, "bookTransaction", viewer=clerk)
        await recorded(books, "bookTransaction", viewer=Viewer.system(books.organization.id))
        clerk_id = clerk.user_id
        assert clerk_id is not None
        account = ids.encode("BankAccount", books.account.id)
        later = (books.clock.now() + timedelta(seconds=1)).isoformat()
        for where, expected in (
            ({"action": {"eq": "undo"}}, ["1"]),
            ({"actor": {"eq": ids.encode("User", clerk_id)}}, ["2"]),
            ({"actor": {"isNull": True}}, ["3"]),
            ({"objectId": {"eq": account}, "objectType": {"eq": "BankAccount"}}, ["3", "2", "1"]),
            ({"objectId": {"eq": ids.encode("BankAccount", clerk_id)}}, []),
            ({"happenedAt": {"gte": later}}, []),
            ({"not": {"action": {"contains": "book"}}}, ["1"]),
        ):
            answer = await ask(books.viewer, EVENTS, where=where)
            found = [node["sequence"] for node in answer["auditEvents"]["nodes"]]
            assert found == expected, where
        answer = await ask(books.viewer, EVENTS, search="BOOK bank")
        assert [node["sequence"] for node in answer["auditEvents"]["nodes"]] == ["3", "2"]

    async def test_many_take_as_many_statements_as_one(self, books: Books) -> None:
        async def taken() -> int:
            with statements() as seen:
                await ask(books.viewer, "{ auditEvents { nodes { actor { name } action } } }")
            return len(seen)

        await recorded(books, "undo")
        few = await taken()
        for _ in range(10):
            await recorded(books, "undo", viewer=await books.clerk())
        assert await taken() == few
