"""The chart of accounts as clients ask for it."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.ledger.models import LedgerAccountType
from counterfoil.viewer import Viewer
from tests.api.asking import ask, some_viewer
from tests.factories import (
    make_account,
    make_ledger_account,
    make_link,
)
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")

CHART = """
query($where: LedgerAccountWhere, $orderBy: [LedgerAccountOrder!], $search: String) {
  ledgerAccounts(where: $where, orderBy: $orderBy, search: $search) { nodes { number } }
}
"""


async def _organization(viewer: Viewer) -> Organization:
    return await Organization.get(id=viewer.organization_id)


class TestTheChart:
    @pytest.fixture
    async def viewer(self) -> Viewer:
        viewer = await some_viewer()
        organization = await _organization(viewer)
        cash = await make_ledger_account(organization, number="1000", name="Cash")
        await make_ledger_account(organization, number="1010", name="Till", parent_id=cash.id)
        await make_ledger_account(
            organization,
            number="2000",
            name="Visa",
            type=LedgerAccountType.LIABILITY,
            currency=None,
            inactive_at=NOW,
        )
        return viewer

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({}, ["1000", "1010", "2000"]),
            ({"where": {"active": {"eq": True}}}, ["1000", "1010"]),
            ({"where": {"active": {"eq": False}}}, ["2000"]),
            ({"where": {"currency": {"isNull": True}}}, ["2000"]),
            ({"where": {"type": {"in": ["ASSET", "EQUITY"]}}}, ["1000", "1010"]),
            ({"where": {"not": {"number": {"startsWith": "10"}}}}, ["2000"]),
            ({"orderBy": [{"field": "NAME", "direction": "DESC"}]}, ["2000", "1010", "1000"]),
            ({"search": "10 TILL"}, ["1010"]),
        ],
    )
    async def test_filters_and_orders(
        self, viewer: Viewer, asked: dict[str, Any], expected: list[str]
    ) -> None:
        answer = await ask(viewer, CHART, **asked)
        assert [node["number"] for node in answer["ledgerAccounts"]["nodes"]] == expected

    async def test_an_account_with_its_parent_and_its_bank_account(self, viewer: Viewer) -> None:
        link = await make_link(await _organization(viewer))
        answer = await ask(viewer, '{ ledgerAccounts(search: "Till") { nodes { id } } }')
        [till] = answer["ledgerAccounts"]["nodes"]
        row_id = ids.decode(till["id"], "LedgerAccount")
        await make_account(link, name="Elm Till", ledger_account_id=row_id)
        found = await ask(
            viewer,
            "query($id: ID!) { node(id: $id) { ... on LedgerAccount {"
            " number type active currency parent { number parent { number } }"
            " bankAccount { name } } } }",
            id=till["id"],
        )
        assert found["node"] == {
            "number": "1010",
            "type": "ASSET",
            "active": True,
            "currency": "USD",
            "parent": {"number": "1000", "parent": None},
            "bankAccount": {"name": "Elm Till"},
        }
