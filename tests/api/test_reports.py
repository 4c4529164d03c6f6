"""Registers, balances and the trial balance as clients ask for them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from counterfoil.api import ids
from counterfoil.identity.models import Organization
from counterfoil.ledger.drafting import EntryDraft, LineDraft, Rate
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType, RateSource
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Right, Viewer
from tests.api.asking import Refused, ask, some_viewer, statements
from tests.factories import make_ledger_account, make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")

REGISTER = """
query($id: ID!, $from: Date, $to: Date, $first: Int, $after: Cursor, $last: Int) {
  ledgerAccount(id: $id) {
    register(from: $from, to: $to, first: $first, after: $after, last: $last) {
      currency opening { amount } openingBase { amount currency }
      closing { amount } closingBase { amount } totalCount
      pageInfo { hasNextPage hasPreviousPage endCursor }
      nodes { runningBalance { amount currency } runningBase { amount }
        line { amount { amount } postedOn journalEntry { number } } }
    }
  }
}
"""
BALANCES = """
query($on: Date) { ledgerAccounts { nodes { number inUse
  balance(on: $on) { on base { amount currency } amounts { amount currency } } } } }
"""
TRIAL_BALANCE = """
query($on: Date) { trialBalance(on: $on) { on baseCurrency
  rows { ledgerAccount { number name } debit { amount } credit { amount } }
  totalDebit { amount currency } totalCredit { amount } } }
