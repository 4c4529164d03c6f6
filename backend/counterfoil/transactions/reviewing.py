"""What people say of bank lines before and after they are booked. Reads follow `uow.position()`.

These are the rows alone: who may do it, and the act that it is a part of, are `reconciliation`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import F

from counterfoil.errors import Conflict, NotFound
from counterfoil.kit.unset import UNSET, Unset
from counterfoil.transactions.models import BankTransaction, Exclusion, PreparedCoding
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Viewer

_FIELD = ("bank_transaction_id",)


async def locked_lines(
    uow: UnitOfWork, viewer: Viewer, wanted: Mapping[UUID, int | None]
) -> list[BankTransaction]:
    """The viewer's lines, held until the commit, in the order of `wanted`: ids to revisions.

    A line without a revision is taken as it is. Those of hidden and deleted accounts, and lines
    that the bank withdrew while nothing was booked, are not there.

    Raises:
        NotFound: one is absent or another organization's.
        Conflict: what an act depends on changed after its revision was read.
    """
    lines = await present_lines(uow, viewer, wanted)
    require_unchanged(lines, wanted)
    return lines


async def present_lines(
    uow: UnitOfWork, viewer: Viewer, wanted: Collection[UUID]
) -> list[BankTransaction]:
    """As `locked_lines`, whatever their revisions.

    Raises:
        NotFound.
    """
    await uow.position()
    rows = await BankTransaction.filter(
        id__in=list(wanted),
        organization_id=viewer.organization_id,
        bank_account__hidden_at__isnull=True,
        bank_account__deleted_at__isnull=True,
    )
    found = {row.id: row for row in rows if row.removed_at is None or row.reconciled_minor != 0}
    if not found.keys() >= set(wanted):
        raise NotFound(field=_FIELD)
    return [found[bank_transaction_id] for bank_transaction_id in wanted]


def require_unchanged(
    lines: Sequence[BankTransaction], expected: Mapping[UUID, int | None]
) -> None:
    """Pass when what an act depends on is as it was at the revision expected of each line, if any.

    Raises:
        Conflict.
    """
    for line in lines:
        revision = expected[line.id]
        if revision is not None:
            require_current(line, revision)


def require_current(line: BankTransaction, expected_revision: int) -> None:
    """Pass unless the line's amount, date, currency or standing changed since that revision.

    Raises:
        Conflict.
    """
    if not line.binding_revision <= expected_revision <= line.revision:
        raise Conflict(
            of="BankTransaction",
            object_id=line.id,
            expected=expected_revision,
            actual=line.revision,
        )


async def touch(uow: UnitOfWork, bank_transaction_ids: Collection[UUID]) -> None:
    """Say that these lines changed: their next revision, at this transaction's position."""
    for bank_transaction_id in bank_transaction_ids:
        uow.upserted(ChangeType.BANK_TRANSACTION, bank_transaction_id, None)
    if bank_transaction_ids:
        await BankTransaction.filter(id__in=list(bank_transaction_ids)).update(
            revision=F("revision") + 1,
            binding_revision=F("revision") + 1,
            changed_at=uow.now,
            change_position=await uow.position(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """Why a line is out of review, since when, and by which act of whom."""

    bank_transaction_id: UUID
    reason: str
    actor: str
    act_id: UUID
    excluded_at: datetime


async def exclude(uow: UnitOfWork, exclusions: Sequence[Excluded]) -> None:
    """Take posted lines that are not reconciled out of review."""
    for moment in {exclusion.excluded_at for exclusion in exclusions}:
        ids = [e.bank_transaction_id for e in exclusions if e.excluded_at == moment]
        await BankTransaction.filter(id__in=ids).update(excluded_at=moment)
    await Exclusion.bulk_create(
        [
            Exclusion(
                bank_transaction_id=exclusion.bank_transaction_id,
                reason=exclusion.reason,
                actor=exclusion.actor,
                act_id=exclusion.act_id,
                excluded_at=exclusion.excluded_at,
            )
            for exclusion in exclusions
        ]
    )
    await touch(uow, [exclusion.bank_transaction_id for exclusion in exclusions])


async def restore(uow: UnitOfWork, bank_transaction_ids: Collection[UUID]) -> list[Excluded]:
    """Bring excluded lines back to review; returns what their exclusions said."""
    ids = list(bank_transaction_ids)
    rows = await Exclusion.filter(bank_transaction_id__in=ids)
    await Exclusion.filter(bank_transaction_id__in=ids).delete()
    await BankTransaction.filter(id__in=ids).update(excluded_at=None)
    await touch(uow, ids)
    return [
        Excluded(
            bank_transaction_id=row.bank_transaction_id,
            reason=row.reason,
            actor=row.actor,
            act_id=row.act_id,
            excluded_at=row.excluded_at,
        )
        for row in rows
    ]


async def annotate(
    uow: UnitOfWork,
    viewer: Viewer,
    line: BankTransaction,
    *,
    comment: str | Unset | None = UNSET,
    to_check: bool | Unset = UNSET,
    coding: dict[str, Any] | Unset | None = UNSET,
) -> BankTransaction:
    """Note a comment, the wish to look again, or how to book a line (as in `PreparedCoding`)."""
    columns: dict[str, object] = {}
    if comment is not UNSET:
        columns["comment"] = comment
    if to_check is not UNSET:
        columns["to_check_at"] = (line.to_check_at or uow.now) if to_check else None
    if columns:
        await BankTransaction.filter(id=line.id).update(**columns)
    if coding is not UNSET:
        await _prepare(uow, viewer, line, coding)
    await touch(uow, [line.id])
    return await BankTransaction.get(id=line.id)


async def _prepare(
    uow: UnitOfWork, viewer: Viewer, line: BankTransaction, coding: dict[str, Any] | None
) -> None:
    await PreparedCoding.filter(bank_transaction_id=line.id).delete()
    if coding is not None:
        await PreparedCoding.create(
            bank_transaction_id=line.id,
            amount_minor=line.amount_minor,
            coding=coding,
            actor=viewer.actor,
            prepared_at=uow.now,
        )
