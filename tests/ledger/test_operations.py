"""Writing the chart of accounts."""

from __future__ import annotations

from uuid import UUID

from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.ledger.operations import seed_chart
from counterfoil.ledger.starting_chart import CONTROL, STARTING_CHART
from counterfoil.unit_of_work import Change, ChangeType, Transactions
from tests.factories import make_ledger_account, make_organization
from tests.fakes import FixedClock, RecordingBell, RecordingQueue

HOLDING = {LedgerAccountType.ASSET, LedgerAccountType.LIABILITY}


async def seed(organization_id: UUID, currency: str = "EUR") -> int:
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    async with transactions.begin(organization_id) as uow:
        return await seed_chart(uow, base_currency=currency)


class TestSeedChart:
    async def test_an_organization_with_a_chart_keeps_it(self, database: str) -> None:
        organization = await make_organization()
        await make_ledger_account(organization)
        assert await seed(organization.id) == 0
        assert await LedgerAccount.all().count() == 1
        assert await Change.all().count() == 0

    async def test_a_new_one_gets_the_starting_chart(self, database: str) -> None:
        organization = await make_organization()
        await make_ledger_account(await make_organization())
        assert await seed(organization.id) == len(STARTING_CHART)
        rows = await LedgerAccount.filter(organization_id=organization.id).order_by("number")
        assert [(row.number, row.name, row.type) for row in rows] == [
            (number, name, type_) for number, name, type_, _ in STARTING_CHART
        ]
        assert {row.currency for row in rows} == {"EUR", None}
        assert [row.name for row in rows if row.control] == [
            "Accounts Receivable",
            "Accounts Payable",
        ]
        told = await Change.filter(type=ChangeType.LEDGER_ACCOUNT)
        assert {change.object_id for change in told} == {row.id for row in rows}

    async def test_twice_is_once(self, database: str) -> None:
        organization = await make_organization()
        await seed(organization.id)
        assert await seed(organization.id) == 0


class TestStartingChart:
    def test_numbers_are_unique_and_in_order(self) -> None:
        numbers = [number for number, _, _, _ in STARTING_CHART]
        assert numbers == sorted(set(numbers))

    def test_no_control_account_holds_money(self) -> None:
        holding = {number for number, _, _, holds_money in STARTING_CHART if holds_money}
        assert not CONTROL & holding

    def test_what_holds_money_is_an_asset_or_a_liability(self) -> None:
        assert {type_ for _, _, type_, holds_money in STARTING_CHART if holds_money} == HOLDING
