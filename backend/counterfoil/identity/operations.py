"""Signing in and out, and the first person of an installation.

Sessions belong to a person, not to an organization: what is written here is no change that
clients of an organization follow, so that no unit of work is opened.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from counterfoil.errors import CounterfoilError
from counterfoil.identity.models import (
    Membership,
    Organization,
    Session,
    SignInAttempt,
    SignInLink,
    User,
)
from counterfoil.identity.passwords import Passwords
from counterfoil.identity.queries import SignedIn, token_hash
from counterfoil.kit.secret import Secret
from counterfoil.kit.sql import execute
from counterfoil.viewer import Right

TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
LINK_LIFETIME = timedelta(hours=1)
ENDED_SESSIONS_KEPT = timedelta(days=7)
"""So long a browser is told that its sign-in has ended, not that it never was."""
PREFERENCE_AGE = timedelta(minutes=1)
"""How long the last use of an organization is not written anew."""
FIRST_EMAIL = "owner@counterfoil.localhost"


class SignInRefused(CounterfoilError):
    """The address or the password is wrong; which of them is not said."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class TooManyTries(CounterfoilError):
    """The password of one address was guessed at too often."""

    code = "RATE_LIMITED"
    retryable = True

    def __init__(self, retry_at: datetime, *, now: datetime) -> None:
        self.retry_at = retry_at
        minutes = max(1, -(-int((retry_at - now).total_seconds()) // 60))
        super().__init__(
            "Too many attempts to sign in with this address. Try again in "
            f"{minutes} minute{'' if minutes == 1 else 's'}."
        )


class SignInLinkSpent(CounterfoilError):
    """The link was used, is too old, or never was one."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__(
            "This sign-in link has been used or is too old. Get a new one with "
            "“counterfoil sign-in-link”, or sign in with your password."
        )


@dataclass(frozen=True, slots=True)
class NewSession:
    """What the browser keeps. The token is nowhere else in the clear."""

    token: Secret
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """Whom the first start made. The password is shown once and never kept."""

    organization: Organization
    email: str
    password: Secret


async def sign_in(
    passwords: Passwords, *, email: str, password: str, now: datetime, lifetime: timedelta
) -> NewSession:
    """Open a session for an address and its password.

    Raises:
        SignInRefused: wrong; counted. An unknown address gets the same answer as slowly.
        TooManyTries: five of them were wrong within 15 minutes; the password was not looked at.
    """
    address = email.strip().lower()[:254]
    await _count_try(address, now=now)
    user = await User.get_or_none(email=address)
    if not await passwords.matches(password, user.password_hash if user else None) or user is None:
        raise SignInRefused
    await SignInAttempt.filter(email=address).delete()
    if passwords.weaker(user.password_hash):
        await User.filter(id=user.id).update(password_hash=await passwords.hash(password))
    return await _open_session(user, now=now, lifetime=lifetime)


async def _count_try(address: str, *, now: datetime) -> None:
    """Count first and look later, so that guesses made at the same time count as well."""
    await SignInAttempt.filter(attempted_at__lte=now - TRIES_WITHIN).delete()
    attempt = await SignInAttempt.create(email=address, attempted_at=now)
    earlier = SignInAttempt.filter(email=address).exclude(id=attempt.id).order_by("attempted_at")
    times = [row.attempted_at for row in await earlier.limit(TRIES)]
    if len(times) >= TRIES:
        await attempt.delete()
        raise TooManyTries(times[0] + TRIES_WITHIN, now=now)


async def _open_session(user: User, *, now: datetime, lifetime: timedelta) -> NewSession:
    await Session.filter(expires_at__lt=now - ENDED_SESSIONS_KEPT).delete()
    token = secrets.token_urlsafe(32)
    expires_at = now + lifetime
    await Session.create(
        token_hash=token_hash(token), user=user, created_at=now, expires_at=expires_at
    )
    return NewSession(Secret(token), expires_at)


async def sign_out(token: str) -> None:
    """Close the session with this token, if there is one."""
    await Session.filter(token_hash=token_hash(token)).delete()


async def make_sign_in_link(user: User, *, now: datetime) -> Secret:
    """The token of a link that signs its holder in once, within the hour."""
    await SignInLink.filter(expires_at__lt=now - ENDED_SESSIONS_KEPT).delete()
    token = secrets.token_urlsafe(32)
    await SignInLink.create(
        token_hash=token_hash(token), user=user, created_at=now, expires_at=now + LINK_LIFETIME
    )
    return Secret(token)


async def redeem_sign_in_link(token: str, *, now: datetime, lifetime: timedelta) -> NewSession:
    """Open a session for a one-time link; of several at the same time one succeeds.

    Raises:
        SignInLinkSpent: it was used, is too old, or never was one.
    """
    digest = token_hash(token)
    redeemed = await execute(
        "UPDATE sign_in_link SET used_at = $2 "
        "WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
        digest,
        now,
    )
    if redeemed != 1:
        raise SignInLinkSpent
    link = await SignInLink.get(token_hash=digest).select_related("user")
    return await _open_session(link.user, now=now, lifetime=lifetime)


async def prefer_organization(person: SignedIn, *, now: datetime) -> None:
    """Make this organization the one that requests without a name are for."""
    if person.last_used_at is not None and person.last_used_at > now - PREFERENCE_AGE:
        return
    viewer = person.viewer
    await Membership.filter(organization_id=viewer.organization_id, user_id=viewer.user_id).update(
        last_used_at=now
    )


async def first_start(passwords: Passwords, *, now: datetime) -> FirstPerson | None:
    """Make the first organization and its first person, with all rights; None if there is one."""
    if await User.exists():
        return None
    password = secrets.token_urlsafe(15)
    hashed = await passwords.hash(password)
    try:
        async with in_transaction():
            organization = await _first_membership(hashed, now=now)
    except IntegrityError:  # another process was first
        return None
    return FirstPerson(organization, FIRST_EMAIL, Secret(password))


async def _first_membership(hashed: str, *, now: datetime) -> Organization:
    user = await User.create(email=FIRST_EMAIL, name="Owner", password_hash=hashed, created_at=now)
    organization = await Organization.create(
        name="My company", base_currency="USD", time_zone="UTC", created_at=now
    )
    await Membership.create(
        organization=organization,
        user=user,
        rights=[right.value for right in Right],
        last_used_at=now,
    )
    return organization


async def first_user() -> User | None:
    """The person whom the first start made, or else the oldest one."""
    return await User.all().order_by("created_at", "id").first()
