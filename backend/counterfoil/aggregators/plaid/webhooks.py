"""Plaid's webhooks: proving where one comes from, and what it hints at.

Source: https://plaid.com/docs/api/webhooks/webhook-verification/. The header `Plaid-Verification`
is a JWT, signed by ES256 with a key that Plaid hands out by its id, over the hash of the body.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from counterfoil.aggregators.plaid.reading import (
    Document,
    Malformed,
    document_of,
    identifier,
    identifier_or_none,
    member_or_none,
    moment_or_none,
    text,
)
from counterfoil.aggregators.port import (
    AggregatorError,
    GrantSecret,
    Hint,
    HintKind,
    WebhookRefused,
)
from counterfoil.kit.clock import Clock
from counterfoil.kit.http import NotJson, decoded
from counterfoil.kit.text import clean

_HEADER = "plaid-verification"
_ALGORITHM = "ES256"
_HEADER_LIMIT = 4096
_OLDEST = timedelta(minutes=5)
_AHEAD = timedelta(minutes=1)
_KEY_KEPT = timedelta(hours=1)
_LOOKUPS_PER_MINUTE = 20
_NO_SUCH_KEY = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"

FetchKey = Callable[[str], Awaitable[Document]]

_KINDS: Mapping[tuple[str, str], HintKind] = {
    ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"): HintKind.PULL,
    ("ITEM", "USER_ACCOUNT_REVOKED"): HintKind.PULL,
    ("ITEM", "ERROR"): HintKind.HEALTH,
    ("ITEM", "LOGIN_REPAIRED"): HintKind.HEALTH,
    ("ITEM", "NEW_ACCOUNTS_AVAILABLE"): HintKind.HEALTH,
    ("ITEM", "PENDING_DISCONNECT"): HintKind.HEALTH,
    ("ITEM", "PENDING_EXPIRATION"): HintKind.HEALTH,
    ("ITEM", "USER_PERMISSION_REVOKED"): HintKind.HEALTH,
    ("LINK", "SESSION_FINISHED"): HintKind.LINK_SESSION,
}
"""The rest is ignored: Plaid's older ways to say the same, and products that we do not use."""


@dataclass(frozen=True, slots=True)
class _Key:
    jwk: ECKey
    fetched_at: datetime


class Verifier:
    """Proves webhooks. Keys are kept for an hour; look-ups of unknown ones are bounded."""

    def __init__(self, fetch_key: FetchKey, clock: Clock) -> None:
        self._fetch_key = fetch_key
        self._clock = clock
        self._keys: dict[str, _Key] = {}
        self._lookups: deque[datetime] = deque(maxlen=_LOOKUPS_PER_MINUTE)

    async def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Pass silently if Plaid signed these very bytes in the last five minutes.

        Raises:
            WebhookRefused: it is not proved.
            AggregatorError: the key can't be fetched right now.
        """
        signature = _signature(headers)
        try:
            signed = jws.extract_compact(signature)
            header = signed.headers()
            if header.get("alg") != _ALGORITHM:
                raise WebhookRefused("The signature is not by ES256.")
            key = await self._key(header.get("kid"))
            if not jws.validate_compact(signed, key, algorithms=[_ALGORITHM]):
                raise WebhookRefused("The signature does not hold.")
            claims = document_of(decoded(signed.payload), "claims")
        except (JoseError, ValueError, Malformed):
            raise WebhookRefused("The signature does not hold.") from None
        self._check(claims, body)

    def _check(self, claims: Document, body: bytes) -> None:
        issued, digest = claims.get("iat"), claims.get("request_body_sha256")
        if isinstance(issued, bool) or not isinstance(issued, int) or not isinstance(digest, str):
            raise WebhookRefused("The signature lacks its time or the hash of the body.")
        age = self._clock.now().timestamp() - issued
        if not -_AHEAD.total_seconds() <= age <= _OLDEST.total_seconds():
            raise WebhookRefused("The signature is too old.")
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), digest.encode()):
            raise WebhookRefused("The body is not the one that was signed.")

    async def _key(self, kid: object) -> ECKey:
        if not isinstance(kid, str):
            raise WebhookRefused("The signature names no key.")
        kept = self._keys.get(kid)
        if kept is None or self._clock.now() - kept.fetched_at > _KEY_KEPT:
            self._keys.pop(kid, None)
            kept = self._keys[kid] = _Key(await self._look_up(kid), self._clock.now())
        return kept.jwk

    async def _look_up(self, kid: str) -> ECKey:
        """Anybody can send a made-up key id: what is asked of Plaid for that has a bound."""
        now = self._clock.now()
        if len(self._lookups) == _LOOKUPS_PER_MINUTE and now - self._lookups[0] < timedelta(
            minutes=1
        ):
            raise WebhookRefused("Too many unknown keys.")
        self._lookups.append(now)
        try:
            key = await self._fetch_key(kid)
        except AggregatorError as problem:
            if problem.provider_code == _NO_SUCH_KEY:
                raise WebhookRefused("Plaid knows no such key.") from None
            raise
        if key.get("expired_at") is not None:
            raise WebhookRefused("The key has expired.")
        return ECKey.import_key({name: text(key, name) for name in ("kty", "crv", "x", "y")})


def hints(body: bytes) -> Sequence[Hint]:
    """What a proved webhook hints at; exactly one.

    Raises:
        WebhookRefused: it is not what Plaid describes.
    """
    try:
        document = document_of(decoded(body), "body")
        code = _code(document, "webhook_code")
        kind = _KINDS.get((text(document, "webhook_type"), code), HintKind.IGNORED)
        return (_hint(document, kind, code),)
    except (NotJson, Malformed) as problem:
        raise WebhookRefused(f"The body is not a webhook of Plaid's: {problem}") from None


def _code(document: Document, name: str) -> str:
    return clean(text(document, name), limit=120)


def _hint(document: Document, kind: HintKind, code: str) -> Hint:
    if kind is HintKind.LINK_SESSION:
        handle = GrantSecret(identifier(document, "link_token"))
        return Hint(kind, session_handle=handle, provider_code=code)
    if kind is HintKind.IGNORED:
        return Hint(kind, identifier_or_none(document, "item_id"), provider_code=code)
    error = member_or_none(document, "error")
    return Hint(
        kind,
        identifier(document, "item_id"),
        provider_code=_code(error, "error_code") if error is not None else code,
        consent_ends_at=moment_or_none(document, "consent_expiration_time")
        or moment_or_none(document, "disconnect_time"),
    )


def _signature(headers: Mapping[str, str]) -> bytes:
    given = [value for name, value in headers.items() if name.lower() == _HEADER]
    if len(given) != 1 or not given[0].isascii() or len(given[0]) > _HEADER_LIMIT:
        raise WebhookRefused("There is no signature.")
    return given[0].encode()
