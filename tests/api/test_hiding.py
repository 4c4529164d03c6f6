"""Hiding an account, as clients do it."""

from __future__ import annotations

from datetime import date
from typing import Any

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.audit.models import AuditEvent
from counterfoil.kit.ids import new_id
from counterfoil.viewer import Right, Viewer
from tests.api.asking import ask, some_viewer
from tests.factories import make_ledger_account
from tests.reconciliation.conftest import Books, books

__all__ = ["books"]

HIDE = """
mutation($input: HideBankAccountInput!) { hideBankAccount(input: $input) {
  hiddenId errors { __typename code message field
    ... on ConflictError { current { id } } } } }
"""


async def hide(
    books: Books, *, viewer: Viewer | None = None, account_id: str | None = None, **given: Any
) -> dict[str, Any]:
    chosen = account_id or ids.encode("BankAccount", books.account.id)
    asked = {"bankAccountId": chosen, "expectedRevision": 1, **given}
    answer: dict[str, Any] = (await ask(viewer or books.viewer, HIDE, input=asked))[
        "hideBankAccount"
    ]
    return answer


async def is_shown(books: Books) -> bool:
    return await BankAccount.exists(id=books.account.id, hidden_at=None)


class TestHideBankAccount:
    async def test_without_the_right_it_is_forbidden(self, books: Books) -> None:
        reader = await books.clerk(Right.BANKS)
        answer = await hide(books, viewer=reader)
        assert (answer["hiddenId"], answer["errors"][0]["code"]) == (None, "FORBIDDEN")
        assert await is_shown(books)
        assert await AuditEvent.filter(action="hideBankAccount").count() == 0

    async def test_foreign_and_absent_ones_answer_alike(self, books: Books) -> None:
        absent = await hide(books, account_id=ids.encode("BankAccount", new_id()))
        assert await hide(books, viewer=await some_viewer()) == absent
        assert absent["errors"][0]["code"] == "NOT_FOUND"
        assert await is_shown(books)

    async def test_it_is_gone(self, books: Books) -> None:
        account_id = ids.encode("BankAccount", books.account.id)
        assert await hide(books) == {"hiddenId": account_id, "errors": []}
        found = await ask(
            books.viewer,
            "query($id: ID!) { bankAccount(id: $id) { id } bankAccounts { totalCount } }",
            id=account_id,
        )
        assert found == {"bankAccount": None, "bankAccounts": {"totalCount": 0}}

    async def test_while_lines_wait_it_asks_for_a_reason(self, books: Books) -> None:
        for number in range(2):
            await books.line(-100 - number)
        answer = await hide(books)
        [error] = answer["errors"]
        assert (error["code"], error["field"]) == ("LINES_WAITING", ["reason"])
        assert error["message"].startswith("2 lines wait for review in this account")
        assert await is_shown(books)
        assert (await hide(books, reason="Private"))["errors"] == []

    async def test_what_was_changed_since_comes_with_the_conflict(self, books: Books) -> None:
        answer = await hide(books, expectedRevision=99)
        [error] = answer["errors"]
        assert (error["code"], error["__typename"]) == ("CONFLICT", "ConflictError")
        assert error["current"] == {"id": ids.encode("BankAccount", books.account.id)}

    async def test_the_log_names_it_and_leads_nowhere(self, books: Books) -> None:
        await hide(books, reason="Private")
        found = await ask(
            books.viewer,
            """{ auditEvents(first: 1) { nodes {
            action objectId changes { name after } } } }""",
        )
        [event] = found["auditEvents"]["nodes"]
        assert (event["action"], event["objectId"]) == ("hideBankAccount", None)
        told = {each["name"]: each["after"] for each in event["changes"]}
        assert (told["name"], told["institution"], told["reason"]) == (
            "Operating",
            "Elm Bank",
            "Private",
        )


class TestAnAbsorbedAccount:
    """The id of a double goes on meaning the account that it turned out to be."""

    async def test_is_found_under_both_ids(self, books: Books) -> None:
        double = await books.tied_account(await make_ledger_account(books.organization))
        await BankAccount.filter(id=double.id).update(
            deleted_at=books.clock.now(), absorbed_by_id=books.account.id
        )
        kept, old = (ids.encode("BankAccount", each.id) for each in (books.account, double))
        found = await ask(
            books.viewer,
            """query($id: ID!) {
              node(id: $id) { id } bankAccount(id: $id) { id }
              reconciliation(bankAccountId: $id) { bankAccount { id } }
              acts(bankAccountId: $id) { totalCount }
            }""",
            id=old,
        )
        assert found["node"] == found["bankAccount"] == {"id": kept}
        assert found["reconciliation"] == {"bankAccount": {"id": kept}}
        answer = await hide(books, account_id=old)
        assert answer == {"hiddenId": kept, "errors": []}

    async def test_is_absent_once_that_one_is_hidden(self, books: Books) -> None:
        double = await books.tied_account(await make_ledger_account(books.organization))
        await BankAccount.filter(id=double.id).update(
            deleted_at=books.clock.now(), absorbed_by_id=books.account.id
        )
        await hide(books)
        found = await ask(
            books.viewer,
            "query($id: ID!) { node(id: $id) { id } }",
            id=ids.encode("BankAccount", double.id),
        )
        assert found == {"node": None}


class TestUntiedBecause:
    async def test_tells_why_it_came_back_without_its_ledger_account(self, books: Books) -> None:
        await BankAccount.filter(id=books.account.id).update(
            ledger_account_id=None,
            start_on=None,
            untied_because="The ledger account 1010 is kept by Payroll now.",
        )
        document = "query($id: ID!) { bankAccount(id: $id) { untiedBecause } }"
        account_id = ids.encode("BankAccount", books.account.id)
        found = await ask(books.viewer, document, id=account_id)
        assert found["bankAccount"]["untiedBecause"].startswith("The ledger account 1010")
        tied = await books.tied_account(
            await make_ledger_account(books.organization), start_on=date(2026, 2, 28)
        )
        found = await ask(books.viewer, document, id=ids.encode("BankAccount", tied.id))
        assert found["bankAccount"]["untiedBecause"] is None
