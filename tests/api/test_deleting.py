"""Deleting accounts and logins, as clients ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.links.models import BankLink, Deletion
from counterfoil.viewer import Right, Viewer
from tests.api.asking import Refused, ask, some_viewer
from tests.factories import make_account, make_line
from tests.fakes import NOW
from tests.reconciliation.acting import booked
from tests.reconciliation.conftest import Books, books, make_books

__all__ = ["books"]

_PREVIEW = """
query($accounts: [ID!], $link: ID) {
  deletionPreview(bankAccountIds: $accounts, bankLinkId: $link) {
    token aggregatorKeeps endedLinks { name } siblings { name }
    accounts {
      erasedCount keptCount bankAccount { name }
      months { month lineCount sum { amount currency } }
    }
  }
}
"""
_RECEIPT = """
id actor { name } deletedAt linkNames
accounts { bankAccountId name number erasedCount keptCount
  months { month lineCount sum { amount currency } } }
"""
_DELETED = f"""
deletion {{ {_RECEIPT} }} replayed
errors {{
  __typename code message field
  ... on ForbiddenError {{ right }}
  ... on DeletionOutdatedError {{ preview {{ token accounts {{ erasedCount }} }} }}
}}
"""
KEY = "a-key-of-this-client"


def account_id(account: BankAccount) -> str:
    return ids.encode("BankAccount", account.id)


def link_id(link: BankLink) -> str:
    return ids.encode("BankLink", link.id)


async def previewed(books: Books, *, viewer: Viewer | None = None, **given: Any) -> Any:
    return (await ask(viewer or books.viewer, _PREVIEW, **given))["deletionPreview"]


async def deleted(
    books: Books, mutation: str, *, viewer: Viewer | None = None, **given: Any
) -> Any:
    name = mutation[0].upper() + mutation[1:]
    document = (
        f"mutation($input: {name}Input!) {{ payload: {mutation}(input: $input) {{ {_DELETED} }} }}"
    )
    given = {"idempotencyKey": KEY, **given}
    return (await ask(viewer or books.viewer, document, input=given))["payload"]


async def refused(books: Books, mutation: str = "deleteBankAccounts", **given: Any) -> Any:
    """The one error of a deletion that is refused, of which nothing is left."""
    before = await books.written(), await BankAccount.all().values(), await BankLink.all().values()
    payload = await deleted(books, mutation, **{"token": "x", **given})
    assert payload["deletion"] is None
    after = await books.written(), await BankAccount.all().values(), await BankLink.all().values()
    assert after == before
    assert not await Deletion.all().exists()
    [error] = payload["errors"]
    return error


class TestDeletionPreview:
    async def test_it_needs_the_right(self, books: Books) -> None:
        with pytest.raises(Refused) as caught:
            await previewed(
                books, viewer=await books.clerk(Right.BANKS), accounts=[account_id(books.account)]
            )
        assert caught.value.codes == ["FORBIDDEN"]

    async def test_what_is_not_there_has_none(self, books: Books) -> None:
        theirs = await make_books()
        hidden = await make_account(books.link, hidden_at=NOW)
        for account in (theirs.account, hidden):
            mine = account_id(books.account)
            assert await previewed(books, accounts=[mine, account_id(account)]) is None
        assert await previewed(books, accounts=["nonsense"]) is None
        assert await previewed(books, link=link_id(theirs.link)) is None
        assert await previewed(books, link=account_id(books.account)) is None

    async def test_it_is_of_accounts_or_of_a_login(self, books: Books) -> None:
        both = {"accounts": [account_id(books.account)], "link": link_id(books.link)}
        wrong: list[dict[str, Any]] = [{}, both, {"accounts": []}]
        for given in wrong:
            with pytest.raises(Refused) as caught:
                await previewed(books, **given)
            assert caught.value.codes == ["INVALID_INPUT"]

    async def test_it_counts(self, books: Books) -> None:
        await booked(books, await books.line(-500))
        await books.line(-700)
        assert {**await previewed(books, accounts=[account_id(books.account)]), "token": ""} == {
            "token": "",
            "aggregatorKeeps": False,
            "endedLinks": [{"name": "Elm Bank"}],
            "siblings": [],
            "accounts": [
                {
                    "erasedCount": 1,
                    "keptCount": 1,
                    "bankAccount": {"name": "Operating"},
                    "months": [
                        {
                            "month": "2026-03",
                            "lineCount": 1,
                            "sum": {"amount": "-7.00", "currency": "USD"},
                        }
                    ],
                }
            ],
        }

    async def test_the_id_of_a_double_means_the_account(self, books: Books) -> None:
        double = await make_account(
            books.link, deleted_at=NOW, absorbed_by_id=books.account.id, bank_link_id=None
        )
        given = [account_id(double), account_id(books.account)]
        found = await previewed(books, accounts=given)
        assert [one["bankAccount"] for one in found["accounts"]] == [{"name": "Operating"}]

    async def test_it_names_the_siblings_that_stay(self, books: Books) -> None:
        await make_account(books.link, name="Savings")
        found = await previewed(books, accounts=[account_id(books.account)])
        assert (found["endedLinks"], found["siblings"]) == ([], [{"name": "Savings"}])
        assert found["aggregatorKeeps"] is True


class TestDeleteBankAccounts:
    async def test_without_the_right_nothing_is_deleted(self, books: Books) -> None:
        error = await refused(
            books,
            viewer=await books.clerk(Right.BANKS),
            bankAccountIds=[account_id(books.account)],
        )
        assert (error["code"], error["right"]) == ("FORBIDDEN", "BANKS")

    async def test_another_organizations_account_is_not_found(self, books: Books) -> None:
        theirs = await make_books()
        given = [account_id(books.account), account_id(theirs.account)]
        error = await refused(books, bankAccountIds=given)
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["bankAccountIds"])

    async def test_what_changed_since_the_preview_is_shown_again(self, books: Books) -> None:
        mine = [account_id(books.account)]
        token = (await previewed(books, accounts=mine))["token"]
        await make_line(books.account)
        error = await refused(books, bankAccountIds=mine, token=token)
        assert (error["code"], error["field"]) == ("PREVIEW_OUTDATED", ["token"])
        assert error["__typename"] == "DeletionOutdatedError"
        now = await previewed(books, accounts=mine)
        assert error["preview"] == {"token": now["token"], "accounts": [{"erasedCount": 1}]}

    async def test_the_receipt_stays_readable(self, books: Books) -> None:
        await booked(books, await books.line(-500))
        await books.line(-700)
        mine = [account_id(books.account)]
        token = (await previewed(books, accounts=mine))["token"]
        payload = await deleted(books, "deleteBankAccounts", bankAccountIds=mine, token=token)
        assert (payload["errors"], payload["replayed"]) == ([], False)
        receipt = payload["deletion"]
        assert receipt["linkNames"] == ["Elm Bank"]
        assert receipt["actor"] == {"name": "Ada Abbott"}
        assert receipt["deletedAt"] == "2026-03-10T15:30:00.000Z"
        [account] = receipt["accounts"]
        assert (account["bankAccountId"], account["name"]) == (mine[0], "Operating")
        assert (account["erasedCount"], account["keptCount"]) == (1, 1)
        assert account["months"] == [
            {"month": "2026-03", "lineCount": 1, "sum": {"amount": "-7.00", "currency": "USD"}}
        ]
        again = await deleted(books, "deleteBankAccounts", bankAccountIds=mine, token=token)
        assert (again["replayed"], again["deletion"]) == (True, receipt)
        read = await ask(
            books.viewer,
            f"query($id: ID!) {{ node(id: $id) {{ ... on Deletion {{ {_RECEIPT} }} }}"
            f" deletions {{ totalCount nodes {{ {_RECEIPT} }} }} }}",
            id=receipt["id"],
        )
        assert read == {"node": receipt, "deletions": {"totalCount": 1, "nodes": [receipt]}}
        other = await some_viewer()
        read = await ask(
            other,
            "query($id: ID!) { node(id: $id) { id } deletions { nodes { id } } }",
            id=receipt["id"],
        )
        assert read == {"node": None, "deletions": {"nodes": []}}

    async def test_afterwards_it_is_as_if_it_never_was(self, books: Books) -> None:
        mine = [account_id(books.account)]
        token = (await previewed(books, accounts=mine))["token"]
        await deleted(books, "deleteBankAccounts", bankAccountIds=mine, token=token)
        read = await ask(
            books.viewer,
            "query($account: ID!, $link: ID!) { bankAccount(id: $account) { id }"
            " bankLink(id: $link) { id } bankAccounts { totalCount } bankLinks { totalCount } }",
            account=mine[0],
            link=link_id(books.link),
        )
        assert read == {
            "bankAccount": None,
            "bankLink": None,
            "bankAccounts": {"totalCount": 0},
            "bankLinks": {"totalCount": 0},
        }
        payload = await deleted(
            books,
            "deleteBankAccounts",
            bankAccountIds=mine,
            token=token,
            idempotencyKey="other-key",
        )
        assert payload["errors"][0]["code"] == "NOT_FOUND"


class TestDeleteBankLink:
    async def test_another_organizations_login_is_not_found(self, books: Books) -> None:
        theirs = await make_books()
        error = await refused(books, "deleteBankLink", bankLinkId=link_id(theirs.link))
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["bankLinkId"])

    async def test_it_takes_all_its_accounts_along(self, books: Books) -> None:
        await make_account(books.link, name="Savings")
        mine = link_id(books.link)
        token = (await previewed(books, link=mine))["token"]
        payload = await deleted(books, "deleteBankLink", bankLinkId=mine, token=token)
        assert payload["errors"] == []
        names = {account["name"] for account in payload["deletion"]["accounts"]}
        assert names == {"Operating", "Savings"}
        assert not await BankAccount.filter(deleted_at=None).exists()
