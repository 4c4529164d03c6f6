"""What the control interface shows of the sandbox, as plain JSON."""

from __future__ import annotations

from typing import Any

from fakebank.bank.records import Account
from fakebank.codec import to_plain
from fakebank.plaid.items import item_account_id, item_error
from fakebank.plaid.records import Item
from fakebank.sandbox import Sandbox

Body = dict[str, Any]


def state(sandbox: Sandbox) -> Body:
    """Everything at a glance: clock, scenario, institutions, logins, Items, faults."""
    scenario = {k: v for k, v in to_plain(sandbox.scenario).items() if k not in SECRETS}
    return {
        "now": to_plain(sandbox.clock.now()),
        "scenario": scenario,
        "institutions": [
            to_plain(each) | {"down": sandbox.institution_down(each.institution_id)}
            for each in sandbox.bank.institutions
        ],
        "logins": [_login(sandbox, each.login_id) for each in sandbox.bank.logins],
        "items": [_item(sandbox, each) for each in sandbox.items],
        "faults": [to_plain(each) for each in sandbox.faults],
    }


SECRETS = frozenset({"client_id", "secret"})


def _login(sandbox: Sandbox, login_id: str) -> Body:
    login = sandbox.bank.logins[login_id]
    accounts = [sandbox.bank.ledger.accounts[each] for each in login.account_ids]
    plain: Body = to_plain(login)
    return plain | {"accounts": [_account(each) for each in accounts]}


def _account(account: Account) -> Body:
    plain: Body = to_plain(account)
    del plain["planned"]
    return plain | {"balance": str(account.balance)}


def _item(sandbox: Sandbox, item: Item) -> Body:
    plain: Body = to_plain(item)
    del plain["access_token"]
    removed = item.removed_at is not None
    error = None if removed else item_error(sandbox, item)
    shared = {each: item_account_id(item, each) for each in item.account_ids}
    return plain | {"error": error.code if error else None, "item_account_ids": shared}


def lines(sandbox: Sandbox, account: Account) -> list[Body]:
    """All lines of an account, removed ones too, oldest first."""
    return [to_plain(line) for line in sandbox.bank.ledger.lines_of([account.account_id])]


def deliveries(sandbox: Sandbox) -> list[Body]:
    """The last webhooks, oldest first: what was sent, how often, what was answered."""
    return [to_plain(each) for each in sandbox.deliveries]
