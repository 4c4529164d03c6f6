"""The adapter against a server that answers what a test tells it, over real connections."""

from __future__ import annotations

import json
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.aggregators.plaid import Plaid
from counterfoil.aggregators.port import (
    AggregatorError,
    ChangesPage,
    ErrorKind,
    GrantSecret,
    Left,
    LinkPurpose,
    LinkRequest,
    Retry,
    RevokeResult,
)
from counterfoil.kit.secret import Secret
from tests.aggregators.plaid import objects
from tests.kit.scripted_server import Reply, ScriptedServer, scripted_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRANT = GrantSecret("access-very-secret")
MINUTE = timedelta(minutes=1)


class StandingClock:
    """A clock that stands at NOW."""

    def now(self) -> datetime:
        return NOW


@asynccontextmanager
async def adapter(*replies: Reply) -> AsyncIterator[tuple[Plaid, ScriptedServer]]:
    async with scripted_server(*replies) as server:
        plaid = Plaid(
            base_url=server.address,
            client_id="client-1",
            secret=Secret("keys-very-secret"),
            clock=StandingClock(),
        )
        try:
            yield plaid, server
        finally:
            await plaid.close()


async def refused(*replies: Reply) -> AggregatorError:
    """What /item/get raises after these replies."""
    async with adapter(*replies) as (plaid, _):
        with pytest.raises(AggregatorError) as raised:
            await plaid.health(GRANT)
    return raised.value


async def pages(plaid: Plaid, cursor: str | None = None) -> list[ChangesPage]:
    return [page async for page in plaid.changes(GRANT, cursor)]


async def collect(plaid: Plaid, got: list[ChangesPage]) -> None:
    """Put every page into `got`, so that those before an error are seen."""
    async for page in plaid.changes(GRANT, None):
        got.append(page)  # noqa: PERF401


class TestFailures:
    @pytest.mark.parametrize(
        ("reply", "kind", "retry", "code"),
        [
            (Reply(b'{"item": {}}', cut=5), ErrorKind.TRANSIENT, Retry.SOON, "NO_ANSWER"),
            (Reply(b"<h1>", 502, "text/html"), ErrorKind.TRANSIENT, Retry.SOON, "HTTP_502"),
            (Reply(b"{}", 503), ErrorKind.TRANSIENT, Retry.SOON, "HTTP_503"),
            (Reply(b"{", 500), ErrorKind.TRANSIENT, Retry.SOON, "HTTP_500"),
            (Reply(b"{}", 302), ErrorKind.PROTOCOL, Retry.SCHEDULED, "HTTP_302"),
            (Reply(b"no", 404, "text/plain"), ErrorKind.PROTOCOL, Retry.SCHEDULED, "HTTP_404"),
            (Reply(b'{"item":'), ErrorKind.PROTOCOL, Retry.SCHEDULED, "MALFORMED_ANSWER"),
            (Reply(b"[]"), ErrorKind.PROTOCOL, Retry.SCHEDULED, "MALFORMED_ANSWER"),
            (Reply(b"{}"), ErrorKind.PROTOCOL, Retry.SCHEDULED, "MALFORMED_ANSWER"),
            (Reply(b'{"a": NaN}'), ErrorKind.PROTOCOL, Retry.SCHEDULED, "MALFORMED_ANSWER"),
            (
                Reply(b"{}", content_type="text/html"),
                ErrorKind.PROTOCOL,
                Retry.SCHEDULED,
                "MALFORMED_ANSWER",
            ),
        ],
        ids=lambda value: str(value)[:60],
    )
    async def test_each_has_its_kind(
        self, reply: Reply, kind: ErrorKind, retry: Retry, code: str
    ) -> None:
        problem = await refused(reply)
        assert (problem.kind, problem.retry, problem.provider_code) == (kind, retry, code)

    async def test_plaids_own_error(self) -> None:
        raised = objects.error("ITEM_NOT_FOUND", error_type="ITEM_ERROR")
        problem = await refused(Reply.of(raised, status=400))
        assert (problem.kind, problem.request_id) == (ErrorKind.LINK_GONE, "request-1")

    async def test_an_error_that_says_200_is_none_of_plaids(self) -> None:
        raised = objects.error("ITEM_NOT_FOUND", error_type="ITEM_ERROR")
        assert (await refused(Reply.of(raised))).provider_code == "MALFORMED_ANSWER"

    async def test_a_malformed_answer_names_its_field_and_request(self) -> None:
        problem = await refused(Reply.of({"item": 5, "request_id": "request-7"}))
        assert problem.provider_message == "/item/get: item is not an object"
        assert problem.request_id == "request-7"

    async def test_an_id_of_a_request_is_cleaned(self) -> None:
        problem = await refused(Reply.of({"item": 5, "request_id": "request\x00-7" + "7" * 200}))
        assert problem.request_id == "request-7" + "7" * 111

    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ([], MINUTE),
            ([("Retry-After", "7")], timedelta(seconds=7)),
            ([("Retry-After", "9" * 40)], timedelta(days=1)),
            ([("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")], MINUTE),
        ],
    )
    async def test_a_gateways_limit_names_its_time(
        self, headers: list[tuple[str, str]], wait: timedelta
    ) -> None:
        problem = await refused(Reply(b"{}", 429, headers=headers))
        assert (problem.kind, problem.retry_at) == (ErrorKind.RATE_LIMITED, NOW + wait)

    async def test_nobody_listens(self) -> None:
        async with adapter() as (plaid, _):
            pass
        with pytest.raises(AggregatorError) as raised:
            await plaid.health(GRANT)
        await plaid.close()
        assert raised.value.kind is ErrorKind.TRANSIENT

    async def test_plain_http_to_the_open_internet_never_carries_the_keys(self) -> None:
        plaid = Plaid(
            base_url="http://8.8.8.8",
            client_id="c",
            secret=Secret("s"),
            clock=StandingClock(),
        )
        with pytest.raises(AggregatorError) as raised:
            await plaid.health(GRANT)
        await plaid.close()
        assert (raised.value.kind, raised.value.provider_code) == (
            ErrorKind.OUR_CONFIG,
            "ADDRESS_REFUSED",
        )

    async def test_without_keys_nothing_is_asked(self) -> None:
        async with scripted_server() as server:
            plaid = Plaid(
                base_url=server.address, client_id=None, secret=None, clock=StandingClock()
            )
            with pytest.raises(AggregatorError) as raised:
                await plaid.health(GRANT)
            await plaid.close()
        assert (raised.value.kind, raised.value.provider_code) == (
            ErrorKind.OUR_CONFIG,
            "KEYS_MISSING",
        )
        assert server.requests == []


