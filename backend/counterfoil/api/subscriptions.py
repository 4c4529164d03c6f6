"""Subscriptions: the live end of `changes`. Whatever is pushed can also be asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from typing import Annotated
from uuid import UUID

import strawberry

from counterfoil.api import ids
from counterfoil.api.bank_links import Refresh
from counterfoil.api.changes import Change, Types, changes_read
from counterfoil.api.context import Info
from counterfoil.api.enums import ChangeType
from counterfoil.api.link_sessions import LinkSession, link_session
from counterfoil.api.live import Batch, Follower, Heard, Missed
from counterfoil.api.loaders import load_one
from counterfoil.api.rowtypes import Selection
from counterfoil.api.scalars import Cursor
from counterfoil.api.sharing import Answers, SharedEvent
from counterfoil.changes import Changed, CursorExpired, Place, changes_after
from counterfoil.errors import NotFound
from counterfoil.links.queries import links_by_id, newest_refreshes
from counterfoil.viewer import Right

MOST_MISSED = 1000
"""Beyond so many missed changes a client reads anew, which costs both sides less."""


@strawberry.type(description="Objects that were written or are gone, in order.")
class ChangesEvent(SharedEvent):
    head: Cursor = strawberry.field(description="The place behind these changes: for `after`.")
    found: strawberry.Private[Sequence[Changed]]
    answers: strawberry.Private[Answers | None] = None

    @strawberry.field(description="The changes; none in a first message.")
    async def changes(self, info: Info) -> list[Change]:
        return await changes_read(info, Selection.below(info._raw_info), self.found)


@strawberry.type(description="Too much was missed to be told one by one.")
class ResyncEvent:
    head: Cursor = strawberry.field(
        description="Read everything anew; changes behind this place will be told."
    )
    message: str = strawberry.field(description="Why, in words.")


OrganizationEvent = Annotated[
    ChangesEvent | ResyncEvent,
    strawberry.union(
        "OrganizationEvent",
        description="Open: read everything anew on an event that you do not know.",
    ),
]


def _cursor(place: Place) -> Cursor:
    return Cursor(place.cursor())


def _resync(head: Place) -> ResyncEvent:
    return ResyncEvent(
        head=_cursor(head), message="Too much has happened in between. Read everything anew."
    )


async def _missed(
    info: Info, types: Collection[ChangeType], after: Place, until: Place
) -> Sequence[Changed] | None:
    """What happened between two places; None when it is too much, or too long ago."""
    viewer, now = info.context.signed_in(), info.context.services.clock.now()
    try:
        found = await changes_after(viewer, after, types=types, limit=MOST_MISSED + 1, now=now)
    except CursorExpired:
        return None
    if len(found) > MOST_MISSED:
        return None
    return [changed for changed in found if changed.place.order <= until.order]


async def _first(
    info: Info, types: Collection[ChangeType], after: Cursor | None, start: Place
) -> ChangesEvent | ResyncEvent:
    missed: Sequence[Changed] | None = ()
    if after is not None:
        missed = await _missed(info, types, Place.parse(after), start)
    return _resync(start) if missed is None else _event(types, missed, start)


def _event(
    types: Collection[ChangeType],
    found: Sequence[Changed],
    head: Place,
    answers: Answers | None = None,
) -> ChangesEvent:
    wanted = [changed for changed in found if changed.type in types]
    return ChangesEvent(head=_cursor(head), found=wanted, answers=answers)


def _tells(heard: Heard, types: Collection[ChangeType]) -> bool:
    return isinstance(heard, Missed) or any(each.type in types for each in heard.changes)


async def _hear(info: Info, follower: Follower) -> AsyncIterator[Heard]:
    """What the follower hears, with fresh reads for each."""
    viewer = info.context.signed_in()
    while True:
        heard = await follower.next()
        info.context.renew(heard.loaders(viewer) if isinstance(heard, Batch) else None)
        yield heard


@strawberry.type(description="What can be followed, over `graphql-transport-ws`.")
class Subscription:
    @strawberry.subscription(
        description=(
            "Everything that changes in the organization. The first message is where it stands "
            "now, or what was missed since `after`; then every change as it is committed."
        )
    )
    async def organization_changed(
        self,
        info: Info,
        types: Types = None,
        after: Annotated[
            Cursor | None,
            strawberry.argument(description="The last `head` or `cursor` that was received."),
        ] = None,
    ) -> AsyncGenerator[OrganizationEvent, None]:
        viewer = info.context.signed_in()
        viewer.require(Right.READ)
        wanted = frozenset(ChangeType if types is None else types)
        live = info.context.services.live
        async with live.following(viewer.organization_id, wanted) as follower:
            yield await _first(info, wanted, after, follower.start)
            async for heard in _hear(info, follower):
                if isinstance(heard, Missed):
                    yield _resync(heard.head)
                elif _tells(heard, wanted):
                    yield _event(wanted, heard.changes, heard.head, heard.answers)

    @strawberry.subscription(
        description=(
            "How a login's newest pull goes on. The first message is how it stands now; null "
            "when there was none yet. NOT_FOUND when the viewer sees no such login."
        )
    )
    async def refresh_progressed(
        self,
        info: Info,
        bank_link_id: Annotated[strawberry.ID, strawberry.argument(description="The login.")],
    ) -> AsyncGenerator[Refresh | None, None]:
        viewer = info.context.signed_in()
        link_id = ids.decode(bank_link_id, "BankLink", field=("bank_link_id",))
        if not await links_by_id(viewer, [link_id], ["bank_link.id"]):
            raise NotFound(field=("bank_link_id",))
        live, followed = info.context.services.live, (ChangeType.REFRESH,)
        async with live.following(viewer.organization_id, followed) as follower:
            last = await _newest_refresh(info, link_id)
            yield last
            async for heard in _hear(info, follower):
                if not _tells(heard, followed):
                    continue
                newest = await _newest_refresh(info, link_id)
                if _version(newest) != _version(last):
                    last = newest
                    yield newest

    @strawberry.subscription(
        description=(
            "How one of the viewer's attempts to link goes on. The first message is how it "
            "stands now; NOT_FOUND when the viewer began no such attempt. Null once it is gone."
        )
    )
    async def link_session_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The session.")],
    ) -> AsyncGenerator[LinkSession | None, None]:
        viewer = info.context.signed_in()
        session_id = ids.decode(id, "LinkSession", field=("id",))
        live, followed = info.context.services.live, (ChangeType.LINK_SESSION,)
        async with live.following(viewer.organization_id, followed) as follower:
            first = await link_session(info, session_id)
            if first is None:
                raise NotFound(field=("id",))
            yield first
            async for heard in _hear(info, follower):
                if isinstance(heard, Missed) or any(
                    changed.object_id == session_id for changed in heard.changes
                ):
                    yield await link_session(info, session_id)


async def _newest_refresh(info: Info, link_id: UUID) -> Refresh | None:
    return await load_one(info, Refresh, newest_refreshes, "refresh.bank_link_id", link_id)


def _version(refresh: Refresh | None) -> tuple[UUID, int] | None:
    if refresh is None:
        return None
    return refresh.value("id"), refresh.value("revision")
