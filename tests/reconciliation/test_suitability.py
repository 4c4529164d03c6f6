"""Which ledger accounts a bank account may be tied to."""

from __future__ import annotations

import pytest

from counterfoil.aggregators.port import AccountType
from counterfoil.ledger.models import LedgerAccountType
from counterfoil.reconciliation.suitability import Unsuitable, obstacle

OWED = {AccountType.CREDIT_CARD, AccountType.LOAN}


@pytest.mark.parametrize("bank", list(AccountType))
class TestObstacle:
    @pytest.mark.parametrize("ledger", list(LedgerAccountType))
    def test_an_inactive_one_is_never_suitable(
        self, bank: AccountType, ledger: LedgerAccountType
    ) -> None:
        assert obstacle(bank, ledger, inactive=True) is Unsuitable.INACTIVE

    def test_money_held_is_an_asset_and_money_owed_a_liability(self, bank: AccountType) -> None:
        fitting = LedgerAccountType.LIABILITY if bank in OWED else LedgerAccountType.ASSET
        reason = Unsuitable.NOT_A_LIABILITY if bank in OWED else Unsuitable.NOT_AN_ASSET
        for ledger in LedgerAccountType:
            expected = None if ledger is fitting else reason
            assert obstacle(bank, ledger, inactive=False) is expected