class TestSecrecy:
    @pytest.mark.parametrize("reply", [Reply(b"{", 500), Reply(b"{}"), Reply(b'{"a"', cut=1)])
    async def test_no_error_holds_a_secret(self, reply: Reply) -> None:
        problem = await refused(reply)
        told = "".join(traceback.format_exception(problem)) + repr(vars(problem))
        assert "very-secret" not in told

    async def test_nor_does_the_adapter(self) -> None:
        async with adapter() as (plaid, _):
            assert "very-secret" not in repr(plaid) + repr(vars(plaid))


class TestChanges:
    async def test_a_bad_line_on_a_later_page_refuses_that_whole_page(self) -> None:
        first = Reply.of(objects.page(added=[objects.line()], has_more=True))
        bad = objects.page(added=[objects.line(), objects.line(date="x")], next_cursor="cursor-2")
        got: list[ChangesPage] = []
        async with adapter(first, Reply.of(bad)) as (plaid, _):
            with pytest.raises(AggregatorError) as raised:
                await collect(plaid, got)
        assert raised.value.kind is ErrorKind.PROTOCOL
        assert raised.value.provider_message == "/transactions/sync: added[1].date is not a date"
        assert [page.next_cursor for page in got] == ["cursor-1"]

    async def test_a_cursor_that_stands_still_ends_it(self) -> None:
        async with adapter(Reply.of(objects.page(has_more=True))) as (plaid, server):
            with pytest.raises(AggregatorError) as raised:
                await pages(plaid)
        assert raised.value.kind is ErrorKind.PROTOCOL
        assert len(server.requests) == 2

    async def test_a_circle_of_cursors_ends_it(self) -> None:
        ring = [Reply.of(objects.page(next_cursor=c, has_more=True)) for c in ("a", "b", "a")]
        async with adapter(*ring) as (plaid, server):
            with pytest.raises(AggregatorError) as raised:
                await pages(plaid)
        assert raised.value.kind is ErrorKind.PROTOCOL
        assert len(server.requests) == 3

    async def test_pages_until_there_is_no_more(self) -> None:
        replies = (
            Reply.of(objects.page(next_cursor="a", has_more=True)),
            Reply.of(objects.page(next_cursor="b")),
        )
        async with adapter(*replies) as (plaid, server):
            assert [page.next_cursor for page in await pages(plaid, "start")] == ["a", "b"]
        assert [request.document.get("cursor") for request in server.requests] == ["start", "a"]

    async def test_the_first_page_is_asked_for_without_a_cursor(self) -> None:
        async with adapter(Reply.of(objects.page())) as (plaid, server):
            await pages(plaid)
        (request,) = server.requests
        assert request.path == "/transactions/sync"
        assert request.document == {
            "access_token": "access-very-secret",
            "count": 500,
            "options": {"include_original_description": True},
        }
        assert request.headers["plaid-client-id"] == "client-1"
        assert request.headers["plaid-secret"] == "keys-very-secret"
        assert request.headers["plaid-version"] == "2020-09-14"

    async def test_data_that_changed_between_pages_starts_again(self) -> None:
        code = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
        changed = objects.error(code, error_type="TRANSACTIONS_ERROR")
        async with adapter(Reply.of(changed, status=400)) as (plaid, _):
            with pytest.raises(AggregatorError) as raised:
                await pages(plaid)
        assert raised.value.kind is ErrorKind.RESTART_PAGINATION

    async def test_a_used_up_limit_names_its_time(self) -> None:
        limit = objects.error("TRANSACTIONS_SYNC_LIMIT", error_type="RATE_LIMIT_EXCEEDED")
        async with adapter(Reply.of(limit, status=429)) as (plaid, _):
            with pytest.raises(AggregatorError) as raised:
                await pages(plaid)
        assert (raised.value.kind, raised.value.retry_at) == (
            ErrorKind.RATE_LIMITED,
            NOW + MINUTE,
        )


