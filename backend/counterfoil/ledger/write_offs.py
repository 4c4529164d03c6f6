"""How much of a difference may be written off."""

from __future__ import annotations

from counterfoil.audit.operations import record
from counterfoil.errors import Conflict, InvalidInput
from counterfoil.ledger.completing import AMOUNT_LIMIT
from counterfoil.ledger.locks import books_of
from counterfoil.ledger.models import Books
from counterfoil.unit_of_work import ChangeType, UnitOfWork
from counterfoil.viewer import Right, Viewer


async def set_write_off_limit(
    uow: UnitOfWork, viewer: Viewer, *, limit_minor: int, expected_revision: int
) -> Books:
    """Let differences up to this be written off, in minor units of the base currency; 0: none.

    Raises:
        Forbidden, Conflict; InvalidInput: less than 0, or more than the books can hold.
    """
    await uow.position()
    viewer.require(Right.SETTINGS)
    books = await books_of(viewer)
    if books.revision != expected_revision:
        raise Conflict(
            of="Books",
            object_id=viewer.organization_id,
            expected=expected_revision,
            actual=books.revision,
        )
    if not 0 <= limit_minor < AMOUNT_LIMIT:
        raise InvalidInput("A limit is 0 or more.", field=("limit",))
    before = books.write_off_limit_minor
    books.write_off_limit_minor = limit_minor
    books.revision += 1
    await books.save()
    uow.upserted(ChangeType.ORGANIZATION, viewer.organization_id, None)
    await record(
        uow,
        viewer,
        action="setWriteOffLimit",
        object_type="Organization",
        object_id=viewer.organization_id,
        before={"write_off_limit_minor": before},
        after={"write_off_limit_minor": limit_minor},
    )
    return books
