"""How much of a difference may be written off."""

from __future__ import annotations

import pytest

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict, InvalidInput
from counterfoil.ledger.completing import AMOUNT_LIMIT
from counterfoil.ledger.locks import books_of
from counterfoil.ledger.write_offs import set_write_off_limit
from counterfoil.unit_of_work import Transactions
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.factories import make_organization, make_viewer
from tests.fakes import FixedClock, RecordingBell, RecordingQueue


async def limited(viewer: Viewer, limit_minor: int, *, expected_revision: int = 1) -> None:
    transactions = Transactions(FixedClock(), RecordingBell(), RecordingQueue())
    async with transactions.begin(viewer.organization_id) as uow:
        await set_write_off_limit(
            uow, viewer, limit_minor=limit_minor, expected_revision=expected_revision
        )


@pytest.fixture
async def viewer(database: str) -> Viewer:
    return await make_viewer(await make_organization())


class TestSetWriteOffLimit:
    async def test_without_the_right_it_is_forbidden_and_nothing_changes(
        self, database: str
    ) -> None:
        clerk = await make_viewer(await make_organization(), set(Right) - {Right.SETTINGS})
        with pytest.raises(Forbidden, match="“settings”"):
            await limited(clerk, 50)
        assert (await books_of(clerk)).write_off_limit_minor == 0
        assert await AuditEvent.all().count() == 0

    async def test_it_is_kept_and_told_to_the_auditor(self, viewer: Viewer) -> None:
        await limited(viewer, 50)
        await limited(viewer, 0, expected_revision=2)
        books = await books_of(viewer)
        assert (books.write_off_limit_minor, books.revision) == (0, 3)
        events = await AuditEvent.all().order_by("sequence")
        assert [(each.before, each.after) for each in events] == [
            ({"write_off_limit_minor": 0}, {"write_off_limit_minor": 50}),
            ({"write_off_limit_minor": 50}, {"write_off_limit_minor": 0}),
        ]

    async def test_a_revision_that_is_past_is_a_conflict(self, viewer: Viewer) -> None:
        await limited(viewer, 50)
        with pytest.raises(Conflict):
            await limited(viewer, 60)

    @pytest.mark.parametrize("limit", [-1, AMOUNT_LIMIT])
    async def test_what_is_no_limit_is_refused(self, viewer: Viewer, limit: int) -> None:
        with pytest.raises(InvalidInput) as refused:
            await limited(viewer, limit)
        assert refused.value.field == ("limit",)
        assert (await books_of(viewer)).write_off_limit_minor == 0
