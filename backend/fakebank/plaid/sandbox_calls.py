"""Plaid's /sandbox calls."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from fakebank.bank.custom_user import CustomUserUnreadable
from fakebank.bank.records import Description
from fakebank.bank.sign_in import SignInRefused
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.items import (
    find_item,
    hand_out_public_token,
    make_item,
    revoke_account,
    shared_accounts,
)  # fmt: skip
from fakebank.plaid.outbox import tell_item, tell_updates_available
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.records import Item
from fakebank.plaid.transaction_calls import USUAL_DAYS
from fakebank.plaid.wire import moment
from fakebank.sandbox import Sandbox

Body = dict[str, Any]
MOST_LINES = 10
OLDEST_LINE = timedelta(days=14)


def create_public_token(sandbox: Sandbox, body: Body) -> Body:
    """/sandbox/public_token/create: a link without the page, sharing every account."""
    institution_id, options = body["institution_id"], body.get("options", {})
    _refuse_institution(sandbox, institution_id)
    username = options.get("override_username") or "user_good"
    password = options.get("override_password") or "pass_good"
    try:
        welcome = sandbox.bank.check(institution_id, username, password)
    except SignInRefused as refused:
        raise PlaidError(refused.code) from refused
    except CustomUserUnreadable as unreadable:
        raise PlaidError("INVALID_CREDENTIALS", str(unreadable)) from unreadable
    login = sandbox.bank.enter(
        welcome, institution_id=institution_id, username=username, password=password
    )
    if login.forced_error:
        raise PlaidError(login.forced_error)
    transactions = options.get("transactions", {})
    item = make_item(
        sandbox,
        login,
        products=list(body["initial_products"]),
        webhook=options.get("webhook"),
        account_ids=list(login.account_ids),
        days_requested=transactions.get("days_requested", USUAL_DAYS),
    )
    _narrow(item, transactions)
    sandbox.items.put(item)
    return {"public_token": hand_out_public_token(sandbox, item).public_token}


def _refuse_institution(sandbox: Sandbox, institution_id: str) -> None:
    institution = sandbox.bank.institutions.get(institution_id)
    if institution is None:
        raise PlaidError("INVALID_INSTITUTION")
    if not institution.supported:
        raise PlaidError("INSTITUTION_NO_LONGER_SUPPORTED")
    if sandbox.institution_down(institution_id):
        raise PlaidError("INSTITUTION_DOWN")


def _narrow(item: Item, transactions: dict[str, Any]) -> None:
    """Keep the history to the dates that were asked for."""
    start: date | None = transactions.get("start_date")
    if start is not None:
        item.history_from = start
    item.history_to = transactions.get("end_date")


def reset_login(sandbox: Sandbox, body: Body) -> Body:
    """/sandbox/item/reset_login: the Item needs its sign-in again."""
    item = find_item(sandbox, body["access_token"])
    item.login_required = True
    sandbox.items.put(item)
    catch_up(sandbox)
    return {"reset_login": True}


def fire_webhook(sandbox: Sandbox, body: Body) -> Body:
    """/sandbox/item/fire_webhook: send one now, whatever the Item's state."""
    item = find_item(sandbox, body["access_token"])
    if item.webhook is None:
        raise PlaidError("SANDBOX_WEBHOOK_INVALID")
    webhook_code = body["webhook_code"]
    if webhook_code == "SYNC_UPDATES_AVAILABLE":
        _need_transactions(item)
        tell_updates_available(sandbox, item)
    elif webhook_code == "DEFAULT_UPDATE":
        _need_transactions(item)
        tell_item(
            sandbox,
            item,
            body.get("webhook_type", "TRANSACTIONS"),
            webhook_code,
            error=None,
            new_transactions=0,
        )
    elif webhook_code == "USER_ACCOUNT_REVOKED":
        _revoke_one(sandbox, item)
    else:
        webhook_type, fields = _fired(sandbox, item, webhook_code)
        tell_item(sandbox, item, webhook_type, webhook_code, **fields)
    return {"webhook_fired": True}


def _need_transactions(item: Item) -> None:
    if "transactions" not in item.products:
        raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED")


def _fired(sandbox: Sandbox, item: Item, webhook_code: str) -> tuple[str, Body]:
    """The type of a webhook about an Item, and what it says beside type, code and Item."""
    fields: Body
    match webhook_code:
        case "PENDING_DISCONNECT":
            at = sandbox.clock.now() + timedelta(days=7)
            fields = {"reason": "INSTITUTION_TOKEN_EXPIRATION", "disconnect_time": moment(at)}
        case "USER_PERMISSION_REVOKED":
            item.forced_error = "ACCESS_NOT_GRANTED"
            item.forced_reason = "OAUTH_USER_REVOKED"
            item.error_told = item.forced_error
            sandbox.items.put(item)
            fields = {"error": PlaidError("ACCESS_NOT_GRANTED").body()}
        case "NEW_ACCOUNTS_AVAILABLE":
            fields = {"error": None}
        case "LOGIN_REPAIRED":
            fields = {}
        case _:
            raise PlaidError("SANDBOX_PRODUCT_NOT_ENABLED")
    return "ITEM", fields


def _revoke_one(sandbox: Sandbox, item: Item) -> None:
    """Take the last shared account from the Item."""
    shared = shared_accounts(sandbox, item)
    if not shared:
        raise PlaidError("NO_ACCOUNTS")
    revoke_account(sandbox, item, shared[-1].account_id)


def create_transactions(sandbox: Sandbox, body: Body) -> Body:
    """/sandbox/transactions/create: up to ten lines in the first depository account.

    Only for Items of user_transactions_dynamic, no line older than 14 days or in the future.
    """
    item = find_item(sandbox, body["access_token"])
    login = sandbox.bank.logins[item.login_id]
    if login.recipe != "dynamic":
        raise PlaidError("INVALID_FIELD", "this Item is not of user_transactions_dynamic")
    wanted = body["transactions"]
    if len(wanted) > MOST_LINES:
        raise PlaidError("INVALID_FIELD", "at most 10 transactions can be created in one call")
    today = sandbox.clock.now().date()
    for each in wanted:
        _refuse_date(each["date_transacted"], each["date_posted"], today)
    depository = next(a for a in sandbox.bank.accounts_of(login) if a.kind == "depository")
    for each in wanted:
        sandbox.bank.ledger.add(
            depository.account_id,
            amount=-Decimal(each["amount"]),
            description=Description(each["description"]),
            occurred_on=each["date_transacted"],
            posted_on=each["date_posted"],
            currency=each.get("iso_currency_code"),
        )
    catch_up(sandbox)
    return {}


def _refuse_date(transacted: date, posted: date, today: date) -> None:
    if not today - OLDEST_LINE <= transacted <= posted <= today:
        raise PlaidError(
            "INVALID_FIELD",
            "transaction dates must be within the last 14 days, and"
            " posted no earlier than transacted",
        )
