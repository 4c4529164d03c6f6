"""Where a bank account is kept in the books, as clients say and ask it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.accounts.models import BankAccount
from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.ledger.drafting import LineDraft
from counterfoil.ledger.models import JournalEntry, LedgerAccountType
from counterfoil.viewer import Right, Viewer
from tests.api.asking import ask, some_viewer
from tests.factories import (
    make_account,
    make_entry,
    make_ledger_account,
    make_line,
    make_link,
    make_organization,
    make_viewer,
)

pytestmark = pytest.mark.usefixtures("database")


async def _organization(viewer: Viewer) -> Organization:
    return await Organization.get(id=viewer.organization_id)


ASSIGN = """
mutation($input: AssignLedgerAccountInput!) { assignLedgerAccount(input: $input) {
  bankAccount { revision ledgerAccount { number } }
  act { id }
  replayed
  errors { code field ... on ForbiddenError { right } }
} }
"""


class TestAssignLedgerAccount:
    async def _asked(self, viewer: Viewer, **values: Any) -> tuple[BankAccount, dict[str, Any]]:
        organization = await _organization(viewer)
        account = await make_account(await make_link(organization))
        kept_in = await make_ledger_account(organization, **values)
        return account, {
            "bankAccountId": ids.encode("BankAccount", account.id),
            "ledgerAccountId": ids.encode("LedgerAccount", kept_in.id),
            "expectedRevision": 1,
            "start": {"startOn": "2026-02-28", "balance": "0.00"},
            "idempotencyKey": "tied-for-the-first-time",
        }

    async def test_denied(self) -> None:
        viewer = await make_viewer(await make_organization(), rights=(Right.READ, Right.BANKS))
        account, asked = await self._asked(viewer)
        answer = (await ask(viewer, ASSIGN, input=asked))["assignLedgerAccount"]
        assert answer == {
            "bankAccount": None,
            "act": None,
            "replayed": False,
            "errors": [{"code": "FORBIDDEN", "field": None, "right": "ACCOUNTS"}],
        }
        assert (await BankAccount.get(id=account.id)).ledger_account_id is None

    async def test_ties_and_unties(self) -> None:
        viewer = await some_viewer()
        _, asked = await self._asked(viewer, number="1234")
        tied = (await ask(viewer, ASSIGN, input=asked))["assignLedgerAccount"]
        assert tied["errors"] == []
        assert tied["bankAccount"]["ledgerAccount"] == {"number": "1234"}
        untie = {
            "bankAccountId": asked["bankAccountId"],
            "expectedRevision": tied["bankAccount"]["revision"],
        }
        untied = (await ask(viewer, ASSIGN, input=untie))["assignLedgerAccount"]
        assert (untied["errors"], untied["bankAccount"]["ledgerAccount"]) == ([], None)

    async def test_another_currency_is_refused(self) -> None:
        viewer = await some_viewer()
        account, asked = await self._asked(viewer, currency="EUR")
        answer = (await ask(viewer, ASSIGN, input=asked))["assignLedgerAccount"]
        assert [each["code"] for each in answer["errors"]] == ["CURRENCY_MISMATCH"]
        assert (await BankAccount.get(id=account.id)).ledger_account_id is None

    async def test_without_a_start_it_is_refused(self) -> None:
        viewer = await some_viewer()
        account, asked = await self._asked(viewer)
        del asked["start"]
        answer = (await ask(viewer, ASSIGN, input=asked))["assignLedgerAccount"]
        assert [(one["code"], one["field"]) for one in answer["errors"]] == [
            ("INVALID_INPUT", ["start"])
        ]
        assert (await BankAccount.get(id=account.id)).ledger_account_id is None

    async def test_the_same_key_again_is_a_replay(self) -> None:
        viewer = await some_viewer()
        _, asked = await self._asked(viewer)
        equity = await make_ledger_account(
            await _organization(viewer), type=LedgerAccountType.EQUITY, currency=None
        )
        asked["start"] |= {
            "balance": "120.50",
            "differenceAccountId": ids.encode("LedgerAccount", equity.id),
        }
        answers = [(await ask(viewer, ASSIGN, input=asked))["assignLedgerAccount"] for _ in "12"]
        assert [each["replayed"] for each in answers] == [False, True]
        assert answers[0]["act"] == answers[1]["act"]
        assert await JournalEntry.all().count() == 1

    @pytest.mark.parametrize(
        ("start", "field"),
        [
            ({"balance": "1.234"}, ["start", "balance"]),
            ({"balance": "10000000000000000"}, ["start", "balance"]),
            (
                {"lacking": [{"datedOn": "2026-02-20", "amount": "0.001"}]},
                ["start", "lacking", "0", "amount"],
            ),
            ({"outstandingLineIds": ["nothing"]}, ["start", "outstandingLineIds", "0"]),
        ],
    )
    async def test_what_is_wrong_with_a_start_is_named(
        self, start: dict[str, Any], field: list[str]
    ) -> None:
        viewer = await some_viewer()
        account, asked = await self._asked(viewer)
        asked["start"] |= start
        answer = (await ask(viewer, ASSIGN, input=asked))["assignLedgerAccount"]
        assert [each["field"] for each in answer["errors"]] == [field]
        assert (await BankAccount.get(id=account.id)).ledger_account_id is None


PREVIEW = """
query($bank: ID!, $ledger: ID!) {
  tyingPreview(bankAccountId: $bank, ledgerAccountId: $ledger, startOn: "2026-02-28") {
    suggestedBalance { amount } booksBalance { amount currency } difference { amount }
    openLines { amount { amount } } openLineCount historyCount reviewCount
    leavingBalance { amount }
  }
}
"""


class TestTyingPreview:
    async def test_another_organizations_account_is_null(self) -> None:
        viewer = await some_viewer()
        theirs = await make_account(await make_link(await make_organization()))
        ledger = await make_ledger_account(await _organization(viewer))
        answer = await ask(
            viewer,
            PREVIEW,
            bank=ids.encode("BankAccount", theirs.id),
            ledger=ids.encode("LedgerAccount", ledger.id),
        )
        assert answer == {"tyingPreview": None}

    async def test_how_books_and_bank_stand(self) -> None:
        viewer = await some_viewer()
        organization = await _organization(viewer)
        account = await make_account(await make_link(organization), current_minor=100_000)
        ledger = await make_ledger_account(organization)
        expense = await make_ledger_account(organization, type=LedgerAccountType.EXPENSE)
        await make_line(account, dated_on=date(2026, 2, 20), amount_minor=-5_000)
        await make_line(account, dated_on=date(2026, 3, 2), amount_minor=-1_250)
        await make_line(account, dated_on=date(2026, 3, 3), pending=True)
        await make_entry(
            organization,
            LineDraft(ledger_account_id=ledger.id, amount_minor=60_000),
            LineDraft(ledger_account_id=expense.id, amount_minor=-60_000),
            posted_on=date(2026, 2, 1),
        )
        answer = await ask(
            viewer,
            PREVIEW,
            bank=ids.encode("BankAccount", account.id),
            ledger=ids.encode("LedgerAccount", ledger.id),
        )
        assert answer["tyingPreview"] == {
            "suggestedBalance": {"amount": "1012.50"},
            "booksBalance": {"amount": "600.00", "currency": "USD"},
            "difference": {"amount": "412.50"},
            "openLines": [{"amount": {"amount": "600.00"}}],
            "openLineCount": 1,
            "leavingBalance": None,
            "historyCount": 1,
            "reviewCount": 1,
        }
