"""What each form of the pages behind the counter does, by the word in its field `do`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from fakebank.control import actions, bookkeeping
from fakebank.control.lookup import NotPossible
from fakebank.sandbox import Sandbox

Form = dict[str, str]
Deed = Callable[[Sandbox, Form, str], Any]
DOWN_FOR = Decimal(300)
CONSENT_LEFT = Decimal(8 * 24 * 60 * 60)
LONGEST_MASK = 4


def _advance(sandbox: Sandbox, form: Form, _: str) -> None:
    actions.advance_clock(sandbox, {"hours": _number(form.get("hours", ""))})


def _change_password(sandbox: Sandbox, form: Form, login_id: str) -> None:
    password = form.get("password", "").strip()
    if not password:
        raise NotPossible("the new password is empty")
    actions.change_password(sandbox, {"password": password}, login_id)


def _print_next_link(sandbox: Sandbox, form: Form, login_id: str) -> None:
    days = int(_number(form.get("days_later", "")))
    if abs(days) > 1:
        raise NotPossible("dates are shifted by one day at most")
    body = {"other_words": "other_words" in form, "days_later": days}
    actions.print_next_link(sandbox, body, login_id)


def _add_line(sandbox: Sandbox, form: Form, account_id: str) -> None:
    body: dict[str, Any] = {
        "amount": _number(form.get("amount", "")),
        "description": form.get("description", "").strip() or "CONTROL PAGE",
    }
    if form.get("pending") is None:
        body["posted_on"] = sandbox.clock.now().date()
    bookkeeping.add_line(sandbox, body, account_id)


def _change_line(sandbox: Sandbox, form: Form, line_id: str) -> None:
    body: dict[str, Any] = {
        "amount": _number(form.get("amount", "")),
        "description": form.get("description", "").strip(),
    }
    if form.get("posted_on"):
        body["posted_on"] = _day(form["posted_on"])
    bookkeeping.modify_line(sandbox, body, line_id)


def _change_account(sandbox: Sandbox, form: Form, account_id: str) -> None:
    name = form.get("name", "").strip()
    if not name:
        raise NotPossible("the account needs a name")
    bookkeeping.change_account(sandbox, {"name": name, "mask": _mask(form)}, account_id)


def _replace_account(sandbox: Sandbox, form: Form, account_id: str) -> None:
    body = {"mask": _mask(form)} if form.get("mask", "").strip() else {}
    bookkeeping.replace_account(sandbox, body, account_id)


def _revoke_account(sandbox: Sandbox, form: Form, item_id: str) -> None:
    actions.revoke_one_account(sandbox, {"account_id": form.get("page", "")}, item_id)


def _move(sandbox: Sandbox, _: Form, institution_id: str) -> None:
    actions.move_institution(sandbox, {}, institution_id)


def _toggle(switch: str) -> Deed:
    """Put an institution on the list of a switch, or take it off."""

    def toggle(sandbox: Sandbox, _: Form, institution_id: str) -> None:
        listed = getattr(sandbox.scenario, switch)
        rest = [each for each in listed if each != institution_id]
        changed = rest if institution_id in listed else [*rest, institution_id]
        actions.change_scenario(sandbox, {switch: changed})

    return toggle


def _add_fault(sandbox: Sandbox, form: Form, _: str) -> None:
    body: dict[str, Any] = {"kind": form.get("kind", ""), "for_seconds": DOWN_FOR}
    if form.get("path"):
        body["path"] = form["path"]
    if form.get("code"):
        body["code"] = form["code"].strip()
    if form.get("kind") == "delay":
        body["seconds"] = _number(form.get("seconds", ""))
    actions.add_fault(sandbox, body)


def _take_down(sandbox: Sandbox, _: Form, institution_id: str) -> None:
    body = {"kind": "down", "institution_id": institution_id, "for_seconds": DOWN_FOR}
    actions.add_fault(sandbox, body)


def _change_item(**changes: Any) -> Deed:
    def change(sandbox: Sandbox, _: Form, item_id: str) -> None:
        actions.change_item(sandbox, dict(changes), item_id)

    return change


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise NotPossible(f"{text!r} is not a number") from error
    if not number.is_finite():
        raise NotPossible(f"{text!r} is not a number")
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise NotPossible(f"{text!r} is not a date as YYYY-MM-DD") from error


def _mask(form: Form) -> str | None:
    mask = form.get("mask", "").strip()
    if len(mask) > LONGEST_MASK:
        raise NotPossible(f"a number here has at most {LONGEST_MASK} characters")
    return mask or None


DEEDS: dict[str, Deed] = {
    "advance": _advance,
    "password": _change_password,
    "lock": lambda sandbox, _, login_id: actions.lock(sandbox, {}, login_id),
    "unlock": lambda sandbox, _, login_id: actions.unlock(sandbox, {}, login_id),
    "next_link": _print_next_link,
    "line": _add_line,
    "change_line": _change_line,
    "remove_line": lambda sandbox, _, each: bookkeeping.remove_line(sandbox, {}, each),
    "restore_line": lambda sandbox, _, each: bookkeeping.restore_line(sandbox, {}, each),
    "post_line": lambda sandbox, _, each: bookkeeping.post_line(sandbox, {}, each),
    "account": _change_account,
    "replace": _replace_account,
    "close": lambda sandbox, _, each: bookkeeping.change_account(sandbox, {"closed": True}, each),
    "open": lambda sandbox, _, each: bookkeeping.change_account(sandbox, {"closed": False}, each),
    "revoke_account": _revoke_account,
    "down": _take_down,
    "move": _move,
    "lasting_ids": _toggle("persistent_ids"),
    "breaks_first": _toggle("second_link_breaks_first"),
    "fault": _add_fault,
    "clear_faults": lambda sandbox, _, __: actions.clear_faults(sandbox, {}),
    "login_required": _change_item(login_required=True),
    "revoke": _change_item(error="ACCESS_NOT_GRANTED", reason="OAUTH_USER_REVOKED"),
    "consent": _change_item(consent_expires_in_seconds=CONSENT_LEFT),
    "heal": _change_item(error=None, login_required=False),
}
