"""A company to measure on: its logins and accounts, written straight into the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType
from counterfoil.kit.ids import new_id
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.links.models import BankLink, Grant, Institution
from counterfoil.links.status import LinkStatusCode

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACCOUNTS_OF_A_LINK = 5
INSTITUTIONS = 20
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Books:
    """A filled organization."""

    organization_id: UUID
    links: Sequence[BankLink]
    accounts: Sequence[BankAccount]


async def fill(organization_id: UUID, *, accounts: int) -> Books:
    """Give an organization that many accounts: five to a login, two of five with a ledger account.

    Ids, names, and all else that decides the length of an answer are like those of real ones.
    """
    institutions = [_institution(number) for number in range(INSTITUTIONS)]
    grants, links = _logins(organization_id, institutions, count=-(-accounts // ACCOUNTS_OF_A_LINK))
    rows = [_account(number, links[number // ACCOUNTS_OF_A_LINK]) for number in range(accounts)]
    ledger = [_ledger_account(number, row) for number, row in enumerate(rows) if number % 5 < 2]
    await Institution.bulk_create(institutions, batch_size=_BATCH)
    await Grant.bulk_create(grants, batch_size=_BATCH)
    await BankLink.bulk_create(links, batch_size=_BATCH)
    await LedgerAccount.bulk_create(ledger, batch_size=_BATCH)
    await BankAccount.bulk_create(rows, batch_size=_BATCH)
    return Books(organization_id, links, rows)


def _institution(number: int) -> Institution:
    return Institution(
        aggregator="plaid",
        aggregator_id=f"ins_{new_id().hex[-12:]}",
        name=f"First National Bank No. {number}",
        url=f"https://bank-{number}.example",
        countries=["US"],
    )


def _logins(
    organization_id: UUID, institutions: Sequence[Institution], *, count: int
) -> tuple[Sequence[Grant], Sequence[BankLink]]:
    grants = [
        Grant(
            organization_id=organization_id,
            aggregator="plaid",
            secret_encrypted="none",
            created_at=NOW,
        )
        for _ in range(count)
    ]
    return grants, [
        _link(grant, institutions[number % len(institutions)], number)
        for number, grant in enumerate(grants)
    ]


def _link(grant: Grant, institution: Institution, number: int) -> BankLink:
    needs_person = number % 10 == 7
    return BankLink(
        organization_id=grant.organization_id,
        institution_id=institution.id,
        grant_id=grant.id,
        aggregator="plaid",
        aggregator_id=f"item-{new_id().hex}",
        name=institution.name,
        status_code=LinkStatusCode.NEEDS_SIGN_IN if needs_person else LinkStatusCode.OK,
        status_since=NOW - timedelta(hours=number % 50),
        status_provider_code="ITEM_LOGIN_REQUIRED" if needs_person else None,
        last_good_at=NOW - timedelta(hours=number % 50),
        last_update_at=NOW - timedelta(minutes=number % 50),
        next_update_at=None if needs_person else NOW + timedelta(minutes=number % 350),
        created_at=NOW - timedelta(days=90),
    )


def _account(number: int, link: BankLink) -> BankAccount:
    card = number % ACCOUNTS_OF_A_LINK == 4
    return BankAccount(
        organization_id=link.organization_id,
        bank_link_id=link.id,
        aggregator_id=f"account-{new_id().hex}",
        name=f"{'Business Card' if card else 'Operating Account'} {number:05}",
        bank_name="Plaid Platinum Card" if card else "Business Checking",
        memo="Payroll runs from here" if number % 3 == 0 else None,
        number=f"{number % 10_000:04}",
        type=AccountType.CREDIT_CARD if card else AccountType.BANK,
        subtype="credit card" if card else "checking",
        currency="USD",
        exponent=2,
        current_minor=-(number * 137 + 12) if card else number * 1009 + 5,
        available_minor=number * 1009,
        balance_received_at=NOW - timedelta(minutes=number % 50),
        created_at=NOW - timedelta(days=90),
    )


def _ledger_account(number: int, account: BankAccount) -> LedgerAccount:
    ledger_account = LedgerAccount(
        organization_id=account.organization_id,
        number=f"{10_000 + number}",
        name=f"Cash at bank {number:05}",
        type=LedgerAccountType.ASSET,
        currency="USD",
    )
    account.ledger_account_id = ledger_account.id
    return ledger_account
