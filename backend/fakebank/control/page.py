"""The control page for the person who runs a demo: plain forms over the same actions."""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from fakebank.bank.bank import LoginUnknown
from fakebank.control.account_page import account_page
from fakebank.control.deeds import DEEDS
from fakebank.control.lookup import NothingThere, NotPossible
from fakebank.control.sections import control_page
from fakebank.hosted.server import HEADERS, html_response, parse_form
from fakebank.sandbox import Sandbox


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
            Route("/_control/accounts/{id}", self._show_account, methods=["GET"]),
        ]

    async def _show(self, _: Request) -> Response:
        return html_response(control_page(self._sandbox, form_token=self._form_token))

    async def _show_account(self, request: Request) -> Response:
        account = self._sandbox.bank.ledger.accounts.get(request.path_params["id"])
        if account is None:
            return self._wrong("There is no such account.", 404)
        return html_response(account_page(self._sandbox, account, form_token=self._form_token))

    async def _act(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_form(await request.body()).items()}
        if not secrets.compare_digest(form.get("form_token", ""), self._form_token):
            return self._wrong("This form is of an earlier page. Please do it again.", 403)
        try:
            _do(self._sandbox, form)
        except (NotPossible, NothingThere, LoginUnknown) as error:
            return self._wrong(f"That was not possible: {error}.", 200, form.get("page", ""))
        finally:
            self._sandbox.save()
        account = self._sandbox.bank.ledger.accounts.get(form.get("page", ""))
        back = "/_control" if account is None else f"/_control/accounts/{account.account_id}"
        return RedirectResponse(back, 303, headers=HEADERS)

    def _wrong(self, words: str, status: int, page: str = "") -> Response:
        """The page that the form was sent from, with the reason on top."""
        account = self._sandbox.bank.ledger.accounts.get(page)
        if account is None:
            body = control_page(self._sandbox, form_token=self._form_token, wrong=words)
        else:
            body = account_page(self._sandbox, account, form_token=self._form_token, wrong=words)
        return html_response(body, status)


async def _to_control(_: Request) -> Response:
    return RedirectResponse("/_control", 307, headers=HEADERS)


def _do(sandbox: Sandbox, form: dict[str, str]) -> None:
    """Do what a form asks. Raises NotPossible, NothingThere, LoginUnknown."""
    deed = DEEDS.get(form.get("do", ""))
    if deed is None:
        raise NotPossible("nobody knows what to do")
    deed(sandbox, form, form.get("about", ""))
