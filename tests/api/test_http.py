"""GraphQL over HTTP, by the edition of September 2026, over a real connection."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from counterfoil.api.documents import DocumentUnusable, read_registered
from counterfoil.api.guard import BODY_BYTES
from counterfoil.api.ids import encode
from counterfoil.identity.models import Membership, Organization
from tests.api.serving import NOW, Client, Edge, GateInOutage, Person, client_of, person

RESPONSE = "application/graphql-response+json"
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
async def somebody(store: str) -> Person:
    return await person()


@pytest.fixture
async def nobody(edge: Edge) -> AsyncIterator[Client]:
    async with client_of(edge.app) as client:
        yield client


@pytest.fixture
async def client(edge: Edge, somebody: Person) -> AsyncIterator[Client]:
    async with client_of(edge.app, somebody) as client:
        yield client


class TestSignIn:
    async def test_nobody_is_answered_nothing(self, nobody: Client) -> None:
        answer = await nobody.graphql("{hello}")
        assert answer.status == 401
        assert answer.codes == ["UNAUTHENTICATED"]
        assert "data" not in answer.json
        assert answer.json["errors"][0]["message"] == "Sign in first."

    async def test_nor_told_what_the_schema_holds(self, nobody: Client) -> None:
        wrong = await nobody.graphql("{helo}")
        right = await nobody.graphql("{hello}")
        for answer in (wrong, right):
            del answer.json["errors"][0]["extensions"]["requestId"]
        assert wrong.json == right.json

    async def test_nor_by_introspection(self, nobody: Client) -> None:
        answer = await nobody.graphql("{__schema{queryType{name}}}")
        assert answer.status == 401
        assert answer.codes == ["UNAUTHENTICATED"]
        assert "/schema.graphql" in answer.json["errors"][0]["message"]

    async def test_nobody_has_a_quarter_of_the_tokens(self, nobody: Client) -> None:
        assert (await nobody.graphql("{" + "hello " * 998 + "}")).codes == ["TOO_COSTLY"]
        assert (await nobody.graphql("{" + "a:hello " * 30 + "}")).codes == ["UNAUTHENTICATED"]

    async def test_an_ended_session_is_told_so(
        self, edge: Edge, client: Client, somebody: Person
    ) -> None:
        edge.clock.move(timedelta(hours=1))
        answer = await client.graphql("{hello}")
        assert answer.status == 401
        assert answer.codes == ["TOKEN_EXPIRED"]

    async def test_the_session_decides_the_organization(
        self, client: Client, somebody: Person
    ) -> None:
        answer = await client.graphql("{mine}")
        assert answer.json["data"] == {"mine": str(somebody.organization_id)}


class TestOrganization:
    async def test_one_of_others_and_an_absent_one_look_alike(self, client: Client) -> None:
        theirs = await person()
        answers = [
            await client.graphql("{mine}", headers={"x-organization": name})
            for name in (
                encode("Organization", theirs.organization_id),
                encode("Organization", uuid4()),
                encode("User", theirs.user_id),
                "nonsense",
            )
        ]
        for answer in answers:
            assert answer.codes == ["NOT_FOUND"]
            del answer.json["errors"][0]["extensions"]["requestId"]
        assert all(answer.json == answers[0].json for answer in answers)

    async def test_a_named_one_of_ones_own_is_taken_and_remembered(
        self, edge: Edge, client: Client, somebody: Person
    ) -> None:
        other = await Organization.create(
            name="B", base_currency="EUR", time_zone="UTC", created_at=NOW
        )
        await Membership.create(
            user_id=somebody.user_id,
            organization=other,
            rights=["READ"],
            last_used_at=NOW - timedelta(days=3),
        )
        edge.clock.move(timedelta(minutes=5))
        named = {"x-organization": encode("Organization", other.id)}
        first = await client.graphql("{mine}", headers=named)
        then = await client.graphql("{mine}")
        assert first.json["data"] == then.json["data"] == {"mine": str(other.id)}


class TestForeignPages:
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example.com"},
            {"origin": "https://books.example.com.evil.example.com"},
            {"origin": "http://books.example.com"},
            {"origin": "null"},
            {"origin": "https://books.example.com:99999"},
            {"sec-fetch-site": "cross-site"},
        ],
    )
    async def test_are_refused(self, client: Client, headers: dict[str, str]) -> None:
        answer = await client.graphql("mutation{touch}", headers=headers)
        assert answer.status == 403
        assert answer.codes == ["BAD_REQUEST"]

    async def test_own_ones_are_not(self, client: Client) -> None:
        for origin in ("https://books.example.com", client.url):
            answer = await client.graphql("mutation{touch}", headers={"origin": origin})
            assert answer.json["data"] == {"touch": "touched"}


class TestShape:
    async def test_get_is_off(self, client: Client) -> None:
        answer = await client.graphql(None, method="GET", body=b"")
        assert answer.status == 405
        assert answer.headers["allow"] == "POST"
        assert answer.codes == ["BAD_REQUEST"]

    @pytest.mark.parametrize(
        "type_",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/graphql",
            "application/json; charset=latin1",
        ],
    )
    async def test_another_type_is_not_read(self, client: Client, type_: str) -> None:
        answer = await client.graphql("{hello}", headers={"content-type": type_})
        assert answer.status == 415
        assert answer.codes == ["BAD_REQUEST"]

    async def test_utf_8_may_be_said(self, client: Client) -> None:
        headers = {"content-type": 'application/json; charset="UTF-8"'}
        assert (await client.graphql("{hello}", headers=headers)).status == 200

    async def test_what_is_no_json_is_refused(self, client: Client) -> None:
        answer = await client.graphql(body=b'{"query":')
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])

    async def test_bytes_that_are_no_text_are_refused(self, client: Client) -> None:
        answer = await client.graphql(body=b'{"query":"\xff"}')
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])

    async def test_half_a_surrogate_pair_is_refused(self, client: Client) -> None:
        answer = await client.graphql(body=b'{"query":"{hello(name:\\"\\ud800\\")}"}')
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])

    @pytest.mark.parametrize(
        "sent",
        [
            [{"query": "{hello}"}],
            "hello",
            {},
            {"query": 7},
            {"query": "{hello}", "variables": [7]},
            {"query": "{hello}", "operationName": {}},
            {"query": "{hello}", "extensions": "x"},
            {"documentId": "sha256:abc"},
            {"documentId": 7},
            {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}},
        ],
    )
    async def test_what_is_no_request_is_refused(self, client: Client, sent: object) -> None:
        answer = await client.graphql(body=json.dumps(sent).encode())
        assert (answer.status, answer.codes) == (422, ["BAD_REQUEST"])

    async def test_no_json_is_told_where_it_ends_to_be_one(self, client: Client) -> None:
        answer = await client.graphql(body=b'{"query":nope}')
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
        assert answer.json["errors"][0]["message"] == (
            "The body can't be read as JSON: invalid literal, expected 'null': "
            "line 1 column 10 (char 9)."
        )

    async def test_batches_are_off_in_words(self, client: Client) -> None:
        answer = await client.graphql(body=b'[{"query":"{hello}"}]')
        assert "batches are off" in answer.json["errors"][0]["message"]

    async def test_unknown_properties_are_ignored(self, client: Client) -> None:
        answer = await client.graphql("{hello}", somethingNew=True)
        assert answer.json["data"] == {"hello": "hello you"}

    async def test_a_body_over_the_limit_is_not_read(self, client: Client) -> None:
        answer = await client.graphql(body=b'{"query":"' + b" " * BODY_BYTES + b'"}')
        assert (answer.status, answer.codes) == (413, ["TOO_COSTLY"])

    async def test_nor_one_that_does_not_say_its_length(self, client: Client) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(BODY_BYTES // 16_384 + 1):
                yield b" " * 16_384

        answer = await client.graphql(body=chunks())  # type: ignore[arg-type]
        assert (answer.status, answer.codes) == (413, ["TOO_COSTLY"])


class TestMediaTypes:
    @pytest.mark.parametrize(
        ("accept", "type_"),
        [
            ("*/*", RESPONSE),
            ("application/*", RESPONSE),
            (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
            ("application/json", "application/json"),
            ("application/json, */*", "application/json"),
            (f"application/json, {RESPONSE};q=0.5", "application/json"),
            (f"text/html, {RESPONSE};q=0, */*", "application/json"),
        ],
    )
    async def test_are_the_clients_choice(self, client: Client, accept: str, type_: str) -> None:
        answer = await client.graphql("{hello}", headers={"accept": accept})
        assert answer.status == 200
        assert answer.headers["content-type"] == f"{type_}; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"

    async def test_others_are_not_spoken(self, client: Client) -> None:
        answer = await client.graphql("{hello}", headers={"accept": "text/html"})
        assert (answer.status, answer.codes) == (406, ["BAD_REQUEST"])

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("{", 400),
            ("{helo}", 422),
            ("{broken}", 294),
            ("{hello}", 200),
            ("query a{hello} query b{hello}", 422),
        ],
    )
    async def test_decide_the_status(self, client: Client, query: str, status: int) -> None:
        answer = await client.graphql(query, headers={"accept": RESPONSE})
        assert answer.status == status
        legacy = await client.graphql(query, headers={"accept": "application/json"})
        assert legacy.status == 200


class TestOperations:
    async def test_one_that_can_not_be_parsed_says_where(self, client: Client) -> None:
        answer = await client.graphql("{hello")
        [error] = answer.json["errors"]
        assert error["locations"] == [{"line": 1, "column": 7}]
        assert error["extensions"]["code"] == "BAD_REQUEST"

    @pytest.mark.parametrize(
        "query",
        [
            "{things(first:%s){id}}",
            "query($n:Int=%s){things(first:$n){id}}",
            "{hello(name:%s)}",
            "{hello @skip(if:[{n:%s}])}",
            "{things(first:-%s.5){id}}",
        ],
    )
    async def test_a_number_of_any_length_is_refused_in_words(
        self, client: Client, query: str
    ) -> None:
        answer = await client.graphql(query % ("9" * 4_301))
        assert (answer.status, answer.codes) == (400, ["BAD_REQUEST"])
        [error] = answer.json["errors"]
        assert error["message"] == "A number may have at most 40 characters."
        assert error["locations"] == [{"line": 1, "column": query.replace("-", "%").index("%") + 1}]

    async def test_one_within_that_length_is_out_of_bounds(self, client: Client) -> None:
        answer = await client.graphql("{things(first:" + "9" * 40 + "){id}}")
        assert (answer.status, answer.codes) == (422, ["TOO_COSTLY"])
        answer = await client.graphql("{hello(name:-" + "9" * 39 + ")}")
        assert (answer.status, answer.codes) == (422, ["VALIDATION_FAILED"])

    async def test_digits_in_a_text_are_no_number(self, client: Client) -> None:
        answer = await client.graphql('{hello(name:"' + "9" * 4_301 + '")}')
        assert answer.json["data"] == {"hello": "hello " + "9" * 4_301}

    @pytest.mark.parametrize(
        ("digits", "status", "code"),
        [
            (10, 422, "TOO_COSTLY"),
            (19, 422, "TOO_COSTLY"),
            (30, 422, "VALIDATION_FAILED"),
            (4_301, 400, "BAD_REQUEST"),
        ],
    )
    async def test_nor_does_one_in_its_variables_break_anything(
        self, client: Client, digits: int, status: int, code: str
    ) -> None:
        """More than 64 bits are read as a float, and what is infinite as such is no JSON."""
        query = '{"query":"query($n:Int){things(first:$n){id}}","variables":{"n":%s}}'
        answer = await client.graphql(body=(query % ("9" * digits)).encode())
        assert (answer.status, answer.codes) == (status, [code])

    async def test_one_that_does_not_fit_gets_no_suggestion(self, client: Client) -> None:
        answer = await client.graphql("{helo thingz{id}}")
        assert (answer.status, answer.codes) == (422, ["VALIDATION_FAILED"] * 2)
        assert "mean" not in answer.text
        assert "hello" not in answer.text

    async def test_nor_do_its_variables(self, client: Client) -> None:
        answer = await client.graphql("query($n:Int){things(first:$n){id}}", variables={"n": "x"})
        assert (answer.status, answer.codes) == (422, ["VALIDATION_FAILED"])
        assert "data" not in answer.json

    async def test_is_chosen_by_its_name(self, client: Client) -> None:
        text = 'query a{hello} query b{hello(name:"b")}'
        answer = await client.graphql(text, operationName="b")
        assert answer.json["data"] == {"hello": "hello b"}
        assert (await client.graphql(text, operationName="c")).codes == ["VALIDATION_FAILED"]
        assert (await client.graphql(text)).codes == ["VALIDATION_FAILED"]

    async def test_subscriptions_go_elsewhere(self, client: Client) -> None:
        answer = await client.graphql("subscription{count(to:3)}")
        assert (answer.status, answer.codes) == (422, ["BAD_REQUEST"])
        assert "websocket" in answer.text

    async def test_the_cost_is_shown(self, client: Client) -> None:
        answer = await client.graphql("{things(first:7){name things(first:3){id}}}")
        assert answer.json["extensions"] == {"cost": {"objects": 28, "limit": 20_000}}

    async def test_the_request_has_an_id(self, client: Client) -> None:
        answer = await client.graphql("{broken}")
        assert answer.headers["x-request-id"] == answer.json["errors"][0]["extensions"]["requestId"]


class TestErrors:
    async def test_what_is_not_known_is_masked_and_logged_once(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            answer = await client.graphql("{broken}")
        assert answer.status == 294
        [error] = answer.json["errors"]
        assert error["extensions"]["code"] == "INTERNAL"
        assert error["path"] == ["broken"]
        assert "swordfish" not in answer.text
        records = [record for record in caplog.records if record.exc_info]
        assert len(records) == 1
        assert error["extensions"]["requestId"] in records[0].getMessage()

    async def test_an_outage_is_told_as_such(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await client.graphql("{away}")
        [error] = answer.json["errors"]
        assert error["extensions"]["code"] == "UNAVAILABLE"
        assert error["extensions"]["retryable"] is True
        assert "10.0.0.7" not in answer.text
        assert not [record for record in caplog.records if record.exc_info]

    async def test_a_missing_right_is_named(self, client: Client) -> None:
        answer = await client.graphql("{forbidden}")
        [error] = answer.json["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert error["extensions"]["right"] == "CLOSE"
        assert error["message"].startswith("This needs the right “close”.")

    async def test_an_error_of_the_rooms_keeps_its_words(self, client: Client) -> None:
        answer = await client.graphql("{imprecise}")
        [error] = answer.json["errors"]
        assert error["extensions"]["code"] == "INVALID_INPUT"
        assert error["message"] == "An amount in JPY has no digits after the point."

    async def test_one_before_the_sign_in_is_known_has_its_own_status(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with client_of(Edge(gate_kind=GateInOutage).app) as client:
            answer = await client.graphql("{hello}")
        assert (answer.status, answer.codes) == (503, ["UNAVAILABLE"])
        assert answer.headers["retry-after"] == "1"
        assert "10.0.0.7" not in answer.text
        assert not [record for record in caplog.records if record.exc_info]


class TestDocuments:
    TEXT = "query Greet($name: String!) { hello(name: $name) }"
    HASH = hashlib.sha256(TEXT.encode()).hexdigest()

    async def test_an_unknown_one_is_not_found(self, client: Client) -> None:
        answer = await client.graphql(documentId=f"sha256:{self.HASH}")
        assert (answer.status, answer.codes) == (400, ["DOCUMENT_NOT_FOUND"])

    async def test_nor_in_apollos_form_whose_clients_look_for_one_word(
        self, client: Client
    ) -> None:
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": self.HASH}}
        answer = await client.graphql(extensions=extensions)
        assert answer.codes == ["DOCUMENT_NOT_FOUND"]
        assert answer.json["errors"][0]["message"] == "PersistedQueryNotFound"

    async def test_a_text_that_has_another_hash_is_refused(self, client: Client) -> None:
        answer = await client.graphql("{hello}", documentId=f"sha256:{self.HASH}")
        assert answer.codes == ["BAD_REQUEST"]

    async def test_one_that_was_sent_once_is_known_by_its_hash(self, client: Client) -> None:
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": self.HASH}}
        variables = {"name": "Ada"}
        first = await client.graphql(self.TEXT, extensions=extensions, variables=variables)
        then = await client.graphql(extensions=extensions, variables=variables)
        also = await client.graphql(documentId=f"sha256:{self.HASH}", variables=variables)
        assert first.json == then.json == also.json
        assert then.json["data"] == {"hello": "hello Ada"}

    async def test_an_invalid_one_is_not_kept(self, client: Client) -> None:
        digest = hashlib.sha256(b"{helo}").hexdigest()
        await client.graphql("{helo}")
        answer = await client.graphql(documentId=f"sha256:{digest}")
        assert answer.codes == ["DOCUMENT_NOT_FOUND"]

    async def test_nobody_may_use_one(self, edge: Edge, somebody: Person) -> None:
        async with client_of(edge.app, somebody) as client:
            await client.graphql(self.TEXT, variables={"name": "Ada"})
            client.session.cookie_jar.clear()
            answer = await client.graphql(documentId=f"sha256:{self.HASH}")
        assert answer.codes == ["UNAUTHENTICATED"]

    async def test_a_registered_one_may_be_deep_but_not_costly(self, somebody: Person) -> None:
        deep = "{" + "things(first:1){" * 20 + "id" + "}" * 21
        costly = "{things(first:9){" + "things(first:9000){" * 2 + "id" + "}}}}"
        edge = Edge(registered=(deep, costly))
        async with client_of(edge.app, somebody) as client:
            found = await client.graphql(
                documentId=f"sha256:{hashlib.sha256(deep.encode()).hexdigest()}"
            )
            refused = await client.graphql(deep.replace("id", "name"))
        assert found.status == 200
        assert refused.codes == ["TOO_COSTLY"]


def test_a_registered_document_that_does_not_fit_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "a.graphql").write_text("query Greet {\n  helo\n}")
    (tmp_path / "notes.txt").write_text("no document")
    with pytest.raises(DocumentUnusable) as unusable:
        Edge(registered=tuple(read_registered(tmp_path)))
    assert str(unusable.value) == (
        "The registered document “query Greet {” can't be used: "
        "Cannot query field 'helo' on type 'Query'."
    )


class TestTurns:
    async def test_one_more_than_allowed_at_a_time_is_told_when_to_come_back(
        self, somebody: Person
    ) -> None:
        edge = Edge(at_a_time=2)
        async with client_of(edge.app, somebody) as client:
            waiting = [asyncio.create_task(client.graphql("{slow}")) for _ in range(2)]
            answer = await client.graphql("{hello}")
            while answer.status != 429:
                answer = await client.graphql("{hello}")
            edge.slow.set()
            for task in waiting:
                assert (await task).json["data"] == {"slow": "at last"}
            after = await client.graphql("{hello}")
        assert answer.codes == ["RATE_LIMITED"]
        assert answer.json["errors"][0]["extensions"]["retryAt"] == "2026-03-02T09:30:01.000Z"
        assert answer.headers["retry-after"] == "1"
        assert after.status == 200
