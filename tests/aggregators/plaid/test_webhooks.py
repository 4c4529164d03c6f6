"""Proving webhooks, and what they hint at."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from counterfoil.aggregators.plaid.errors import error_of
from counterfoil.aggregators.plaid.reading import Document
from counterfoil.aggregators.plaid.webhooks import Verifier, hints
from counterfoil.aggregators.port import (
    AggregatorError,
    GrantSecret,
    Hint,
    HintKind,
    WebhookRefused,
)
from tests.aggregators.plaid import objects

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{\n  "webhook_type": "TRANSACTIONS",\n  "webhook_code": "SYNC_UPDATES_AVAILABLE"\n}'
KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")


class SettableClock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


class KeyDesk:
    """Hands out one key, as Plaid does, and counts how often it is asked."""

    def __init__(self, *, expired_at: int | None = None) -> None:
        self.asked: list[str] = []
        self.expired_at = expired_at

    async def fetch(self, kid: str) -> Document:
        self.asked.append(kid)
        if kid != "key-1":
            code = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
            raise error_of(objects.error(code, error_type="INVALID_INPUT"), now=NOW)
        public = KEY.as_dict(private=False)
        times = {"created_at": 1, "expired_at": self.expired_at}
        return {"alg": "ES256", "kid": kid, "use": "sig", **public, **times}


def signature(
    body: bytes = BODY,
    *,
    key: ECKey = KEY,
    kid: str | None = "key-1",
    at: datetime = NOW,
    **claims: Any,
) -> str:
    """The header's value, as Plaid makes it unless the test says otherwise."""
    payload = {
        "iat": int(at.timestamp()),
        "request_body_sha256": hashlib.sha256(body).hexdigest(),
        **claims,
    }
    header = {"alg": "ES256", "typ": "JWT"} | ({"kid": kid} if kid is not None else {})
    return jwt.encode(header, payload, key)


def unsigned() -> str:
    """A JWT by the algorithm "none"."""
    parts: tuple[object, ...] = (
        {"alg": "none", "kid": "key-1"},
        {
            "iat": int(NOW.timestamp()),
            "request_body_sha256": hashlib.sha256(BODY).hexdigest(),
        },
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in parts]
    return b".".join([*encoded, b""]).decode()


def by_shared_secret() -> str:
    """A JWT by HS256 whose secret is Plaid's public key: the old confusion of algorithms."""
    public = KEY.as_pem(private=False)
    payload = {
        "iat": int(NOW.timestamp()),
        "request_body_sha256": hashlib.sha256(BODY).hexdigest(),
    }
    return jwt.encode(
        {"alg": "HS256", "kid": "key-1"}, payload, OctKey.import_key(base64.b64encode(public))
    )


async def verify(
    value: str,
    *,
    body: bytes = BODY,
    desk: KeyDesk | None = None,
    clock: SettableClock | None = None,
) -> None:
    verifier = Verifier((desk or KeyDesk()).fetch, clock or SettableClock(NOW))
    await verifier.verify({"Plaid-Verification": value}, body)


class TestVerify:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            "abc",
            "a.b.c",
            "é",
            "x" * 5000,
            unsigned(),
            by_shared_secret(),
            signature(key=OTHER_KEY),
            signature(kid="key-2"),
            signature(kid=None),
            signature(at=NOW - timedelta(minutes=5, seconds=1)),
            signature(at=NOW + timedelta(minutes=2)),
            signature(iat=None),
            signature(iat="1772366400"),
            signature(iat=True),
            signature(request_body_sha256=None),
            signature(request_body_sha256=""),
            signature(b"another body"),
            signature(json.dumps(json.loads(BODY)).encode()),
            signature()[:-4] + "AAAA",
        ],
    )
    async def test_what_is_not_proved_is_refused(self, value: str) -> None:
        with pytest.raises(WebhookRefused):
            await verify(value)

    async def test_no_signature_is_refused(self) -> None:
        with pytest.raises(WebhookRefused, match="no signature"):
            await Verifier(KeyDesk().fetch, SettableClock(NOW)).verify({}, BODY)

    async def test_two_signatures_are_refused(self) -> None:
        headers = {"Plaid-Verification": signature(), "plaid-verification": signature()}
        with pytest.raises(WebhookRefused, match="no signature"):
            await Verifier(KeyDesk().fetch, SettableClock(NOW)).verify(headers, BODY)

    async def test_an_expired_key_is_refused(self) -> None:
        with pytest.raises(WebhookRefused, match="expired"):
            await verify(signature(), desk=KeyDesk(expired_at=1))

    async def test_one_changed_byte_is_refused(self) -> None:
        with pytest.raises(WebhookRefused, match="not the one that was signed"):
            await verify(signature(), body=BODY + b" ")

    @pytest.mark.parametrize("age", [0, 299, 300, -59])
    async def test_plaids_own_passes(self, age: int) -> None:
        await verify(signature(at=NOW - timedelta(seconds=age)))

    async def test_a_key_is_fetched_once_an_hour(self) -> None:
        desk, clock = KeyDesk(), SettableClock(NOW)
        verifier = Verifier(desk.fetch, clock)
        for minutes in (0, 30, 60, 61, 90):
            clock.at = NOW + timedelta(minutes=minutes)
            await verifier.verify({"plaid-verification": signature(at=clock.at)}, BODY)
        assert desk.asked == ["key-1", "key-1"]

    async def test_made_up_keys_are_looked_up_only_so_often(self) -> None:
        desk, clock = KeyDesk(), SettableClock(NOW)
        verifier = Verifier(desk.fetch, clock)
        for number in range(30):
            with pytest.raises(WebhookRefused):
                await verifier.verify({"Plaid-Verification": signature(kid=f"k{number}")}, BODY)
        assert len(desk.asked) == 20
        clock.at = NOW + timedelta(minutes=1)
        await verifier.verify({"Plaid-Verification": signature(at=clock.at)}, BODY)

    async def test_a_key_that_can_t_be_fetched_now_is_no_refusal(self) -> None:
        async def fetch(_: str) -> Document:
            down = objects.error("INTERNAL_SERVER_ERROR", error_type="API_ERROR")
            raise error_of(down, now=NOW)

        with pytest.raises(AggregatorError):
            await Verifier(fetch, SettableClock(NOW)).verify(
                {"Plaid-Verification": signature()}, BODY
            )


