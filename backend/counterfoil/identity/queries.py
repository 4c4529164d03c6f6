"""Who is asking: from a session's token, or a person's memberships."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from counterfoil.errors import CounterfoilError
from counterfoil.identity.models import Membership, Organization, User
from counterfoil.kit.sql import fetch_records
from counterfoil.viewer import ActorKind, Right, Viewer


class NotSignedIn(CounterfoilError):
    """There is no session, or it belongs to nobody here."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Sign in first.")


class SignInEnded(CounterfoilError):
    """The session's time is over."""

    code = "TOKEN_EXPIRED"

    def __init__(self) -> None:
        super().__init__("Your sign-in has ended. Sign in again.")


class NotAMember(CounterfoilError):
    """The person is signed in, but not a member of the organization that was named."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("You are a member of no such organization.")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with an open session, in one of their organizations."""

    session_id: UUID
    expires_at: datetime
    viewer: Viewer
    last_used_at: datetime | None


def token_hash(token: str) -> str:
    """What is stored of a token of 256 random bits: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


_SIGNED_IN = """
    SELECT session.id, session.user_id, session.expires_at,
           membership.organization_id, membership.rights, membership.last_used_at
    FROM session LEFT JOIN membership ON membership.user_id = session.user_id {named}
    WHERE session.token_hash = $1
    ORDER BY membership.last_used_at IS NULL, membership.last_used_at DESC, membership.id
    LIMIT 1
"""
_IN_LAST_USED = _SIGNED_IN.format(named="")
_IN_NAMED = _SIGNED_IN.format(named="AND membership.organization_id = $2")


async def signed_in(token: str, *, organization_id: UUID | None, now: datetime) -> SignedIn:
    """Who holds `token`, in the organization that is named, or else in the last used one.

    One statement, because every request asks.
    Raises:
        NotSignedIn: nobody holds it.
        SignInEnded: its time is over.
        NotAMember: not in this organization.
    """
    digest = token_hash(token)
    if organization_id is None:
        rows = await fetch_records(_IN_LAST_USED, digest)
    else:
        rows = await fetch_records(_IN_NAMED, digest, organization_id)
    if not rows:
        raise NotSignedIn
    [row] = rows
    expires_at = _moment(row["expires_at"])
    if expires_at <= now:
        raise SignInEnded
    if row["organization_id"] is None:
        raise NotSignedIn if organization_id is None else NotAMember
    last_used_at = row["last_used_at"]
    return SignedIn(
        _uuid(row["id"]),
        expires_at,
        _viewer(row),
        None if last_used_at is None else _moment(last_used_at),
    )


def _moment(stored: datetime | str) -> datetime:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored


def _uuid(stored: UUID | str) -> UUID:
    return UUID(stored) if isinstance(stored, str) else stored


_STILL_SIGNED_IN = """
    SELECT session.id, session.user_id, membership.organization_id, membership.rights
    FROM session JOIN membership ON membership.user_id = session.user_id
    WHERE session.expires_at > $1 AND session.id IN ({places})
"""
_AT_A_TIME = 500
"""Ids in one statement: a database takes a bounded number of parameters."""


async def still_signed_in(
    sessions: Collection[UUID], *, now: datetime
) -> Mapping[tuple[UUID, UUID], Viewer]:
    """The viewers of the sessions that are still open, by session and organization."""
    asked, found = list(sessions), dict[tuple[UUID, UUID], Viewer]()
    for start in range(0, len(asked), _AT_A_TIME):
        part = asked[start : start + _AT_A_TIME]
        places = ", ".join(f"${number}" for number in range(2, len(part) + 2))
        for row in await fetch_records(_STILL_SIGNED_IN.format(places=places), now, *part):
            viewer = _viewer(row)
            found[_uuid(row["id"]), viewer.organization_id] = viewer
    return found


async def organizations_of(user: User) -> Sequence[Organization]:
    """All organizations that a person is a member of."""
    memberships = await Membership.filter(user_id=user.id).select_related("organization")
    return [membership.organization for membership in memberships]


async def organization(viewer: Viewer) -> Organization:
    """The viewer's own organization."""
    return await Organization.get(id=viewer.organization_id)


async def today(viewer: Viewer, now: datetime) -> date:
    """Which day it is in the zone of the viewer's organization."""
    return day_of(now, (await organization(viewer)).time_zone)


def day_of(moment: datetime, time_zone: str) -> date:
    """The day of a moment in a zone, by its name in the tz database."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


async def user(viewer: Viewer) -> User | None:
    """The person behind the viewer; None for a token and for the product itself."""
    return None if viewer.user_id is None else await User.get_or_none(id=viewer.user_id)


def _viewer(row: Mapping[str, Any]) -> Viewer:
    """The viewer of a row with a membership's organization, person and rights."""
    rights = _rights(json.loads(row["rights"]))
    return Viewer(_uuid(row["organization_id"]), ActorKind.USER, _uuid(row["user_id"]), rights)


def _rights(names: Collection[str]) -> frozenset[Right]:
    """The rights of these names; one that this version does not know gives nothing."""
    return frozenset(Right.__members__[name] for name in names if name in Right.__members__)
