"""Clock, logins, Items, webhooks and faults from behind the counter; bodies come checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from fakebank.bank.custom_user import read_custom_user
from fakebank.bank.records import Login
from fakebank.bank.sign_in import login_id_for
from fakebank.control.lookup import NothingThere, NotPossible, the_account, the_item
from fakebank.faults import Fault
from fakebank.names import fresh_id
from fakebank.plaid.items import revoke_account
from fakebank.plaid.outbox import enqueue
from fakebank.plaid.passing_time import catch_up
from fakebank.plaid.webhooks import rotate_key
from fakebank.sandbox import Sandbox

Body = dict[str, Any]


def advance_clock(sandbox: Sandbox, body: Body) -> Body:
    """Move the clock forward by seconds, hours and days."""
    by = timedelta(**{unit: float(amount) for unit, amount in body.items()})
    try:
        sandbox.advance(by)
    except ValueError as error:
        raise NotPossible(str(error)) from error
    catch_up(sandbox)
    return {"now": sandbox.clock.now()}


def change_scenario(sandbox: Sandbox, body: Body) -> Body:
    """Change some of the scenario's switches."""
    changes: Body = {k: float(v) if isinstance(v, Decimal) else v for k, v in body.items()}
    sandbox.adopt(replace(sandbox.scenario, **changes))
    return {}


def load(sandbox: Sandbox, body: Body) -> Body:
    """Load a scenario: switches, logins and faults, over an empty bank if `reset`."""
    if body.get("reset"):
        sandbox.reset()
    change_scenario(sandbox, body.get("scenario", {}))
    return {
        "logins": [add_login(sandbox, each)["login_id"] for each in body.get("logins", [])],
        "faults": [add_fault(sandbox, each)["fault_id"] for each in body.get("faults", [])],
    }


def reset(sandbox: Sandbox, _: Body) -> Body:
    """Forget all logins, Items, lines, faults and requests; the clock goes back to real time."""
    sandbox.reset()
    return {}


def add_login(sandbox: Sandbox, body: Body) -> Body:
    """Open a login whose accounts are a custom-user document."""
    institution_id, username = body["institution_id"], body["username"]
    institutions = sandbox.bank.institutions
    if institutions.get(institution_id) is None:
        raise NothingThere("institution", institution_id)
    login_id = login_id_for(institutions.home(institution_id), username)
    if sandbox.bank.logins.get(login_id) is not None:
        raise NotPossible(f"there is a login {username!r} already")
    login = Login(login_id, institution_id, username, body["password"], "custom")
    sandbox.bank.open_custom(login, read_custom_user(body["custom_user"]))
    return {"login_id": login_id, "account_ids": login.account_ids}


def change_password(sandbox: Sandbox, body: Body, login_id: str) -> Body:
    """Give a login a new password: its Items need update mode with the new one."""
    sandbox.bank.change_password(login_id, body["password"])
    catch_up(sandbox)
    return {}


def lock(sandbox: Sandbox, _: Body, login_id: str) -> Body:
    """Lock a login as after too many wrong tries."""
    login = sandbox.bank.login(login_id)
    login.locked = True
    sandbox.bank.logins.put(login)
    catch_up(sandbox)
    return {}


def unlock(sandbox: Sandbox, _: Body, login_id: str) -> Body:
    """Unlock a login."""
    sandbox.bank.unlock(login_id)
    catch_up(sandbox)
    return {}


def change_item(sandbox: Sandbox, body: Body, item_id: str) -> Body:
    """Put an Item into an error, take it out, or let its consent end."""
    item = the_item(sandbox, item_id)
    if "error" in body:
        item.forced_error, item.forced_reason = body["error"], body.get("reason")
    if "login_required" in body:
        item.login_required = body["login_required"]
    if "consent_expires_in_seconds" in body:
        seconds = body["consent_expires_in_seconds"]
        until = None if seconds is None else timedelta(seconds=float(seconds))
        item.consent_expires_at = None if until is None else sandbox.clock.now() + until
        item.consent_end_told = False
    sandbox.items.put(item)
    catch_up(sandbox)
    return {}


