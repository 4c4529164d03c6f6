"""The period lock: up to which date nothing more is posted."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from counterfoil.audit.operations import record
from counterfoil.errors import Conflict, CounterfoilError, InvalidInput
from counterfoil.identity.models import Organization
from counterfoil.ledger.days import refuse_out_of_range
from counterfoil.ledger.models import Books
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer


class PeriodLocked(CounterfoilError):
    """Nothing dated up to `locked_up_to` is posted: by nobody (`hard`), or not by this viewer."""

    code = "PERIOD_LOCKED"
    field = ("posted_on",)

    def __init__(self, locked_up_to: date, *, hard: bool) -> None:
        self.locked_up_to, self.hard = locked_up_to, hard
        remedy = "" if hard else ", or ask somebody with the right “lock”"
        super().__init__(
            f"The books are locked up to {locked_up_to.isoformat()}. Choose a later date{remedy}."
        )


class HardLockIsFinal(InvalidInput):
    """A hard lock only moves on, and never beyond today."""

    def __init__(self, kept: date | None, today: date) -> None:
        self.kept, self.today = kept, today
        since = f" It stays at {kept.isoformat()} or later" if kept else " It can't be taken back"
        super().__init__(
            f"A hard lock is final.{since}, and no later than today, {today.isoformat()}.",
            field=("hard_lock_on",),
        )


async def books_of(viewer: Viewer) -> Books:
    """The settings of the viewer's books; the defaults where none were made."""
    found = await Books.get_or_none(organization_id=viewer.organization_id)
    return found or Books(organization_id=viewer.organization_id)


def open_date(on: date, books: Books, viewer: Viewer) -> date | None:
    """Pass when the viewer may post something dated `on`; the soft lock that it goes behind.

    Raises:
        PeriodLocked.
    """
    if books.hard_lock_on is not None and on <= books.hard_lock_on:
        raise PeriodLocked(books.hard_lock_on, hard=True)
    if books.soft_lock_on is None or on > books.soft_lock_on:
        return None
    if not viewer.may(Right.LOCK):
        raise PeriodLocked(books.soft_lock_on, hard=False)
    return books.soft_lock_on


def reversal_date(on: date, books: Books) -> date:
    """`on` where no lock reaches it, else the first day that none does.

    A soft lock counts for everybody here: what takes an entry back must not change a period that
    may have been reported, unless a person chose that date.
    """
    locks = [lock for lock in (books.soft_lock_on, books.hard_lock_on) if lock is not None]
    return max([on, *(lock + timedelta(days=1) for lock in locks)])


async def set_period_lock(
    uow: UnitOfWork,
    viewer: Viewer,
    *,
    soft_lock_on: date | None,
    hard_lock_on: date | None,
    expected_revision: int,
) -> Books:
    """Lock the books up to these dates; null is no lock.

    Raises:
        Forbidden, Conflict; HardLockIsFinal: it would move back, or beyond today. DayOutOfRange.
    """
    await uow.position()
    viewer.require(Right.LOCK)
    books = await books_of(viewer)
    if books.revision != expected_revision:
        raise Conflict(
            of="Books",
            object_id=viewer.organization_id,
            expected=expected_revision,
            actual=books.revision,
        )
    before = _dates(books)
    if soft_lock_on is not None:
        refuse_out_of_range(soft_lock_on, field=("soft_lock_on",))
    await _refuse_final(uow, viewer, books.hard_lock_on, hard_lock_on)
    books.soft_lock_on, books.hard_lock_on = soft_lock_on, hard_lock_on
    books.revision += 1
    await books.save()
    uow.upserted(ChangeType.ORGANIZATION, viewer.organization_id, None)
    await record(
        uow,
        viewer,
        action="setPeriodLock",
        object_type="Organization",
        object_id=viewer.organization_id,
        before=before,
        after=_dates(books),
    )
    return books


async def _refuse_final(
    uow: UnitOfWork, viewer: Viewer, kept: date | None, wanted: date | None
) -> None:
    if wanted == kept:
        return
    organization = await Organization.get(id=viewer.organization_id)
    today = uow.now.astimezone(ZoneInfo(organization.time_zone)).date()
    if wanted is None or wanted > today or (kept is not None and wanted < kept):
        raise HardLockIsFinal(kept, today)


def _dates(books: Books) -> dict[str, date | None]:
    return {"soft_lock_on": books.soft_lock_on, "hard_lock_on": books.hard_lock_on}
