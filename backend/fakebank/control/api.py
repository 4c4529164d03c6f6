"""The control interface over HTTP, under /_control, with the same keys as Plaid's calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fakebank.bank.bank import LoginUnknown
from fakebank.bank.custom_user import CustomUserUnreadable
from fakebank.control import actions, bookkeeping, requests, views
from fakebank.control.lookup import NothingThere, NotPossible, the_account
from fakebank.plaid.errors import PlaidError
from fakebank.plaid.server import same_keys
from fakebank.plaid.shapes import Shape
from fakebank.sandbox import Sandbox

Action = Callable[..., Any]
ACTIONS: dict[str, tuple[Shape, Action]] = {
    "/reset": (requests.NOTHING, actions.reset),
    "/load": (requests.LOAD, actions.load),
    "/scenario": (requests.SCENARIO, actions.change_scenario),
    "/clock": (requests.CLOCK, actions.advance_clock),
    "/logins": (requests.LOGIN, actions.add_login),
    "/logins/{id}/password": (requests.PASSWORD, actions.change_password),
    "/logins/{id}/lock": (requests.NOTHING, actions.lock),
    "/logins/{id}/unlock": (requests.NOTHING, actions.unlock),
    "/logins/{id}/next_link": (requests.NEXT_LINK, actions.print_next_link),
    "/logins/{id}/accounts": (requests.ADD_ACCOUNT, bookkeeping.add_account),
    "/accounts/{id}": (requests.ACCOUNT, bookkeeping.change_account),
    "/accounts/{id}/replace": (requests.ACCOUNT, bookkeeping.replace_account),
    "/accounts/{id}/lines": (requests.ADD_LINE, bookkeeping.add_line),
    "/accounts/{id}/generate": (requests.GENERATE, bookkeeping.generate_lines),
    "/lines/{id}": (requests.MODIFY_LINE, bookkeeping.modify_line),
    "/lines/{id}/remove": (requests.NOTHING, bookkeeping.remove_line),
    "/lines/{id}/restore": (requests.NOTHING, bookkeeping.restore_line),
    "/lines/{id}/post": (requests.POST_LINE, bookkeeping.post_line),
    "/items/{id}": (requests.ITEM, actions.change_item),
    "/items/{id}/revoke_account": (requests.REVOKE_ACCOUNT, actions.revoke_one_account),
    "/items/{id}/webhook": (requests.ITEM_WEBHOOK, actions.send_item_webhook),
    "/institutions/{id}/move": (requests.MOVE, actions.move_institution),
    "/webhooks": (requests.WEBHOOK, actions.send_webhook),
    "/webhook_key/rotate": (requests.NOTHING, actions.rotate_webhook_key),
    "/faults": (requests.FAULT, actions.add_fault),
    "/faults/clear": (requests.NOTHING, actions.clear_faults),
    "/faults/{id}/clear": (requests.NOTHING, actions.clear_fault),
    "/journal/clear": (requests.NOTHING, actions.clear_journal),
}
NOT_FOUND = (NothingThere, LoginUnknown)
REFUSED = (NotPossible, CustomUserUnreadable)


class ControlServer:
    """Answers control calls for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """A POST for each action; a GET for each view."""
        return [
            *(Route("/_control" + path, self._endpoint(*each), methods=["POST"])
              for path, each in ACTIONS.items()),
            Route("/_control/state", self._viewer(self._state), methods=["GET"]),
            Route("/_control/journal", self._viewer(self._journal), methods=["GET"]),
            Route("/_control/webhooks", self._viewer(self._webhooks), methods=["GET"]),
            Route("/_control/accounts/{id}/lines", self._viewer(self._lines), methods=["GET"]),
        ]  # fmt: skip

    def _endpoint(self, shape: Shape, action: Action) -> Any:
        async def answer(request: Request) -> Response:
            raw = await request.body()

            def act() -> Any:
                body = shape(_parse(raw), "")
                return action(self._sandbox, body, *request.path_params.values())

            response = self._guarded(request, act)
            self._sandbox.save()
            return response

        return answer

    def _viewer(self, view: Callable[[Request], Any]) -> Any:
        async def answer(request: Request) -> Response:
            return self._guarded(request, lambda: view(request))

        return answer

    def _guarded(self, request: Request, act: Callable[[], Any]) -> Response:
        """The answer of `act`, or in what way it was refused."""
        headers = request.headers
        if not same_keys(
            self._sandbox, headers.get("plaid-client-id"), headers.get("plaid-secret")
        ):
            return _refusal(401, "the headers PLAID-CLIENT-ID and PLAID-SECRET do not fit")
        try:
            return _answer(200, act())
        except NOT_FOUND as error:
            return _refusal(404, str(error))
        except REFUSED as error:
            return _refusal(400, str(error))
        except PlaidError as error:
            return _refusal(400, error.message)

    def _state(self, _: Request) -> Any:
        return views.state(self._sandbox)

    def _journal(self, request: Request) -> Any:
        since = request.query_params.get("since", "0")
        if not since.isdecimal():
            raise NotPossible("since must be a number")
        entries = self._sandbox.journal.since(int(since), path=request.query_params.get("path"))
        return {"requests": entries}

    def _webhooks(self, _: Request) -> Any:
        return {"webhooks": views.deliveries(self._sandbox)}

    def _lines(self, request: Request) -> Any:
        account = the_account(self._sandbox, request.path_params["id"])
        return {"lines": views.lines(self._sandbox, account)}


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"{}", parse_float=Decimal)
    except ValueError as error:
        raise NotPossible("the body is not JSON") from error


def _answer(status: int, body: Any) -> Response:
    return Response(orjson.dumps(body, default=_plain), status, media_type="application/json")


def _refusal(status: int, words: str) -> Response:
    return _answer(status, {"error": words})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | datetime):
        return str(value)
    raise TypeError(type(value).__name__)
