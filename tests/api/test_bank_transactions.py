"""The lines of an account as clients ask for them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.viewer import Right, Viewer
from tests.api.asking import ask, some_viewer, statements
from tests.factories import make_account, make_line, make_link, make_organization, make_viewer
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")

LINES = """
query($id: ID!, $where: BankTransactionWhere, $orderBy: [BankTransactionOrder!], $search: String) {
  bankAccount(id: $id) { transactions(where: $where, orderBy: $orderBy, search: $search) {
    totalCount nodes { description }
  } }
}
"""


async def _account(viewer: Viewer, **values: Any) -> BankAccount:
    organization = await Organization.get(id=viewer.organization_id)
    return await make_account(await make_link(organization), **values)


async def _lines(viewer: Viewer, account: BankAccount, **variables: Any) -> list[str]:
    account_id = ids.encode("BankAccount", account.id)
    answer = await ask(viewer, LINES, id=account_id, **variables)
    found = answer["bankAccount"]["transactions"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["description"] for node in found["nodes"]]


class TestOneLine:
    async def test_what_is_withdrawn_or_of_an_account_that_is_not_shown_is_not_there(self) -> None:
        viewer, other = await some_viewer(), await some_viewer()
        hidden = await _account(viewer, hidden_at=NOW)
        for line in (
            await make_line(await _account(viewer), removed_at=NOW),
            await make_line(hidden),
            await make_line(await _account(other)),
        ):
            answer = await ask(
                viewer,
                "query($id: ID!) { bankTransaction(id: $id) { id } node(id: $id) { id } }",
                id=ids.encode("BankTransaction", line.id),
            )
            assert answer == {"bankTransaction": None, "node": None}

    async def test_everything_that_the_bank_says(self) -> None:
        viewer = await some_viewer()
        account = await _account(viewer, name="Till", currency="JPY", exponent=0)
        line = await make_line(
            account,
            aggregator_id="t-1",
            amount_minor=-1200,
            description="Elm Street Coffee",
            bank_description="ELM ST COFFEE 0042",
            counterparty="Elm Street",
            check_number="7",
            category="Food",
            occurred_on=date(2026, 3, 7),
        )
        answer = await ask(
            viewer,
            """query($id: ID!) { bankTransaction(id: $id) {
              bankAccount { name } aggregatorId pending datedOn postedOn occurredOn
              amount { amount currency } description bankDescription counterparty checkNumber
              category revision } }""",
            id=ids.encode("BankTransaction", line.id),
        )
        assert answer["bankTransaction"] == {
            "bankAccount": {"name": "Till"},
            "aggregatorId": "t-1",
            "pending": False,
            "datedOn": "2026-03-09",
            "postedOn": "2026-03-09",
            "occurredOn": "2026-03-07",
            "amount": {"amount": "-1200", "currency": "JPY"},
            "description": "Elm Street Coffee",
            "bankDescription": "ELM ST COFFEE 0042",
            "counterparty": "Elm Street",
            "checkNumber": "7",
            "category": "Food",
            "revision": 1,
        }


class TestTheList:
    @pytest.fixture
    async def viewer(self) -> Viewer:
        return await some_viewer()

    @pytest.fixture
    async def account(self, viewer: Viewer) -> BankAccount:
        account = await _account(viewer)
        for day, minor, text, pending in [
            (1, -100, "Rent", False),
            (2, 250, "Deposit", False),
            (3, -1, "Fee", True),
        ]:
            await make_line(
                account,
                dated_on=date(2026, 3, day),
                amount_minor=minor,
                description=text,
                pending=pending,
                counterparty="Landlord" if text == "Rent" else None,
            )
        await make_line(account, description="Withdrawn", removed_at=NOW)
        return account

    async def test_newest_first_pending_among_them_withdrawn_left_out(
        self, viewer: Viewer, account: BankAccount
    ) -> None:
        assert await _lines(viewer, account) == ["Fee", "Deposit", "Rent"]

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"where": {"datedOn": {"gte": "2026-03-02"}}}, ["Fee", "Deposit"]),
            ({"where": {"datedOn": {"gt": "2026-03-01", "lt": "2026-03-03"}}}, ["Deposit"]),
            ({"where": {"postedOn": {"isNull": True}}}, ["Fee"]),
            ({"where": {"pending": {"eq": False}}}, ["Deposit", "Rent"]),
            ({"where": {"not": {"postedOn": {"eq": "2026-03-01"}}}}, ["Fee", "Deposit"]),
            ({"where": {"amount": {"lte": "-0.01"}}}, ["Fee", "Rent"]),
            ({"where": {"amount": {"eq": "2.5"}}}, ["Deposit"]),
            ({"search": "land"}, ["Rent"]),
            ({"search": "land fee"}, []),
            ({"orderBy": [{"field": "AMOUNT", "direction": "ASC"}]}, ["Rent", "Fee", "Deposit"]),
            ({"orderBy": [{"field": "DESCRIPTION"}]}, ["Rent", "Fee", "Deposit"]),
        ],
    )
    async def test_filters_and_orders(
        self, viewer: Viewer, account: BankAccount, asked: dict[str, Any], expected: list[str]
    ) -> None:
        assert await _lines(viewer, account, **asked) == expected

    async def test_a_line_of_another_account_has_no_place_in_it(
        self, viewer: Viewer, account: BankAccount
    ) -> None:
        elsewhere = await make_line(await _account(viewer))
        for around in (ids.encode("BankTransaction", elsewhere.id), "nonsense"):
            answer = await ask(
                viewer,
                "query($id: ID!, $around: ID) { bankAccount(id: $id) {"
                " transactions(around: $around) { nodes { id } pageInfo { hasNextPage } } } }",
                id=ids.encode("BankAccount", account.id),
                around=around,
            )
            assert answer["bankAccount"]["transactions"] == {
                "nodes": [],
                "pageInfo": {"hasNextPage": False},
            }

    async def test_a_page_is_two_statements_with_its_account(
        self, viewer: Viewer, account: BankAccount
    ) -> None:
        with statements() as seen:
            await ask(
                viewer,
                "query($id: ID!) { bankAccount(id: $id) { name"
                " transactions { nodes { id amount { amount } } } } }",
                id=ids.encode("BankAccount", account.id),
            )
        assert len(seen) == 2


async def test_refreshes_are_denied_to_others_and_come_newest_first() -> None:
    viewer = await make_viewer(await make_organization(), rights=(Right.READ,))
    account = await _account(viewer)
    link_id = ids.encode("BankLink", account.bank_link_id or account.id)
    document = "query($id: ID!) { bankLink(id: $id) { refreshes { nodes { id } totalCount } } }"
    assert await ask(await some_viewer(), document, id=link_id) == {"bankLink": None}
    answer = await ask(viewer, document, id=link_id)
    assert answer["bankLink"]["refreshes"] == {"nodes": [], "totalCount": 0}
