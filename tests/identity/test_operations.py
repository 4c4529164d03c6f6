"""Signing in and out, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher

from counterfoil.identity import operations as identity
from counterfoil.identity.models import (
    Membership,
    Organization,
    Session,
    SignInAttempt,
    SignInLink,
    User,
)
from counterfoil.identity.operations import (
    FIRST_EMAIL,
    FirstPerson,
    NewSession,
    SignInLinkSpent,
    SignInRefused,
    TooManyTries,
)
from counterfoil.identity.passwords import WAITING, Passwords, TooManyWaiting
from counterfoil.identity.queries import signed_in
from counterfoil.viewer import Right

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIFETIME = timedelta(hours=12)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def passwords() -> Passwords:
    """As in production, but quick."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def owner(database: str, passwords: Passwords) -> FirstPerson:
    first = await identity.first_start(passwords, now=NOW)
    assert first is not None
    return first


async def attempt(
    passwords: Passwords, email: str, password: str, *, now: datetime = NOW
) -> NewSession:
    return await identity.sign_in(
        passwords, email=email, password=password, now=now, lifetime=LIFETIME
    )


class TestSignIn:
    async def test_a_wrong_password_is_refused_and_counted(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        with pytest.raises(SignInRefused):
            await attempt(passwords, owner.email, "wrong")
        assert await Session.all().count() == 0
        assert await SignInAttempt.filter(email=owner.email).count() == 1

    async def test_an_unknown_address_gets_the_very_same_words(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        with pytest.raises(SignInRefused) as unknown:
            await attempt(passwords, "nobody@example.com", owner.password.reveal())
        with pytest.raises(SignInRefused) as wrong:
            await attempt(passwords, owner.email, "wrong")
        assert str(unknown.value) == str(wrong.value)

    async def test_an_unknown_address_costs_a_hash_as_well(self, owner: FirstPerson) -> None:
        checked: list[str] = []

        class Counting(PasswordHasher):
            def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
                checked.append(str(hash))
                return super().verify(hash, password)

        counting = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
        with pytest.raises(SignInRefused):
            await attempt(counting, "nobody@example.com", "guess")
        assert len(checked) == 1
        assert checked[0].startswith("$argon2id$v=19$m=8,t=1,p=1$")

    async def test_the_right_password_opens_a_session(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        opened = await attempt(passwords, f" {owner.email.upper()} ", owner.password.reveal())
        assert opened.expires_at == NOW + LIFETIME
        person = await signed_in(opened.token.reveal(), organization_id=None, now=NOW)
        assert person.viewer.rights == frozenset(Right)
        assert person.viewer.organization_id == owner.organization.id

    async def test_only_a_hash_of_the_token_is_kept(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        opened = await attempt(passwords, owner.email, owner.password.reveal())
        kept = await Session.get()
        assert len(opened.token.reveal()) == 43
        assert opened.token.reveal() not in repr(vars(kept))
        assert opened.token.reveal() not in repr(opened)

    async def test_the_sixth_try_within_a_quarter_of_an_hour_is_not_looked_at(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        for second in range(5):
            with pytest.raises(SignInRefused):
                await attempt(passwords, owner.email, "wrong", now=NOW + timedelta(seconds=second))
        with pytest.raises(TooManyTries) as refused:
            await attempt(passwords, owner.email, owner.password.reveal(), now=NOW)
        assert refused.value.retry_at == NOW + timedelta(minutes=15)
        assert "in 15 minutes" in str(refused.value)
        assert await SignInAttempt.all().count() == 5

    async def test_it_is_after_that(self, passwords: Passwords, owner: FirstPerson) -> None:
        for _ in range(5):
            with pytest.raises(SignInRefused):
                await attempt(passwords, owner.email, "wrong")
        later = NOW + timedelta(minutes=15)
        await attempt(passwords, owner.email, owner.password.reveal(), now=later)
        assert await SignInAttempt.all().count() == 0

    async def test_other_addresses_are_not_concerned(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        for _ in range(5):
            with pytest.raises(SignInRefused):
                await attempt(passwords, "nobody@example.com", "wrong")
        with pytest.raises(TooManyTries):
            await attempt(passwords, "nobody@example.com", "wrong")
        await attempt(passwords, owner.email, owner.password.reveal())

    async def test_guesses_at_the_same_time_count_as_well(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        guesses = (attempt(passwords, owner.email, f"guess {n}") for n in range(12))
        results = await asyncio.gather(*guesses, return_exceptions=True)
        looked_at = [result for result in results if isinstance(result, SignInRefused)]
        assert len(looked_at) <= 5
        assert all(isinstance(result, SignInRefused | TooManyTries) for result in results)

    async def test_a_hash_of_less_strength_is_made_anew(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
        await attempt(stronger, owner.email, owner.password.reveal())
        assert (await User.get()).password_hash.startswith("$argon2id$v=19$m=16,t=2,p=1$")
        await attempt(stronger, owner.email, owner.password.reveal())


class TestCrowd:
    async def test_one_more_than_may_wait_is_sent_away(self, passwords: Passwords) -> None:
        checks = (passwords.matches("guess", None) for _ in range(WAITING + 1))
        results = await asyncio.gather(*checks, return_exceptions=True)
        assert [result for result in results if result is not False] == [results[-1]]
        assert isinstance(results[-1], TooManyWaiting)
        assert await passwords.matches("guess", None) is False


class TestSignOut:
    async def test_an_unknown_token_closes_nothing(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        await attempt(passwords, owner.email, owner.password.reveal())
        await identity.sign_out("unknown")
        assert await Session.all().count() == 1

    async def test_closes_one_session(self, passwords: Passwords, owner: FirstPerson) -> None:
        one = await attempt(passwords, owner.email, owner.password.reveal())
        other = await attempt(passwords, owner.email, owner.password.reveal())
        await identity.sign_out(one.token.reveal())
        left = await signed_in(other.token.reveal(), organization_id=None, now=NOW)
        assert [left.session_id] == [row.id for row in await Session.all()]


class TestSignInLink:
    async def redeem(self, token: str, *, now: datetime = NOW) -> NewSession:
        return await identity.redeem_sign_in_link(token, now=now, lifetime=LIFETIME)

    async def link(self) -> str:
        user = await identity.first_user()
        assert user is not None
        return (await identity.make_sign_in_link(user, now=NOW)).reveal()

    async def test_an_unknown_one_is_refused(self, owner: FirstPerson) -> None:
        with pytest.raises(SignInLinkSpent):
            await self.redeem("unknown")
        assert await Session.all().count() == 0

    async def test_is_refused_after_its_hour(self, owner: FirstPerson) -> None:
        token = await self.link()
        with pytest.raises(SignInLinkSpent):
            await self.redeem(token, now=NOW + timedelta(hours=1))
        assert await Session.all().count() == 0

    async def test_signs_in_once(self, owner: FirstPerson) -> None:
        token = await self.link()
        opened = await self.redeem(token)
        person = await signed_in(opened.token.reveal(), organization_id=None, now=NOW)
        assert person.viewer.organization_id == owner.organization.id
        with pytest.raises(SignInLinkSpent):
            await self.redeem(token)

    async def test_signs_in_once_also_when_used_twelve_times_together(
        self, owner: FirstPerson
    ) -> None:
        token = await self.link()
        results = await asyncio.gather(
            *(self.redeem(token) for _ in range(12)), return_exceptions=True
        )
        assert sum(isinstance(result, NewSession) for result in results) == 1
        assert sum(isinstance(result, SignInLinkSpent) for result in results) == 11
        assert await Session.all().count() == 1

    async def test_only_a_hash_of_it_is_kept(self, owner: FirstPerson) -> None:
        token = await self.link()
        assert token not in repr(vars(await SignInLink.get()))


class TestFirstStart:
    async def test_makes_one_person_with_all_rights(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        membership = await Membership.get().select_related("user", "organization")
        assert membership.user.email == FIRST_EMAIL == owner.email
        assert set(membership.rights) == set(Right)
        assert len(owner.password.reveal()) == 20
        assert owner.password.reveal() not in repr(owner)

    async def test_does_nothing_the_second_time(
        self, passwords: Passwords, owner: FirstPerson
    ) -> None:
        assert await identity.first_start(passwords, now=NOW) is None
        assert await User.all().count() == 1
        assert await Organization.all().count() == 1

    async def test_makes_one_person_also_when_several_processes_start(
        self, passwords: Passwords
    ) -> None:
        made = await asyncio.gather(*(identity.first_start(passwords, now=NOW) for _ in range(4)))
        assert sum(first is not None for first in made) == 1
        assert await Organization.all().count() == 1
        assert await Membership.all().count() == 1
