"""What changed in an organization, in the order of commits.

The feed is the merge of the table `change` and of the lines themselves, which carry their own
position: a pull of a hundred thousand lines writes no second row for each. Places are ordered by
(position, type, id); positions are those of the unit of work, so that no reader passes a place
behind which something can still appear.
"""

from __future__ import annotations

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
    def parse(cls, cursor: str, *, argument: str = "after") -> Place:
        """The place in a cursor; `argument` is how the caller named it.

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
            raise CursorMismatch(argument) from None


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
    before: Place | None = None,
    backwards: bool = False,
    types: Collection[ChangeType] | None,
    limit: int,
    now: datetime,
) -> Sequence[Changed]:
    """At most `limit` changes behind a place, oldest first; None begins at the oldest kept.

    With `before` only those that the other place is behind. `backwards` takes the newest of them
    instead of the oldest.
    Raises:
        CursorExpired: some may have been forgotten since `after`.
    """
    viewer.require(Right.READ)
    start = after or Place(0, now)
    wanted = set(ChangeType) if types is None else set(types)
    if now - start.at > CURSORS_LIVE and start.position < (await head(viewer, now=now)).position:
        raise CursorExpired
    if not wanted:
        return ()
    found = await _between(viewer.organization_id, _Span(start, before, backwards), wanted, limit)
    return found[::-1] if backwards else found


@dataclass(frozen=True, slots=True)
class _Span:
    """What lies behind one place and not behind another, from either end."""

    after: Place
    before: Place | None
    backwards: bool

    @property
    def places(self) -> Sequence[tuple[Place, bool]]:
        """Its ends, each with whether it is the nearer one to the beginning."""
        return [(self.after, True), *([(self.before, False)] if self.before else [])]

    def order_by(self, *terms: str) -> str:
        return ", ".join(f"{term} {'DESC' if self.backwards else 'ASC'}" for term in terms)


async def _between(
    organization_id: UUID, span: _Span, wanted: set[ChangeType], limit: int
) -> Sequence[Changed]:
    """Both sources in one statement: in two, a commit in between would show in the second alone.

    A reader would then step behind that commit and never see the first one's part of it.
    """
    parameters = Parameters()
    own = parameters.add(organization_id)
    parts = []
    if recorded := sorted(wanted - {_LINE}):
        parts.append(_recorded(own, span, recorded, limit, parameters))
    if _LINE in wanted:
        parts.append(_lines(own, span, limit, parameters))
    union = " UNION ALL ".join(f"SELECT * FROM ({part}) AS part" for part in parts)  # noqa: S608
    rows = await fetch(
        f"SELECT * FROM ({union}) AS parts"  # noqa: S608
        f" ORDER BY {span.order_by('position', _by_bytes('type'), 'object_id')}"
        f" LIMIT {int(limit)}",
        *parameters.values,
    )
    return [_changed(row) for row in rows]


def _by_bytes(column: str) -> str:
    return column if on_sqlite() else f'{column} COLLATE "C"'


def _recorded(
    own: str, span: _Span, types: Sequence[ChangeType], limit: int, parameters: Parameters
) -> str:
    type_ = _by_bytes("type")
    ends = []
    for place, nearer in span.places:
        position = parameters.add(place.position)
        if place.type is None:
            ends.append(f"position {'>' if nearer else '<='} {position}")
            continue
        key = f"{position}, {parameters.add(place.type.value)}, {parameters.add(place.object_id)}"
        ends.append(f"position {'>=' if nearer else '<='} {position}")
        ends.append(f"(position, {type_}, object_id) {'>' if nearer else '<'} ({key})")
    kinds = ", ".join(parameters.add(each.value) for each in types)
    return (
        "SELECT position, type, object_id, kind, revision, changed_at FROM change"  # noqa: S608
        f" WHERE organization_id = {own} AND {' AND '.join(ends)} AND type IN ({kinds})"
        f" ORDER BY {span.order_by('position', type_, 'object_id')} LIMIT {int(limit)}"
    )


def _lines(own: str, span: _Span, limit: int, parameters: Parameters) -> str:
    ends = []
    for place, nearer in span.places:
        position = parameters.add(place.position)
        if place.type is _LINE:
            key = f"({position}, {parameters.add(place.object_id)})"
            ends.append(f"(change_position, id) {'>' if nearer else '<'} {key}")
        elif place.type is not None and place.type < _LINE:
            ends.append(f"change_position {'>=' if nearer else '<'} {position}")
        else:
            ends.append(f"change_position {'>' if nearer else '<='} {position}")
    return (
        f"SELECT change_position AS position, '{_LINE.value}' AS type, id AS object_id,"  # noqa: S608
        f" CASE WHEN removed_at IS NULL THEN '{ChangeKind.UPSERTED.value}'"
        f" ELSE '{ChangeKind.GONE.value}' END AS kind, revision, changed_at FROM bank_transaction"
        f" WHERE organization_id = {own} AND {' AND '.join(ends)}"
        f" ORDER BY {span.order_by('change_position', 'id')} LIMIT {int(limit)}"
    )


def _changed(row: Mapping[str, Any]) -> Changed:
    type_, object_id = ChangeType(row["type"]), _uuid(row["object_id"])
    kind = ChangeKind(row["kind"])
    revision = None if kind is ChangeKind.GONE else row["revision"]
    place = Place(int(row["position"]), _moment(row["changed_at"]), type_, object_id)
    return Changed(place, type_, object_id, kind, revision)


def _uuid(value: Any) -> UUID:
    return UUID(value) if isinstance(value, str) else UUID(int=value.int)


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
