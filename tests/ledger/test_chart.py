"""Writing ledger accounts, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.ledger import chart
from counterfoil.ledger.chart import (
    Changes,
    ExternalIdTaken,
    LedgerAccountInUse,
    LedgerNumberTaken,
    ParentUnsuitable,
    Wanted,
)
from counterfoil.ledger.models import (
    EntrySource,
    JournalEntry,
    JournalLine,
    LedgerAccount,
    LedgerAccountType,
)
from counterfoil.unit_of_work import Change, Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import (
    make_account,
    make_link,
    make_organization,
    make_viewer,
)
from tests.fakes import NOW, FixedClock, RecordingBell, RecordingQueue

pytestmark = pytest.mark.usefixtures("database")
ASSET, EXPENSE = LedgerAccountType.ASSET, LedgerAccountType.EXPENSE
CASH = Wanted(number="1000", name="Cash", type=ASSET, currency="USD")


def _transactions() -> Transactions:
    return Transactions(FixedClock(), RecordingBell(), RecordingQueue())


async def _create(viewer: Viewer, wanted: Wanted = CASH, **changes: Any) -> LedgerAccount:
    values = {name: getattr(wanted, name) for name in Wanted.__slots__}
    async with _transactions().begin(viewer.organization_id) as uow:
        return await chart.create(uow, viewer, Wanted(**{**values, **changes}))


async def _update(
    viewer: Viewer, ledger_account_id: UUID, expected_revision: int = 1, **changes: Any
) -> LedgerAccount:
    async with _transactions().begin(viewer.organization_id) as uow:
        return await chart.update(
            uow,
            viewer,
            ledger_account_id=ledger_account_id,
            expected_revision=expected_revision,
            changes=Changes(**changes),  # type: ignore[typeddict-item]
        )


@pytest.fixture
async def viewer() -> Viewer:
    return await make_viewer(await make_organization())


async def _give_a_line(account: LedgerAccount) -> None:
    """A draft with one line on the account."""
    entry = await JournalEntry.create(
        organization_id=account.organization_id,
        posted_on=date(2026, 3, 1),
        source=EntrySource.PERSON,
        created_by="USER:",
        created_at=NOW,
    )
    await JournalLine.create(
        organization_id=account.organization_id,
        journal_entry_id=entry.id,
        position=1,
        ledger_account_id=account.id,
        amount_minor=100,
        currency=account.currency or "USD",
        base_minor=100,
    )


class TestCreate:
    async def test_denied(self) -> None:
        reader = await make_viewer(await make_organization(), rights=set(Right) - {Right.ACCOUNTS})
        with pytest.raises(Forbidden) as denied:
            await _create(reader)
        assert denied.value.right is Right.ACCOUNTS
        assert await LedgerAccount.all().count() == 0
        assert await AuditEvent.all().count() == 0

    async def test_an_account_with_all_its_facts(self, viewer: Viewer) -> None:
        cash = await _create(viewer)
        till = await _create(
            viewer, number=" 1010 ", name="Till\n2", parent_id=cash.id, external_id="acct/7"
        )
        kept = await LedgerAccount.get(id=till.id)
        assert (kept.number, kept.name, kept.parent_id) == ("1010", "Till 2", cash.id)
        assert (kept.currency, kept.external_id, kept.revision) == ("USD", "acct/7", 1)
        assert (kept.inactive_at, kept.control) == (None, False)
        told = await Change.filter(object_id=till.id).values_list("type", "revision")
        assert told == [("LEDGER_ACCOUNT", 1)]
        event = await AuditEvent.get(object_id=till.id)
        assert event.action == "createLedgerAccount"
        assert not event.before
        assert event.after == {
            "number": "1010",
            "name": "Till 2",
            "type": "ASSET",
            "currency": "USD",
            "parent_id": str(cash.id),
            "control": False,
            "external_id": "acct/7",
            "active": True,
        }

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"number": "  "}, "number"),
            ({"number": "1" * 21}, "number"),
            ({"name": "\u200b"}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"external_id": ""}, "external_id"),
            ({"external_id": "x" * 129}, "external_id"),
            ({"currency": "XYZ"}, "currency"),
            ({"currency": "X:BTC"}, "currency"),
        ],
    )
    async def test_bounds(self, viewer: Viewer, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            await _create(viewer, **changes)
        assert refused.value.field == (field,)
        assert await LedgerAccount.all().count() == 0

    async def test_a_number_is_unique_within_the_organization(self, viewer: Viewer) -> None:
        await _create(await make_viewer(await make_organization()))
        await _create(viewer)
        with pytest.raises(LedgerNumberTaken) as refused:
            await _create(viewer, name="Till")
        assert str(refused.value) == "Number 1000 belongs to “Cash”. Choose another number."

    async def test_an_external_id_too(self, viewer: Viewer) -> None:
        await _create(viewer, external_id="7")
        with pytest.raises(ExternalIdTaken):
            await _create(viewer, number="1010", external_id="7")
        assert await LedgerAccount.all().count() == 1

    async def test_a_parent_is_ones_own_and_of_the_same_type(self, viewer: Viewer) -> None:
        foreign = await _create(await make_viewer(await make_organization()))
        with pytest.raises(NotFound) as absent:
            await _create(viewer, parent_id=foreign.id)
        assert absent.value.field == ("parent_id",)
        cash = await _create(viewer)
        with pytest.raises(ParentUnsuitable):
            await _create(viewer, number="6000", type=EXPENSE, parent_id=cash.id)


class TestUpdate:
    async def test_denied(self, viewer: Viewer) -> None:
        cash = await _create(viewer)
        foreign = await make_viewer(await make_organization())
        reader = Viewer(viewer.organization_id, viewer.actor_kind, viewer.user_id, frozenset())
        for who, error in ((foreign, NotFound), (reader, Forbidden)):
            with pytest.raises(error):
                await _update(who, cash.id, name="Mine")
        with pytest.raises(NotFound):
            await _update(viewer, new_id(), name="Nobody's")
        assert (await LedgerAccount.get(id=cash.id)).name == "Cash"

    async def test_an_older_revision_is_a_conflict(self, viewer: Viewer) -> None:
        cash = await _create(viewer)
        await _update(viewer, cash.id, name="Till")
        with pytest.raises(Conflict) as refused:
            await _update(viewer, cash.id, name="Chest")
        assert (refused.value.of, refused.value.object_id) == ("LedgerAccount", cash.id)
        assert (await LedgerAccount.get(id=cash.id)).name == "Till"

    async def test_what_is_left_out_stays_and_the_change_is_told(self, viewer: Viewer) -> None:
        cash = await _create(viewer, external_id="7")
        changed = await _update(viewer, cash.id, number="1001", currency=None, external_id=None)
        assert (changed.revision, changed.name) == (2, "Cash")
        kept = await LedgerAccount.get(id=cash.id)
        assert (kept.number, kept.currency, kept.external_id) == ("1001", None, None)
        event = await AuditEvent.get(object_id=cash.id, action="updateLedgerAccount")
        assert event.before == {"number": "1000", "currency": "USD", "external_id": "7"}
        assert event.after == {"number": "1001", "currency": None, "external_id": None}

    async def test_changing_nothing_writes_nothing(self, viewer: Viewer) -> None:
        cash = await _create(viewer)
        assert (await _update(viewer, cash.id, name=" Cash ")).revision == 1
        assert await AuditEvent.all().count() == 1

    async def test_off_and_on_again(self, viewer: Viewer) -> None:
        cash = await _create(viewer)
        assert (await _update(viewer, cash.id, active=False)).inactive_at == NOW
        assert (await _update(viewer, cash.id, 2, active=True)).inactive_at is None

    async def test_type_and_currency_are_fixed_once_lines_exist(self, viewer: Viewer) -> None:
        cash = await _create(viewer)
        await _give_a_line(cash)
        changes: dict[str, Any] = {"type": EXPENSE, "currency": None}
        for field, value in changes.items():
            with pytest.raises(LedgerAccountInUse) as refused:
                await _update(viewer, cash.id, **{field: value})
            assert refused.value.field == (field,)
        await _update(viewer, cash.id, name="Chest", control=True, active=False)
        kept = await LedgerAccount.get(id=cash.id)
        assert (kept.type, kept.currency, kept.name) == (ASSET, "USD", "Chest")

    async def test_an_account_is_no_part_of_itself(self, viewer: Viewer) -> None:
        top = await _create(viewer)
        middle = await _create(viewer, number="1010", parent_id=top.id)
        bottom = await _create(viewer, number="1011", parent_id=middle.id)
        for parent in (top, middle, bottom):
            with pytest.raises(ParentUnsuitable):
                await _update(viewer, top.id, parent_id=parent.id)
        assert (await LedgerAccount.get(id=top.id)).parent_id is None

    async def test_parts_are_of_the_type_of_their_whole(self, viewer: Viewer) -> None:
        top = await _create(viewer)
        part = await _create(viewer, number="1010", parent_id=top.id)
        with pytest.raises(LedgerAccountInUse):
            await _update(viewer, top.id, type=EXPENSE)
        with pytest.raises(ParentUnsuitable):
            await _update(viewer, part.id, type=EXPENSE)
        free = await _update(viewer, part.id, type=EXPENSE, parent_id=None)
        assert (free.type, free.parent_id) == (EXPENSE, None)


class TestAnAccountThatABankAccountIsKeptIn:
    @pytest.fixture
    async def kept_in(self, viewer: Viewer) -> LedgerAccount:
        return await _create(viewer)

    async def _keep(self, kept_in: LedgerAccount, **values: Any) -> None:
        organization = await make_organization(id=new_id())
        link = await make_link(organization)
        await make_account(link, ledger_account_id=kept_in.id, **values)

    @pytest.mark.parametrize(
        "changes",
        [{"active": False}, {"control": True}, {"type": EXPENSE}, {"currency": "EUR"}],
        ids=str,
    )
    async def test_stays_one_that_it_can_be_kept_in(
        self, viewer: Viewer, kept_in: LedgerAccount, changes: dict[str, Any]
    ) -> None:
        await self._keep(kept_in)
        with pytest.raises(LedgerAccountInUse) as refused:
            await _update(viewer, kept_in.id, **changes)
        assert refused.value.field == tuple(changes)
        assert (await LedgerAccount.get(id=kept_in.id)).revision == 1

    async def test_may_be_renamed(self, viewer: Viewer, kept_in: LedgerAccount) -> None:
        await self._keep(kept_in)
        assert (await _update(viewer, kept_in.id, name="Chest", number="1")).revision == 2

    async def test_is_free_again_once_that_is_hidden(
        self, viewer: Viewer, kept_in: LedgerAccount
    ) -> None:
        await self._keep(kept_in, hidden_at=NOW)
        assert (await _update(viewer, kept_in.id, active=False)).inactive_at == NOW