def print_next_link(sandbox: Sandbox, body: Body, login_id: str) -> Body:
    """Print lines in other words or under shifted dates in the login's next link, and only there.

    What the body leaves out is as usual, so that an empty body takes everything back.
    """
    sandbox.bank.print_next_link(
        login_id,
        other_words=body.get("other_words", False),
        days_later=body.get("days_later", 0),
    )
    return {}


def revoke_one_account(sandbox: Sandbox, body: Body, item_id: str) -> Body:
    """Take one account from an Item, as its owner may do at the bank; the others stay."""
    item, account = the_item(sandbox, item_id), the_account(sandbox, body["account_id"])
    if account.account_id not in item.account_ids:
        raise NotPossible("the Item does not share this account")
    revoke_account(sandbox, item, account.account_id)
    catch_up(sandbox)
    return {}


def move_institution(sandbox: Sandbox, body: Body, institution_id: str) -> Body:
    """Let a bank go on under another id, with its logins and accounts.

    Nobody signs in under the old id from now on. Items of the old id end after the days of notice,
    and are told a week before; update mode carries them over with all their ids.
    """
    if sandbox.bank.institutions.get(institution_id) is None:
        raise NothingThere("institution", institution_id)
    try:
        moved = sandbox.bank.move_institution(
            institution_id, new_id=body.get("institution_id"), name=body.get("name")
        )
    except ValueError as error:
        raise NotPossible(str(error)) from error
    ends_at = sandbox.clock.now() + timedelta(days=body.get("notice_days", 0))
    for item in sandbox.items:
        if item.institution_id == institution_id and item.removed_at is None:
            item.disconnects_at = ends_at
            sandbox.items.put(item)
    catch_up(sandbox)
    return {"institution_id": moved.institution_id}


def send_item_webhook(sandbox: Sandbox, body: Body, item_id: str) -> Body:
    """Send any webhook about an Item, once or often, honest or forged."""
    item = the_item(sandbox, item_id)
    if item.webhook is None:
        raise NotPossible("the Item has no webhook address")
    payload = {
        "webhook_type": body["webhook_type"],
        "webhook_code": body["webhook_code"],
        "item_id": item.item_id,
        "environment": "sandbox",
        **(body.get("fields") or {}),
    }
    return send_webhook(sandbox, body | {"url": item.webhook, "payload": payload})


def send_webhook(sandbox: Sandbox, body: Body) -> Body:
    """Send any payload anywhere."""
    sent = [
        enqueue(sandbox, body["url"], body["payload"], forgery=body.get("forgery", ""))
        for _ in range(body.get("times", 1))
    ]
    return {"delivery_ids": [each.delivery_id for each in sent if each is not None]}


def rotate_webhook_key(sandbox: Sandbox, _: Body) -> Body:
    """Sign with a new key; the old ones are expired."""
    return {"kid": rotate_key(sandbox).kid}


def add_fault(sandbox: Sandbox, body: Body) -> Body:
    """Go wrong in one of the ways of FAULT_KINDS."""
    until = None
    if "for_seconds" in body:
        until = sandbox.clock.now() + timedelta(seconds=float(body["for_seconds"]))
    if body["kind"] == "error" and "code" not in body:
        raise NotPossible("a fault of kind error needs a code")
    fault = Fault(
        fresh_id(), body["kind"], body.get("path"), body.get("institution_id"),
        body.get("item_id"), body.get("code"), float(body.get("seconds", 0)),
        body.get("skip", 0), body.get("count"), until,
    )  # fmt: skip
    sandbox.faults.put(fault)
    return {"fault_id": fault.fault_id}


def clear_faults(sandbox: Sandbox, _: Body) -> Body:
    """Take all faults away."""
    sandbox.faults.clear()
    return {}


def clear_fault(sandbox: Sandbox, _: Body, fault_id: str) -> Body:
    """Take one fault away. Raises NothingThere."""
    if sandbox.faults.get(fault_id) is None:
        raise NothingThere("fault", fault_id)
    sandbox.faults.drop(fault_id)
    return {}


def clear_journal(sandbox: Sandbox, _: Body) -> Body:
    """Forget the requests so far."""
    sandbox.journal.clear()
    return {}
