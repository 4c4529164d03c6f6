"""/webhook_verification_key/get."""

from __future__ import annotations

from typing import Any

from fakebank.plaid.errors import PlaidError
from fakebank.sandbox import Sandbox

Body = dict[str, Any]


def get_webhook_key(sandbox: Sandbox, body: Body) -> Body:
    """/webhook_verification_key/get: the public half of a key that signs webhooks."""
    key = sandbox.webhook_keys.get(body["key_id"])
    if key is None:
        raise PlaidError("INVALID_WEBHOOK_VERIFICATION_KEY_ID")
    return {"key": key.public()}
