"""The control page for the person who runs a demo: plain forms over the same actions."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fakebank.bank.bank import LoginUnknown
from fakebank.control import actions, bookkeeping
from fakebank.control.lookup import NothingThere, NotPossible
from fakebank.control.sections import control_page
from fakebank.hosted.server import HEADERS, html_response, parse_form
from fakebank.sandbox import Sandbox

DOWN_FOR = Decimal(300)
Deed = Callable[[Sandbox, dict[str, str], str], Any]


class ControlPage:
    """Serves the page. Its forms carry a token, so that no other site can send them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._form_token = secrets.token_urlsafe(24)

    def routes(self) -> list[Route]:
        return [
            Route("/", _to_control, methods=["GET"]),
            Route("/_control", self._show, methods=["GET"]),
            Route("/_control", self._act, methods=["POST"]),
        ]

    async def _show(self, _: Request) -> Response:
        return html_response(control_page(self._sandbox, form_token=self._form_token))

    async def _act(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_form(await request.body()).items()}
        if not secrets.compare_digest(form.get("form_token", ""), self._form_token):
            return self._wrong("This form is of an earlier page. Please do it again.", 403)
        try:
            _do(self._sandbox, form)
        except (NotPossible, NothingThere, LoginUnknown) as error:
            return self._wrong(f"That was not possible: {error}.", 200)
        finally:
            self._sandbox.save()
        return RedirectResponse("/_control", 303, headers=HEADERS)

    def _wrong(self, words: str, status: int) -> Response:
        body = control_page(self._sandbox, form_token=self._form_token, wrong=words)
        return html_response(body, status)


async def _to_control(_: Request) -> Response:
    return RedirectResponse("/_control", 307, headers=HEADERS)


def _do(sandbox: Sandbox, form: dict[str, str]) -> None:
    """Do what a form asks. Raises NotPossible, NothingThere, LoginUnknown."""
    deed = DEEDS.get(form.get("do", ""))
    if deed is None:
        raise NotPossible("nobody knows what to do")
    deed(sandbox, form, form.get("about", ""))


def _advance(sandbox: Sandbox, form: dict[str, str], _: str) -> None:
    actions.advance_clock(sandbox, {"hours": _number(form.get("hours", ""))})


def _change_password(sandbox: Sandbox, form: dict[str, str], login_id: str) -> None:
    password = form.get("password", "").strip()
    if not password:
        raise NotPossible("the new password is empty")
    actions.change_password(sandbox, {"password": password}, login_id)


def _add_line(sandbox: Sandbox, form: dict[str, str], account_id: str) -> None:
    body: dict[str, Any] = {
        "amount": _number(form.get("amount", "")),
        "description": form.get("description", "").strip() or "CONTROL PAGE",
    }
    if form.get("pending") is None:
        body["posted_on"] = sandbox.clock.now().date()
    bookkeeping.add_line(sandbox, body, account_id)


def _add_fault(sandbox: Sandbox, form: dict[str, str], _: str) -> None:
    body: dict[str, Any] = {"kind": form.get("kind", ""), "for_seconds": DOWN_FOR}
    if form.get("path"):
        body["path"] = form["path"]
    if form.get("code"):
        body["code"] = form["code"].strip()
    if form.get("kind") == "delay":
        body["seconds"] = _number(form.get("seconds", ""))
    actions.add_fault(sandbox, body)


def _take_down(sandbox: Sandbox, _: dict[str, str], institution_id: str) -> None:
    body = {"kind": "down", "institution_id": institution_id, "for_seconds": DOWN_FOR}
    actions.add_fault(sandbox, body)


def _change_item(**changes: Any) -> Deed:
    def change(sandbox: Sandbox, _: dict[str, str], item_id: str) -> None:
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


DEEDS: dict[str, Deed] = {
    "advance": _advance,
    "password": _change_password,
    "lock": lambda sandbox, _, login_id: actions.lock(sandbox, {}, login_id),
    "unlock": lambda sandbox, _, login_id: actions.unlock(sandbox, {}, login_id),
    "line": _add_line,
    "down": _take_down,
    "fault": _add_fault,
    "clear_faults": lambda sandbox, _, __: actions.clear_faults(sandbox, {}),
    "login_required": _change_item(login_required=True),
    "revoke": _change_item(error="ACCESS_NOT_GRANTED", reason="OAUTH_USER_REVOKED"),
    "heal": _change_item(error=None, login_required=False),
}
