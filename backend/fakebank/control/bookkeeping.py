"""Accounts and lines from behind the counter. Bodies are checked before they come here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from fakebank.bank.ledger import LineGone
from fakebank.bank.records import Account, Description, Line
from fakebank.control.lookup import NotPossible, the_account, the_line
from fakebank.plaid.outbox import tell_item
from fakebank.plaid.passing_time import catch_up
from fakebank.sandbox import Sandbox

Body = dict[str, Any]
DESCRIPTION_FACTS = ("merchant", "channel", "category", "check_number")


def add_account(sandbox: Sandbox, body: Body, login_id: str) -> Body:
    """Open one more account; the login's Items hear that there are new accounts."""
    login = sandbox.bank.login(login_id)
    balance = Decimal(body.pop("balance", 0))
    account = Account(
        account_id="", login_id="", opening=balance, official_name=body.pop("official_name", None),
        mask=body.pop("mask", None), currency=body.pop("currency", "USD"), **_decimals(body),
    )  # fmt: skip
    sandbox.bank.open_account(login, account)
    for item in sandbox.items:
        if item.login_id == login_id and item.removed_at is None:
            tell_item(sandbox, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE", error=None)
    return {"account_id": account.account_id}


def change_account(sandbox: Sandbox, body: Body, account_id: str) -> Body:
    """Change what the bank says about an account; `closed` closes or opens it again."""
    account = the_account(sandbox, account_id)
    if "closed" in body:
        account.closed_at = sandbox.clock.now() if body.pop("closed") else None
        sandbox.bank.ledger.next_position()
    for name, value in _decimals(body).items():
        setattr(account, name, value)
    sandbox.bank.ledger.accounts.put(account)
    return {}


def replace_account(sandbox: Sandbox, body: Body, account_id: str) -> Body:
    """Renumber an account: a new id and mask, its lines once more, the old one closed."""
    old = the_account(sandbox, account_id)
    new = sandbox.bank.replace_account(old)
    change_account(sandbox, body, new.account_id)
    for item in sandbox.items:
        if old.account_id in item.account_ids:
            item.account_ids[new.account_id] = sandbox.bank.ledger.next_position()
            sandbox.items.put(item)
    return {"account_id": new.account_id}


def add_line(sandbox: Sandbox, body: Body, account_id: str) -> Body:
    """Write a line, dated today and pending unless the body says otherwise."""
    account = the_account(sandbox, account_id)
    today = sandbox.clock.now().date()
    line = sandbox.bank.ledger.add(
        account.account_id,
        amount=Decimal(body["amount"]),
        description=_described(Description(body.get("description", "")), body),
        occurred_on=body.get("occurred_on") or body.get("posted_on") or today,
        posted_on=body.get("posted_on"),
        currency=body.get("currency"),
    )
    return {"line_id": line.line_id}


def generate_lines(sandbox: Sandbox, body: Body, account_id: str) -> Body:
    """Write many posted lines, spread over the days before today, the same for the same seed."""
    account = the_account(sandbox, account_id)
    days, today = body.get("days", 365), sandbox.clock.now().date()
    dice = Random(f"{sandbox.scenario.seed}/{account.account_id}")  # noqa: S311 - not a secret
    for n in range(body["count"]):
        on = today - timedelta(days=days - 1 - n * days // body["count"])
        sandbox.bank.ledger.add(
            account.account_id,
            amount=Decimal(dice.randrange(-20_000, 20_000)) / 100,
            description=Description(f"GENERATED {n:06d}"),
            occurred_on=on,
            posted_on=on,
        )
    return {"position": sandbox.bank.ledger.position}


def modify_line(sandbox: Sandbox, body: Body, line_id: str) -> Body:
    """Change a line in place."""
    line = the_line(sandbox, line_id)
    facts = {k: v for k, v in body.items() if k in ("amount", "currency", "posted_on")}
    facts["description"] = _described(replace(line.description), body)
    _living(sandbox, line)
    sandbox.bank.ledger.modify(line.line_id, **_decimals(facts))
    return {}


def remove_line(sandbox: Sandbox, _: Body, line_id: str) -> Body:
    """Withdraw a line."""
    line = the_line(sandbox, line_id)
    _living(sandbox, line)
    sandbox.bank.ledger.remove(line.line_id)
    return {}


def restore_line(sandbox: Sandbox, _: Body, line_id: str) -> Body:
    """Bring a withdrawn line back under its old id."""
    sandbox.bank.ledger.restore(the_line(sandbox, line_id).line_id)
    return {}


def post_line(sandbox: Sandbox, body: Body, line_id: str) -> Body:
    """Let a pending line post, with another amount or without naming the pending one if asked."""
    line = the_line(sandbox, line_id)
    _living(sandbox, line)
    if not line.pending:
        raise NotPossible("the line has posted already")
    posted: date = body.get("posted_on") or sandbox.clock.now().date()
    amount = body.get("amount")
    new = sandbox.bank.ledger.post(
        line.line_id,
        posted_on=posted,
        amount=None if amount is None else Decimal(amount),
        linked=body.get("linked", True),
    )
    return {"line_id": new.line_id}


def _described(described: Description, body: Body) -> Description:
    if "description" in body:
        described.text = body["description"]
    for name in DESCRIPTION_FACTS:
        if name in body:
            setattr(described, name, body[name])
    return described


def _decimals(body: Body) -> Body:
    return {
        name: Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in body.items()
    }


def _living(sandbox: Sandbox, line: Line) -> None:
    if line.removed_position is not None:
        raise NotPossible(str(LineGone(line.line_id)))
    catch_up(sandbox)
