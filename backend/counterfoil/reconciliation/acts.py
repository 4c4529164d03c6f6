"""Beginning and finishing an act: its row, its place in the order, its key, its trail.

An operation in the books begins its act, writes what it does under the act's id, and finishes it.
A refusal in between takes the act away with everything else, and frees its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from counterfoil.audit import operations as audit
from counterfoil.reconciliation.models import Act, ActKind
from counterfoil.unit_of_work import ChangeType, IdempotencyKeyReused, UnitOfWork, input_hash
from counterfoil.viewer import Right, Viewer


@dataclass(frozen=True, slots=True)
class Key:
    """A client's word for one call of one operation, kept for ever on the act.

    `asked` is the whole input: plain values, ids, dates, and dataclasses of these.
    """

    operation: str
    key: str
    asked: object


async def begin(
    uow: UnitOfWork,
    viewer: Viewer,
    kind: ActKind,
    *,
    key: Key | None,
    bank_account_id: UUID | None,
    parent: Act | None = None,
    right: Right = Right.CODE,
) -> tuple[Act, bool]:
    """Take the place of an act in the order of the books, and its row.

    With True, the same call was made before: this is its act, as it is now, and there is nothing
    to do. Acts of one organization wait here for each other, until the commit.

    Raises:
        Forbidden: the viewer lacks `right`.
        IdempotencyKeyInvalid; IdempotencyKeyReused: the key was used with another input.
    """
    await uow.position()
    viewer.require(right)
    if key and (before := await done_before(uow, viewer, key, right=right)):
        return before, True
    act = await Act.create(
        organization_id=viewer.organization_id,
        kind=kind,
        actor=viewer.actor,
        acted_at=uow.now,
        bank_account_id=bank_account_id,
        parent_id=parent.id if parent else None,
        details={},
        operation=key.operation if key else None,
        idempotency_key=key.key if key else None,
        input_hash=input_hash(key.key, key.asked) if key else None,
    )
    return act, False


async def done_before(
    uow: UnitOfWork, viewer: Viewer, key: Key, *, right: Right = Right.CODE
) -> Act | None:
    """The act of the same call, as it is now, if it was made before.

    For who has to read something before the act can begin: what a call needed the first time may
    be gone since.

    Raises:
        Forbidden, IdempotencyKeyInvalid, IdempotencyKeyReused.
    """
    await uow.position()
    viewer.require(right)
    digest = input_hash(key.key, key.asked)
    before = await Act.filter(
        organization_id=viewer.organization_id,
        actor=viewer.actor,
        operation=key.operation,
        idempotency_key=key.key,
    ).first()
    if before is None:
        return None
    if before.input_hash != digest:
        raise IdempotencyKeyReused
    before.replayed = True
    return before


async def finish(
    uow: UnitOfWork, viewer: Viewer, act: Act, *, action: str, **ids: Iterable[UUID]
) -> Act:
    """Write down what the act did: the ids by kind (`bank_transaction_ids=…`), and the trail.

    `action` is the operation in words of the API. What undoing needs beside ids, the operation
    has put into `act.details` before; the audit event has the ids alone.
    """
    named = {name: sorted({str(one) for one in those}) for name, those in ids.items()}
    act.details = {**act.details, **named}
    await act.save(update_fields=["details", "bank_account_id"])
    uow.upserted(ChangeType.ACT, act.id, act.revision)
    await audit.record(
        uow,
        viewer,
        action=action,
        object_type="Act",
        object_id=act.id,
        after={"kind": act.kind, **named},
    )
    return act
