"""Booked lines that the bank changed or withdrew: nothing of them moves before a person decides.

A pull notes what the bank reports now (`note`); what was booked stays as it was (`held`). Undoing
the match lets the bank's version in; `keep_ours` lets it never in while the match stands. Other
ways to decide (accept, adjust, rebook, duplicate of) move matches and entries, so they are
`reconciliation`'s, which keeps its decisions by `decisions`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from counterfoil.audit import operations as audit
from counterfoil.errors import CounterfoilError, InvalidInput, NotFound
from counterfoil.kit.ids import new_id
from counterfoil.kit.text import uncut
from counterfoil.transactions.bulk import NO_HASH, Booked, Line
from counterfoil.transactions.models import BankTransaction, ReviewItem, ReviewKind
from counterfoil.transactions.reviewing import touch
from counterfoil.unit_of_work import UnitOfWork, once
from counterfoil.viewer import Right, Viewer

REASON_LENGTH = 500


class Resolution(StrEnum):
    """How a review item ended."""

    REVERTED = "REVERTED"
    """The bank reports again what is booked, also where a person had kept it."""
    REPLACED = "REPLACED"
    """The bank reported something else in the meantime."""
    UNMATCHED = "UNMATCHED"
    """The match was undone, and the line became what the bank reports."""
    KEPT = "KEPT"
    """A person keeps what is booked, and said why."""
    ACCEPTED = "ACCEPTED"
    """The line became what the bank reports; what differs is open."""
    ADJUSTED = "ADJUSTED"
    """The line became what the bank reports; what differs was posted to an account."""
    REBOOKED = "REBOOKED"
    """The entry was reversed, and what the bank reports was booked anew."""
    DUPLICATE = "DUPLICATE"
    """Another line took over the match."""


class AlreadyDecided(CounterfoilError):
    """The review item is no longer open."""

    code = "ALREADY_DECIDED"
    field = ("review_item_id",)

    def __init__(self) -> None:
        super().__init__(
            "This has been decided, or the bank reports something else by now. Look at the line "
            "again."
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What the bank says now of a booked line.

    `kind` is None when that is what is booked. `reported` is as in `ReviewItem`.
    """

    bank_transaction_id: UUID
    kind: ReviewKind | None
    reported: dict[str, Any] | None = None

    def repeats(self, item: ReviewItem | None) -> bool:
        """Whether `item` says the same."""
        return item is not None and (item.kind, item.reported) == (self.kind, self.reported)


def held(line: Line, booked: Booked | None) -> Line:
    """`line` as it may be stored: of a booked one, what the match holds stays."""
    if booked is None:
        return line
    return line._replace(
        amount_minor=booked.amount_minor,
        currency=booked.currency,
        exponent=booked.exponent,
        dated_on=booked.dated_on,
        pending=booked.pending,
    )


def reports(
    written: Iterable[Line], withdrawn: Iterable[str], booked: Mapping[str, Booked]
) -> list[Report]:
    """What a page says of the lines in `booked`. What was withdrawn before says nothing new."""
    changed = [
        _report(line, booked[line.aggregator_id])
        for line in written
        if line.aggregator_id in booked
    ]
    gone = [booked[key] for key in withdrawn if key in booked and not booked[key].withdrawn]
    return [*changed, *(Report(line.id, ReviewKind.WITHDRAWN) for line in gone)]


def _report(line: Line, booked: Booked) -> Report:
    if line == held(line, booked):
        return Report(booked.id, None)
    reported = {
        "amount_minor": line.amount_minor,
        "currency": line.currency,
        "exponent": line.exponent,
        "dated_on": line.dated_on.isoformat(),
        "pending": line.pending,
    }
    return Report(booked.id, ReviewKind.CHANGED, reported)


async def note(uow: UnitOfWork, said: Sequence[Report], *, refresh_id: UUID) -> None:
    """Keep what the bank says of booked lines: at most one open item each.

    A report that repeats the open item, or the one against which a person kept what is booked,
    changes nothing; where the bank says again what is booked, either of them is over. The lines
    that the bank withdrew are touched here, others by their update.
    """
    if not said:
        return
    newest = await _newest_items([report.bank_transaction_id for report in said])
    news = [report for report in said if not report.repeats(_standing(newest, report))]
    raised = [report for report in news if report.kind is not None]
    reverted = [report for report in news if report.kind is None]
    await _close(uow, newest, reverted, Resolution.REVERTED)
    await _close(uow, newest, raised, Resolution.REPLACED)
    await ReviewItem.bulk_create([_item(uow, report, refresh_id) for report in raised])
    await _lines(reverted).update(undecided_at=None, binding_revision=F("revision"))
    await _lines(raised).update(undecided_at=uow.now, binding_revision=F("revision"))
    gone = [report for report in said if report.kind is ReviewKind.WITHDRAWN]
    await _lines(gone).update(raw_hash=NO_HASH, last_refresh_id=refresh_id)
    await touch(uow, [report.bank_transaction_id for report in gone])


def _lines(said: Sequence[Report]) -> QuerySet[BankTransaction]:
    return BankTransaction.filter(id__in=[report.bank_transaction_id for report in said])


async def _newest_items(bank_transaction_ids: Collection[UUID]) -> Mapping[UUID, ReviewItem]:
    """The open item of each line, else the one that was raised last."""
    return _newest(await ReviewItem.filter(bank_transaction_id__in=list(bank_transaction_ids)))


def _newest(items: Iterable[ReviewItem]) -> Mapping[UUID, ReviewItem]:
    in_order = sorted(items, key=lambda item: (item.resolved_at is None, item.raised_at))
    return {item.bank_transaction_id: item for item in in_order}


