"""Sending the webhooks that are due, signed, and trying again as Plaid does."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import aiohttp
from joserfc import jwt
from joserfc.jwk import OctKey

from fakebank.plaid.outbox import Delivery
from fakebank.plaid.signing import WebhookKey, claims_for, make_key, sign
from fakebank.sandbox import Sandbox

ANSWER_WITHIN = aiohttp.ClientTimeout(total=10)
AT_ONCE = 8
STALE = timedelta(minutes=6)
FORGERIES = {
    "forged": "signed with a key that nobody knows, under a key id that is ours",
    "unknown_key": "signed with a key id that cannot be looked up",
    "stale": "signed six minutes ago",
    "none_algorithm": "a token of algorithm none",
    "hmac_algorithm": "a token of algorithm HS256",
    "other_body": "signed for another body",
    "reserialized": "sent with other white space than was signed",
    "unsigned": "without a signature",
}


class WebhookSender:
    """Sends what is due in a sandbox's outbox, a few at once, over one HTTP session."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._session: aiohttp.ClientSession | None = None
        self._under_way: dict[str, asyncio.Task[None]] = {}

    def send_due(self) -> None:
        """Start sending what is due and not under way. Never waits."""
        now = self._sandbox.clock.now()
        for delivery in self._sandbox.deliveries:
            if len(self._under_way) >= AT_ONCE:
                return
            waiting = delivery.due_at is not None and delivery.due_at <= now
            if waiting and delivery.delivery_id not in self._under_way:
                task = asyncio.create_task(self._try(delivery))
                self._under_way[delivery.delivery_id] = task

    async def close(self) -> None:
        """Give up what is under way; it is due again at the next start."""
        for task in self._under_way.values():
            task.cancel()
        if self._session is not None:
            await self._session.close()

    async def _try(self, delivery: Delivery) -> None:
        try:
            answer = await self._post(delivery)
            delivery.tried(
                now=self._sandbox.clock.now(),
                answer=answer,
                accepted=answer == "200",
                retries=self._sandbox.scenario.webhook_retries,
            )
            self._sandbox.deliveries.put(delivery)
        finally:
            del self._under_way[delivery.delivery_id]

    async def _post(self, delivery: Delivery) -> str:
        """Send once; the status as text, or why there was none."""
        body, signature = letter(self._sandbox, delivery)
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers["Plaid-Verification"] = signature
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ANSWER_WITHIN)
        try:
            async with self._session.post(delivery.url, data=body, headers=headers) as answer:
                return str(answer.status)
        except TimeoutError:
            return "no answer within 10 seconds"
        except (aiohttp.ClientError, ValueError, OSError) as error:
            return f"not reached: {type(error).__name__}"


def letter(sandbox: Sandbox, delivery: Delivery) -> tuple[bytes, str | None]:
    """The bytes of a webhook and its signature; both false in the way that the delivery asks for.

    The body is JSON indented by two spaces, as Plaid's is. Signed at the real time, not the bank's:
    the receiver has a clock of its own.
    """
    body = json.dumps(delivery.payload, indent=2).encode()
    now, key = sandbox.clock.real_now(), sandbox.signing_key
    match delivery.forgery:
        case "unsigned":
            return body, None
        case "stale":
            return body, sign(key, body, issued_at=now - STALE)
        case "other_body":
            return body, sign(key, body + b" ", issued_at=now)
        case "reserialized":
            return json.dumps(delivery.payload).encode(), sign(key, body, issued_at=now)
        case "forged":
            stranger = make_key(now)
            stranger.kid = key.kid
            return body, sign(stranger, body, issued_at=now)
        case "unknown_key":
            return body, sign(make_key(now), body, issued_at=now)
        case "none_algorithm" | "hmac_algorithm" as forgery:
            return body, _wrong_algorithm(forgery, key, claims_for(body, issued_at=now))
    return body, sign(key, body, issued_at=now)


def _wrong_algorithm(forgery: str, key: WebhookKey, claims: dict[str, Any]) -> str:
    """A token that says another algorithm than ES256: none, or HS256 keyed by our public key."""
    if forgery == "none_algorithm":
        header = {"alg": "none", "kid": key.kid, "typ": "JWT"}
        return f"{_part(header)}.{_part(claims)}."
    secret = OctKey.import_key(json.dumps(key.public()).encode())
    header = {"alg": "HS256", "kid": key.kid, "typ": "JWT"}
    return jwt.encode(header, claims, secret, algorithms=["HS256"])


def _part(plain: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).rstrip(b"=").decode()


def rotate_key(sandbox: Sandbox) -> WebhookKey:
    """Sign with a new key from now on; the older ones say that they have expired."""
    now = sandbox.clock.real_now()
    for key in sandbox.webhook_keys:
        if key.expired_at is None:
            key.expired_at = now
            sandbox.webhook_keys.put(key)
    return sandbox.webhook_keys.put(make_key(now))
