"""Tying bank accounts to the books."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from counterfoil.accounts.models import BankAccount
from counterfoil.aggregators.port import AccountType
from counterfoil.errors import Conflict, NotFound
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.ledger.models import LedgerAccount, LedgerAccountType
from counterfoil.links.models import BankLink
from counterfoil.reconciliation.operations import (
    CurrencyMismatch,
    LedgerAccountTaken,
    LedgerAccountUnsuitable,
    assign_ledger_account,
)
from counterfoil.reconciliation.tying import Unsuitable
from counterfoil.unit_of_work import Change, Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import (
    make_account,
    make_ledger_account,
    make_link,
    make_organization,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue


@dataclass
class Desk:
    """An organization's login with one account, and a person who may tie it."""

    transactions: Transactions
    organization: Organization
    viewer: Viewer
    link: BankLink
    account: BankAccount
    before: Sequence[dict[str, Any]]

    async def assign(
        self,
        ledger: LedgerAccount | None,
        *,
        account: BankAccount | None = None,
        viewer: Viewer | None = None,
        expected_revision: int = 1,
    ) -> BankAccount:
        who = viewer or self.viewer
        async with self.transactions.begin(who.organization_id) as uow:
            return await assign_ledger_account(
                uow,
                who,
                bank_account_id=(account or self.account).id,
                ledger_account_id=ledger.id if ledger else None,
                expected_revision=expected_revision,
            )

    async def ledger(self, **values: Any) -> LedgerAccount:
        return await make_ledger_account(self.organization, **values)

    async def require_unchanged(self) -> None:
        assert await BankAccount.filter(id=self.account.id).values() == self.before
        assert await Change.all().count() == 0


@pytest.fixture
async def desk(database: str) -> Desk:
    organization = await make_organization()
    link = await make_link(organization)
    account = await make_account(link)
    return Desk(
        Transactions(FixedClock(), RecordingBell(), RecordingQueue()),
        organization,
        await make_viewer(organization),
        link,
        account,
        await BankAccount.filter(id=account.id).values(),
    )


class TestAssignLedgerAccount:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, desk: Desk) -> None:
        clerk = await make_viewer(desk.organization, set(Right) - {Right.ACCOUNTS})
        with pytest.raises(Forbidden, match="“accounts”"):
            await desk.assign(await desk.ledger(), viewer=clerk)
        await desk.require_unchanged()

    async def test_another_organizations_bank_account_is_not_found(self, desk: Desk) -> None:
        theirs = await make_account(await make_link(await make_organization()))
        with pytest.raises(NotFound) as refused:
            await desk.assign(await desk.ledger(), account=theirs)
        assert refused.value.field == ("bank_account_id",)

    async def test_another_organizations_ledger_account_answers_as_an_absent_one(
        self, desk: Desk
    ) -> None:
        theirs = await make_ledger_account(await make_organization())
        answers = set()
        for ledger in (theirs, LedgerAccount(id=new_id())):
            with pytest.raises(NotFound) as refused:
                await desk.assign(ledger)
            answers.add((str(refused.value), refused.value.field))
        assert len(answers) == 1
        await desk.require_unchanged()

    async def test_a_revision_that_is_past_is_a_conflict(self, desk: Desk) -> None:
        with pytest.raises(Conflict):
            await desk.assign(await desk.ledger(), expected_revision=2)
        await desk.require_unchanged()

    async def test_it_ties_them(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        after = await desk.assign(ledger)
        assert (after.ledger_account_id, after.revision, after.start_on) == (ledger.id, 2, None)
        [change] = await Change.all()
        assert (change.object_id, change.revision) == (desk.account.id, 2)

    async def test_null_unties_them_and_forgets_the_start(self, desk: Desk) -> None:
        await desk.assign(await desk.ledger())
        await BankAccount.filter(id=desk.account.id).update(start_on=date(2026, 1, 1))
        after = await desk.assign(None, expected_revision=2)
        assert (after.ledger_account_id, after.start_on) == (None, None)

    async def test_a_card_takes_a_liability(self, desk: Desk) -> None:
        card = await make_account(desk.link, type=AccountType.CREDIT_CARD)
        ledger = await desk.ledger(type=LedgerAccountType.LIABILITY)
        assert (await desk.assign(ledger, account=card)).ledger_account_id == ledger.id

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"inactive_at": NOW}, Unsuitable.INACTIVE),
            ({"type": LedgerAccountType.LIABILITY}, Unsuitable.NOT_AN_ASSET),
        ],
    )
    async def test_an_unsuitable_one_is_refused_with_the_reason(
        self, desk: Desk, values: dict[str, Any], reason: Unsuitable
    ) -> None:
        with pytest.raises(LedgerAccountUnsuitable) as refused:
            await desk.assign(await desk.ledger(**values))
        assert (refused.value.reason, str(refused.value)) == (reason, reason.value)
        await desk.require_unchanged()

    @pytest.mark.parametrize(
        ("currency", "words"), [("EUR", "is kept in EUR"), (None, "has no currency of its own")]
    )
    async def test_another_currency_is_refused(
        self, desk: Desk, currency: str | None, words: str
    ) -> None:
        with pytest.raises(CurrencyMismatch, match=words):
            await desk.assign(await desk.ledger(currency=currency))
        await desk.require_unchanged()

    async def test_one_that_another_account_has_is_refused_and_names_it(self, desk: Desk) -> None:
        ledger = await desk.ledger(number="1010")
        await make_account(desk.link, name="Payroll", ledger_account_id=ledger.id)
        with pytest.raises(LedgerAccountTaken, match="1010 already belongs to “Payroll”"):
            await desk.assign(ledger)
        await desk.require_unchanged()

    async def test_its_own_again_is_no_obstacle(self, desk: Desk) -> None:
        ledger = await desk.ledger()
        await desk.assign(ledger)
        after = await desk.assign(ledger, expected_revision=2)
        assert after.ledger_account_id == ledger.id

    @pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
    async def test_one_that_a_closed_account_had_is_free(self, desk: Desk, column: str) -> None:
        ledger = await desk.ledger()
        await make_account(desk.link, ledger_account_id=ledger.id, **{column: NOW})
        assert (await desk.assign(ledger)).ledger_account_id == ledger.id

    async def test_of_two_at_the_same_moment_one_is_refused(self, desk: Desk) -> None:
        ledger, other = await desk.ledger(), await make_account(desk.link)
        answers = await asyncio.gather(
            desk.assign(ledger), desk.assign(ledger, account=other), return_exceptions=True
        )
        assert [type(answer) for answer in answers].count(LedgerAccountTaken) == 1
        assert await BankAccount.filter(ledger_account_id=ledger.id).count() == 1

    async def test_the_database_itself_refuses_a_second_one(self, desk: Desk) -> None:
        ledger, other = await desk.ledger(), await make_account(desk.link)
        await BankAccount.filter(id=desk.account.id).update(ledger_account_id=ledger.id)
        with pytest.raises(IntegrityError):
            await BankAccount.filter(id=other.id).update(ledger_account_id=ledger.id)
