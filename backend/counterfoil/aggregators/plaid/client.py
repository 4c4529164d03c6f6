"""Calls to Plaid: one POST each, its refusals and failures folded into AggregatorError."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeVar

from counterfoil.aggregators.plaid.errors import error_of, malformed
from counterfoil.aggregators.plaid.reading import Document, Malformed
from counterfoil.aggregators.port import AggregatorError, ErrorKind, Retry
from counterfoil.kit.clock import Clock
from counterfoil.kit.http import AddressRefused, BadAnswer, JsonAnswer, JsonHttp, NoAnswer
from counterfoil.kit.secret import Secret
from counterfoil.kit.text import clean_or_none

API_VERSION = "2020-09-14"
USUAL_SECONDS = 30.0
SLOW_SECONDS = 60.0
"""For calls that may wait for the bank: Plaid documents 30 s and more for some."""

_LONGEST_WAIT = 86_400
_USUAL_WAIT = 60

Translated = TypeVar("Translated")


class PlaidClient:
    """Sends exact requests (Plaid refuses unknown fields) and gives back whole answers."""

    def __init__(
        self, *, base_url: str, client_id: str | None, secret: Secret | None, clock: Clock
    ) -> None:
        self._clock = clock
        self._http: JsonHttp | None = None
        if client_id and secret is not None:
            headers: dict[str, str | Secret] = {
                "PLAID-CLIENT-ID": client_id,
                "PLAID-SECRET": secret,
                "Plaid-Version": API_VERSION,
            }
            self._http = JsonHttp(base_url, headers=headers)

    async def call(
        self,
        path: str,
        request: Mapping[str, object],
        translate: Callable[[Document], Translated],
        *,
        seconds: float = USUAL_SECONDS,
    ) -> Translated:
        """Post `request` and translate the answer.

        Raises:
            AggregatorError: Plaid refused or failed, or the answer is not well formed (PROTOCOL:
                nothing of it is used).
        """
        answer = await self._answer(path, request, seconds)
        document = answer.document
        if answer.status != 200 or not isinstance(document, dict):
            raise self._refusal(answer)
        try:
            return translate(document)
        except Malformed as problem:
            raise malformed(f"{path}: {problem}", request_id=_request_id(document)) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    async def _answer(self, path: str, request: Mapping[str, object], seconds: float) -> JsonAnswer:
        if self._http is None:
            raise _not_set_up("KEYS_MISSING", "The keys for Plaid are not set.")
        try:
            return await self._http.post(path, request, seconds=seconds)
        except NoAnswer as problem:
            raise _transient("NO_ANSWER", problem.reason) from None
        except AddressRefused as problem:
            raise _not_set_up("ADDRESS_REFUSED", problem.reason) from None
        except BadAnswer as problem:
            if problem.status == 200:
                raise malformed(f"{path}: {problem.reason}") from None
            raise self._by_status(problem.status, retry_after=None) from None

    def _refusal(self, answer: JsonAnswer) -> AggregatorError:
        document = answer.document
        if isinstance(document, dict) and isinstance(document.get("error_code"), str):
            return error_of(document, now=self._clock.now())
        if answer.status == 200:
            return malformed("The answer is not an object.")
        return self._by_status(answer.status, retry_after=answer.headers.get("retry-after"))

    def _by_status(self, status: int, *, retry_after: str | None) -> AggregatorError:
        """An answer that is not Plaid's own, from a gateway on the way."""
        code = f"HTTP_{status}"
        if status == 429:
            return AggregatorError(
                ErrorKind.RATE_LIMITED,
                retry=Retry.SOON,
                provider_code=code,
                retry_at=self._clock.now() + _wait(retry_after),
            )
        if status >= 500:
            return _transient(code, "Plaid's gateway answers with an error.")
        return AggregatorError(ErrorKind.PROTOCOL, retry=Retry.SCHEDULED, provider_code=code)


def _wait(retry_after: str | None) -> timedelta:
    """Retry-After in seconds (RFC 9110, section 10.2.3); a date there counts as absent."""
    given = retry_after if retry_after and retry_after.isascii() and retry_after.isdigit() else ""
    return timedelta(seconds=min(int(given[:9]), _LONGEST_WAIT) if given else _USUAL_WAIT)


def _transient(code: str, words: str) -> AggregatorError:
    return AggregatorError(
        ErrorKind.TRANSIENT, retry=Retry.SOON, provider_code=code, provider_message=words
    )


def _not_set_up(code: str, words: str) -> AggregatorError:
    return AggregatorError(
        ErrorKind.OUR_CONFIG, retry=Retry.NEVER, provider_code=code, provider_message=words
    )


def _request_id(document: Document) -> str | None:
    value = document.get("request_id")
    return clean_or_none(value, limit=120) if isinstance(value, str) else None
