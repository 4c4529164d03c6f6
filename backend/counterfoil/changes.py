"""What changed in an organization, in the order of commits.

The feed is the merge of the table `change` and of the lines themselves, which carry their own
position: a pull of a hundred thousand lines writes no second row for each. Places are ordered by
(position, type, id); positions are those of the unit of work, so that no reader passes a place
behind which something can still appear.
"""

from __future__ import annotations

import heapq
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from counterfoil.errors import CounterfoilError
from counterfoil.kit.conditions import Parameters
from counterfoil.kit.cursors import CursorMismatch
from counterfoil.kit.sql import fetch, on_sqlite
from counterfoil.unit_of_work import ChangeKind, ChangeType
from counterfoil.viewer import Right, Viewer

CURSORS_LIVE = timedelta(days=90)
_LINE = ChangeType.BANK_TRANSACTION


class CursorExpired(CounterfoilError):
    """Changes after this cursor may have been forgotten."""

    code = "CURSOR_EXPIRED"
    field = ("after",)

    def __init__(self) -> None:
        super().__init__(
            "This cursor is older than 90 days. Read everything anew, and go on from `changesHead`."
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the feed: behind one change, or (without type and id) behind a whole position.

    `at` is when it was written down; it decides how long the place can be returned to.
    """

    position: int
    at: datetime
    type: ChangeType | None = None
    object_id: UUID | None = None

    @property
    def order(self) -> tuple[int, bool, str, str]:
        """What places are compared by."""
        whole = self.type is None
        return (self.position, whole, self.type or "", str(self.object_id or ""))

    def cursor(self) -> str:
        """The place as an opaque text."""
        packed = [self.position, int(self.at.timestamp()), self.type, self.object_id]
        return urlsafe_b64encode(orjson.dumps(packed)).decode().rstrip("=")

    @classmethod
    def parse(cls, cursor: str) -> Place:
        """The place in a cursor.

        Raises:
            CursorMismatch: the text is none of ours.
        """
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            position, seconds, type_, object_id = orjson.loads(raw)
            at = datetime.fromtimestamp(seconds, UTC)
            if type_ is None and object_id is None:
                return cls(_position(position), at)
            return cls(_position(position), at, ChangeType(type_), UUID(object_id))
        except (ValueError, TypeError, AttributeError, OverflowError, OSError):
            raise CursorMismatch("after") from None


def _position(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise TypeError
    return value


@dataclass(frozen=True, slots=True)
class Changed:
    """One object that was written, or is gone, at a place in the feed."""

    place: Place
    type: ChangeType
    object_id: UUID
    kind: ChangeKind
    revision: int | None


async def head(viewer: Viewer, *, now: datetime) -> Place:
    """The place behind everything that has been committed."""
    viewer.require(Right.READ)
    positions = await positions_of([viewer.organization_id])
    return Place(positions.get(viewer.organization_id, 0), now)


async def positions_of(organization_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """The newest position of each of these organizations that has one."""
    if not organization_ids:
        return {}
    parameters = Parameters()
    places = ", ".join(parameters.add(each) for each in organization_ids)
    rows = await fetch(
        f"SELECT organization_id, position FROM change_head WHERE organization_id IN ({places})",  # noqa: S608
        *parameters.values,
    )
    return {_uuid(row["organization_id"]): int(row["position"]) for row in rows}


async def changes_after(
    viewer: Viewer,
    after: Place | None,
    *,
    types: Collection[ChangeType] | None,
    limit: int,
    now: datetime,
) -> Sequence[Changed]:
    """At most `limit` changes behind a place, oldest first; None begins at the oldest kept.

    Raises:
        CursorExpired: some may have been forgotten since.
    """
    viewer.require(Right.READ)
    start = after or Place(0, now)
    wanted = set(ChangeType) if types is None else set(types)
    if now - start.at > CURSORS_LIVE and start.position < (await head(viewer, now=now)).position:
        raise CursorExpired
    if not wanted:
        return ()
    recorded = await _recorded(viewer.organization_id, start, wanted, limit)
    lines = await _lines(viewer.organization_id, start, limit) if _LINE in wanted else ()
    merged = heapq.merge(recorded, lines, key=lambda changed: changed.place.order)
    return list(merged)[:limit]


async def _recorded(
    organization_id: UUID, start: Place, wanted: Collection[ChangeType], limit: int
) -> Sequence[Changed]:
    parameters = Parameters()
    own, position = parameters.add(organization_id), parameters.add(start.position)
    ordered = "type" if on_sqlite() else 'type COLLATE "C"'
    beyond = f"position > {position}"
    if start.type is not None:
        here = f"{parameters.add(start.type.value)}, {parameters.add(start.object_id)}"
        within = f"position = {position} AND ({ordered}, object_id) > ({here})"
        beyond = f"position >= {position} AND ({beyond} OR {within})"
    kinds = ", ".join(parameters.add(each.value) for each in sorted(wanted))
    rows = await fetch(
        "SELECT position, type, object_id, kind, revision, changed_at FROM change"  # noqa: S608
        f" WHERE organization_id = {own} AND {beyond} AND type IN ({kinds})"
        f" ORDER BY position, {ordered}, object_id LIMIT {int(limit)}",
        *parameters.values,
    )
    return [_changed(row) for row in rows]


async def _lines(organization_id: UUID, start: Place, limit: int) -> Sequence[Changed]:
    parameters = Parameters()
    own, position = parameters.add(organization_id), parameters.add(start.position)
    beyond = f"change_position > {position}"
    if start.type is _LINE:
        beyond = f"(change_position, id) > ({position}, {parameters.add(start.object_id)})"
    elif start.type is not None and start.type < _LINE:
        beyond = f"change_position >= {position}"
    rows = await fetch(
        "SELECT change_position AS position, id AS object_id, removed_at, revision, changed_at,"  # noqa: S608
        f" '{_LINE.value}' AS type FROM bank_transaction"
        f" WHERE organization_id = {own} AND {beyond}"
        f" ORDER BY change_position, id LIMIT {int(limit)}",
        *parameters.values,
    )
    return [_changed(row) for row in rows]


def _changed(row: Mapping[str, Any]) -> Changed:
    type_, object_id = ChangeType(row["type"]), _uuid(row["object_id"])
    stated = row.get("kind") or ("UPSERTED" if row["removed_at"] is None else "GONE")
    kind = ChangeKind(stated)
    revision = None if kind is ChangeKind.GONE else row["revision"]
    place = Place(int(row["position"]), _moment(row["changed_at"]), type_, object_id)
    return Changed(place, type_, object_id, kind, revision)


def _uuid(value: Any) -> UUID:
    return UUID(value) if isinstance(value, str) else UUID(int=value.int)


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
