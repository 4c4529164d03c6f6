"""The keys that sign webhooks: ES256 over a JWT that holds the hash of the body.

As Plaid documents its webhook verification: header `Plaid-Verification`, claims `iat` and
`request_body_sha256`, `kid` in the JWT's header names the key.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey


@dataclass(slots=True)
class WebhookKey:
    """One signing key, its private half as a JWK. `expired_at` set: no longer to be trusted."""

    kid: str
    private: dict[str, Any]
    created_at: datetime
    expired_at: datetime | None = None

    def public(self) -> dict[str, Any]:
        """The JWK that /webhook_verification_key/get gives."""
        return {
            "alg": "ES256",
            "crv": "P-256",
            "kid": self.kid,
            "kty": "EC",
            "use": "sig",
            "x": self.private["x"],
            "y": self.private["y"],
            "created_at": int(self.created_at.timestamp()),
            "expired_at": None if self.expired_at is None else int(self.expired_at.timestamp()),
        }


def make_key(now: datetime) -> WebhookKey:
    """A fresh key."""
    private = ECKey.generate_key("P-256").as_dict(private=True)
    return WebhookKey(str(uuid.uuid4()), dict(private), now)


def claims_for(body: bytes, *, issued_at: datetime) -> dict[str, Any]:
    """What the signature of these very bytes claims."""
    return {
        "iat": int(issued_at.timestamp()),
        "request_body_sha256": hashlib.sha256(body).hexdigest(),
    }


def sign(key: WebhookKey, body: bytes, *, issued_at: datetime) -> str:
    """The value of the Plaid-Verification header for these very bytes."""
    header = {"alg": "ES256", "kid": key.kid, "typ": "JWT"}
    private = ECKey.import_key(key.private)
    return jwt.encode(header, claims_for(body, issued_at=issued_at), private, algorithms=["ES256"])