def _standing(newest: Mapping[UUID, ReviewItem], report: Report) -> ReviewItem | None:
    """The item that a repetition adds nothing to."""
    item = newest.get(report.bank_transaction_id)
    return item if item is not None and item.resolution in _STANDING else None


_STANDING = (None, Resolution.KEPT)


async def _close(
    uow: UnitOfWork,
    newest: Mapping[UUID, ReviewItem],
    said: Iterable[Report],
    resolution: Resolution,
) -> None:
    ends = _STANDING if resolution is Resolution.REVERTED else (None,)
    items = [newest.get(report.bank_transaction_id) for report in said]
    ended = [item.id for item in items if item is not None and item.resolution in ends]
    await ReviewItem.filter(id__in=ended).update(resolved_at=uow.now, resolution=resolution)


def _item(uow: UnitOfWork, report: Report, refresh_id: UUID) -> ReviewItem:
    return ReviewItem(
        organization_id=uow.organization_id,
        bank_transaction_id=report.bank_transaction_id,
        kind=report.kind,
        reported=report.reported,
        refresh_id=refresh_id,
        raised_at=uow.now,
    )


async def after_unmatch(uow: UnitOfWork, bank_transaction_ids: Collection[UUID]) -> None:
    """Let the bank's version into those of the lines that are in no match any more.

    That is what it reported while they were booked, also where a person kept what was booked: the
    match was what kept it. Called once the match is gone; the caller touches the lines.
    """
    waiting = await waiting_versions(bank_transaction_ids)
    free = await BankTransaction.filter(id__in=list(waiting), reconciled_minor=0)
    for line in free:
        item = waiting[line.id]
        await BankTransaction.filter(id=line.id).update(
            undecided_at=None, **_columns(item, withdrawn_at=uow.now)
        )
        await ReviewItem.filter(id=item.id).update(
            resolved_at=uow.now, resolution=Resolution.UNMATCHED
        )


async def waiting_versions(bank_transaction_ids: Collection[UUID]) -> Mapping[UUID, ReviewItem]:
    """What comes in of these lines once they are in no match any more, where anything does."""
    return _still_standing(await _newest_items(bank_transaction_ids))


async def standing_versions(bank_account_id: UUID) -> Mapping[UUID, ReviewItem]:
    """As `waiting_versions`, of all booked lines of an account."""
    return _still_standing(
        _newest(
            await ReviewItem.filter(
                bank_transaction__bank_account_id=bank_account_id,
                bank_transaction__reconciled_minor__not=0,
            )
        )
    )


def _still_standing(newest: Mapping[UUID, ReviewItem]) -> Mapping[UUID, ReviewItem]:
    return {key: item for key, item in newest.items() if item.resolution in _STANDING}


def _columns(item: ReviewItem, *, withdrawn_at: datetime) -> dict[str, Any]:
    if item.kind is ReviewKind.WITHDRAWN:
        return {"removed_at": withdrawn_at}
    return as_reported(item)


def as_reported(item: ReviewItem) -> dict[str, Any]:
    """The columns of a bank line as the bank reports it: of a line that it changed."""
    return {**item.reported, "dated_on": date.fromisoformat(item.reported["dated_on"])}


async def keep_ours(
    uow: UnitOfWork, viewer: Viewer, *, review_item_id: UUID, reason: str, key: str
) -> ReviewItem:
    """Keep what is booked against what the bank reports; the same report is no news from then on.

    The match stands, the line is decided, and the reason is kept with the item.

    Raises:
        Forbidden, NotFound, IdempotencyKeyInvalid, IdempotencyKeyReused.
        InvalidInput: no reason, or one of more than 500 characters.
        AlreadyDecided: the item is closed.
    """
    await uow.position()
    item = await visible_item(viewer, review_item_id)
    viewer.require(Right.CODE)
    said = _reason(reason)
    call = new_id()
    first = await once(
        uow,
        actor=viewer.actor,
        operation="keepOurs",
        key=key,
        asked=[str(review_item_id), said],
        object_id=call,
    )
    if first != call:
        return item
    if item.resolved_at is not None:
        raise AlreadyDecided
    return await _keep(uow, viewer, item, said)


async def visible_item(viewer: Viewer, review_item_id: UUID) -> ReviewItem:
    """The viewer's review item, decided or not, of an account that is shown.

    Raises:
        NotFound.
    """
    item = await ReviewItem.filter(
        id=review_item_id,
        organization_id=viewer.organization_id,
        bank_transaction__bank_account__hidden_at__isnull=True,
        bank_transaction__bank_account__deleted_at__isnull=True,
    ).first()
    if item is None:
        raise NotFound(field=("review_item_id",))
    return item


def _reason(typed: str) -> str:
    said = uncut(typed)
    if not 1 <= len(said) <= REASON_LENGTH:
        raise InvalidInput(f"Give a reason of 1 to {REASON_LENGTH} characters.", field=("reason",))
    return said


async def _keep(uow: UnitOfWork, viewer: Viewer, item: ReviewItem, reason: str) -> ReviewItem:
    item.resolved_at, item.resolution, item.reason = uow.now, Resolution.KEPT, reason
    await item.save(update_fields=["resolved_at", "resolution", "reason"])
    await BankTransaction.filter(id=item.bank_transaction_id).update(undecided_at=None)
    await touch(uow, [item.bank_transaction_id])
    await audit.record(
        uow,
        viewer,
        action="keepOurs",
        object_type="BankTransaction",
        object_id=item.bank_transaction_id,
        after={"review_item_id": str(item.id), "kind": item.kind, "reason": reason},
    )
    return item
