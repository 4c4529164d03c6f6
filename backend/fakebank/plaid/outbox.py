"""Webhooks that are to be sent: what each says, and when the next try is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fakebank.names import fresh_id

if TYPE_CHECKING:
    from fakebank.plaid.errors import PlaidError
    from fakebank.plaid.records import Item, LinkSession, LinkToken
    from fakebank.sandbox import Sandbox

FIRST_RETRY = timedelta(seconds=30)
RETRY_GROWTH = 4
GIVE_UP = timedelta(hours=24)
KEPT = 500


@dataclass(slots=True)
class Delivery:
    """One webhook on its way. `due_at` None: delivered, or given up.

    `forgery` names what is wrong with it on purpose ("" for an honest one).
    """

    delivery_id: str
    url: str
    payload: dict[str, Any]
    created_at: datetime
    due_at: datetime | None
    tries: int = 0
    answer: str = ""
    delivered_at: datetime | None = None
    forgery: str = ""

    def tried(self, *, now: datetime, answer: str, accepted: bool, retries: bool) -> None:
        """Note how a try went: 30 s to the next, then four times as long each, for 24 hours."""
        self.tries += 1
        self.answer = answer
        if accepted:
            self.delivered_at, self.due_at = now, None
            return
        next_at = now + FIRST_RETRY * RETRY_GROWTH ** (self.tries - 1)
        hopeless = not retries or next_at > self.created_at + GIVE_UP
        self.due_at = None if hopeless else next_at


def enqueue(
    sandbox: Sandbox, url: str | None, payload: dict[str, Any], *, forgery: str = ""
) -> Delivery | None:
    """Put a webhook in the queue; None when it is to be lost, or has no address to go to."""
    if not url or sandbox.scenario.lose_webhooks:
        return None
    now = sandbox.clock.now()
    _forget_old(sandbox)
    return sandbox.deliveries.put(
        Delivery(fresh_id(), url, payload, now, due_at=now, forgery=forgery)
    )


def _forget_old(sandbox: Sandbox) -> None:
    for delivery in list(sandbox.deliveries)[: max(0, len(sandbox.deliveries) - KEPT)]:
        if delivery.due_at is None:
            sandbox.deliveries.drop(delivery.delivery_id)


def tell_item(
    sandbox: Sandbox, item: Item, webhook_type: str, webhook_code: str, **fields: Any
) -> Delivery | None:
    """Send a webhook about an Item to the Item's own address, and note it on the Item."""
    payload = {
        "webhook_type": webhook_type,
        "webhook_code": webhook_code,
        "item_id": item.item_id,
        "environment": "sandbox",
        **fields,
    }
    delivery = enqueue(sandbox, item.webhook, payload)
    if delivery is not None:
        item.last_webhook_at, item.last_webhook_code = sandbox.clock.now(), webhook_code
        sandbox.items.put(item)
    return delivery


def tell_updates_available(sandbox: Sandbox, item: Item) -> Delivery | None:
    """TRANSACTIONS/SYNC_UPDATES_AVAILABLE, saying how far the first pulls have come."""
    return tell_item(
        sandbox,
        item,
        "TRANSACTIONS",
        "SYNC_UPDATES_AVAILABLE",
        initial_update_complete=item.initial_position is not None,
        historical_update_complete=item.historical_position is not None,
    )


def tell_error(sandbox: Sandbox, item: Item, error: PlaidError) -> Delivery | None:
    """ITEM/ERROR."""
    return tell_item(sandbox, item, "ITEM", "ERROR", error=error.body())


def tell_session_finished(sandbox: Sandbox, token: LinkToken, session: LinkSession) -> None:
    """LINK/SESSION_FINISHED, to the address of the link token's request."""
    public_tokens = [session.public_token] if session.public_token else []
    payload = {
        "webhook_type": "LINK",
        "webhook_code": "SESSION_FINISHED",
        "status": "EXITED" if session.step == "left" else "SUCCESS",
        "link_session_id": session.link_session_id,
        "link_token": token.link_token,
        "public_tokens": public_tokens,
        "environment": "sandbox",
    }
    if public_tokens:
        payload["public_token"] = public_tokens[0]
    enqueue(sandbox, token.request.get("webhook"), payload)
