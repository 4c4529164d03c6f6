"""Journal entries as clients write and read them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.ledger.models import JournalEntry, LedgerAccount, LedgerAccountType
from counterfoil.reconciliation.models import EntryOrigin
from counterfoil.reconciliation.reversing import reverse
from counterfoil.viewer import Right, Viewer
from tests.api.asking import Refused, ask, services, some_viewer, statements
from tests.factories import (
    make_account,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
    make_viewer,
)

pytestmark = pytest.mark.usefixtures("database")

CREATE = """
mutation($input: CreateJournalEntryInput!) { createJournalEntry(input: $input) {
  replayed act { kind }
  journalEntry { id number fiscalYear state revision source total { amount currency }
    lines { position amount { amount currency } baseAmount { amount } memo
      ledgerAccount { number } cleared { amount } open { amount } }
    rates { currency rate rateOn source } actor { kind name } }
  errors { code field ... on PeriodLockedError { lockedUpTo hard } }
} }
"""
ALL = "{ journalEntries(first: 20) { nodes { %s } } }"
LIST = """
query($where: JournalEntryWhere, $orderBy: [JournalEntryOrder!], $search: String, $last: Int) {
  journalEntries(where: $where, orderBy: $orderBy, search: $search, last: $last) {
    totalCount nodes { number memo }
  }
}
"""


class Desk:
    """Somebody with accounts in US dollars (1000, 4000) and one in euros (1100)."""

    def __init__(self, viewer: Viewer, accounts: dict[str, LedgerAccount]) -> None:
        self.viewer, self._accounts = viewer, accounts

    @classmethod
    async def of(cls, viewer: Viewer) -> Desk:
        organization = await Organization.get(id=viewer.organization_id)
        accounts = {
            "1000": await make_ledger_account(organization, number="1000"),
            "1100": await make_ledger_account(organization, number="1100", currency="EUR"),
            "4000": await make_ledger_account(
                organization, number="4000", currency=None, type=LedgerAccountType.INCOME
            ),
        }
        return cls(viewer, accounts)

    def line(self, number: str, amount: str, **more: Any) -> dict[str, Any]:
        account_id = ids.encode("LedgerAccount", self._accounts[number].id)
        return {"ledgerAccountId": account_id, "amount": amount, **more}

    def input(self, amount: str = "12.34", **more: Any) -> dict[str, Any]:
        return {
            "idempotencyKey": f"the-key-{amount}-{len(more)}",
            "postedOn": "2026-03-02",
            "lines": [self.line("1000", amount), self.line("4000", f"-{amount}")],
            **more,
        }

    async def create(self, *amount: str, **more: Any) -> dict[str, Any]:
        given = self.input(*amount, **more)
        answer: dict[str, Any] = (await ask(self.viewer, CREATE, input=given))["createJournalEntry"]
        return answer


@pytest.fixture
async def desk() -> Desk:
    return await Desk.of(await some_viewer())


async def _change(viewer: Viewer, mutation: str, **given: Any) -> dict[str, Any]:
    """The answer of a mutation of one entry."""
    kind = mutation[0].upper() + mutation[1:]
    shown = (
        "discardedId"
        if mutation.startswith("discard")
        else ("journalEntry { number state memo reference revision lines { amount { amount } } }")
    )
    document = (
        f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {shown}"
        " errors { code field ... on ConflictError { current { id } } } } }"
    )
    answer: dict[str, Any] = (await ask(viewer, document, input=given))[mutation]
    return answer


class TestCreate:
    async def test_denied(self) -> None:
        reader = await make_viewer(await make_organization(), rights=(Right.READ, Right.ACCOUNTS))
        answer = await (await Desk.of(reader)).create()
        assert answer["errors"] == [{"code": "FORBIDDEN", "field": None}]
        assert (answer["journalEntry"], await JournalEntry.all().count()) == (None, 0)

    async def test_posted_with_everything_about_it(self, desk: Desk) -> None:
        answer = await desk.create(
            lines=[desk.line("1100", "10", memo="Fare"), desk.line("4000", "-12.50")],
            rates=[{"currency": "EUR", "rate": "1.25", "rateOn": "2026-03-02"}],
        )
        assert (answer["errors"], answer["replayed"], answer["act"]) == (
            [], False, {"kind": "POST"}
        )  # fmt: skip
        entry = answer["journalEntry"]
        del entry["id"]
        assert entry == {
            "number": "2026-0001",
            "fiscalYear": 2026,
            "state": "POSTED",
            "revision": 1,
            "source": "PERSON",
            "total": {"amount": "12.50", "currency": "USD"},
            "lines": [
                {
                    "position": 0,
                    "amount": {"amount": "10.00", "currency": "EUR"},
                    "baseAmount": {"amount": "12.50"},
                    "memo": "Fare",
                    "ledgerAccount": {"number": "1100"},
                    "cleared": {"amount": "0.00"},
                    "open": {"amount": "10.00"},
                },
                {
                    "position": 1,
                    "amount": {"amount": "-12.50", "currency": "USD"},
                    "baseAmount": {"amount": "-12.50"},
                    "memo": None,
                    "ledgerAccount": {"number": "4000"},
                    "cleared": {"amount": "0.00"},
                    "open": {"amount": "-12.50"},
                },
            ],
            "rates": [
                {"currency": "EUR", "rate": "1.25", "rateOn": "2026-03-02", "source": "TYPED"}
            ],
            "actor": {"kind": "USER", "name": "Ada Abbott"},
        }

    async def test_the_same_key_twice_is_one_entry(self, desk: Desk) -> None:
        first, again = await desk.create(), await desk.create()
        assert again["replayed"] is True
        assert again["journalEntry"] == first["journalEntry"]
        assert await JournalEntry.all().count() == 1

    async def test_errors_name_their_field(self, desk: Desk) -> None:
        wrong: list[tuple[dict[str, Any], list[str]]] = [
            ({"lines": [desk.line("1000", "1"), desk.line("4000", "-2")]}, ["lines"]),
            (
                {"lines": [desk.line("1000", "1.005"), desk.line("4000", "-1.005")]},
                ["lines", "0", "amount"],
            ),
            (
                {"lines": [desk.line("1000", "1"), {"ledgerAccountId": "no", "amount": "-1"}]},
                ["lines", "1", "ledgerAccountId"],
            ),
            ({"lines": [desk.line("1100", "1"), desk.line("4000", "-1")]}, ["rates"]),
            ({"memo": "x" * 501}, ["memo"]),
        ]
        for given, field in wrong:
            answer = await desk.create(**given)
            assert [error["field"] for error in answer["errors"]] == [field]
        assert await JournalEntry.all().count() == 0


class TestDrafts:
    async def _draft(self, desk: Desk) -> dict[str, Any]:
        answer = await desk.create(post=False)
        assert (answer["journalEntry"]["state"], answer["journalEntry"]["number"]) == (
            "DRAFT",
            None,
        )
        given: dict[str, Any] = {
            "journalEntryId": answer["journalEntry"]["id"],
            "expectedRevision": 1,
        }
        return given

    @pytest.mark.parametrize(
        "mutation", ["postJournalEntry", "editJournalEntry", "discardJournalEntry"]
    )
    async def test_denied(self, desk: Desk, mutation: str) -> None:
        given = await self._draft(desk)
        organization = await Organization.get(id=desk.viewer.organization_id)
        reader = await make_viewer(organization, rights=(Right.READ,))
        other = await some_viewer()
        if mutation == "postJournalEntry":
            given["idempotencyKey"] = "post-0001"
        for who, code in ((reader, "FORBIDDEN"), (other, "NOT_FOUND")):
            answer = await _change(who, mutation, **given)
            assert [error["code"] for error in answer["errors"]] == [code]
        stale = await _change(desk.viewer, mutation, **{**given, "expectedRevision": 7})
        assert stale["errors"] == [
            {
                "code": "CONFLICT",
                "field": ["expectedRevision"],
                "current": {"id": given["journalEntryId"]},
            }
        ]
        assert (await JournalEntry.get()).state == "DRAFT"

    async def test_changed_posted_and_then_fixed(self, desk: Desk) -> None:
        given = await self._draft(desk)
        lines = [desk.line("1000", "5"), desk.line("4000", "-5")]
        edited = await _change(
            desk.viewer, "editJournalEntry", **given, memo="Five", reference="R", lines=lines
        )
        assert edited["errors"] == []
        assert edited["journalEntry"]["lines"][0]["amount"]["amount"] == "5.00"
        given["expectedRevision"] = edited["journalEntry"]["revision"]
        keyed = {**given, "idempotencyKey": "post-0001"}
        posted = (await _change(desk.viewer, "postJournalEntry", **keyed))["journalEntry"]
        again = await _change(desk.viewer, "postJournalEntry", **keyed)
        assert (again["errors"], again["journalEntry"]) == ([], posted)
        assert (posted["number"], posted["memo"], posted["reference"]) == ("2026-0001", "Five", "R")
        given["expectedRevision"] = posted["revision"]
        fixed = await _change(desk.viewer, "editJournalEntry", **given, reference="S")
        assert [error["code"] for error in fixed["errors"]] == ["JOURNAL_ENTRY_POSTED"]
        noted = await _change(desk.viewer, "editJournalEntry", **given, memo=None)
        assert (noted["errors"], noted["journalEntry"]["memo"]) == ([], None)

    async def test_no_lines_are_other_than_the_same_lines(self, desk: Desk) -> None:
        given = await self._draft(desk)
        same = await _change(desk.viewer, "editJournalEntry", **given, lines=None, memo="Same")
        assert len(same["journalEntry"]["lines"]) == 2
        given["expectedRevision"] = same["journalEntry"]["revision"]
        none = await _change(desk.viewer, "editJournalEntry", **given, lines=[])
        assert (none["errors"], none["journalEntry"]["lines"]) == ([], [])

    async def test_discarded(self, desk: Desk) -> None:
        given = await self._draft(desk)
        answer = await _change(desk.viewer, "discardJournalEntry", **given)
        assert answer == {"discardedId": given["journalEntryId"], "errors": []}
        assert await JournalEntry.all().count() == 0


class TestImport:
    IMPORT = """
    mutation($input: ImportJournalEntriesInput!) { importJournalEntries(input: $input) {
      replayed errors { code field }
      results { index clientRef status journalEntry { externalId number source }
        errors { code field ... on JournalEntryDiffersError { differs current { id } } } }
    } }
    """

    async def _import(self, viewer: Viewer, *rows: dict[str, Any], key: str) -> dict[str, Any]:
        given = {"rows": list(rows), "idempotencyKey": key}
        answer: dict[str, Any] = await ask(viewer, self.IMPORT, input=given)
        imported: dict[str, Any] = answer["importJournalEntries"]
        return imported

    def _row(self, external_id: str, amount: str, **more: Any) -> dict[str, Any]:
        lines = [
            {"ledgerAccount": {"number": "1000"}, "amount": amount},
            {"ledgerAccount": {"number": "4000"}, "amount": f"-{amount}"},
        ]
        return {"externalId": external_id, "postedOn": "2026-03-02", "lines": lines, **more}

    async def test_denied(self) -> None:
        reader = await make_viewer(await make_organization(), rights=(Right.READ,))
        await Desk.of(reader)
        answer = await self._import(reader, self._row("e-1", "1"), key="key-0001")
        assert [error["code"] for error in answer["errors"]] == ["FORBIDDEN"]
        assert (answer["results"], await JournalEntry.all().count()) == ([], 0)

    async def test_a_result_for_each_row(self, desk: Desk) -> None:
        first = await self._import(
            desk.viewer,
            self._row("e-1", "1", clientRef="a"),
            self._row("e-2", "1.005"),
            key="key-0001",
        )
        assert first == {
            "replayed": False,
            "errors": [],
            "results": [
                {
                    "index": 0,
                    "clientRef": "a",
                    "status": "CREATED",
                    "journalEntry": {
                        "externalId": "e-1",
                        "number": "2026-0001",
                        "source": "IMPORT",
                    },
                    "errors": [],
                },
                {
                    "index": 1,
                    "clientRef": None,
                    "status": None,
                    "journalEntry": None,
                    "errors": [
                        {
                            "code": "INVALID_INPUT",
                            "field": ["rows", "1", "lines", "0", "amount"],
                        }
                    ],
                },
            ],
        }

    async def test_another_amount_names_what_differs(self, desk: Desk) -> None:
        await self._import(desk.viewer, self._row("e-1", "1"), key="key-0001")
        answer = await self._import(
            desk.viewer, self._row("e-1", "2", reference="R"), key="key-0002"
        )
        entry = await JournalEntry.get()
        assert answer["results"][0]["errors"] == [
            {
                "code": "JOURNAL_ENTRY_DIFFERS",
                "field": ["rows", "0", "externalId"],
                "differs": ["reference", "lines.0.amount", "lines.1.amount"],
                "current": {"id": ids.encode("JournalEntry", entry.id)},
            }
        ]


class TestLists:
    @pytest.fixture
    async def desk(self, desk: Desk) -> Desk:
        await desk.create("100", memo="Rent", postedOn="2026-03-05", contact="Elm")
        await desk.create("20", memo="Fee", postedOn="2026-03-01", externalId="e-9")
        await desk.create("7", memo="Idea", postedOn="2026-03-09", post=False)
        return desk

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({}, ["Idea", "Rent", "Fee"]),
            ({"last": 1}, ["Fee"]),
            ({"orderBy": [{"field": "NUMBER", "direction": "ASC"}]}, ["Rent", "Fee", "Idea"]),
            ({"orderBy": [{"field": "TOTAL"}]}, ["Rent", "Fee", "Idea"]),
            ({"search": "2026-0002"}, ["Fee"]),
            ({"search": "elm"}, ["Rent"]),
            ({"where": {"state": {"eq": "DRAFT"}}}, ["Idea"]),
            ({"where": {"source": {"in": ["IMPORT", "FEED"]}}}, []),
            ({"where": {"total": {"gte": "20", "lt": "100"}}}, ["Fee"]),
            ({"where": {"number": {"eq": "2026-0001"}}}, ["Rent"]),
            ({"where": {"number": {"isNull": True}}}, ["Idea"]),
            ({"where": {"postedOn": {"lte": "2026-03-05"}}}, ["Rent", "Fee"]),
            ({"where": {"externalId": {"eq": "e-9"}}}, ["Fee"]),
            ({"where": {"reversed": {"eq": True}}}, []),
        ],
        ids=str,
    )
    async def test_filters_orders_and_search(
        self, desk: Desk, asked: dict[str, Any], expected: list[str]
    ) -> None:
        answer = (await ask(desk.viewer, LIST, **asked))["journalEntries"]
        assert [node["memo"] for node in answer["nodes"]] == expected

    async def test_nobody_else_sees_them(self, desk: Desk) -> None:
        other = await some_viewer()
        assert (await ask(other, LIST))["journalEntries"] == {"totalCount": 0, "nodes": []}
        blind = await make_viewer(await make_organization(), rights=(Right.EXPORT,))
        with pytest.raises(Refused) as refused:
            await ask(blind, LIST)
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_statements_do_not_depend_on_the_number_of_entries(self, desk: Desk) -> None:
        fields = (
            "number total { amount } actor { name } reversedBy { number } reverses { number }"
            " bankTransactions { id } rates { rate } lines { ledgerAccount { number }"
            " amount { amount } journalEntry { number } }"
        )
        with statements() as few:
            await ask(desk.viewer, ALL % fields)
        for amount in range(1, 8):
            await desk.create(str(amount))
        with statements() as many:
            answer = await ask(desk.viewer, ALL % fields)
        assert len(answer["journalEntries"]["nodes"]) == 10
        assert len(few) == len(many) <= 9

    async def test_no_column_is_read_that_nobody_asked_for(self, desk: Desk) -> None:
        with statements() as seen:
            await ask(desk.viewer, ALL % "memo")
        [statement] = seen
        assert "memo" in statement
        assert "external_id" not in statement
        assert "journal_line" not in statement


class TestOne:
    async def test_an_entry_and_a_line_are_nodes(self, desk: Desk) -> None:
        created = (await desk.create())["journalEntry"]
        document = """query($id: ID!) { node(id: $id) { id
          ... on JournalEntry { number lines { id } }
          ... on JournalLine { position journalEntry { number } } }
          journalEntry(id: $id) { id } }"""
        found = await ask(desk.viewer, document, id=created["id"])
        assert found["node"]["number"] == "2026-0001"
        assert found["journalEntry"] == {"id": created["id"]}
        [first, _] = found["node"]["lines"]
        line = await ask(desk.viewer, document, id=first["id"])
        assert line["node"]["journalEntry"] == {"number": "2026-0001"}
        assert (await ask(await some_viewer(), document, id=created["id"]))["node"] is None

    async def test_it_is_among_the_changes(self, desk: Desk) -> None:
        await desk.create(memo="Told")
        answer = await ask(
            desk.viewer,
            "{ changes(types: [JOURNAL_ENTRY]) {"
            " nodes { node { ... on JournalEntry { memo } } } } }",
        )
        assert answer["changes"]["nodes"] == [{"node": {"memo": "Told"}}]

    async def test_the_bank_lines_that_it_was_made_from(self, desk: Desk) -> None:
        await desk.create()
        entry = await JournalEntry.get()
        organization = await Organization.get(id=desk.viewer.organization_id)
        link = await make_link(organization)
        shown = await make_line(await make_account(link), description="Shown")
        hidden_account = await make_account(link, hidden_at=entry.created_at)
        hidden = await make_line(hidden_account, description="Hidden")
        for line in (shown, hidden):
            await EntryOrigin.create(journal_entry_id=entry.id, bank_transaction_id=line.id)
        answer = await ask(desk.viewer, ALL % "bankTransactions { description state }")
        [node] = answer["journalEntries"]["nodes"]
        assert [line["description"] for line in node["bankTransactions"]] == ["Shown"]

    async def test_why_it_can_not_be_reversed(self, desk: Desk) -> None:
        await desk.create()
        asked = ALL % "reversalBlockedReason"
        assert (await ask(desk.viewer, asked))["journalEntries"]["nodes"] == [
            {"reversalBlockedReason": None}
        ]
        organization = await Organization.get(id=desk.viewer.organization_id)
        reader = await make_viewer(organization, rights=(Right.READ,))
        [node] = (await ask(reader, asked))["journalEntries"]["nodes"]
        assert "right" in node["reversalBlockedReason"]
        draft = await desk.create("3", post=False)
        assert draft["errors"] == []
        nodes = (await ask(desk.viewer, asked))["journalEntries"]["nodes"]
        assert {node["reversalBlockedReason"] for node in nodes} == {
            None,
            "A draft is not reversed. Change or discard it.",
        }

    async def test_a_reversal_and_what_it_took_back(self, desk: Desk) -> None:
        entry_id = (await desk.create())["journalEntry"]["id"]
        transactions = services().transactions
        async with transactions.begin(desk.viewer.organization_id) as uow:
            own_id = ids.decode(entry_id, "JournalEntry")
            await reverse(uow, desk.viewer, journal_entry_id=own_id, expected_revision=1, key=None)
        shown = "number reversalBlockedReason reverses { number } reversedBy { number }"
        [back, taken] = (await ask(desk.viewer, ALL % shown))["journalEntries"]["nodes"]
        assert (back["reverses"], back["reversedBy"]) == ({"number": "2026-0001"}, None)
        assert back["reversalBlockedReason"].startswith("It is a reversal itself.")
        assert (taken["reverses"], taken["reversedBy"]) == (None, {"number": "2026-0002"})
        assert taken["reversalBlockedReason"] == "It was reversed by entry 2026-0002."


BOOKS = (
    "{ books { baseCurrency fiscalYearStartsIn softLockOn hardLockOn firstOpenOn revision"
    " writeOffLimit { amount currency } lastRates { currency rate rateOn } } }"
)
LOCK = """
mutation($input: SetPeriodLockInput!) { setPeriodLock(input: $input) {
  books { softLockOn hardLockOn firstOpenOn revision }
  errors { code field ... on ConflictError { current { id } } }
} }
"""


class TestBooks:
    async def test_what_holds_when_nothing_was_set(self, desk: Desk) -> None:
        assert (await ask(desk.viewer, BOOKS))["books"] == {
            "baseCurrency": "USD",
            "fiscalYearStartsIn": 1,
            "softLockOn": None,
            "hardLockOn": None,
            "firstOpenOn": None,
            "revision": 1,
            "writeOffLimit": {"amount": "0.00", "currency": "USD"},
            "lastRates": [],
        }

    async def test_the_newest_rate_of_each_currency(self, desk: Desk) -> None:
        for rate, day, post in (("1.25", 2, True), ("1.5", 1, True), ("2", 3, False)):
            on = date(2026, 3, day).isoformat()
            await desk.create(
                rate,
                lines=[desk.line("1100", "1"), desk.line("4000", f"-{rate}")],
                rates=[{"currency": "EUR", "rate": rate, "rateOn": on}],
                post=post,
            )
        assert (await ask(desk.viewer, BOOKS))["books"]["lastRates"] == [
            {"currency": "EUR", "rate": "1.25", "rateOn": "2026-03-02"}
        ]

    async def test_denied(self) -> None:
        viewer = await make_viewer(await make_organization(), rights=set(Right) - {Right.LOCK})
        given = {"expectedRevision": 1, "softLockOn": "2026-02-28"}
        answer = (await ask(viewer, LOCK, input=given))["setPeriodLock"]
        assert [error["code"] for error in answer["errors"]] == ["FORBIDDEN"]
        assert (answer["books"], (await ask(viewer, BOOKS))["books"]["softLockOn"]) == (None, None)

    async def test_a_lock_that_is_left_out_stays(self, desk: Desk) -> None:
        soft = {"expectedRevision": 1, "softLockOn": "2026-02-28"}
        first = (await ask(desk.viewer, LOCK, input=soft))["setPeriodLock"]
        assert (first["errors"], first["books"]["softLockOn"]) == ([], "2026-02-28")
        hard = {"expectedRevision": 2, "hardLockOn": "2026-01-31"}
        second = (await ask(desk.viewer, LOCK, input=hard))["setPeriodLock"]
        assert second["books"] == {
            "softLockOn": "2026-02-28",
            "hardLockOn": "2026-01-31",
            "firstOpenOn": "2026-02-01",
            "revision": 3,
        }
        organization = await Organization.get(id=desk.viewer.organization_id)
        bookkeeper = await make_viewer(organization, rights=(Right.READ, Right.CODE))
        assert (await ask(bookkeeper, BOOKS))["books"]["firstOpenOn"] == "2026-03-01"
        stale = (await ask(desk.viewer, LOCK, input=hard))["setPeriodLock"]
        assert stale["errors"] == [
            {"code": "CONFLICT", "field": ["expectedRevision"], "current": None}
        ]

    async def test_a_locked_day_takes_no_entry(self, desk: Desk) -> None:
        lock = {"expectedRevision": 1, "hardLockOn": "2026-03-02"}
        await ask(desk.viewer, LOCK, input=lock)
        assert (await desk.create())["errors"] == [
            {
                "code": "PERIOD_LOCKED",
                "field": ["postedOn"],
                "lockedUpTo": "2026-03-02",
                "hard": True,
            }
        ]
