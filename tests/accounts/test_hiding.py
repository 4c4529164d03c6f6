"""Hiding an account for ever, and what the server's command line can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from counterfoil.accounts.hidden import HiddenAccount, hidden_accounts, organization_of
from counterfoil.accounts.hiding import REASON_LIMIT, LinesWait, hide, unhide
from counterfoil.accounts.models import AccountKey, BankAccount, KeyKind
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.identity.models import Organization
from counterfoil.kit.ids import new_id
from counterfoil.unit_of_work import Change, ChangeKind, ChangeType, Transactions
from counterfoil.viewer import ActorKind, Forbidden, Right, Viewer
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
    """One account, and a person who may hide it."""

    organization: Organization
    transactions: Transactions
    viewer: Viewer
    account: BankAccount

    async def hide(self, *, viewer: Viewer | None = None, **values: Any) -> BankAccount:
        who = viewer or self.viewer
        given = {
            "bank_account_id": self.account.id,
            "expected_revision": 1,
            "reason": None,
            "waiting": 0,
        }
        async with self.transactions.begin(who.organization_id) as uow:
            return await hide(uow, who, **{**given, **values})

    async def unhide(self, **values: Any) -> BankAccount:
        given = {"bank_account_id": self.account.id, "reason": "Wrong one", "attached": True}
        async with self.transactions.begin(self.organization.id) as uow:
            return await unhide(uow, **{**given, **values})

    async def now(self) -> BankAccount:
        return await BankAccount.get(id=self.account.id)

    async def require_unchanged(self) -> None:
        assert (await self.now()).hidden_at is None
        assert await Change.all().count() == await AuditEvent.all().count() == 0


@pytest.fixture
async def desk(database: str) -> Desk:
    organization = await make_organization()
    account = await make_account(await make_link(organization), number="1881", name="Old Card")
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    return Desk(organization, transactions, await make_viewer(organization), account)


class TestHide:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(self, desk: Desk) -> None:
        reader = await make_viewer(desk.organization, [Right.READ, Right.CODE])
        with pytest.raises(Forbidden, match="“banks”"):
            await desk.hide(viewer=reader)
        await desk.require_unchanged()

    async def test_another_organizations_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            await desk.hide(viewer=await make_viewer(await make_organization()))
        await desk.require_unchanged()

    async def test_it_is_gone_and_stays_with_its_login(self, desk: Desk) -> None:
        after = await desk.hide()
        assert (after.hidden_at, after.revision) == (NOW, 2)
        assert (after.bank_link_id, after.aggregator_id) == (
            desk.account.bank_link_id,
            desk.account.aggregator_id,
        )
        [change] = await Change.all()
        assert (change.type, change.object_id) == (ChangeType.BANK_ACCOUNT, after.id)
        assert (change.kind, change.revision) == (ChangeKind.GONE, None)

    async def test_the_log_says_what_was_hidden_and_why(self, desk: Desk) -> None:
        await desk.hide(reason=" Closed\tlong ago ")
        [event] = await AuditEvent.all()
        assert (event.action, event.user_id) == ("hideBankAccount", desk.viewer.user_id)
        assert event.after == {
            "name": "Old Card",
            "number": "1881",
            "institution": "Elm Bank",
            "reason": "Closed long ago",
            "waiting": 0,
        }

    async def test_while_lines_wait_it_needs_a_reason(self, desk: Desk) -> None:
        for reason in (None, "", " \u200b"):
            with pytest.raises(LinesWait, match=r"^1,204 lines wait for review") as refused:
                await desk.hide(waiting=1204, reason=reason)
            assert (refused.value.waiting, refused.value.field) == (1204, ("reason",))
        await desk.require_unchanged()
        assert (await desk.hide(waiting=1, reason="Private")).hidden_at == NOW

    async def test_one_line_is_one(self, desk: Desk) -> None:
        with pytest.raises(LinesWait, match=r"^1 line waits for review"):
            await desk.hide(waiting=1)

    async def test_a_reason_is_bounded(self, desk: Desk) -> None:
        with pytest.raises(InvalidInput, match="500 characters") as refused:
            await desk.hide(reason="r" * (REASON_LIMIT + 1))
        assert refused.value.field == ("reason",)
        await desk.require_unchanged()
        assert (await desk.hide(reason="r" * REASON_LIMIT)).hidden_at == NOW

    async def test_what_somebody_else_changed_is_a_conflict(self, desk: Desk) -> None:
        with pytest.raises(Conflict):
            await desk.hide(expected_revision=2)
        await desk.require_unchanged()

    async def test_twice_is_not_found(self, desk: Desk) -> None:
        await desk.hide()
        with pytest.raises(NotFound):
            await desk.hide(expected_revision=2)
        assert await AuditEvent.all().count() == 1


class TestUnhide:
    @pytest.mark.parametrize("column", [{}, {"deleted_at": NOW}])
    async def test_one_that_is_not_hidden_is_not_found(
        self, desk: Desk, column: dict[str, Any]
    ) -> None:
        await BankAccount.filter(id=desk.account.id).update(revision=1, **column)
        for bank_account_id in (desk.account.id, new_id()):
            with pytest.raises(NotFound):
                await desk.unhide(bank_account_id=bank_account_id)
        await desk.require_unchanged()

    async def test_another_organizations_is_not_found(self, desk: Desk) -> None:
        hidden = await make_account(await make_link(await make_organization()), hidden_at=NOW)
        with pytest.raises(NotFound):
            await desk.unhide(bank_account_id=hidden.id)
        assert (await BankAccount.get(id=hidden.id)).hidden_at == NOW

    @pytest.mark.parametrize("reason", ["", " \t", "r" * (REASON_LIMIT + 1)])
    async def test_it_needs_a_reason_of_bounded_length(self, desk: Desk, reason: str) -> None:
        await desk.hide()
        with pytest.raises(InvalidInput):
            await desk.unhide(reason=reason)
        assert (await desk.now()).hidden_at == NOW

    async def test_it_is_shown_and_its_history_wanted(self, desk: Desk) -> None:
        await desk.hide()
        after = await desk.unhide()
        assert (after.hidden_at, after.wanted_at, after.revision) == (None, NOW, 3)
        change = await Change.filter(kind=ChangeKind.UPSERTED).get()
        assert (change.object_id, change.revision) == (after.id, 3)

    async def test_the_log_says_that_the_operator_did_it_and_why(self, desk: Desk) -> None:
        await desk.hide()
        await desk.unhide(reason="Wrong one")
        event = await AuditEvent.get(sequence=2)
        assert (event.actor_kind, event.user_id) == (ActorKind.OPERATOR, None)
        assert event.action == "unhideBankAccount"
        assert (event.after or {})["reason"] == "Wrong one"

    async def test_without_a_login_nothing_can_be_fetched(self, desk: Desk) -> None:
        await desk.hide()
        assert (await desk.unhide(attached=False)).wanted_at is None

    async def test_its_ledger_account_comes_back_where_it_is_free(self, desk: Desk) -> None:
        ledger = await make_ledger_account(desk.organization, number="1010")
        start = date(2026, 2, 28)
        await BankAccount.filter(id=desk.account.id).update(
            ledger_account_id=ledger.id, start_on=start
        )
        await desk.hide()
        after = await desk.unhide()
        assert (after.ledger_account_id, after.start_on) == (ledger.id, start)

    async def test_it_comes_without_where_another_has_it(self, desk: Desk) -> None:
        ledger = await make_ledger_account(desk.organization, number="1010")
        await BankAccount.filter(id=desk.account.id).update(ledger_account_id=ledger.id)
        await desk.hide()
        await make_account(
            await make_link(desk.organization), name="Payroll", ledger_account_id=ledger.id
        )
        after = await desk.unhide()
        assert after.ledger_account_id is None
        assert after.untied_because == (
            "The ledger account 1010 is kept by another bank account now."
        )


class TestHiddenAccounts:
    async def test_says_who_hid_what_when_and_why(self, desk: Desk) -> None:
        await AccountKey.create(
            organization_id=desk.organization.id,
            bank_account_id=desk.account.id,
            kind=KeyKind.WEAK,
            digest="0" * 64,
            seen_at=NOW,
        )
        assert await hidden_accounts() == []
        await desk.hide(reason="Private")
        assert await hidden_accounts() == [
            HiddenAccount(
                id=desk.account.id,
                organization_id=desk.organization.id,
                organization="Elm Street Hardware",
                name="Old Card",
                number="1881",
                institution="Elm Bank",
                hidden_at=NOW,
                seen_at=NOW,
                by="Ada Abbott",
                reason="Private",
            )
        ]
        assert await organization_of(desk.account.id) == desk.organization.id

    async def test_one_that_nobody_knows_who_hid_is_listed_too(self, desk: Desk) -> None:
        await BankAccount.filter(id=desk.account.id).update(hidden_at=NOW)
        [found] = await hidden_accounts()
        assert (found.by, found.reason, found.seen_at) == (None, None, None)

    async def test_one_that_is_shown_has_no_organization(self, desk: Desk) -> None:
        assert await organization_of(desk.account.id) is None
