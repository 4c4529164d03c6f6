"""The /item calls and /accounts calls."""

from __future__ import annotations

from typing import Any

from fakebank.names import fresh_token
from fakebank.plaid import wire
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.items import (
    find_item,
    item_account_id,
    item_error,
    persistent_id,
    shared_accounts,
    working_item,
)  # fmt: skip
from fakebank.plaid.outbox import tell_item
from fakebank.plaid.records import Item
from fakebank.sandbox import Sandbox

Body = dict[str, Any]


def exchange_public_token(sandbox: Sandbox, body: Body) -> Body:
    """/item/public_token/exchange: once, within half an hour."""
    token = sandbox.public_tokens.get(body["public_token"])
    now = sandbox.clock.now()
    if token is None or token.used_at is not None or token.expires_at <= now:
        raise PlaidError("INVALID_PUBLIC_TOKEN")
    token.used_at = now
    sandbox.public_tokens.put(token)
    item = sandbox.items[token.item_id]
    return {"access_token": item.access_token, "item_id": item.item_id}


def get_item(sandbox: Sandbox, body: Body) -> Body:
    """/item/get: works for a broken Item too, and says what is wrong."""
    item = find_item(sandbox, body["access_token"])
    name = sandbox.bank.institutions[item.institution_id].name
    return {
        "item": wire.item_with_consent(item, name=name, error=item_error(sandbox, item)),
        "status": {
            "transactions": {
                "last_successful_update": wire.moment(item.updated_at),
                "last_failed_update": wire.moment(item.failed_at),
            },
            "last_webhook": None
            if item.last_webhook_code is None
            else {
                "sent_at": wire.moment(item.last_webhook_at),
                "code_sent": item.last_webhook_code,
            },
        },
    }


def remove_item(sandbox: Sandbox, body: Body) -> Body:
    """/item/remove: the token is dead at once."""
    item = find_item(sandbox, body["access_token"])
    item.removed_at = sandbox.clock.now()
    sandbox.items.put(item)
    return {}


def update_webhook(sandbox: Sandbox, body: Body) -> Body:
    """/item/webhook/update: the new address hears of it."""
    item = find_item(sandbox, body["access_token"])
    item.webhook = body.get("webhook")
    sandbox.items.put(item)
    tell_item(
        sandbox,
        item,
        "ITEM",
        "WEBHOOK_UPDATE_ACKNOWLEDGED",
        error=None,
        new_webhook_url=item.webhook,
    )
    return {"item": _item(sandbox, item)}


def invalidate_access_token(sandbox: Sandbox, body: Body) -> Body:
    """/item/access_token/invalidate: a new token, the old one is unknown from now on."""
    item = find_item(sandbox, body["access_token"])
    item.access_token = fresh_token("access")
    sandbox.items.put(item)
    return {"new_access_token": item.access_token}


def get_accounts(sandbox: Sandbox, body: Body) -> Body:
    """/accounts/get and /accounts/balance/get: the open accounts that the Item shares."""
    item = working_item(sandbox, body["access_token"])
    accounts = shared_accounts(sandbox, item)
    wanted = body.get("options", {}).get("account_ids")
    if wanted is not None:
        known = {item_account_id(item, account.account_id) for account in accounts}
        if not set(wanted) <= known:
            raise PlaidError("INVALID_ACCOUNT_ID")
        accounts = [a for a in accounts if item_account_id(item, a.account_id) in wanted]
    return {
        "accounts": [
            wire.account(item, account, persistent_id=persistent_id(sandbox, account))
            for account in accounts
        ],
        "item": _item(sandbox, item),
    }


def _item(sandbox: Sandbox, item: Item) -> Body:
    return wire.item(item, name=sandbox.bank.institutions[item.institution_id].name, error=None)
