"""A hidden account, and a deleted one: whatever is asked, the answer is that of an absent one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.audit.operations import record
from counterfoil.kit.ids import new_id
from counterfoil.links.models import Deletion
from counterfoil.reconciliation.models import Act, ActKind, Match
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from tests.api.asking import Refused, ask
from tests.api.bookkeeping import ERRORS, KEY, journal_line_id, ledger_id, line_id
from tests.factories import make_account, make_ledger_account
from tests.fakes import NOW
from tests.reconciliation.acting import booked, excluded
from tests.reconciliation.conftest import Books, books

__all__ = ["books"]

_QUERIES = {
    "account": ("query($id: ID!) { node(id: $id) { id } bankAccount(id: $id) { id } }", "account"),
    "line": (
        """query($id: ID!) { node(id: $id) { id } bankTransaction(id: $id) {
        state matches { id } suggestions { id } possibleDuplicates { id } reviewItem { id }
        exclusion { reason } preparedCoding { memo } } }""",
        "line",
    ),
    "how far it is": (
        """query($id: ID!) { reconciliation(bankAccountId: $id) {
        total olderOpen counts { review reconciled } openAmount { amount } } }""",
        "account",
    ),
    "open lines": (
        """query($id: ID!) { openJournalLines(bankAccountId: $id) {
        totalCount nodes { id } } }""",
        "account",
    ),
    "acts": (
        """query($id: ID!) { acts(bankAccountId: $id) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } }""",
        "account",
    ),
    "undoing": ("query($id: ID!) { undoPreview(actId: $id) { token effects { text } } }", "act"),
    "tying": (
        """query($id: ID!, $ledger: ID!) { tyingPreview(
        bankAccountId: $id, ledgerAccountId: $ledger, startOn: "2026-02-28"
        ) { historyCount } }""",
        "account",
    ),
    "what was done to it": (
        """query($id: ID!) { auditEvents(where: { objectId: { eq: $id } }) {
        totalCount nodes { id } } }""",
        "account",
    ),
    "lines around one": (
        """query($id: ID!, $seen: ID!) { bankAccount(id: $seen) {
        transactions(around: $id) { totalCount nodes { id } } } }""",
        "line",
    ),
}


_OF_DELETED = ("undo", "undoing")  # these say why what was done to a deleted one stays
_WITHOUT_KEY = ("annotateTransaction", "updateBankAccount", "hideBankAccount")
_ROWS = "results { errors { code field message } bankTransaction { id } act { id } }"


@dataclass
class Shop:
    """Books with a second account, of which some is done, and which is then shown no more."""

    books: Books
    gone: BankAccount
    names: dict[str, str]
    given: dict[str, dict[str, Any]]
    hidden: bool

    def asks(self, what: str) -> bool:
        return self.hidden or what not in _OF_DELETED

    async def kept(self) -> dict[str, Any]:
        """All that acts write, but for the positions that even a refusal may take."""
        return {**await self.books.written(), "Change": None}

    def absent(self, kind: str) -> str:
        tag = {"account": "BankAccount", "line": "BankTransaction", "act": "Act"}
        return ids.encode(tag.get(kind, "ReviewItem"), new_id())

    async def answer(self, document: str, name: str) -> object:
        try:
            return await ask(
                self.books.viewer,
                document,
                id=name,
                ledger=ledger_id(self.books.supplies),
                seen=ids.encode("BankAccount", self.books.account.id),
            )
        except Refused as refused:
            return [(str(error), error.path, refused.codes) for error in refused.errors]

    async def errors(self, mutation: str, given: dict[str, Any]) -> object:
        name = mutation[0].upper() + mutation[1:]
        selection = f"{ERRORS} {_ROWS}" if mutation == "acceptSuggestions" else ERRORS
        document = (
            f"mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} }} }}"
        )
        return await ask(self.books.viewer, document, input=given)


@pytest.fixture(params=["hidden_at", "deleted_at"])
async def shop(books: Books, request: pytest.FixtureRequest) -> Shop:
    ledger = await make_ledger_account(books.organization, name="Old Card")
    gone = await books.tied_account(ledger)
    done, left = await books.line(account=gone), await books.line(-500, account=gone)
    act = await booked(books, done)
    await excluded(books, await books.line(-700, account=gone))
    item = await ReviewItem.create(
        organization_id=books.organization.id,
        bank_transaction_id=done.id,
        kind=ReviewKind.WITHDRAWN,
        refresh_id=done.last_refresh_id,
        raised_at=NOW,
    )
    await BankAccount.filter(id=gone.id).update(**{request.param: NOW})
    names = {
        "account": ids.encode("BankAccount", gone.id),
        "line": line_id(left),
        "act": ids.encode("Act", act.id),
        "item": ids.encode("ReviewItem", item.id),
    }
    hidden = request.param == "hidden_at"
    return Shop(books, gone, names, await asked_of(books), hidden)


async def asked_of(books: Books) -> dict[str, dict[str, Any]]:
    """What every mutation is asked about a line, an account, an act or a review item."""
    seen = await books.line(500)
    part = {"ledgerAccountId": ledger_id(books.supplies), "amount": "-5.00"}
    line = {"bankTransactionId": "line", "expectedRevision": 1}
    own = {"bankTransactionId": line_id(seen), "expectedRevision": 1}
    entry = (await books.entry(-500)).lines[0]
    return {
        "bookTransaction": {**line, "lines": [part]},
        "transferTransaction": {**line, "ledgerAccountId": ledger_id(books.checking)},
        "transferTransaction to it": {
            **own,
            "otherTransactionId": "line",
            "otherExpectedRevision": 1,
        },
        "matchTransactions": {
            "bankItems": [line],
            "journalItems": [{"journalLineId": journal_line_id(entry)}],
        },
        "excludeTransactions": {"items": [line], "reason": "Private"},
        "restoreTransactions": {"items": [line]},
        "annotateTransaction": {**line, "comment": "Whose is this?"},
        "acceptSuggestions": {"rows": [{**line, "suggestionId": "x"}]},
        "undo": {"actId": "act", "token": "x"},
        "keepOurs": {"reviewItemId": "item", "reason": "The bank is wrong"},
        "acceptBankChange": {"reviewItemId": "item", "expectedRevision": 1},
        "adjustBankChange": {
            "reviewItemId": "item",
            "expectedRevision": 1,
            "ledgerAccountId": ledger_id(books.supplies),
        },
        "rebookBankChange": {"reviewItemId": "item", "expectedRevision": 1},
        "markDuplicate": {
            "reviewItemId": "item",
            "expectedRevision": 1,
            "bankTransactionId": line_id(seen),
        },
        "assignLedgerAccount": {"bankAccountId": "account", "expectedRevision": 1},
        "updateBankAccount": {"bankAccountId": "account", "expectedRevision": 1, "name": "Mine"},
        "hideBankAccount": {"bankAccountId": "account", "expectedRevision": 1, "reason": "Old"},
    }


def named(given: Any, names: dict[str, str]) -> Any:
    """An input with ids in the places of the words for them."""
    if isinstance(given, dict):
        return {key: named(value, names) for key, value in given.items()}
    if isinstance(given, list):
        return [named(value, names) for value in given]
    return names.get(given, given) if isinstance(given, str) else given


class TestWhatIsShownNoMore:
    async def test_every_query_answers_as_of_an_absent_one(self, shop: Shop) -> None:
        for what, (document, kind) in _QUERIES.items():
            if not shop.asks(what):
                continue
            answer = await shop.answer(document, shop.names[kind])
            assert answer == await shop.answer(document, shop.absent(kind)), what

    async def test_every_mutation_answers_as_of_an_absent_one(self, shop: Shop) -> None:
        before = await shop.kept()
        absent = {kind: shop.absent(kind) for kind in shop.names}
        for what, given in shop.given.items():
            mutation = what.split()[0]
            if not shop.asks(mutation):
                continue
            if mutation not in _WITHOUT_KEY:
                given = {**given, "idempotencyKey": KEY}
            told = await shop.errors(mutation, named(given, shop.names))
            assert told == await shop.errors(mutation, named(given, absent)), what
            assert "NOT_FOUND" in str(told) or "SUGGESTION_OUTDATED" in str(told), what
        assert await shop.kept() == before

    async def test_what_stays_in_the_books_does_not_lead_there(self, shop: Shop) -> None:
        [made] = await Match.all()
        [act] = await Act.filter(id=made.act_id)
        answer = await ask(
            shop.books.viewer,
            """query($match: ID!, $act: ID!) {
              match: node(id: $match) { ... on Match {
                bankItems { amount { amount } }
                journalItems { journalLine { journalEntry { bankTransactions { id } } } } } }
              act: node(id: $act) { ... on Act {
                bankAccount { id } bankTransactions { id }
                journalEntries { number bankTransactions { id } } } }
              bankAccounts { nodes { id } }
              reviewItems(open: null) { totalCount nodes { id } }
              ledgerAccounts(search: "Old Card") { nodes { bankAccount { id } } }
            }""",
            match=ids.encode("Match", made.id),
            act=ids.encode("Act", act.id),
        )
        assert answer == {
            "match": {
                "bankItems": [],
                "journalItems": [{"journalLine": {"journalEntry": {"bankTransactions": []}}}],
            },
            "act": None
            if shop.hidden
            else {
                "bankAccount": None,
                "bankTransactions": [],
                "journalEntries": [{"number": "2026-0001", "bankTransactions": []}],
            },
            "bankAccounts": {"nodes": [{"id": ids.encode("BankAccount", shop.books.account.id)}]},
            "reviewItems": {"totalCount": 0, "nodes": []},
            "ledgerAccounts": {"nodes": [{"bankAccount": None}]},
        }

    async def test_no_transfer_to_it_is_suggested(self, shop: Shop) -> None:
        [seen] = await BankTransaction.filter(bank_account_id=shop.books.account.id)
        answer = await ask(
            shop.books.viewer,
            """query($id: ID!) { bankTransaction(id: $id) {
              suggestions { otherTransaction { id } } } }""",
            id=line_id(seen),
        )
        others = [each["otherTransaction"] for each in answer["bankTransaction"]["suggestions"]]
        assert [one for one in others if one] == []


class TestWhatIsHidden:
    """Of a deleted account the log and the list of acts go on telling; of a hidden one not."""

    @pytest.fixture
    async def hidden(self, books: Books) -> BankAccount:
        """An account with a booked line and an annotated one, which is hidden then."""
        ledger = await make_ledger_account(books.organization, name="Old Card")
        account = await books.tied_account(ledger)
        await booked(books, await books.line(account=account))
        annotated = await books.line(-500, account=account)
        async with books.begin() as uow:
            for object_type, object_id in (
                ("BankAccount", account.id),
                ("BankTransaction", annotated.id),
                ("BankAccount", books.account.id),
            ):
                await record(
                    uow,
                    books.viewer,
                    action="told",
                    object_type=object_type,
                    object_id=object_id,
                )
        await BankAccount.filter(id=account.id).update(hidden_at=NOW)
        return account

    async def test_no_act_of_it_is_listed(self, books: Books, hidden: BankAccount) -> None:
        shown = await booked(books, await books.line())
        found = await ask(books.viewer, "{ acts { totalCount nodes { id } } }")
        assert found["acts"] == {"totalCount": 1, "nodes": [{"id": ids.encode("Act", shown.id)}]}

    async def test_nor_as_a_part_of_a_bulk(self, books: Books, hidden: BankAccount) -> None:
        facts: dict[str, Any] = {
            "organization_id": books.organization.id,
            "actor": "SYSTEM:",
            "acted_at": NOW,
            "details": {},
        }
        whole = await Act.create(kind=ActKind.BULK, **facts)
        await Act.create(kind=ActKind.BOOK, bank_account_id=hidden.id, parent_id=whole.id, **facts)
        found = await ask(books.viewer, "{ acts { nodes { kind parts { id } } } }")
        assert found["acts"]["nodes"] == [{"kind": "BULK", "parts": []}]

    async def test_no_event_leads_to_it_or_its_lines(
        self, books: Books, hidden: BankAccount
    ) -> None:
        found = await ask(
            books.viewer,
            """{ auditEvents(where: { action: { eq: "told" } }) {
            nodes { objectType objectId } } }""",
        )
        assert found["auditEvents"]["nodes"] == [
            {
                "objectType": "BankAccount",
                "objectId": ids.encode("BankAccount", books.account.id),
            },
            {"objectType": "BankTransaction", "objectId": None},
            {"objectType": "BankAccount", "objectId": None},
        ]

    async def test_an_act_about_it_is_not_found(self, books: Books, hidden: BankAccount) -> None:
        [act] = await Act.filter(bank_account_id=hidden.id)
        name = ids.encode("Act", act.id)
        found = await ask(
            books.viewer,
            """query($id: ID!) { node(id: $id) { id }
            auditEvents(where: { objectId: { eq: $id } }) { totalCount }
            all: auditEvents(where: { objectType: { eq: "Act" } }) { nodes { objectId } }
            changes(last: 100, types: [ACT]) { nodes { id kind node { id } } } }""",
            id=name,
        )
        assert found == {
            "node": None,
            "auditEvents": {"totalCount": 0},
            "all": {"nodes": [{"objectId": None}]},
            "changes": {"nodes": [{"id": name, "kind": "GONE", "node": None}]},
        }

    async def test_no_fact_of_the_log_names_it_or_its_lines(
        self, books: Books, hidden: BankAccount
    ) -> None:
        absorbed = await make_account(books.link, deleted_at=NOW, absorbed_by_id=hidden.id)
        [line, *_] = await BankTransaction.filter(bank_account_id=hidden.id)
        [act] = await Act.filter(bank_account_id=hidden.id)
        seen = await books.line(-700)
        facts = {
            "bank_account_id": hidden.id,
            "bank_account_ids": [absorbed.id, hidden.id],
            "bank_transaction_ids": [line.id, seen.id],
            "undone_act_ids": [act.id],
            "brought_back": [hidden.id],
            "external_id": "10-B",
        }
        async with books.begin() as uow:
            await record(
                uow,
                books.viewer,
                action="facts",
                object_type="BankAccount",
                object_id=books.account.id,
                before={"bank_account_id": absorbed.id},
                after=facts,
            )
        found = await ask(
            books.viewer,
            """{ facts: auditEvents(where: { action: { eq: "facts" } }) {
            nodes { changes { name before after } } }
            all: auditEvents { nodes { changes { before after } } } }""",
        )
        assert found["facts"]["nodes"][0]["changes"] == [
            {"name": "bankTransactionIds", "before": None, "after": f'["{line_id(seen)}"]'},
            {"name": "externalId", "before": None, "after": "10-B"},
        ]
        for one in (hidden, absorbed):
            assert ids.encode("BankAccount", one.id) not in str(found)
        assert line_id(line) not in str(found)

    async def test_what_a_person_typed_is_told_whatever_it_says(
        self, books: Books, hidden: BankAccount
    ) -> None:
        async with books.begin() as uow:
            await record(
                uow,
                books.viewer,
                action="typed",
                object_type="BankAccount",
                object_id=books.account.id,
                before={},
                after={"external_id": str(hidden.id), "memo": str(hidden.id)},
            )
        found = await ask(
            books.viewer,
            """{ auditEvents(where: { action: { eq: "typed" } }) {
            nodes { changes { name after } } } }""",
        )
        assert found["auditEvents"]["nodes"][0]["changes"] == [
            {"name": "externalId", "after": str(hidden.id)},
            {"name": "memo", "after": str(hidden.id)},
        ]

    async def test_a_receipt_leaves_it_out(self, books: Books, hidden: BankAccount) -> None:
        shown = {"bank_account_id": str(books.account.id), "name": "Operating", "number": None}
        gone = {"bank_account_id": str(hidden.id), "name": "Old Card", "number": "1881"}
        receipt = await Deletion.create(
            organization_id=books.organization.id,
            actor=books.viewer.actor,
            deleted_at=NOW,
            accounts=[{**each, "kept": 0, "months": []} for each in (gone, shown)],
            logins=[],
        )
        told = "accounts { bankAccountId name number erasedCount }"
        found = await ask(
            books.viewer,
            f"query($id: ID!) {{ node(id: $id) {{ ... on Deletion {{ {told} }} }}"
            f" deletions {{ nodes {{ {told} }} }} }}",
            id=ids.encode("Deletion", receipt.id),
        )
        left = {
            "bankAccountId": ids.encode("BankAccount", books.account.id),
            "name": "Operating",
            "number": None,
            "erasedCount": 0,
        }
        assert found["node"] == {"accounts": [left]}
        assert found["deletions"] == {"nodes": [{"accounts": [left]}]}

    async def test_that_something_is_not_about_it_is_true_of_all(
        self, books: Books, hidden: BankAccount
    ) -> None:
        document = """query($id: ID!) { auditEvents(
            where: { not: { objectId: { eq: $id } }, action: { eq: "told" } }) { totalCount } }"""
        of_it = await ask(books.viewer, document, id=ids.encode("BankAccount", hidden.id))
        of_none = await ask(books.viewer, document, id=ids.encode("BankAccount", new_id()))
        assert of_it == of_none