"""


class Books:
    """In US dollars: a till in euros (1100), a till in dollars (1000), and sales (4000)."""

    def __init__(self, viewer: Viewer, accounts: dict[str, LedgerAccount]) -> None:
        self.viewer, self.accounts = viewer, accounts
        self._transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())

    @classmethod
    async def of(cls, viewer: Viewer) -> Books:
        organization = await Organization.get(id=viewer.organization_id)
        accounts = {
            "1000": await make_ledger_account(organization, number="1000"),
            "1100": await make_ledger_account(organization, number="1100", currency="EUR"),
            "4000": await make_ledger_account(
                organization, number="4000", currency=None, type=LedgerAccountType.INCOME
            ),
        }
        return cls(viewer, accounts)

    async def post(self, day: int, *lines: tuple[str, int], euro: str | None = None) -> None:
        on = date(2026, 3, day)
        rates = (
            [Rate(currency="EUR", rate=Decimal(euro), rate_on=on, source=RateSource.TYPED)]
            if euro
            else []
        )
        drafts = [
            LineDraft(ledger_account_id=self.accounts[number].id, amount_minor=amount)
            for number, amount in lines
        ]
        draft = EntryDraft(posted_on=on, lines=drafts, rates=rates)
        system = Viewer.system(self.viewer.organization_id)
        async with self._transactions.begin(self.viewer.organization_id) as uow:
            await create_entry(uow, system, draft)

    async def register(self, number: str, **asked: Any) -> dict[str, Any]:
        account_id = ids.encode("LedgerAccount", self.accounts[number].id)
        answer = await ask(self.viewer, REGISTER, id=account_id, **asked)
        register: dict[str, Any] = answer["ledgerAccount"]["register"]
        return register


@pytest.fixture
async def books() -> Books:
    books = await Books.of(await some_viewer())
    await books.post(1, ("1000", 10000), ("4000", -10000))
    await books.post(2, ("1100", 1000), ("4000", -1250), euro="1.25")
    await books.post(3, ("1100", -400), ("1000", 480), euro="1.2")
    await books.post(3, ("1000", -80), ("4000", 80))
    return books


def _amounts(register: dict[str, Any], name: str = "runningBalance") -> list[str]:
    return [node[name]["amount"] for node in register["nodes"]]


class TestRegister:
    async def test_denied(self, books: Books) -> None:
        account_id = ids.encode("LedgerAccount", books.accounts["1000"].id)
        other = await some_viewer()
        assert (await ask(other, REGISTER, id=account_id))["ledgerAccount"] is None
        organization = await Organization.get(id=books.viewer.organization_id)
        blind = await make_viewer(organization, rights=(Right.EXPORT,))
        with pytest.raises(Refused) as refused:
            await ask(blind, REGISTER, id=account_id)
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_from_the_beginning(self, books: Books) -> None:
        register = await books.register("1000")
        assert (register["currency"], register["totalCount"]) == ("USD", 3)
        assert (register["opening"]["amount"], register["closing"]["amount"]) == ("0.00", "104.00")
        assert _amounts(register) == ["100.00", "104.80", "104.00"]
        assert [node["line"]["journalEntry"]["number"] for node in register["nodes"]] == [
            "2026-0001",
            "2026-0003",
            "2026-0004",
        ]

    async def test_between_two_days(self, books: Books) -> None:
        register = await books.register("1000", **{"from": "2026-03-02", "to": "2026-03-02"})
        assert register["opening"] == register["closing"] == {"amount": "100.00"}
        assert (register["nodes"], register["totalCount"]) == ([], 0)
        assert register["pageInfo"]["endCursor"] is None

    async def test_page_after_page_from_either_end(self, books: Books) -> None:
        first = await books.register("1000", first=2)
        assert _amounts(first) == ["100.00", "104.80"]
        cursor = first["pageInfo"]["endCursor"]
        second = await books.register("1000", first=2, after=cursor)
        assert (_amounts(second), second["pageInfo"]["hasNextPage"]) == (["104.00"], False)
        newest = await books.register("1000", last=1)
        assert (_amounts(newest), newest["pageInfo"]["hasPreviousPage"]) == (["104.00"], True)
        with pytest.raises(Refused) as refused:
            await books.register("1000", first=2, after=cursor, to="2026-03-09")
        assert refused.value.codes == ["CURSOR_MISMATCH"]

    async def test_a_foreign_account_runs_in_its_currency_and_in_base(self, books: Books) -> None:
        register = await books.register("1100")
        assert (register["currency"], register["closing"]["amount"]) == ("EUR", "6.00")
        assert (_amounts(register), _amounts(register, "runningBase")) == (
            ["10.00", "6.00"],
            ["12.50", "7.70"],
        )
        assert register["closingBase"] == {"amount": "7.70"}

    async def test_one_that_takes_any_currency_runs_in_base(self, books: Books) -> None:
        register = await books.register("4000")
        assert register["currency"] == "USD"
        assert _amounts(register) == ["-100.00", "-112.50", "-111.70"]
        assert register["opening"]["amount"] == "0.00"

    async def test_nothing_is_read_for_what_nobody_asked_for(self, books: Books) -> None:
        account_id = ids.encode("LedgerAccount", books.accounts["1000"].id)
        document = "query($id: ID!) { ledgerAccount(id: $id) { register { %s } } }"
        for asked, count in (
            ("closing { amount }", 2),
            ("nodes { line { memo } }", 2),
            ("nodes { runningBase { amount } }", 4),
        ):
            with statements() as seen:
                await ask(books.viewer, document % asked, id=account_id)
            assert len(seen) == count, asked


class TestBalances:
    async def test_at_a_day_in_each_currency_and_in_base(self, books: Books) -> None:
        answer = await ask(books.viewer, BALANCES, on="2026-03-02")
        shown = {node["number"]: node["balance"] for node in answer["ledgerAccounts"]["nodes"]}
        assert shown["1100"] == {
            "on": "2026-03-02",
            "base": {"amount": "12.50", "currency": "USD"},
            "amounts": [{"amount": "10.00", "currency": "EUR"}],
        }
        assert shown["4000"]["base"]["amount"] == "-112.50"
        before = await ask(books.viewer, BALANCES, on="2026-02-28")
        assert before["ledgerAccounts"]["nodes"][0]["balance"]["amounts"] == []

    async def test_today_is_the_companys(self, books: Books) -> None:
        answer = await ask(books.viewer, BALANCES)
        [first, *_] = answer["ledgerAccounts"]["nodes"]
        assert (first["balance"]["on"], first["inUse"]) == ("2026-03-10", True)

    async def test_those_of_all_accounts_are_one_statement(self, books: Books) -> None:
        with statements() as seen:
            await ask(books.viewer, BALANCES, on="2026-03-02")
        assert len(seen) == 2


class TestTrialBalance:
    async def test_denied(self) -> None:
        blind = await make_viewer(await make_organization(), rights=(Right.EXPORT,))
        with pytest.raises(Refused) as refused:
            await ask(blind, TRIAL_BALANCE)
        assert refused.value.codes == ["FORBIDDEN"]

    async def test_by_number_with_equal_sides(self, books: Books) -> None:
        answer = (await ask(books.viewer, TRIAL_BALANCE, on="2026-03-03"))["trialBalance"]
        assert answer["totalDebit"] == {"amount": "111.70", "currency": "USD"}
        assert answer["totalCredit"] == {"amount": "111.70"}
        assert [
            (row["ledgerAccount"]["number"], row["debit"], row["credit"]) for row in answer["rows"]
        ] == [
            ("1000", {"amount": "104.00"}, None),
            ("1100", {"amount": "7.70"}, None),
            ("4000", None, {"amount": "111.70"}),
        ]

    async def test_today_and_another_organization(self, books: Books) -> None:
        answer = (await ask(await some_viewer(), TRIAL_BALANCE))["trialBalance"]
        assert (answer["on"], answer["rows"]) == ("2026-03-10", [])
        assert answer["totalDebit"]["amount"] == "0.00"
