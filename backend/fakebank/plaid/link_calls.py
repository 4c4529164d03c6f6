"""/link/token/create and /link/token/get."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fakebank.names import fresh_id, fresh_token
from fakebank.plaid import wire
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.items import find_item, item_account_id
from fakebank.plaid.records import Item, LinkSession, LinkToken
from fakebank.sandbox import Sandbox

Body = dict[str, Any]
TOKEN_LIFE = timedelta(hours=4)
UPDATE_TOKEN_LIFE = timedelta(minutes=30)
PAGE_LIFE = timedelta(minutes=30)
KEPT_AFTERWARDS = timedelta(hours=6)
SELECTION_COUNTRIES = frozenset({"US", "CA"})


def create_link_token(sandbox: Sandbox, body: Body) -> Body:
    """/link/token/create: a new link, or update mode when an access token is given."""
    if "user" not in body and "user_id" not in body:
        raise PlaidError("MISSING_FIELDS", "the following required fields are missing: user")
    item = _item_to_update(sandbox, body)
    now = sandbox.clock.now()
    expires = now + (TOKEN_LIFE if item is None else UPDATE_TOKEN_LIFE)
    token = LinkToken(
        fresh_token("link"),
        fresh_id(),
        now,
        expires,
        None,
        request=body,
        update_item_id=None if item is None else item.item_id,
    )
    answer: Body = {"link_token": token.link_token}
    if "hosted_link" in body:
        token.page_expires_at = now + _page_life(body["hosted_link"])
        token.expires_at = max(expires, token.page_expires_at)
        answer["hosted_link_url"] = f"{sandbox.public_url}/link/{token.page_id}"
    sandbox.link_tokens.put(token)
    return answer | {"expiration": wire.moment(token.expires_at)}


def _page_life(hosted_link: Body) -> timedelta:
    seconds = hosted_link.get("url_lifetime_seconds")
    return PAGE_LIFE if seconds is None else timedelta(seconds=seconds)


def _item_to_update(sandbox: Sandbox, body: Body) -> Item | None:
    """The Item of update mode; None for a new link, which must name its products."""
    if body.get("access_token") is None:
        if not body.get("products"):
            raise PlaidError(
                "MISSING_FIELDS", "the following required fields are missing: products"
            )
        _refuse_products(body["products"])
        return None
    if body.get("products"):
        raise PlaidError("INVALID_FIELD", "products must be left out in update mode")
    item = find_item(sandbox, body["access_token"])
    countries = set(sandbox.bank.institutions[item.institution_id].countries)
    if selects_accounts(body) and not countries & SELECTION_COUNTRIES:
        raise PlaidError(
            "INVALID_FIELD",
            "update.account_selection_enabled is not available for this institution",
        )
    return item


def _refuse_products(products: list[str]) -> None:
    if unknown := [each for each in products if each not in wire.SUPPORTED_PRODUCTS]:
        raise PlaidError("INVALID_PRODUCT", f"not available here: {', '.join(unknown)}")
    if products == ["balance"]:
        raise PlaidError("INVALID_FIELD", "balance cannot be the only product")


def selects_accounts(request: Body) -> bool:
    """Whether update mode is to ask which accounts to share."""
    return bool(request.get("update", {}).get("account_selection_enabled"))


def get_link_token(sandbox: Sandbox, body: Body) -> Body:
    """/link/token/get: the token with its sessions, newest first, for six hours after it ends."""
    token = sandbox.link_tokens.get(body["link_token"])
    if token is None or token.expires_at + KEPT_AFTERWARDS <= sandbox.clock.now():
        raise PlaidError("INVALID_LINK_TOKEN")
    request = token.request
    return {
        "link_token": token.link_token,
        "created_at": wire.moment(token.created_at),
        "expiration": wire.moment(token.expires_at),
        "link_sessions": [_session(sandbox, token, each) for each in reversed(token.sessions)],
        "metadata": {
            "initial_products": request.get("products") or [],
            "webhook": request.get("webhook"),
            "country_codes": request["country_codes"],
            "language": request["language"],
            "redirect_uri": request.get("redirect_uri"),
            "client_name": request["client_name"],
        },
    }


def _session(sandbox: Sandbox, token: LinkToken, session: LinkSession) -> Body:
    shape: Body = {
        "link_session_id": session.link_session_id,
        "started_at": wire.moment(session.started_at),
        "finished_at": wire.moment(session.finished_at),
        "events": session.events,
    }
    if session.step == "left":
        left = _exit(sandbox, session)
        return shape | {"exit": left, "on_exit": left}
    if session.step != "done":
        return shape
    added = [] if session.public_token is None else [_added(sandbox, session)]
    shape["results"] = {
        "item_add_results": added,
        "cra_item_add_results": [],
        "cra_update_results": [],
        "bank_income_results": [],
        "payroll_income_results": [],
        "document_income_results": None,
    }
    if added:
        metadata = {key: added[0][key] for key in ("accounts", "institution")}
        metadata |= {"link_session_id": session.link_session_id, "transfer_status": None}
        shape["on_success"] = {"public_token": session.public_token, "metadata": metadata}
    return shape


def _added(sandbox: Sandbox, session: LinkSession) -> Body:
    item = sandbox.items[sandbox.public_tokens[session.public_token or ""].item_id]
    accounts = (sandbox.bank.ledger.accounts[each] for each in session.shared_account_ids)
    return {
        "public_token": session.public_token,
        "institution": _institution(sandbox, session),
        "accounts": [
            {
                "id": item_account_id(item, account.account_id),
                "name": account.name,
                "mask": account.mask,
                "type": account.kind,
                "subtype": account.subtype,
                "verification_status": None,
                "class_type": None,
            }
            for account in accounts
        ],
    }


def _institution(sandbox: Sandbox, session: LinkSession) -> Body | None:
    if session.institution_id is None:
        return None
    name = sandbox.bank.institutions[session.institution_id].name
    return {"institution_id": session.institution_id, "name": name}


def _exit(sandbox: Sandbox, session: LinkSession) -> Body:
    metadata = {
        "institution": _institution(sandbox, session),
        "status": session.exit_status,
        "link_session_id": session.link_session_id,
        "request_id": session.link_session_id[:15],
    }
    error = PlaidError(session.exit_error).body() if session.exit_error else None
    return {"error": error, "metadata": metadata}
