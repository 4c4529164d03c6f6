"""What a caller names, found by the bank's own id or by the id that an Item gave it."""

from __future__ import annotations

from fakebank.bank.records import Account, Line
from fakebank.plaid.items import item_account_id, item_line_id
from fakebank.plaid.records import Item
from fakebank.sandbox import Sandbox


class NothingThere(Exception):
    """No object has this id."""

    def __init__(self, kind: str, sought: str) -> None:
        super().__init__(f"there is no {kind} {sought!r}")


class NotPossible(Exception):
    """What was asked makes no sense now; the message says why."""


def the_item(sandbox: Sandbox, sought: str) -> Item:
    """An Item by its id or its access token. Raises NothingThere."""
    found = sandbox.items.get(sought)
    found = found or next((i for i in sandbox.items if i.access_token == sought), None)
    if found is None:
        raise NothingThere("Item", sought)
    return found


def the_account(sandbox: Sandbox, sought: str) -> Account:
    """An account by the bank's id or an Item's. Raises NothingThere."""
    accounts = sandbox.bank.ledger.accounts
    found = accounts.get(sought)
    for item in sandbox.items:
        for each in item.account_ids if found is None else ():
            if item_account_id(item, each) == sought:
                found = accounts[each]
    if found is None:
        raise NothingThere("account", sought)
    return found


def the_line(sandbox: Sandbox, sought: str) -> Line:
    """A line by the bank's id or an Item's. Raises NothingThere."""
    ledger = sandbox.bank.ledger
    found = ledger.lines.get(sought)
    for item in sandbox.items:
        for line in ledger.lines_of(item.account_ids) if found is None else ():
            if item_line_id(item, line.line_id) == sought:
                return line
    if found is None:
        raise NothingThere("line", sought)
    return found
