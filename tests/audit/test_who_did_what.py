"""What people do to accounts and logins is written down; what the product does by itself is not."""

from __future__ import annotations

from uuid import UUID

import pytest

from counterfoil.accounts import operations as accounts
from counterfoil.aggregators.port import (
    AccountType,
    Found,
    FoundAccount,
    GrantSecret,
    LinkPurpose,
    Repaired,
)
from counterfoil.audit.models import AuditEvent
from counterfoil.errors import CounterfoilError
from counterfoil.links.models import BankLink, LinkClient, LinkSession, Refresh, RefreshTrigger
from counterfoil.links.operations import request_refresh
from counterfoil.verifying import findings
from counterfoil.viewer import ActorKind, Right, Viewer
from tests.factories import make_account, make_viewer
from tests.fakes import PLATYPUS, TRANSIENT
from tests.links.conftest import Shop, link, shop

__all__ = ["link", "shop"]

Told = tuple[str, str, object, object, object]


async def told(shop: Shop) -> list[Told]:
    """Each event: action, type and id of the object, before, after; all by the shop's person."""
    events = await AuditEvent.all().order_by("sequence")
    assert {event.actor_kind for event in events} <= {ActorKind.USER}
    assert {event.user_id for event in events} <= {shop.viewer.user_id}
    return [(e.action, e.object_type, e.object_id, e.before, e.after) for e in events]


async def started(shop: Shop, mode: LinkPurpose, link: BankLink | None = None) -> LinkSession:
    session, _ = await shop.linking.start(
        shop.viewer,
        mode=mode,
        client=LinkClient.WEB,
        return_url=None,
        institution_id=None,
        bank_link_id=link.id if link else None,
        idempotency_key="a-key-of-the-page",
    )
    return session


class TestAccounts:
    async def test_a_refused_change_is_not_written_down(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        reader = await make_viewer(shop.organization, {Right.READ})
        for viewer, name in ((reader, "Rent"), (shop.viewer, "")):
            with pytest.raises(CounterfoilError):
                await self._renamed(shop, viewer, account.id, name=name)
        assert await told(shop) == []

    async def test_a_name_and_a_memo(self, shop: Shop, link: BankLink) -> None:
        account = await make_account(link)
        await self._renamed(shop, shop.viewer, account.id, name="Rent", memo="Two signatures")
        assert await told(shop) == [
            (
                "updateBankAccount",
                "BankAccount",
                account.id,
                {"name": "Operating", "memo": None},
                {"name": "Rent", "memo": "Two signatures"},
            )
        ]

    async def _renamed(self, shop: Shop, viewer: Viewer, account_id: UUID, **given: str) -> None:
        async with shop.transactions.begin(shop.organization.id) as uow:
            await accounts.update(
                uow, viewer, bank_account_id=account_id, expected_revision=1, **given
            )


class TestPulls:
    async def test_what_a_person_asks_for_once(self, shop: Shop, link: BankLink) -> None:
        for _ in range(2):
            await self._asked(shop, shop.viewer, link, RefreshTrigger.PERSON)
        refresh = await Refresh.get()
        assert await told(shop) == [
            ("refreshBankLink", "BankLink", link.id, None, {"refresh_id": str(refresh.id)})
        ]

    async def test_what_the_product_does_by_itself_is_no_act(
        self, shop: Shop, link: BankLink
    ) -> None:
        system = Viewer.system(shop.organization.id)
        await self._asked(shop, system, link, RefreshTrigger.SCHEDULE)
        assert await told(shop) == []

    async def _asked(
        self, shop: Shop, viewer: Viewer, link: BankLink, trigger: RefreshTrigger
    ) -> None:
        async with shop.transactions.begin(shop.organization.id) as uow:
            await request_refresh(uow, viewer, bank_link_id=link.id, trigger=trigger)


class TestSessions:
    async def test_a_page_that_does_not_open_is_not_written_down(self, shop: Shop) -> None:
        shop.bank.fail("begin_link", TRANSIENT)
        with pytest.raises(CounterfoilError):
            await started(shop, LinkPurpose.ADD)
        assert await told(shop) == []

    async def test_a_login_that_is_added(self, shop: Shop) -> None:
        session = await started(shop, LinkPurpose.ADD)
        account = FoundAccount("checking", "Checking", "0000", AccountType.BANK)
        shop.bank.answer("handle-1", Found(PLATYPUS, [account], GrantSecret("handover-1")))
        system = Viewer.system(shop.organization.id)
        await shop.linking.advance(system, session.id)
        link = await BankLink.get()
        assert await told(shop) == [
            (
                "startBankLink",
                "LinkSession",
                session.id,
                None,
                {"mode": "ADD", "institution_id": None, "bank_link_id": None},
            ),
            (
                "answerLinkStep",
                "LinkSession",
                session.id,
                None,
                {"state": "DONE", "mode": "ADD", "bank_link_id": str(link.id)},
            ),
        ]

    async def test_a_login_that_is_repaired(self, shop: Shop, link: BankLink) -> None:
        session = await started(shop, LinkPurpose.REPAIR, link)
        shop.bank.answer("handle-1", Repaired())
        await shop.linking.advance(shop.viewer, session.id)
        [first, last] = await told(shop)
        assert first[4] == {
            "mode": "REPAIR",
            "institution_id": None,
            "bank_link_id": str(link.id),
        }
        assert last == (
            "answerLinkStep",
            "LinkSession",
            session.id,
            None,
            {"state": "DONE", "mode": "REPAIR", "bank_link_id": str(link.id)},
        )

    async def test_one_that_is_cancelled(self, shop: Shop) -> None:
        session = await started(shop, LinkPurpose.ADD)
        await shop.linking.cancel(shop.viewer, session.id)
        assert (await told(shop))[1:] == [
            ("cancelLinkSession", "LinkSession", session.id, None, {"state": "CANCELLED"})
        ]

    async def test_no_secret_is_in_any_of_them_and_the_chain_is_whole(self, shop: Shop) -> None:
        session = await started(shop, LinkPurpose.ADD)
        account = FoundAccount("checking", "Checking", "0000", AccountType.BANK)
        shop.bank.answer("handle-1", Found(PLATYPUS, [account], GrantSecret("handover-1")))
        await shop.linking.advance(shop.viewer, session.id)
        stored = str(await AuditEvent.all().values())
        for secret in ("handle-1", "handover-1", "grant-of-handover-1", "bank.example"):
            assert secret not in stored
        assert [found.sentence async for found in findings() if not found.holds] == []
