"""Plaid as an aggregator: which calls make up each operation of the port."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

from counterfoil.aggregators.plaid import health, sessions, translate, webhooks
from counterfoil.aggregators.plaid.client import SLOW_SECONDS, PlaidClient
from counterfoil.aggregators.plaid.errors import malformed
from counterfoil.aggregators.plaid.reading import (
    Document,
    Malformed,
    each,
    identifier,
    member,
    moment_or_none,
    text,
)
from counterfoil.aggregators.port import (
    AccountFailure,
    AccountSnapshot,
    AggregatorError,
    Capabilities,
    ChangesPage,
    ErrorKind,
    Feed,
    Found,
    GrantSecret,
    Health,
    Hint,
    InstitutionSnapshot,
    Left,
    LinkPurpose,
    LinkRequest,
    LinkSnapshot,
    NewLink,
    OpenUrl,
    Repaired,
    Retry,
    RevokeResult,
    Waiting,
    Webhooks,
)
from counterfoil.kit.clock import Clock
from counterfoil.kit.secret import Secret

_PRODUCTS = ["transactions"]
_HISTORY_DAYS = 730
_PAGE_LINES = 500
_PAGE_LIFETIME = timedelta(minutes=30)
_FIRST_INSTITUTIONS = 50
_WEB_ADDRESS = re.compile("https?://[!-~]{1,2000}")


class Plaid:
    """Speaks to Plaid's API, or to a sandbox of the same protocol, at `base_url`.

    Without keys every call raises AggregatorError(OUR_CONFIG) and nothing leaves the machine.
    `client_name` (at most 30 characters) is what the person reads on Plaid's page.
    """

    name = "plaid"
    capabilities = Capabilities(
        live_refresh=True,
        per_account_delete=False,
        webhooks=Webhooks.SIGNED,
        feed=Feed.DELTA,
        max_history_days=_HISTORY_DAYS,
        max_window_days=None,
        min_interval_seconds=60,
        pending=True,
    )

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str | None,
        secret: Secret | None,
        clock: Clock,
        client_name: str = "Counterfoil",
        country_codes: Sequence[str] = ("US",),
        language: str = "en",
    ) -> None:
        self._client = PlaidClient(
            base_url=base_url, client_id=client_id, secret=secret, clock=clock
        )
        self._clock = clock
        self._countries = tuple(country_codes)
        self._page = {
            "client_name": client_name[:30],
            "country_codes": list(country_codes),
            "language": language,
        }
        self._verifier = webhooks.Verifier(self._webhook_key, clock)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def institutions(self, query: str, country: str | None) -> Sequence[InstitutionSnapshot]:
        """Institutions by name; without a query the first ones of the countries.

        A country that is not set up is UNSUPPORTED and nothing is sent: Plaid's page, which is
        opened with the same countries, would not offer its banks.
        """
        if country is not None and country not in self._countries:
            raise AggregatorError(
                ErrorKind.UNSUPPORTED,
                retry=Retry.NEVER,
                provider_message=f"The country {country} is not set up.",
            )
        countries = list(self._countries) if country is None else [country]
        options: dict[str, object] = {"include_optional_metadata": True}
        request: dict[str, object] = {"country_codes": countries, "options": options}
        if query.strip():
            request |= {"query": query, "products": _PRODUCTS}
            return await self._client.call("/institutions/search", request, _institutions)
        options["products"] = _PRODUCTS
        request |= {"count": _FIRST_INSTITUTIONS, "offset": 0}
        return await self._client.call("/institutions/get", request, _institutions)

    async def begin_link(self, request: LinkRequest) -> OpenUrl:
        """Open Plaid's hosted page; update mode where there is a grant.

        Plaid takes no institution of our choosing: the person chooses the bank on its page.
        """
        body: dict[str, object] = {
            **self._page,
            "user": {"client_user_id": request.client_user_id},
            "hosted_link": {
                "completion_redirect_uri": request.return_url,
                "url_lifetime_seconds": int(_PAGE_LIFETIME.total_seconds()),
                "is_mobile_app": request.mobile_app,
            },
            **_mode(request),
        }
        if request.webhook_url is not None:
            body["webhook"] = request.webhook_url
        return await self._client.call("/link/token/create", body, self._opened)

    async def finish_link(self, handle: GrantSecret) -> Waiting | Left | Found | Repaired:
        """How the attempt stands; a page that Plaid has forgotten counts as left."""
        try:
            return await self._client.call(
                "/link/token/get", {"link_token": handle.value}, sessions.outcome
            )
        except AggregatorError as problem:
            if problem.provider_code != "INVALID_LINK_TOKEN":
                raise
        return Left("INVALID_LINK_TOKEN", "The sign-in page has expired.")

    async def redeem(self, handover: GrantSecret) -> NewLink:
        """Exchange the public token, which lives half an hour."""
        request = {"public_token": handover.value}
        return await self._client.call("/item/public_token/exchange", request, _new_link)

    async def snapshot(self, grant: GrantSecret) -> LinkSnapshot:
        """Health, accounts and balances as Plaid last saw them.

        The balances are the cached ones of /accounts/get, renewed about daily with the lines:
        /accounts/balance/get costs money by the call, signs in at the bank and takes 30 s and
        more, and would run ahead of the lines that came.

        An error in the health is given, not raised: what is cached can still be read.
        """
        state = await self.health(grant)
        accounts = await self._client.call("/accounts/get", _token(grant), _accounts)
        if not accounts:
            raise AggregatorError(
                ErrorKind.NO_ACCOUNTS, retry=Retry.NEVER, provider_code="NO_ACCOUNTS"
            )
        return LinkSnapshot(
            state,
            [account for account in accounts if isinstance(account, AccountSnapshot)],
            [account for account in accounts if isinstance(account, AccountFailure)],
        )

    async def health(self, grant: GrantSecret) -> Health:
        """The login's state at Plaid, which signs in nowhere to tell it."""
        now = self._clock.now()
        return await self._client.call(
            "/item/get", _token(grant), lambda answer: health.health(answer, now=now)
        )

    async def changes(self, grant: GrantSecret, cursor: str | None) -> AsyncIterator[ChangesPage]:
        """Pages of /transactions/sync after `cursor`, at most 500 lines each."""
        seen = {cursor}
        while True:
            page = await self._changes_page(grant, cursor)
            yield page
            if not page.has_more:
                return
            cursor = page.next_cursor
            if cursor in seen:
                raise malformed("/transactions/sync: next_cursor goes in a circle")
            seen.add(cursor)

    async def refresh(self, grant: GrantSecret) -> None:
        """Ask the bank now (a paid add-on); new lines come with a later pull.

        Raises:
            AggregatorError: UNSUPPORTED where this bank, or our contract, does not have it.
        """
        try:
            await self._client.call(
                "/transactions/refresh", _token(grant), lambda _: None, seconds=SLOW_SECONDS
            )
        except AggregatorError as problem:
            if problem.provider_code not in ("INVALID_PRODUCT", "PRODUCT_NOT_ENABLED"):
                raise
            raise AggregatorError(
                ErrorKind.UNSUPPORTED,
                retry=Retry.NEVER,
                provider_code=problem.provider_code,
                provider_message=problem.provider_message,
                request_id=problem.request_id,
            ) from None

    async def revoke(self, grant: GrantSecret) -> RevokeResult:
        """End the login at Plaid; its token is dead at once."""
        try:
            await self._client.call("/item/remove", _token(grant), lambda _: None)
        except AggregatorError as problem:
            if problem.kind is not ErrorKind.LINK_GONE:
                raise
            return RevokeResult.ALREADY_GONE
        return RevokeResult.REMOTE

    async def events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Hint]:
        """Verify a webhook over its raw bytes, and read it."""
        await self._verifier.verify(headers, body)
        return webhooks.hints(body)

    async def _changes_page(self, grant: GrantSecret, cursor: str | None) -> ChangesPage:
        request: dict[str, object] = {
            **_token(grant),
            "count": _PAGE_LINES,
            "options": {"include_original_description": True},
        }
        if cursor is not None:
            request["cursor"] = cursor
        return await self._client.call(
            "/transactions/sync",
            request,
            lambda answer: translate.changes_page(answer, cursor=cursor),
            seconds=SLOW_SECONDS,
        )

    async def _webhook_key(self, kid: str) -> Document:
        return await self._client.call(
            "/webhook_verification_key/get", {"key_id": kid}, lambda answer: member(answer, "key")
        )

    def _opened(self, answer: Document) -> OpenUrl:
        lives_until = self._clock.now() + _PAGE_LIFETIME
        expires_at = moment_or_none(answer, "expiration") or lives_until
        return OpenUrl(
            _page_address(answer),
            GrantSecret(identifier(answer, "link_token")),
            min(expires_at, lives_until),
        )


def _mode(request: LinkRequest) -> Mapping[str, object]:
    """New logins name products and history; update mode names the login and no products."""
    if request.grant is None:
        return {"products": _PRODUCTS, "transactions": {"days_requested": _HISTORY_DAYS}}
    if request.purpose is LinkPurpose.ADD_ACCOUNTS:
        return {**_token(request.grant), "update": {"account_selection_enabled": True}}
    return _token(request.grant)


def _token(grant: GrantSecret) -> Mapping[str, object]:
    return {"access_token": grant.value}


def _page_address(answer: Document) -> str:
    url = text(answer, "hosted_link_url")
    if not _WEB_ADDRESS.fullmatch(url):
        raise Malformed("hosted_link_url", "is not a web address")
    return url


def _institutions(answer: Document) -> Sequence[InstitutionSnapshot]:
    return each(answer, "institutions", translate.institution)


def _accounts(answer: Document) -> Sequence[AccountSnapshot | AccountFailure]:
    return each(answer, "accounts", translate.account)


def _new_link(answer: Document) -> NewLink:
    return NewLink(identifier(answer, "item_id"), GrantSecret(identifier(answer, "access_token")))
