"""The chart of accounts as clients write it: by hand, in rows, from a file."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.ledger.models import LedgerAccount
from counterfoil.viewer import Right, Viewer
from tests.api.asking import ask, some_viewer
from tests.factories import (
    make_account,
    make_ledger_account,
    make_link,
    make_organization,
    make_viewer,
)

pytestmark = pytest.mark.usefixtures("database")

SHOWN = "number name type currency active control externalId revision parent { number }"
ERRORS = "errors { code field ... on ConflictError { current { ... on LedgerAccount { name } } } }"
ROWS = f"""errors {{ code field }} results {{ index clientRef status
  ledgerAccount {{ {SHOWN} }} errors {{ code field message }} }}"""
EDIT = "mutation($input: %sInput!) { answer: %s(input: $input) { ledgerAccount { %s } %s } }"
CREATE = EDIT % ("CreateLedgerAccount", "createLedgerAccount", SHOWN, ERRORS)
UPDATE = EDIT % ("UpdateLedgerAccount", "updateLedgerAccount", SHOWN, ERRORS)
UPSERT = (
    f"mutation($input: UpsertLedgerAccountsInput!) {{"
    f" answer: upsertLedgerAccounts(input: $input) {{ {ROWS} }} }}"
)
IMPORT = (
    f"mutation($input: ImportLedgerAccountsInput!) {{"
    f" answer: importLedgerAccounts(input: $input) {{ {ROWS} }} }}"
)
CASH = {"number": "1000", "name": "Cash", "type": "ASSET"}


async def _answer(viewer: Viewer, document: str, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await ask(viewer, document, input=given))["answer"]
    return answer


def _codes(answer: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    return [(error["code"], error["field"]) for error in answer["errors"]]


async def _reader() -> Viewer:
    return await make_viewer(await make_organization(), rights=(Right.READ, Right.CODE))


@pytest.fixture
async def viewer() -> Viewer:
    return await some_viewer()


class TestCreate:
    async def test_denied(self) -> None:
        answer = await _answer(await _reader(), CREATE, **CASH)
        assert (answer["ledgerAccount"], _codes(answer)) == (None, [("FORBIDDEN", None)])
        assert await LedgerAccount.all().count() == 0

    async def test_with_everything(self, viewer: Viewer) -> None:
        await _answer(viewer, CREATE, **CASH)
        parent = await LedgerAccount.get()
        given = {
            "number": "1200",
            "name": "Receivable",
            "type": "ASSET",
            "currency": "EUR",
            "parentId": ids.encode("LedgerAccount", parent.id),
            "control": True,
            "externalId": "AR",
        }
        assert await _answer(viewer, CREATE, **given) == {
            "ledgerAccount": {
                "number": "1200",
                "name": "Receivable",
                "type": "ASSET",
                "currency": "EUR",
                "active": True,
                "control": True,
                "externalId": "AR",
                "revision": 1,
                "parent": {"number": "1000"},
            },
            "errors": [],
        }

    @pytest.mark.parametrize(
        ("given", "code", "field"),
        [
            ({"name": " "}, "INVALID_INPUT", "name"),
            ({"number": "9" * 21}, "INVALID_INPUT", "number"),
            ({"currency": "X:GOLD"}, "INVALID_INPUT", "currency"),
            ({"parentId": "nonsense"}, "NOT_FOUND", "parentId"),
            ({"number": "7777"}, "LEDGER_NUMBER_TAKEN", "number"),
            ({"externalId": "seven"}, "EXTERNAL_ID_TAKEN", "externalId"),
        ],
    )
    async def test_refusals_name_the_field(
        self, viewer: Viewer, given: dict[str, str], code: str, field: str
    ) -> None:
        organization = await Organization.get(id=viewer.organization_id)
        await make_ledger_account(organization, number="7777", external_id="seven")
        answer = await _answer(viewer, CREATE, **{**CASH, **given})
        assert _codes(answer) == [(code, [field])]
        assert await LedgerAccount.all().count() == 1


class TestUpdate:
    async def _account(self, viewer: Viewer, **values: Any) -> dict[str, Any]:
        organization = await Organization.get(id=viewer.organization_id)
        account = await make_ledger_account(organization, number="1000", **values)
        link = await make_link(organization)
        await make_account(link, ledger_account_id=account.id)
        account_id = ids.encode("LedgerAccount", account.id)
        return {"ledgerAccountId": account_id, "expectedRevision": 1}

    async def test_denied(self, viewer: Viewer) -> None:
        reader = await _reader()
        own = await self._account(reader)
        assert _codes(await _answer(reader, UPDATE, **own, name="New")) == [("FORBIDDEN", None)]
        foreign = await _answer(viewer, UPDATE, **own, name="New")
        assert _codes(foreign) == [("NOT_FOUND", ["ledgerAccountId"])]
        assert (await LedgerAccount.get()).revision == 1

    async def test_what_is_left_out_stays_and_null_takes_away(self, viewer: Viewer) -> None:
        given = await self._account(viewer, external_id="seven", name="Cash")
        answer = await _answer(viewer, UPDATE, **given, externalId=None, name=None, number="1001")
        assert answer["errors"] == []
        shown = answer["ledgerAccount"]
        assert (shown["externalId"], shown["name"], shown["number"]) == (None, "Cash", "1001")
        assert (shown["currency"], shown["revision"]) == ("USD", 2)

    async def test_a_conflict_shows_what_is_there_now(self, viewer: Viewer) -> None:
        given = await self._account(viewer)
        await _answer(viewer, UPDATE, **given, name="First")
        answer = await _answer(viewer, UPDATE, **given, name="Second")
        assert answer["errors"] == [
            {"code": "CONFLICT", "field": ["expectedRevision"], "current": {"name": "First"}}
        ]

    async def test_an_account_with_an_open_bank_account_stays_active(self, viewer: Viewer) -> None:
        given = await self._account(viewer)
        answer = await _answer(viewer, UPDATE, **given, active=False)
        assert _codes(answer) == [("LEDGER_ACCOUNT_IN_USE", ["active"])]


class TestUpsert:
    async def test_denied(self) -> None:
        answer = await _answer(await _reader(), UPSERT, rows=[CASH])
        assert (answer["results"], _codes(answer)) == ([], [("FORBIDDEN", None)])
        assert await LedgerAccount.all().count() == 0

    async def test_a_result_for_each_row(self, viewer: Viewer) -> None:
        part = {**CASH, "number": "1010", "parent": {"externalId": "c"}, "clientRef": "a"}
        whole = {**CASH, "externalId": "c"}
        bad = {**CASH, "number": "1020", "parent": {"number": "9"}}
        answer = await _answer(viewer, UPSERT, rows=[part, whole, bad])
        assert [
            (each["index"], each["clientRef"], each["status"]) for each in answer["results"]
        ] == [
            (0, "a", "CREATED"),
            (1, None, "CREATED"),
            (2, None, None),
        ]
        assert answer["results"][0]["ledgerAccount"]["parent"] == {"number": "1000"}
        assert _codes(answer["results"][2]) == [("NOT_FOUND", ["rows", "2", "parent"])]
        again = await _answer(viewer, UPSERT, rows=[part, {**whole, "control": True}])
        assert [each["status"] for each in again["results"]] == ["UNCHANGED", "UPDATED"]

    async def test_all_or_none(self, viewer: Viewer) -> None:
        answer = await _answer(viewer, UPSERT, rows=[CASH, {**CASH, "name": ""}], atomic=True)
        assert _codes(answer) == [("INVALID_INPUT", ["rows"])]
        assert [each["status"] for each in answer["results"]] == [None, None]
        assert await LedgerAccount.all().count() == 0


class TestImport:
    async def test_denied(self) -> None:
        answer = await _answer(await _reader(), IMPORT, csv="Number,Name,Type\n1,Cash,Asset\n")
        assert (answer["results"], _codes(answer)) == ([], [("FORBIDDEN", None)])
        assert await LedgerAccount.all().count() == 0

    async def test_a_file(self, viewer: Viewer) -> None:
        answer = await _answer(
            viewer,
            IMPORT,
            csv="Number,Name,Type,Parent\n1010,Till,asset,1000\n1000,Cash,asset,\n",
        )
        assert answer["errors"] == []
        [till, cash] = [each["ledgerAccount"] for each in answer["results"]]
        assert (till["parent"], cash["name"]) == ({"number": "1000"}, "Cash")

    async def test_what_is_wrong_in_it(self, viewer: Viewer) -> None:
        answer = await _answer(viewer, IMPORT, csv="Number,Name,Type\n1,Cash,Money\n2,Till,Asset\n")
        assert _codes(answer) == [("INVALID_INPUT", ["csv"])]
        [money, till] = answer["results"]
        assert money["errors"] == [
            {
                "code": "INVALID_INPUT",
                "field": ["csv", "2", "Type"],
                "message": "Line 2, Type: this must be one of Asset, Liability, Equity, Income, "
                "Expense.",
            }
        ]
        assert (till["errors"], till["status"]) == ([], None)
        assert await LedgerAccount.all().count() == 0

    async def test_what_is_no_chart(self, viewer: Viewer) -> None:
        answer = await _answer(viewer, IMPORT, csv="Hello")
        assert _codes(answer) == [("INVALID_INPUT", ["csv", "1"])]