class TestSnapshot:
    async def test_one_account_s_money_that_can_t_be_told_leaves_its_siblings(self) -> None:
        odd = objects.account(
            account_id="account-2", balances=objects.balances(iso_currency_code=None)
        )
        accounts = {"accounts": [objects.account(), odd], "item": {}}
        async with adapter(Reply.of(objects.item()), Reply.of(accounts)) as (plaid, _):
            snapshot = await plaid.snapshot(GRANT)
        assert [account.aggregator_id for account in snapshot.accounts] == ["account-1"]
        assert [failure.account_id for failure in snapshot.failures] == ["account-2"]

    async def test_no_account_at_all_is_an_error(self) -> None:
        replies = (Reply.of(objects.item()), Reply.of({"accounts": [], "item": {}}))
        async with adapter(*replies) as (plaid, _):
            with pytest.raises(AggregatorError) as raised:
                await plaid.snapshot(GRANT)
        assert raised.value.kind is ErrorKind.NO_ACCOUNTS

    async def test_the_free_cached_balances_are_read(self) -> None:
        replies = (Reply.of(objects.item()), Reply.of({"accounts": [objects.account()]}))
        async with adapter(*replies) as (plaid, server):
            await plaid.snapshot(GRANT)
        assert [request.path for request in server.requests] == ["/item/get", "/accounts/get"]


def link_request(**changes: object) -> LinkRequest:
    return LinkRequest(
        **{  # type: ignore[arg-type]
            "purpose": LinkPurpose.ADD,
            "client_user_id": "user-1",
            "return_url": "http://127.0.0.1:8000/link/return",
            "webhook_url": None,
            "mobile_app": False,
            **changes,
        }
    )


OPENED = {
    "link_token": "link-very-secret",
    "expiration": "2026-03-01T16:00:00Z",
    "hosted_link_url": "https://hosted.plaid.com/link/abc",
}
PAGE = {
    "client_name": "Counterfoil",
    "country_codes": ["US"],
    "language": "en",
    "user": {"client_user_id": "user-1"},
    "hosted_link": {
        "completion_redirect_uri": "http://127.0.0.1:8000/link/return",
        "url_lifetime_seconds": 1800,
        "is_mobile_app": False,
    },
}


class TestBeginLink:
    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "", "//x", "https://", "https://a\x00b", "https://a b"]
    )
    async def test_a_page_that_is_no_web_address_is_refused(self, url: str) -> None:
        async with adapter(Reply.of({**OPENED, "hosted_link_url": url})) as (plaid, _):
            with pytest.raises(AggregatorError) as raised:
                await plaid.begin_link(link_request())
        assert raised.value.kind is ErrorKind.PROTOCOL

    @pytest.mark.parametrize(
        ("changes", "sent"),
        [
            ({}, {"products": ["transactions"], "transactions": {"days_requested": 730}}),
            (
                {"purpose": LinkPurpose.REPAIR, "grant": GRANT},
                {"access_token": "access-very-secret"},
            ),
            (
                {"purpose": LinkPurpose.ADD_ACCOUNTS, "grant": GRANT},
                {
                    "access_token": "access-very-secret",
                    "update": {"account_selection_enabled": True},
                },
            ),
        ],
        ids=["add", "repair", "add accounts"],
    )
    async def test_the_request_is_exact(
        self, changes: dict[str, object], sent: dict[str, object]
    ) -> None:
        async with adapter(Reply.of(OPENED)) as (plaid, server):
            await plaid.begin_link(link_request(**changes))
        assert server.requests[0].document == {**PAGE, **sent}

    async def test_a_webhook_is_named_where_there_is_one(self) -> None:
        async with adapter(Reply.of(OPENED)) as (plaid, server):
            await plaid.begin_link(link_request(webhook_url="https://example.com/webhooks/plaid"))
        assert server.requests[0].document["webhook"] == "https://example.com/webhooks/plaid"

    @pytest.mark.parametrize(
        ("expiration", "expires_at"),
        [
            ("2026-03-01T16:00:00Z", NOW + timedelta(minutes=30)),
            ("2026-03-01T12:10:00Z", NOW + timedelta(minutes=10)),
        ],
    )
    async def test_it_ends_with_its_page_or_its_token(
        self, expiration: str, expires_at: datetime
    ) -> None:
        async with adapter(Reply.of({**OPENED, "expiration": expiration})) as (plaid, _):
            opened = await plaid.begin_link(link_request())
        assert (opened.url, opened.expires_at) == (OPENED["hosted_link_url"], expires_at)
        assert "very-secret" not in repr(opened)


