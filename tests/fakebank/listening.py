"""A receiver of webhooks that checks their signatures as Plaid documents it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from tests.fakebank.running import BankClient, until


@dataclass
class Letter:
    """One webhook as it came."""

    raw: bytes
    signature: str | None

    @property
    def payload(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.raw)
        return read

    @property
    def name(self) -> str:
        return f"{self.payload['webhook_type']}/{self.payload['webhook_code']}"


@dataclass
class Mailbox:
    """Where webhooks arrive. It answers with `status`."""

    url: str = ""
    status: int = 200
    letters: list[Letter] = field(default_factory=list)

    def named(self, name: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.name == name]

    async def first(self, name: str) -> Letter:
        """Wait for the first webhook of this type and code."""
        await until(lambda: bool(self.named(name)))
        return self.named(name)[0]

    async def receive(self, request: web.Request) -> web.Response:
        signature = request.headers.get("Plaid-Verification")
        self.letters.append(Letter(await request.read(), signature))
        return web.Response(status=self.status)


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mailbox on a port of its own."""
    box = Mailbox()
    app = web.Application()
    app.router.add_post("/hook", box.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    box.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield box
    finally:
        await runner.cleanup()


class NotGenuine(Exception):
    """The signature does not hold; the message says which check failed."""


async def check(bank: BankClient, letter: Letter) -> None:
    """Verify a webhook step by step. Raises NotGenuine."""
    if letter.signature is None:
        raise NotGenuine("no signature")
    header = jws.extract_compact(letter.signature.encode()).headers()
    if header["alg"] != "ES256":
        raise NotGenuine("algorithm")
    status, answer = await bank.attempt("/webhook_verification_key/get", key_id=header["kid"])
    if status != 200:
        raise NotGenuine("unknown key")
    if answer["key"]["expired_at"] is not None:
        raise NotGenuine("expired key")
    key = ECKey.import_key({k: answer["key"][k] for k in ("kty", "crv", "x", "y")})
    try:
        claims = jwt.decode(letter.signature, key, algorithms=["ES256"]).claims
    except Exception as error:
        raise NotGenuine("signature") from error
    if abs(time.time() - claims["iat"]) > 300:
        raise NotGenuine("age")
    if claims["request_body_sha256"] != hashlib.sha256(letter.raw).hexdigest():
        raise NotGenuine("body")
