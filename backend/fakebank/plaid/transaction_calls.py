"""/transactions/sync and /transactions/refresh."""

from __future__ import annotations

from typing import Any

from fakebank.plaid import wire
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.feed import (
    Change,
    Cursor,
    CursorUnknown,
    MutatedDuringPagination,
    Page,
)  # fmt: skip
from fakebank.plaid.items import (
    born,
    item_account_id,
    persistent_id,
    shared_accounts,
    start_transactions,
    working_item,
)  # fmt: skip
from fakebank.plaid.outbox import tell_item
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.records import Item
from fakebank.sandbox import Sandbox

Body = dict[str, Any]
USUAL_COUNT = 100
USUAL_DAYS = 90
NOW = "now"


def sync(sandbox: Sandbox, body: Body) -> Body:
    """/transactions/sync: one page of what changed since the cursor.

    The first call makes the Item one that hears SYNC_UPDATES_AVAILABLE.
    """
    item = working_item(sandbox, body["access_token"])
    options = body.get("options", {})
    _activate(sandbox, item, options)
    account_ids = _account_ids(sandbox, item, options.get("account_id"))
    if item.initial_position is None:
        return _answer(item, [], Page([], Cursor(), False), options) | {"next_cursor": ""}
    page = _page(sandbox, item, body, account_ids)
    answer = _answer(item, _touched(sandbox, item, page), page, options)
    return answer | {"next_cursor": page.cursor.encode(_stream(item, options))}


def _activate(sandbox: Sandbox, item: Item, options: Body) -> None:
    if "transactions" not in item.products:
        item.products.append("transactions")
        start_transactions(sandbox, item, days_requested=options.get("days_requested", USUAL_DAYS))
        catch_up(sandbox)
    if not item.sync_active:
        item.sync_active = True
        item.notified_position = sandbox.bank.ledger.position
        sandbox.items.put(item)


def _account_ids(sandbox: Sandbox, item: Item, wanted: str | None) -> list[str]:
    shared = [account.account_id for account in shared_accounts(sandbox, item)]
    if wanted is None:
        return shared
    found = [each for each in shared if item_account_id(item, each) == wanted]
    if not found:
        raise PlaidError("INVALID_ACCOUNT_ID")
    return found


def _stream(item: Item, options: Body) -> str:
    return f"{item.item_id}/{options.get('account_id', '')}"


def _page(sandbox: Sandbox, item: Item, body: Body, account_ids: list[str]) -> Page:
    position = sandbox.bank.ledger.position
    stream = _stream(item, body.get("options", {}))
    if body.get("cursor") == NOW:
        return Page([], Cursor(position), False)
    try:
        cursor = Cursor()
        if body.get("cursor"):
            cursor = Cursor.decode(body["cursor"], stream)
        return sandbox.page_sets.read(
            stream,
            lambda: sandbox.bank.ledger.lines_of(account_ids),
            cursor=cursor,
            now=position,
            count=body.get("count", USUAL_COUNT),
            born=lambda line: born(item, line),
        )
    except CursorUnknown:
        raise PlaidError("INVALID_FIELD", "cursor not associated with access_token") from None
    except MutatedDuringPagination:
        raise PlaidError("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION") from None


def _touched(sandbox: Sandbox, item: Item, page: Page) -> list[Body]:
    ids = {change.line.account_id for change in page.changes}
    accounts = (a for a in shared_accounts(sandbox, item) if a.account_id in ids)
    return [wire.account(item, a, persistent_id=persistent_id(sandbox, a)) for a in accounts]


def _answer(item: Item, accounts: list[Body], page: Page, options: Body) -> Body:
    original = bool(options.get("include_original_description"))

    def lines(kind: str) -> list[Change]:
        return [change for change in page.changes if change.kind == kind]

    return {
        "transactions_update_status": _update_status(item),
        "accounts": accounts,
        "added": [
            wire.transaction(item, change.line, original_description=original)
            for change in lines("added")
        ],
        "modified": [
            wire.transaction(item, change.line, original_description=original)
            for change in lines("modified")
        ],
        "removed": [wire.removed(item, change.line) for change in lines("removed")],
        "has_more": page.has_more,
    }


def _update_status(item: Item) -> str:
    if item.historical_position is not None:
        return "HISTORICAL_UPDATE_COMPLETE"
    return "NOT_READY" if item.initial_position is None else "INITIAL_UPDATE_COMPLETE"


def refresh(sandbox: Sandbox, body: Body) -> Body:
    """/transactions/refresh: look at the bank now; what it finds comes with the next sync."""
    item = working_item(sandbox, body["access_token"])
    if "transactions" not in item.products:
        raise PlaidError("PRODUCT_NOT_ENABLED")
    login = sandbox.bank.logins[item.login_id]
    if login.recipe == "dynamic":
        sandbox.bank.refresh_dynamic(login)
    item.updated_at = sandbox.clock.now()
    sandbox.items.put(item)
    if not item.sync_active:
        tell_item(sandbox, item, "TRANSACTIONS", "DEFAULT_UPDATE", error=None, new_transactions=0)
    catch_up(sandbox)
    return {}
