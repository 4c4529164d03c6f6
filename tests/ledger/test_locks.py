"""The period lock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.audit.models import AuditEvent
from counterfoil.errors import Conflict
from counterfoil.kit.ids import new_id
from counterfoil.ledger.days import LAST_KEPT, DayOutOfRange
from counterfoil.ledger.entries import create_entry
from counterfoil.ledger.locks import (
    HardLockIsFinal,
    PeriodLocked,
    books_of,
    open_date,
    reversal_date,
    set_period_lock,
)
from counterfoil.ledger.models import Books, JournalEntry
from counterfoil.viewer import Forbidden, Right, Viewer
from tests.ledger.conftest import DAY, Desk

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
TODAY = date(2026, 3, 10)
"""In New York, where it is before noon at the fixed clock's time."""
days = st.dates(date(2025, 1, 1), date(2027, 1, 1))
locks = st.none() | days


class TestSetPeriodLock:
    async def lock(
        self,
        desk: Desk,
        *,
        soft: date | None = None,
        hard: date | None = None,
        revision: int = 1,
        viewer: Viewer | None = None,
    ) -> Books:
        async with desk.begin() as uow:
            return await set_period_lock(
                uow,
                viewer or desk.viewer,
                soft_lock_on=soft,
                hard_lock_on=hard,
                expected_revision=revision,
            )

    async def test_not_without_the_right(self, desk: Desk) -> None:
        before = await desk.written()
        with pytest.raises(Forbidden):
            await self.lock(desk, soft=JANUARY, viewer=await desk.clerk(Right.LOCK))
        assert await desk.written() == before

    async def test_it_is_kept_and_written_down(self, desk: Desk) -> None:
        books = await self.lock(desk, soft=FEBRUARY, hard=JANUARY)
        assert books.revision == 2
        stored = await books_of(desk.viewer)
        assert (stored.soft_lock_on, stored.hard_lock_on, stored.revision) == (FEBRUARY, JANUARY, 2)
        event = await AuditEvent.get()
        assert (event.action, event.object_type) == ("setPeriodLock", "Organization")
        assert event.before == {"soft_lock_on": None, "hard_lock_on": None}
        assert event.after == {"soft_lock_on": "2026-02-28", "hard_lock_on": "2026-01-31"}

    async def test_of_another_company_stays(self, desk: Desk) -> None:
        await self.lock(desk, soft=FEBRUARY)
        assert (await books_of(await desk.stranger())).soft_lock_on is None

    async def test_not_what_somebody_changed_meanwhile(self, desk: Desk) -> None:
        await self.lock(desk, soft=JANUARY)
        with pytest.raises(Conflict):
            await self.lock(desk, soft=FEBRUARY, revision=1)
        assert (await Books.get()).soft_lock_on == JANUARY

    async def test_a_soft_one_moves_as_one_likes(self, desk: Desk) -> None:
        for revision, soft in enumerate((FEBRUARY, JANUARY, None, date(2026, 12, 31)), start=1):
            books = await self.lock(desk, soft=soft, revision=revision)
            assert books.soft_lock_on == soft

    @pytest.mark.parametrize("hard", [JANUARY, None, TODAY + timedelta(days=1)])
    async def test_a_hard_one_only_moves_on_and_not_beyond_today(
        self, desk: Desk, hard: date | None
    ) -> None:
        await self.lock(desk, hard=FEBRUARY)
        before = await desk.written()
        with pytest.raises(HardLockIsFinal) as refused:
            await self.lock(desk, hard=hard, revision=2)
        assert refused.value.field == ("hard_lock_on",)
        assert "2026-02-28" in str(refused.value)
        assert await desk.written() == before
        assert (await self.lock(desk, hard=TODAY, revision=2)).hard_lock_on == TODAY

    @pytest.mark.parametrize("soft", [date.max, date.min, date(2200, 1, 1), date(1899, 12, 31)])
    async def test_no_soft_one_where_no_books_are_kept(self, desk: Desk, soft: date) -> None:
        before = await desk.written()
        with pytest.raises(DayOutOfRange) as refused:
            await self.lock(desk, soft=soft)
        assert refused.value.field == ("soft_lock_on",)
        assert await desk.written() == before

    async def test_behind_the_last_one_that_there_is_things_are_still_reversed(
        self, desk: Desk
    ) -> None:
        books = await self.lock(desk, soft=LAST_KEPT)
        assert reversal_date(DAY, books) == date(2200, 1, 1)


class TestPosting:
    async def post(self, desk: Desk, viewer: Viewer, on: date) -> JournalEntry:
        async with desk.begin() as uow:
            return (await create_entry(uow, viewer, desk.drafted(posted_on=on))).entry

    async def test_behind_a_hard_lock_nobody_posts(self, desk: Desk) -> None:
        await desk.lock(hard=DAY)
        before = await desk.written()
        with pytest.raises(PeriodLocked) as refused:
            await self.post(desk, desk.viewer, DAY)
        assert (refused.value.locked_up_to, refused.value.hard) == (DAY, True)
        assert refused.value.field == ("posted_on",)
        assert str(refused.value) == "The books are locked up to 2026-03-09. Choose a later date."
        assert await desk.written() == before
        assert (await self.post(desk, desk.viewer, TODAY)).past_lock_on is None

    async def test_behind_a_soft_one_who_may_is_flagged(self, desk: Desk) -> None:
        await desk.lock(soft=DAY)
        with pytest.raises(PeriodLocked) as refused:
            await self.post(desk, await desk.clerk(Right.LOCK), DAY)
        assert (refused.value.locked_up_to, refused.value.hard) == (DAY, False)
        assert (await self.post(desk, desk.viewer, FEBRUARY)).past_lock_on == DAY
        assert (await JournalEntry.get()).past_lock_on == DAY

    async def test_a_draft_is_no_posting(self, desk: Desk) -> None:
        await desk.lock(hard=DAY)
        draft = await desk.entry(post=False)
        assert draft.entry.past_lock_on is None


class TestDates:
    @given(days, locks, locks)
    def test_a_reversal_is_dated_where_anybody_may_post(
        self, on: date, soft: date | None, hard: date | None
    ) -> None:
        books = Books(organization_id=new_id(), soft_lock_on=soft, hard_lock_on=hard)
        clerk = Viewer(new_id(), Viewer.system(new_id()).actor_kind, None, frozenset({Right.CODE}))
        dated = reversal_date(on, books)
        assert open_date(dated, books, clerk) is None
        assert dated == on or dated - timedelta(days=1) in (soft, hard)
        assert dated >= on

    @given(days, locks, locks)
    def test_the_right_to_lock_opens_soft_locks_only(
        self, on: date, soft: date | None, hard: date | None
    ) -> None:
        books = Books(organization_id=new_id(), soft_lock_on=soft, hard_lock_on=hard)
        viewer = Viewer.system(new_id())
        if hard is not None and on <= hard:
            with pytest.raises(PeriodLocked):
                open_date(on, books, viewer)
        else:
            behind = soft is not None and on <= soft
            assert open_date(on, books, viewer) == (soft if behind else None)