class TestFinishLink:
    async def test_a_page_that_plaid_has_forgotten_was_left(self) -> None:
        forgotten = objects.error("INVALID_LINK_TOKEN", error_type="INVALID_INPUT")
        async with adapter(Reply.of(forgotten, status=400)) as (plaid, _):
            left = await plaid.finish_link(GrantSecret("link-1"))
        assert left == Left("INVALID_LINK_TOKEN", "The sign-in page has expired.")


class TestRefresh:
    @pytest.mark.parametrize(
        ("type_", "code"),
        [
            ("ITEM_ERROR", "PRODUCTS_NOT_SUPPORTED"),
            ("ITEM_ERROR", "PRODUCT_NOT_ENABLED"),
            ("INVALID_INPUT", "INVALID_PRODUCT"),
        ],
    )
    async def test_where_it_can_t_it_is_unsupported(self, type_: str, code: str) -> None:
        raised_by_plaid = objects.error(code, error_type=type_)
        async with adapter(Reply.of(raised_by_plaid, status=400)) as (plaid, _):
            with pytest.raises(AggregatorError) as raised:
                await plaid.refresh(GRANT)
        assert (raised.value.kind, raised.value.provider_code) == (ErrorKind.UNSUPPORTED, code)


class TestRevoke:
    @pytest.mark.parametrize("code", ["ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"])
    async def test_what_is_gone_already(self, code: str) -> None:
        gone = objects.error(code, error_type="ITEM_ERROR")
        async with adapter(Reply.of(gone, status=400)) as (plaid, _):
            assert await plaid.revoke(GRANT) is RevokeResult.ALREADY_GONE

    async def test_a_failure_is_no_success(self) -> None:
        async with adapter(Reply(b"", 502, "text/html")) as (plaid, _):
            with pytest.raises(AggregatorError):
                await plaid.revoke(GRANT)

    async def test_ended(self) -> None:
        async with adapter(Reply(json.dumps({"request_id": "r"}).encode())) as (plaid, _):
            assert await plaid.revoke(GRANT) is RevokeResult.REMOTE


class TestInstitutions:
    async def test_a_country_that_is_not_set_up_is_not_asked_for(self) -> None:
        async with adapter(Reply.of({"institutions": []})) as (plaid, server):
            with pytest.raises(AggregatorError) as raised:
                await plaid.institutions("", "ZZ")
        assert (raised.value.kind, raised.value.retry) == (ErrorKind.UNSUPPORTED, Retry.NEVER)
        assert server.requests == []

    @pytest.mark.parametrize("query", ["", "  "])
    async def test_without_a_query_the_first_ones(self, query: str) -> None:
        async with adapter(Reply.of({"institutions": []})) as (plaid, server):
            assert await plaid.institutions(query, "US") == []
        assert server.requests[0].path == "/institutions/get"

    async def test_a_link_that_is_no_web_address_is_dropped(self) -> None:
        listed = {
            "institution_id": "ins_1",
            "name": "Bank\x00",
            "country_codes": ["US", "CA"],
            "url": "javascript:alert(1)",
        }
        async with adapter(Reply.of({"institutions": [listed]})) as (plaid, _):
            (found,) = await plaid.institutions("bank", "US")
        assert (found.name, found.url, found.countries) == ("Bank", None, ("US", "CA"))

    @pytest.mark.parametrize(
        ("listed", "kept"),
        [
            (["US", "U\x00", "us", "USA", "", 5, None, "CA", "US"], ("US", "CA")),
            (["US"] * 100_000, ("US",)),
            ("US", ()),
            (None, ()),
            ({"US": 1}, ()),
        ],
    )
    async def test_countries_are_two_capitals_each_once(
        self, listed: object, kept: tuple[str, ...]
    ) -> None:
        told = {"institution_id": "ins_1", "name": "Bank", "country_codes": listed}
        async with adapter(Reply.of({"institutions": [told]})) as (plaid, _):
            (found,) = await plaid.institutions("bank", "US")
        assert found.countries == kept
