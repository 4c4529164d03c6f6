"""Who a token stands for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from counterfoil.identity import operations as identity
from counterfoil.identity.models import Membership, Organization, Session, User
from counterfoil.identity.queries import (
    NotAMember,
    NotSignedIn,
    SignInEnded,
    signed_in,
    still_signed_in,
    token_hash,
)
from counterfoil.viewer import ActorKind, Right

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


async def organization(name: str) -> Organization:
    return await Organization.create(
        name=name, base_currency="USD", time_zone="UTC", created_at=NOW
    )


async def member_of(*organizations: tuple[Organization, list[str], datetime]) -> User:
    user = await User.create(
        email=f"{uuid4()}@example.com", name="A", password_hash="", created_at=NOW
    )
    for each, rights, used_at in organizations:
        await Membership.create(organization=each, user=user, rights=rights, last_used_at=used_at)
    return user


async def session(user: User, token: str, *, expires_at: datetime) -> Session:
    return await Session.create(
        token_hash=token_hash(token), user=user, created_at=NOW, expires_at=expires_at
    )


class TestSignedIn:
    async def test_an_unknown_token_is_nobody(self) -> None:
        with pytest.raises(NotSignedIn):
            await signed_in("unknown", organization_id=None, now=NOW)

    async def test_nor_is_one_whose_time_is_over(self) -> None:
        user = await member_of((await organization("A"), ["READ"], NOW))
        await session(user, "t", expires_at=NOW)
        with pytest.raises(SignInEnded):
            await signed_in("t", organization_id=None, now=NOW)

    async def test_nor_a_person_without_membership(self) -> None:
        await session(await member_of(), "t", expires_at=NOW + timedelta(hours=1))
        with pytest.raises(NotSignedIn):
            await signed_in("t", organization_id=None, now=NOW)

    async def test_another_organization_and_an_absent_one_look_alike(self) -> None:
        theirs = await organization("B")
        user = await member_of((await organization("A"), ["READ"], NOW))
        await session(user, "t", expires_at=NOW + timedelta(hours=1))
        with pytest.raises(NotAMember) as other:
            await signed_in("t", organization_id=theirs.id, now=NOW)
        with pytest.raises(NotAMember) as absent:
            await signed_in("t", organization_id=uuid4(), now=NOW)
        assert str(other.value) == str(absent.value)

    async def test_gives_the_rights_in_the_organization_that_is_named(self) -> None:
        first, second = await organization("A"), await organization("B")
        user = await member_of(
            (first, ["READ"], NOW), (second, ["READ", "BANKS", "LATER"], NOW - timedelta(days=1))
        )
        opened = await session(user, "t", expires_at=NOW + timedelta(hours=1))
        person = await signed_in("t", organization_id=second.id, now=NOW)
        assert person.session_id == opened.id
        assert person.viewer.organization_id == second.id
        assert person.viewer.actor_kind is ActorKind.USER
        assert person.viewer.user_id == user.id
        assert person.viewer.rights == {Right.READ, Right.BANKS}

    async def test_takes_the_last_used_one_where_none_is_named(self) -> None:
        first, second = await organization("A"), await organization("B")
        user = await member_of((first, ["READ"], NOW), (second, [], NOW - timedelta(days=1)))
        await session(user, "t", expires_at=NOW + timedelta(days=9))
        before = await signed_in("t", organization_id=None, now=NOW)
        named = await signed_in("t", organization_id=second.id, now=NOW)
        await identity.prefer_organization(named, now=NOW + timedelta(hours=1))
        after = await signed_in("t", organization_id=None, now=NOW)
        assert before.viewer.organization_id == first.id
        assert after.viewer.organization_id == second.id


class TestStillSignedIn:
    async def test_leaves_out_what_has_ended(self) -> None:
        mine = await organization("A")
        user = await member_of((mine, ["READ"], NOW))
        open_one = await session(user, "a", expires_at=NOW + timedelta(seconds=1))
        ended = await session(user, "b", expires_at=NOW)
        found = await still_signed_in([open_one.id, ended.id, uuid4()], now=NOW)
        assert list(found) == [(open_one.id, mine.id)]
        assert found[open_one.id, mine.id].rights == {Right.READ}

    async def test_tells_people_and_their_organizations_apart(self) -> None:
        first, second = await organization("A"), await organization("B")
        one = await member_of((first, ["READ"], NOW), (second, ["BANKS"], NOW))
        other = await member_of((first, ["CLOSE"], NOW))
        ones = await session(one, "a", expires_at=NOW + timedelta(hours=1))
        others = await session(other, "b", expires_at=NOW + timedelta(hours=1))
        found = await still_signed_in([ones.id, others.id], now=NOW)
        assert {key: (viewer.user_id, *viewer.rights) for key, viewer in found.items()} == {
            (ones.id, first.id): (one.id, Right.READ),
            (ones.id, second.id): (one.id, Right.BANKS),
            (others.id, first.id): (other.id, Right.CLOSE),
        }

    async def test_of_more_sessions_than_one_statement_can_name(self) -> None:
        """PostgreSQL takes 32,767 parameters of asyncpg, SQLite 32,766."""
        mine = await organization("A")
        user = await member_of((mine, ["READ"], NOW))
        open_one = await session(user, "a", expires_at=NOW + timedelta(seconds=1))
        asked = [*(uuid4() for _ in range(33_000)), open_one.id]
        assert list(await still_signed_in(asked, now=NOW)) == [(open_one.id, mine.id)]
