"""Signing in and out over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse

from counterfoil.api.auth import COOKIE
from counterfoil.identity import operations as identity
from counterfoil.identity.models import Session, SignInAttempt
from counterfoil.identity.operations import FirstPerson
from tests.api.serving import NOW, Client, Edge, client_of, quick_passwords

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
async def owner(store: str) -> FirstPerson:
    first = await identity.first_start(quick_passwords(), now=NOW)
    assert first is not None
    return first


@pytest.fixture
async def client(owner: FirstPerson) -> AsyncIterator[Client]:
    async with client_of(Edge().app) as client:
        yield client


async def raw(client: Client, path: str, **how: object) -> ClientResponse:
    return await client.session.post(f"{client.url}{path}", **how)  # type: ignore[arg-type]


class TestSignIn:
    async def test_a_wrong_password_is_refused_in_words(
        self, client: Client, owner: FirstPerson
    ) -> None:
        answer = await client.post("/auth/sign-in", {"email": owner.email, "password": "wrong"})
        assert answer.status == 401
        assert answer.json["message"] == "The e-mail address or the password is not right."
        assert "set-cookie" not in answer.headers
        assert await Session.all().count() == 0

    async def test_an_unknown_address_gets_the_same_answer(
        self, client: Client, owner: FirstPerson
    ) -> None:
        known = await client.post("/auth/sign-in", {"email": owner.email, "password": "x"})
        unknown = await client.post("/auth/sign-in", {"email": "a@example.com", "password": "x"})
        del known.json["requestId"], unknown.json["requestId"]
        assert (known.status, known.json) == (unknown.status, unknown.json)

    async def test_the_sixth_try_is_told_when_to_come_back(
        self, client: Client, owner: FirstPerson
    ) -> None:
        for _ in range(5):
            await client.post("/auth/sign-in", {"email": owner.email, "password": "wrong"})
        answer = await client.post(
            "/auth/sign-in", {"email": owner.email, "password": owner.password.reveal()}
        )
        assert answer.status == 429
        assert answer.json["message"] == (
            "Too many attempts to sign in with this address. Try again in 15 minutes."
        )
        assert answer.json["retryAt"] == "2026-03-02T09:45:00.000Z"
        assert await Session.all().count() == 0

    async def test_the_right_password_gives_a_cookie_that_scripts_can_not_read(
        self, client: Client, owner: FirstPerson
    ) -> None:
        sent = {"email": owner.email, "password": owner.password.reveal()}
        answer = await client.post("/auth/sign-in", sent)
        assert answer.status == 204
        assert answer.text == ""
        cookie, *attributes = answer.headers["set-cookie"].split("; ")
        assert cookie.startswith(f"{COOKIE}=")
        assert sorted(attributes) == [
            "HttpOnly",
            "Max-Age=43200",
            "Path=/",
            "SameSite=lax",
            "Secure",
        ]

    async def test_without_https_the_cookie_goes_over_http(self, owner: FirstPerson) -> None:
        edge = Edge(public_url="http://127.0.0.1:8000")
        async with client_of(edge.app) as client:
            sent = {"email": owner.email, "password": owner.password.reveal()}
            answer = await client.post("/auth/sign-in", sent)
        assert "Secure" not in answer.headers["set-cookie"]

    async def test_a_foreign_page_is_refused(self, client: Client, owner: FirstPerson) -> None:
        sent = {"email": owner.email, "password": owner.password.reveal()}
        answer = await client.post("/auth/sign-in", sent, origin="https://evil.example.com")
        assert answer.status == 403
        assert await Session.all().count() == 0

    @pytest.mark.parametrize(
        ("how", "status"),
        [
            ({"data": {"email": "a", "password": "b"}}, 415),
            ({"data": b"{", "headers": {"content-type": "application/json"}}, 400),
            ({"json": []}, 422),
            ({"json": {"email": "a"}}, 422),
            ({"json": {"email": 7, "password": "b"}}, 422),
            ({"json": {"email": "a", "password": "b" * 1025}}, 422),
            ({"json": {"email": "a", "password": "b" * 9_000}}, 413),
        ],
    )
    async def test_what_is_no_request_is_refused_in_words(
        self, client: Client, how: dict[str, object], status: int
    ) -> None:
        response = await raw(client, "/auth/sign-in", **how)
        assert response.status == status
        assert (await response.json())["message"]
        assert await SignInAttempt.all().count() == 0

    async def test_get_is_refused(self, client: Client) -> None:
        answer = await client.get("/auth/sign-in")
        assert answer.status == 405
        assert answer.json == {"message": "This address takes another method."}


class TestSignInLink:
    async def test_a_spent_one_is_refused_in_words(self, client: Client) -> None:
        answer = await client.post("/auth/sign-in-link", {"token": "unknown"})
        assert answer.status == 401
        assert answer.json["message"].startswith("This sign-in link has been used or is too old.")
        assert await Session.all().count() == 0

    async def test_signs_in_once(self, owner: FirstPerson) -> None:
        user = await identity.first_user()
        assert user is not None
        token = (await identity.make_sign_in_link(user, now=NOW)).reveal()
        edge = Edge(public_url="http://127.0.0.1:8000")
        async with client_of(edge.app) as client:
            first = await client.post("/auth/sign-in-link", {"token": token})
            then = await client.post("/auth/sign-in-link", {"token": token})
            client.session.cookie_jar.clear()
            cookie = first.headers["set-cookie"].split(";")[0]
            answer = await client.graphql("{mine}", headers={"cookie": cookie})
        assert (first.status, then.status) == (204, 401)
        assert answer.json["data"] == {"mine": str(owner.organization.id)}


class TestSignOut:
    async def test_a_foreign_page_is_refused(self, client: Client) -> None:
        answer = await client.post("/auth/sign-out", {}, origin="https://evil.example.com")
        assert answer.status == 403

    async def test_closes_the_session_and_takes_the_cookie_back(
        self, client: Client, owner: FirstPerson
    ) -> None:
        sent = {"email": owner.email, "password": owner.password.reveal()}
        cookie = (await client.post("/auth/sign-in", sent)).headers["set-cookie"].split(";")[0]
        client.session.cookie_jar.clear()
        answer = await client.post("/auth/sign-out", {}, cookie=cookie)
        after = await client.graphql("{hello}", headers={"cookie": cookie})
        assert answer.status == 204
        assert f'{COOKIE}=""' in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert after.codes == ["UNAUTHENTICATED"]
        assert await Session.all().count() == 0

    async def test_without_a_session_it_is_no_error(self, client: Client) -> None:
        assert (await client.post("/auth/sign-out", {})).status == 204
