"""The table of linked accounts as clients ask for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType
from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.links.models import BankLink, RefreshState
from counterfoil.links.status import LinkStatusCode
from counterfoil.viewer import ActorKind, Right, Viewer
from tests.api.asking import Refused, ask, some_viewer, statements
from tests.factories import (
    make_account,
    make_institution,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
    make_refresh,
    make_viewer,
)
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")

NAMES = """
query($where: BankAccountWhere, $orderBy: [BankAccountOrder!], $search: String) {
  bankAccounts(where: $where, orderBy: $orderBy, search: $search) { nodes { name } }
}
"""


async def _names(viewer: Viewer, **variables: Any) -> list[str]:
    answer = await ask(viewer, NAMES, **variables)
    return [node["name"] for node in answer["bankAccounts"]["nodes"]]


async def _organization(viewer: Viewer) -> Organization:
    return await Organization.get(id=viewer.organization_id)


async def _link(viewer: Viewer, **values: Any) -> BankLink:
    return await make_link(await _organization(viewer), **values)


class TestWhoSeesWhat:
    async def test_nobody_sees_anything_without_signing_in(self) -> None:
        with pytest.raises(Refused) as refused:
            await ask(None, NAMES)
        assert refused.value.codes == ["UNAUTHENTICATED"]

    async def test_a_member_without_the_right_to_read_sees_nothing(self) -> None:
        viewer = await make_viewer(await make_organization(), rights=(Right.BANKS,))
        await make_account(await _link(viewer))
        with pytest.raises(Refused) as refused:
            await ask(viewer, NAMES)
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_hidden_deleted_and_other_organizations_accounts_are_not_there(self) -> None:
        viewer, other = await some_viewer(), await some_viewer()
        link = await _link(viewer)
        await make_account(link, name="Shown")
        unseen = [
            await make_account(link, name="Hidden", hidden_at=NOW),
            await make_account(link, name="Deleted", deleted_at=NOW),
            await make_account(await _link(other), name="Theirs"),
        ]
        assert await _names(viewer) == ["Shown"]
        document = "query($id: ID!) { node(id: $id) { id } bankAccount(id: $id) { id } }"
        for account_id in [*(each.id for each in unseen), new_id()]:
            answer = await ask(viewer, document, id=ids.encode("BankAccount", account_id))
            assert answer == {"node": None, "bankAccount": None}

    async def test_hidden_accounts_are_no_siblings_and_are_not_counted(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        await make_account(link, name="Shown")
        await make_account(link, name="Hidden", hidden_at=NOW)
        answer = await ask(
            viewer,
            "{ bankAccounts { totalCount nodes { siblings { name }"
            " bankLink { accountCount accounts { name } } } } }",
        )
        assert answer["bankAccounts"] == {
            "totalCount": 1,
            "nodes": [
                {
                    "siblings": [{"name": "Shown"}],
                    "bankLink": {"accountCount": 1, "accounts": [{"name": "Shown"}]},
                }
            ],
        }


TWELVE = """
{ bankAccounts { nodes {
  aggregatorId name number bankLink { aggregatorId } type
  institution { name aggregatorId } status { code label severity detail activity action actor }
  nextUpdateAt lastUpdateAt currentBalance { amount { amount currency } kind asOf receivedAt }
  ledgerAccount { number name }
} } }
"""


class TestColumns:
    async def test_all_twelve(self) -> None:
        viewer = await some_viewer()
        organization = await _organization(viewer)
        bank = await make_institution(name="Elm Bank", aggregator_id=f"ins_{viewer.user_id}")
        link = await make_link(
            organization,
            institution_id=bank.id,
            last_good_at=NOW,
            last_update_at=NOW,
            next_update_at=datetime(2026, 3, 10, 21, 30, tzinfo=UTC),
        )
        ledger_account = await make_ledger_account(organization, number="2010", name="Visa")
        await make_account(
            link,
            name="Elm Visa",
            number="1881",
            type=AccountType.CREDIT_CARD,
            current_minor=-5,
            balance_as_of=NOW,
            balance_received_at=NOW,
            ledger_account_id=ledger_account.id,
        )
        [row] = (await ask(viewer, TWELVE))["bankAccounts"]["nodes"]
        row.pop("aggregatorId")
        assert row == {
            "name": "Elm Visa",
            "number": "1881",
            "bankLink": {"aggregatorId": link.aggregator_id},
            "type": "CREDIT_CARD",
            "institution": {"name": "Elm Bank", "aggregatorId": f"ins_{viewer.user_id}"},
            "status": {
                "code": "OK",
                "label": "All Data Received",
                "severity": "OK",
                "detail": "Everything that the bank offered is here.",
                "activity": "IDLE",
                "action": "NONE",
                "actor": "NOBODY",
            },
            "nextUpdateAt": "2026-03-10T21:30:00.000Z",
            "lastUpdateAt": "2026-03-10T15:30:00.000Z",
            "currentBalance": {
                "amount": {"amount": "-0.05", "currency": "USD"},
                "kind": "OWED",
                "asOf": "2026-03-10T15:30:00.000Z",
                "receivedAt": "2026-03-10T15:30:00.000Z",
            },
            "ledgerAccount": {"number": "2010", "name": "Visa"},
        }

    async def test_an_account_without_a_feed_has_the_status_manual(self) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer))
        account.bank_link_id = None
        await account.save()
        answer = await ask(
            viewer,
            "{ bankAccounts { nodes { name bankLink { id } institution { id } nextUpdateAt"
            " status { code label since } siblings { name } } } }",
        )
        assert answer["bankAccounts"]["nodes"] == [
            {
                "name": "Operating",
                "bankLink": None,
                "institution": None,
                "nextUpdateAt": None,
                "status": {"code": "MANUAL", "label": "No Feed", "since": None},
                "siblings": [{"name": "Operating"}],
            }
        ]

    async def test_the_refresh_under_way_is_the_activity_beside_the_status(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer, status_code=LinkStatusCode.BANK_DOWN)
        await make_account(link)
        await make_refresh(link, state=RefreshState.DONE)
        running = await make_refresh(link, state=RefreshState.RUNNING, lines=7)
        answer = await ask(
            viewer,
            "{ bankAccounts { nodes { status { code activity refresh { id lines state"
            " bankLink { status { refresh { id } } } } } } } }",
        )
        refresh_id = ids.encode("Refresh", running.id)
        assert answer["bankAccounts"]["nodes"][0]["status"] == {
            "code": "BANK_DOWN",
            "activity": "RUNNING",
            "refresh": {
                "id": refresh_id,
                "lines": 7,
                "state": "RUNNING",
                "bankLink": {"status": {"refresh": {"id": refresh_id}}},
            },
        }

    async def test_a_finished_refresh_names_the_one_under_way_as_its_logins(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        done = await make_refresh(link, state=RefreshState.DONE)
        running = await make_refresh(link, state=RefreshState.RUNNING)
        answer = await ask(
            viewer,
            "query($id: ID!) { refresh(id: $id) { id state"
            " bankLink { status { refresh { id state } } } } }",
            id=ids.encode("Refresh", done.id),
        )
        assert answer["refresh"] == {
            "id": ids.encode("Refresh", done.id),
            "state": "DONE",
            "bankLink": {
                "status": {"refresh": {"id": ids.encode("Refresh", running.id), "state": "RUNNING"}}
            },
        }

    async def test_amounts_have_exactly_the_digits_of_their_currency(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        amounts = [("USD", 2, 0), ("JPY", 0, 1200), ("BHD", 3, -1), ("USD", 2, 10**17)]
        for place, (currency, exponent, minor) in enumerate(amounts):
            await make_account(
                link, name=str(place), currency=currency, exponent=exponent, current_minor=minor
            )
        answer = await ask(
            viewer, "{ bankAccounts { nodes { currentBalance { amount { amount currency } } } } }"
        )
        shown = [each["currentBalance"]["amount"] for each in answer["bankAccounts"]["nodes"]]
        assert [(each["amount"], each["currency"]) for each in shown] == [
            ("0.00", "USD"),
            ("1200", "JPY"),
            ("-0.001", "BHD"),
            ("1000000000000000.00", "USD"),
        ]

    async def test_what_the_viewer_may_do_says_why_not(self) -> None:
        viewer = await make_viewer(await make_organization(), rights=(Right.READ, Right.BANKS))
        await make_account(await _link(viewer))
        answer = await ask(
            viewer, "{ bankAccounts { nodes { viewerCan { right allowed blockedReason } } } }"
        )
        assert answer["bankAccounts"]["nodes"][0]["viewerCan"] == [
            {"right": "BANKS", "allowed": True, "blockedReason": None},
            {
                "right": "ACCOUNTS",
                "allowed": False,
                "blockedReason": "This needs the right “accounts”. Ask an administrator for it.",
            },
        ]


class TestFilters:
    @pytest.fixture
    async def viewer(self) -> Viewer:
        viewer = await some_viewer()
        well = await _link(viewer)
        broken = await _link(viewer, status_code=LinkStatusCode.NEEDS_SIGN_IN)
        await make_account(well, name="Operating", memo="50% off_", current_minor=1050)
        await make_account(well, name="Yen", currency="JPY", exponent=0, current_minor=1000)
        await make_account(broken, name="Visa", type=AccountType.CREDIT_CARD, current_minor=None)
        return viewer

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            ({}, ["Operating", "Visa", "Yen"]),
            ({"name": {"eq": "visa"}}, []),
            ({"name": {"contains": "VIS"}}, ["Visa"]),
            ({"name": {"startsWith": "is"}}, []),
            ({"name": {"in": ["Yen", "Visa"]}}, ["Visa", "Yen"]),
            ({"name": {"in": []}}, []),
            ({"memo": {"ne": "50% off_"}}, ["Visa", "Yen"]),
            ({"memo": {"contains": "0%"}}, ["Operating"]),
            ({"memo": {"contains": "_"}}, ["Operating"]),
            ({"memo": {"isNull": True}}, ["Visa", "Yen"]),
            ({"not": {"memo": {"contains": "x"}}}, ["Operating", "Visa", "Yen"]),
            ({"status": {"eq": "NEEDS_SIGN_IN"}}, ["Visa"]),
            ({"type": {"ne": "BANK"}}, ["Visa"]),
            ({"currentBalance": {"gt": "10.49"}}, ["Operating", "Yen"]),
            ({"currentBalance": {"gt": "10.50"}}, ["Yen"]),
            ({"currentBalance": {"gte": "999.5", "lt": "1000.5"}}, ["Yen"]),
            ({"currentBalance": {"eq": "1000.000"}}, ["Yen"]),
            ({"currentBalance": {"eq": "10.505"}}, []),
            ({"not": {"currentBalance": {"eq": "10.505"}}}, ["Operating", "Visa", "Yen"]),
            ({"currentBalance": {"lt": "-999999999999999999"}}, []),
            ({"currentBalance": {"isNull": True}}, ["Visa"]),
            ({"or": []}, []),
            ({"and": []}, ["Operating", "Visa", "Yen"]),
            ({"or": [{"name": {"eq": "Yen"}}, {"memo": {"isNull": False}}]}, ["Operating", "Yen"]),
            ({"not": {"or": [{"name": {"eq": "Yen"}}, {"name": {"eq": "Visa"}}]}}, ["Operating"]),
            ({"id": {"eq": "nonsense"}}, []),
            ({"name": None}, ["Operating", "Visa", "Yen"]),
        ],
    )
    async def test_where(self, viewer: Viewer, where: dict[str, Any], expected: list[str]) -> None:
        assert await _names(viewer, where=where) == expected

    @pytest.mark.parametrize(
        ("search", "expected"),
        [
            ("", ["Operating", "Visa", "Yen"]),
            ("elm ye", ["Yen"]),
            ("ELM off_", ["Operating"]),
            ("maple", []),
        ],
    )
    async def test_search(self, viewer: Viewer, search: str, expected: list[str]) -> None:
        assert await _names(viewer, search=search) == expected

    @pytest.mark.parametrize(
        "where",
        [
            {"name": {"eq": None}},
            {"name": {"eq": "\0"}},
            {"name": {"eq": "x" * 501}},
            {"name": {"in": ["x"] * 1001}},
            {"or": [{"name": {"eq": "x"}}] * 101},
            {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}}}},
        ],
    )
    async def test_a_filter_that_is_none_is_refused(
        self, viewer: Viewer, where: dict[str, Any]
    ) -> None:
        with pytest.raises(Refused) as refused:
            await _names(viewer, where=where)
        assert refused.value.codes == ["INVALID_INPUT"]


class TestBounds:
    async def test_a_search_or_an_order_that_is_too_long(self) -> None:
        for asked in ({"search": "x" * 201}, {"orderBy": [{"field": "NAME"}] * 5}):
            with pytest.raises(Refused) as refused:
                await _names(await some_viewer(), **asked)
            assert refused.value.codes == ["INVALID_INPUT"]


class TestOrder:
    async def test_status_goes_by_its_label(self) -> None:
        viewer = await some_viewer()
        codes = [LinkStatusCode.RATE_LIMITED, LinkStatusCode.OK, LinkStatusCode.NEEDS_SIGN_IN]
        for code in codes:
            await make_account(await _link(viewer, status_code=code), name=code.value)
        assert await _names(viewer, orderBy=[{"field": "STATUS"}]) == [
            "OK",  # All Data Received
            "NEEDS_SIGN_IN",  # Sign-in Needed
            "RATE_LIMITED",  # Waiting
        ]

    async def test_balances_stand_by_currency_in_either_direction(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        for name, currency, minor in [
            ("u1", "USD", 1),
            ("none", "EUR", None),
            ("u2", "USD", 2),
            ("e3", "EUR", 3),
            ("e-4", "EUR", -4),
        ]:
            await make_account(link, name=name, currency=currency, current_minor=minor)
        by_balance = {"field": "CURRENT_BALANCE"}
        assert await _names(viewer, orderBy=[by_balance]) == ["e-4", "e3", "u1", "u2", "none"]
        downward = [{**by_balance, "direction": "DESC"}]
        assert await _names(viewer, orderBy=downward) == ["e3", "e-4", "u2", "u1", "none"]

    async def test_texts_go_by_code_point_with_ascii_letters_folded(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        for name in ["b", "A", "_", "Z", "a b", "Ä", "日"]:
            await make_account(link, name=name)
        assert await _names(viewer) == ["_", "A", "a b", "b", "Z", "Ä", "日"]


ROWS = """
{ bankAccounts { totalCount pageInfo { endCursor hasNextPage } nodes {
  id name type currentBalance { amount { amount } } status { label refresh { state } }
  institution { name } bankLink { id aggregatorId } ledgerAccount { number bankAccount { name } }
  siblings { id name }
  transactions(first: 2) { totalCount nodes { description bankAccount { name } } }
} } }
"""


class TestStatements:
    async def _rows(self, viewer: Viewer, number: int) -> None:
        organization = await _organization(viewer)
        for _ in range(number):
            link = await make_link(organization)
            ledger_account = await make_ledger_account(organization)
            await make_line(await make_account(link, ledger_account_id=ledger_account.id))

    async def test_a_page_is_one_statement_whatever_it_joins(self) -> None:
        viewer = await some_viewer()
        await self._rows(viewer, 3)
        plain = "{ bankAccounts { nodes { name status { label } institution { name } } } }"
        with statements() as seen:
            await ask(viewer, plain)
        assert len(seen) == 1

    async def test_the_number_of_statements_does_not_grow_with_the_rows(self) -> None:
        few, many = await some_viewer(), await some_viewer()
        await self._rows(few, 2)
        await self._rows(many, 12)
        with statements() as for_few:
            await ask(few, ROWS)
        with statements() as for_many:
            await ask(many, ROWS)
        assert len(for_few) == len(for_many) == 7

    async def test_every_account_gets_its_own_lines_in_their_order(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        accounts = {name: await make_account(link, name=name) for name in "abc"}
        for name in "ac":
            for day in (1, 3, 2):
                said = f"{name}{day}"
                await make_line(accounts[name], dated_on=date(2026, 3, day), description=said)
        document = """{ bankAccounts { nodes { transactions(first: 2) {
          totalCount nodes { description } pageInfo { hasNextPage endCursor } } } } }"""
        nodes = (await ask(viewer, document))["bankAccounts"]["nodes"]
        lists = [node["transactions"] for node in nodes]
        shown = [[each["description"] for each in found["nodes"]] for found in lists]
        assert shown == [["a3", "a2"], [], ["c3", "c2"]]
        assert [found["totalCount"] for found in lists] == [3, 0, 3]
        assert [found["pageInfo"]["hasNextPage"] for found in lists] == [True, False, True]
        rest = await ask(
            viewer,
            "query($id: ID!, $after: Cursor) { bankAccount(id: $id) {"
            " transactions(after: $after) { nodes { description } } } }",
            id=ids.encode("BankAccount", accounts["c"].id),
            after=lists[2]["pageInfo"]["endCursor"],
        )
        assert rest["bankAccount"]["transactions"]["nodes"] == [{"description": "c1"}]

    async def test_only_columns_that_are_asked_for_are_read(self) -> None:
        viewer = await some_viewer()
        await self._rows(viewer, 1)
        document = """
            query($no: Boolean!) { bankAccounts { ...Rows } }
            fragment Rows on BankAccountConnection { nodes { ... on Node { id } ...Row } }
            fragment Row on BankAccount { name memo @include(if: $no) number @skip(if: true) }
        """
        with statements() as seen:
            await ask(viewer, document, no=False)
        [statement] = seen
        chosen = statement.partition(" FROM ")[0]
        assert chosen == (
            'SELECT "bank_account".id AS "bank_account.id",'
            ' "bank_account".name AS "bank_account.name"'
        )
        assert " JOIN " not in statement

    async def test_counting_alone_reads_no_rows(self) -> None:
        viewer = await some_viewer()
        await self._rows(viewer, 3)
        with statements() as seen:
            answer = await ask(viewer, "{ bankAccounts { totalCount } }")
        assert answer["bankAccounts"]["totalCount"] == 3
        assert len(seen) == 1


UPDATE = """
mutation($input: UpdateBankAccountInput!) { updateBankAccount(input: $input) {
  bankAccount { name memo revision }
  errors { __typename code message field retryable
    ... on ConflictError { current { id ... on BankAccount { name revision } } }
    ... on ForbiddenError { right } }
} }
"""


class TestUpdateBankAccount:
    async def test_denied(self) -> None:
        viewer = await make_viewer(await make_organization(), rights=(Right.READ,))
        account = await make_account(await _link(viewer))
        asked = {
            "bankAccountId": ids.encode("BankAccount", account.id),
            "expectedRevision": 1,
            "name": "Mine",
        }
        answer = (await ask(viewer, UPDATE, input=asked))["updateBankAccount"]
        assert answer["bankAccount"] is None
        assert [(e["code"], e["right"]) for e in answer["errors"]] == [("FORBIDDEN", "BANKS")]
        assert (await BankAccount.get(id=account.id)).name == "Operating"

    async def test_renames_and_leaves_what_is_not_named(self) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer), memo="kept")
        asked = {
            "bankAccountId": ids.encode("BankAccount", account.id),
            "expectedRevision": 1,
            "name": "Till",
        }
        answer = await ask(viewer, UPDATE, input=asked)
        assert answer["updateBankAccount"] == {
            "bankAccount": {"name": "Till", "memo": "kept", "revision": 2},
            "errors": [],
        }

    async def test_a_stale_revision_is_a_conflict_with_the_account_as_it_is(self) -> None:
        viewer = await some_viewer()
        account = await make_account(await _link(viewer))
        account_id = ids.encode("BankAccount", account.id)
        asked = {"bankAccountId": account_id, "expectedRevision": 1, "name": "Till"}
        await ask(viewer, UPDATE, input=asked)
        [error] = (await ask(viewer, UPDATE, input={**asked, "name": "Safe"}))["updateBankAccount"][
            "errors"
        ]
        assert error["code"] == "CONFLICT"
        assert error["field"] == ["expectedRevision"]
        assert error["current"] == {"id": account_id, "name": "Till", "revision": 2}

    async def test_the_id_of_another_type_is_not_found(self) -> None:
        viewer = await some_viewer()
        link = await _link(viewer)
        asked = {"bankAccountId": ids.encode("BankLink", link.id), "expectedRevision": 1}
        [error] = (await ask(viewer, UPDATE, input=asked))["updateBankAccount"]["errors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["bankAccountId"])


async def test_a_token_without_a_person_is_a_viewer_too() -> None:
    viewer = await some_viewer()
    token = Viewer(viewer.organization_id, ActorKind.SYSTEM, None, frozenset({Right.READ}))
    answer = await ask(
        token, "{ viewer { organization { name } user { id } rights openLinkSessions { id } } }"
    )
    assert answer["viewer"] == {
        "organization": {"name": "Elm Street Hardware"},
        "user": None,
        "rights": ["READ"],
        "openLinkSessions": [],
    }
