"""What descriptions have in common, and what is remembered of a person's choices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.identity.models import Organization
from counterfoil.reconciliation.examples import KEY_LENGTH, forget, key_of, remember
from counterfoil.reconciliation.models import Act, ActKind, CodingExample
from counterfoil.transactions.models import BankTransaction
from counterfoil.unit_of_work import Transactions
from tests.factories import make_account, make_ledger_account, make_line, make_link
from tests.factories import make_organization as _make_organization
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue


class TestKeyOf:
    @pytest.mark.parametrize(
        ("description", "key"),
        [
            ("ELM STREET COFFEE", "elm street coffee"),
            ("Elm Street Coffee #0042 SEATTLE", "elm street coffee seattle"),
            ("POS DEBIT 03/14 ELM STREET COFFEE 0042", "elm street coffee"),
            ("Café de l’Orme", "cafe de lorme"),
            ("RENT MARCH 2026", "rent"),
            ("ACH PAYMENT REF 9912-77", "ach payment ref 9912 77"),
            ("CHECK 1001", "check 1001"),
            ("東京電力 0312", "東京電力"),
            ("…", ""),
            ("", ""),
        ],
    )
    def test_numbers_and_words_of_payment_systems_are_left_out(
        self, description: str, key: str
    ) -> None:
        assert key_of(description) == key

    @given(st.text(max_size=600))
    def test_the_key_of_a_key_is_that_key(self, description: str) -> None:
        key = key_of(description)
        assert key_of(key) == key

    @given(st.text(max_size=600))
    def test_it_fits_its_column(self, description: str) -> None:
        assert len(key_of(description)) <= KEY_LENGTH

    @given(st.text(alphabet="abcdefgh ", min_size=3), st.integers(0, 10**9))
    def test_a_number_more_changes_nothing(self, description: str, number: int) -> None:
        telling = f"elm {description}"
        assert key_of(f"{telling} {number}") == key_of(telling)

    @given(st.text(alphabet="abcdefgh ", min_size=3))
    def test_case_changes_nothing(self, description: str) -> None:
        assert key_of(description.upper()) == key_of(description)


@pytest.fixture
async def organization(database: str) -> Organization:
    return await _make_organization()


@pytest.fixture
async def line(organization: Organization) -> BankTransaction:
    account = await make_account(await make_link(organization))
    return await make_line(account, description="POS 4411 Elm Street Coffee")


@pytest.fixture
def transactions() -> Transactions:
    return Transactions(FixedClock(), RecordingBell(), RecordingQueue())


async def _act(organization: Organization) -> Act:
    return await Act.create(
        organization_id=organization.id,
        kind=ActKind.BOOK,
        actor="USER:",
        acted_at=NOW,
        details={},
    )


class TestRemember:
    async def test_one_row_for_each_account_of_the_booking(
        self, organization: Organization, line: BankTransaction, transactions: Transactions
    ) -> None:
        chosen = [(await make_ledger_account(organization)).id for _ in range(2)]
        act = await _act(organization)
        async with transactions.begin(organization.id) as uow:
            await remember(uow, act, line, [*chosen, chosen[0]])
        rows = await CodingExample.all()
        assert {row.ledger_account_id for row in rows} == set(chosen)
        assert len(rows) == 2
        assert {(row.key, row.inflow, row.act_id, row.bank_transaction_id) for row in rows} == {
            ("elm street coffee", False, act.id, line.id)
        }
        assert {row.chosen_at for row in rows} == {NOW}

    async def test_a_line_that_nothing_tells_teaches_nothing(
        self, organization: Organization, line: BankTransaction, transactions: Transactions
    ) -> None:
        line.description = "***"
        chosen = await make_ledger_account(organization)
        async with transactions.begin(organization.id) as uow:
            await remember(uow, await _act(organization), line, [chosen.id])
        assert await CodingExample.all().count() == 0


class TestForget:
    async def test_only_what_that_act_taught_goes(
        self, organization: Organization, line: BankTransaction, transactions: Transactions
    ) -> None:
        chosen = await make_ledger_account(organization)
        first, second = await _act(organization), await _act(organization)
        async with transactions.begin(organization.id) as uow:
            await remember(uow, first, line, [chosen.id])
            await remember(uow, second, line, [chosen.id])
            await forget(first.id)
        [left] = await CodingExample.all()
        assert left.act_id == second.id