def webhook(type_: str, code: str, **fields: Any) -> bytes:
    return json.dumps({"webhook_type": type_, "webhook_code": code, **fields}).encode()


class TestHints:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            webhook("ITEM", "ERROR"),
            webhook("ITEM", "ERROR", item_id="item-1", error={}),
            webhook("LINK", "SESSION_FINISHED"),
            webhook("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", item_id=7),
        ],
    )
    def test_what_plaid_does_not_describe_is_refused(self, body: bytes) -> None:
        with pytest.raises(WebhookRefused):
            hints(body)

    @pytest.mark.parametrize(
        ("type_", "code", "kind"),
        [
            ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", HintKind.PULL),
            ("TRANSACTIONS", "DEFAULT_UPDATE", HintKind.IGNORED),
            ("TRANSACTIONS", "HISTORICAL_UPDATE", HintKind.IGNORED),
            ("ITEM", "LOGIN_REPAIRED", HintKind.HEALTH),
            ("ITEM", "PENDING_DISCONNECT", HintKind.HEALTH),
            ("ITEM", "USER_PERMISSION_REVOKED", HintKind.HEALTH),
            ("ITEM", "USER_ACCOUNT_REVOKED", HintKind.PULL),
            ("ITEM", "NEW_ACCOUNTS_AVAILABLE", HintKind.HEALTH),
            ("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED", HintKind.IGNORED),
            ("SOMETHING", "NEW", HintKind.IGNORED),
        ],
    )
    def test_kinds(self, type_: str, code: str, kind: HintKind) -> None:
        assert hints(webhook(type_, code, item_id="item-1")) == (
            Hint(kind, "item-1", provider_code=code),
        )

    def test_an_error_names_its_code(self) -> None:
        raised = objects.error("ITEM_LOGIN_REQUIRED", error_type="ITEM_ERROR")
        (hint,) = hints(webhook("ITEM", "ERROR", item_id="item-1", error=raised))
        assert hint == Hint(HintKind.HEALTH, "item-1", provider_code="ITEM_LOGIN_REQUIRED")

    def test_codes_are_cleaned(self) -> None:
        raised = objects.error("BROKEN\x00" + "X" * 200, error_type="ITEM_ERROR")
        (of_error,) = hints(webhook("ITEM", "ERROR", item_id="item-1", error=raised))
        assert of_error.provider_code == "BROKEN" + "X" * 114
        (unknown,) = hints(webhook("ITEM", "NEW\x00" + "X" * 200, item_id="item-1"))
        assert unknown.provider_code == "NEW" + "X" * 117

    @pytest.mark.parametrize(
        ("code", "field"),
        [
            ("PENDING_EXPIRATION", "consent_expiration_time"),
            ("PENDING_DISCONNECT", "disconnect_time"),
        ],
    )
    def test_a_warning_says_when(self, code: str, field: str) -> None:
        fields = {field: "2026-03-08T00:00:00Z"}
        (hint,) = hints(webhook("ITEM", code, item_id="item-1", **fields))
        assert hint.consent_ends_at == datetime(2026, 3, 8, tzinfo=UTC)

    def test_a_finished_session_is_found_by_its_token(self) -> None:
        body = webhook("LINK", "SESSION_FINISHED", status="SUCCESS", link_token="link-1")
        (hint,) = hints(body)
        assert (hint.kind, hint.session_handle) == (HintKind.LINK_SESSION, GrantSecret("link-1"))
        assert "link-1" not in repr(hint)
